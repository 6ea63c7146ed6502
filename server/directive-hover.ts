/** Hover in directives: what an option is, its default, what its value means, and what the cluster says about it. */

import type { Scheduler } from '../language/directives/dialect.ts';
import { fileSymbols } from '../language/directives/forms/job.ts';
import type { DirectiveOption } from '../language/directives/read-options.ts';
import { countIndices, parseArrayRanges, parseDependency, parseTimeLimit } from '../language/directives/values.ts';
import { spellSeconds } from '../language/text/duration.ts';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import { factDoc } from './directive-facts.ts';
import { code, optionDoc, optionSpelling } from './docs.ts';
import type { Analysis } from './documents.ts';

export function directiveHover(
  { script, facts }: Analysis,
  line: number,
  offset: number,
): { readonly span: Span; readonly markdown: string } | undefined {
  const directive = script.directives.find((candidate) => candidate.line === line);
  const option = directive?.options.find(({ span }) => touches(span, offset));
  if (!directive || !option) return undefined;
  const { scheduler } = directive;
  const siteOption = scheduler === 'slurm' && facts?.options?.find(({ name }) => `--${name}` === option.spelling);
  // Of a plugin the cluster knows more than a list of what some sites have.
  const own = option.info?.argument === 'unsure' ? undefined : option.info;
  const info =
    own ??
    (siteOption ? { ...siteOption, doc: siteOption.doc ?? l10n.t('An option of a plugin.') } : undefined) ??
    option.info;
  if (!info) return undefined;
  const value = option.value === undefined ? '' : valueDoc(scheduler, option, option.value);
  const live = facts?.scheduler === scheduler && option.value ? factDoc(facts, option.name, option.value) : '';
  const markdown = [code(optionSpelling(scheduler, info)), value, optionDoc(info), live].filter(Boolean).join('\n\n');
  return { span: option.span, markdown };
}

/** The value in words. */
function valueDoc(scheduler: Scheduler, { info, name }: DirectiveOption, value: string): string {
  if (scheduler === 'slurm') {
    const words = slurmValue(name, value);
    if (words !== '') return `${code(value)}: ${words}`;
  }
  const spelt = info?.form?.spell?.(value);
  const meaning = info?.form?.values?.find(([word]) => word.toLowerCase() === value.toLowerCase())?.[1];
  const words = spelt ?? l10n.shown(meaning ?? '');
  return words ? `${code(value)}: ${words}` : '';
}

function slurmValue(name: string, value: string): string {
  switch (name) {
    case 'time':
    case 'time-min': {
      const seconds = parseTimeLimit(value);
      return seconds === undefined ? '' : Number.isFinite(seconds) ? spellSeconds(seconds) : l10n.t('no limit');
    }
    case 'array': {
      const spec = parseArrayRanges(value);
      if (!spec) return '';
      const tasks = countIndices(spec);
      const count = tasks === 1 ? l10n.t('1 task') : l10n.t('{0} tasks', tasks);
      return spec.limit === undefined ? count : l10n.t('{0}, at most {1} at once', count, spec.limit);
    }
    case 'output':
    case 'error':
    case 'input':
      return fileSymbols(value)
        .map(([symbol, meaning]) => `${code(symbol)} ${meaning}`)
        .join(', ');
    case 'dependency':
      return dependencyWords(value);
    case 'signal': {
      const [, to, signal, seconds = '60'] = /^(?:(\w+):)?(\w+)(?:@(\d+))?$/.exec(value) ?? [];
      if (signal === undefined) return '';
      const receiver = /b/i.test(to ?? '') ? l10n.t('the batch script') : l10n.t('the job steps, not the batch script');
      return l10n.t('{0} to {1}, {2} before the time limit', signal, receiver, spellSeconds(Number(seconds)));
    }
    default:
      return '';
  }
}

const dependencyWordsOf: { readonly [type: string]: (jobs: string) => string } = {
  after: (jobs) => l10n.t('{0} has started', jobs),
  afterany: (jobs) => l10n.t('{0} has ended', jobs),
  afterburstbuffer: (jobs) => l10n.t('{0} has ended and its burst buffers are staged out', jobs),
  aftercorr: (jobs) => l10n.t('{0} has ended well, task by task', jobs),
  afternotok: (jobs) => l10n.t('{0} has failed', jobs),
  afterok: (jobs) => l10n.t('{0} has ended well', jobs),
};

function dependencyWords(value: string): string {
  const dependency = parseDependency(value);
  const terms = dependency?.terms.map(({ type, jobs }) => {
    if (type === 'singleton') return l10n.t('no other job of this name and user runs');
    const ids = jobs.map(({ id, task, delayMinutes }) => {
      const name = `${id}${task === undefined ? '' : `_${task}`}`;
      return delayMinutes === undefined ? name : l10n.t('{0} (and {1} min later)', name, delayMinutes);
    });
    const all = ids.join(l10n.t(' and '));
    return dependencyWordsOf[type]?.(all) ?? all;
  });
  return terms ? l10n.t('when {0}', terms.join(dependency?.any ? l10n.t(', or ') : l10n.t(', and '))) : '';
}
