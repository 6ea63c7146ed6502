/** Checks of the options of directives: names that do not exist, values that are missing or have the wrong form. */

import { type Problem, problem, replaceFix, type Severity } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { type Dialect, dialectOf, type Scheduler, spellOption } from './dialect.ts';
import type { Directive } from './directive.ts';
import type { ValueIssue } from './forms/form.ts';
import { isPlaceholder, mayBePlaceholder } from './placeholder.ts';
import { type DirectiveOption, valuePart } from './read-options.ts';
import { removedSlurmOptions } from './slurm-options.ts';

export interface OptionCheck {
  /** What a program will make of the file is not known: nothing in it is surely wrong. */
  readonly isTemplate: boolean;
  /** Long names that the cluster's own command has beside those that are known, where it was asked. */
  readonly siteOptions?: ReadonlySet<string>;
}

export function checkOptions(directive: Directive, check: OptionCheck): readonly Problem[] {
  const dialect = dialectOf(directive.scheduler);
  const problems = directive.options.flatMap((option, index) =>
    checkOption(directive, option, index === directive.options.length - 1, dialect, check),
  );
  const strays = checkStrays(directive, dialect);
  return check.isTemplate ? [...problems, ...strays].map(asWarning) : [...problems, ...strays];
}

const asWarning = (found: Problem): Problem => (found.severity === 'error' ? { ...found, severity: 'warning' } : found);

function checkOption(
  directive: Directive,
  option: DirectiveOption,
  isLast: boolean,
  dialect: Dialect,
  check: OptionCheck,
): readonly Problem[] {
  const { info, value } = option;
  if (isPlaceholder(option.spelling)) return [];
  const removed = directive.scheduler === 'slurm' ? removedOption(option) : undefined;
  if (removed) return [removed];
  if (!info) return checkUnknown(directive, option, dialect, check);
  if (info.argument === 'unsure' && check.siteOptions && !check.siteOptions.has(info.name)) {
    const words = l10n.t('`{0}` is an option of a plugin that this cluster does not have.', option.spelling);
    return [problem('directive/unknown-option', option.nameSpan, words)];
  }
  if (value === undefined) {
    if (info.argument !== 'required' && info.argument !== 'pair') return [];
    // What follows on the next line is taken for the value.
    const isTakenFor = isLast && directive.scheduler === 'slurm';
    const missing = info.value
      ? l10n.t('`{0}` has no value ({1})', option.spelling, info.value)
      : l10n.t('`{0}` has no value', option.spelling);
    const words = isTakenFor ? l10n.t('{0}; the next directive would be taken for it.', missing) : `${missing}.`;
    if (directive.strays || directive.openQuote) return [];
    // Left blank to be filled in, as a rule: the other schedulers' wrappers differ in what they make of it.
    const isStrict = directive.scheduler === 'slurm' || directive.scheduler === 'flux';
    return [problem('directive/missing-value', option.nameSpan, words, [], isStrict ? undefined : 'warning')];
  }
  if (info.argument === 'none') return checkFlag(option, dialect);
  const isShort = !option.spelling.startsWith('--');
  if (directive.scheduler === 'slurm' && isShort && /^=./.test(value)) return [checkShortEquals(option)];
  // `--time = 5` is one mistake, which is told elsewhere.
  if (value.startsWith('=') || (value === '' && directive.strays)) return [];
  if (value === '') {
    const isRefused = info.form?.check('').some(({ severity = 'error' }) => severity === 'error');
    const severity = isRefused ? undefined : 'warning';
    return [
      problem(
        'directive/missing-value',
        option.nameSpan,
        l10n.t('`{0}` has an empty value.', option.spelling),
        [],
        severity,
      ),
    ];
  }
  if (!info.form || isPlaceholder(value)) return [];
  const issues = info.form.check(value);
  const softened: Severity | undefined = !info.form.isWord && mayBePlaceholder(value) ? 'warning' : undefined;
  return issues.map((issue) => toProblem(option, issue, softened));
}

function toProblem(option: DirectiveOption, issue: ValueIssue, softened: Severity | undefined): Problem {
  const span = valuePart(option, issue.start, issue.end);
  const { replacement } = issue;
  const fixes =
    replacement === undefined ? [] : [replaceFix(l10n.t('Replace with `{0}`', replacement), span, replacement)];
  return problem('directive/bad-value', span, issue.message, fixes, softened ?? issue.severity);
}

/** `-n=4`: the value is `=4`. */
function checkShortEquals({ info, spelling, value = '', valueSpan, span }: DirectiveOption): Problem {
  const isRefused = info?.form?.check(value).some(({ severity = 'error' }) => severity === 'error');
  const place = valueSpan ?? span;
  const equals = { start: place.start, end: place.start + 1 };
  const words = l10n.t(
    '`{0}` is the value of `{1}`, with its `=`: only long options are written with one.',
    value,
    spelling,
  );
  const fixes = [replaceFix(l10n.t('Remove `=`'), equals, '')];
  return problem('directive/bad-value', place, words, fixes, isRefused ? undefined : 'warning');
}

/** `--hold=yes`: sbatch and flux refuse it. */
function checkFlag(option: DirectiveOption, dialect: Dialect): readonly Problem[] {
  const { value, valueSpan } = option;
  if (value === undefined || !valueSpan || dialect.style === 'one-dash') return [];
  const span = { start: option.nameSpan.end, end: valueSpan.end };
  const fix = replaceFix(l10n.t('Remove the value'), span, '');
  return [problem('directive/unexpected-value', span, l10n.t('`{0}` takes no value.', option.spelling), [fix])];
}

/** What people write for options that have another name, or that only other commands have. */
const meantOptions: { readonly [name: string]: string } = {
  cores: 'cpus-per-task',
  'cpu-per-task': 'cpus-per-task',
  email: 'mail-user',
  'email-type': 'mail-type',
  'email-user': 'mail-user',
  'gpu-per-node': 'gpus-per-node',
  logfile: 'output',
  mail: 'mail-user',
  memory: 'mem',
  name: 'job-name',
  'mem-per-node': 'mem',
  queue: 'partition',
  'requeue-off': 'no-requeue',
  runtime: 'time',
  stderr: 'error',
  stdout: 'output',
  'time-limit': 'time',
  walltime: 'time',
};

function checkUnknown(
  directive: Directive,
  option: DirectiveOption,
  dialect: Dialect,
  check: OptionCheck,
): readonly Problem[] {
  const written = option.spelling.replace(/^--?/, '');
  const isLong = option.spelling.startsWith('--');
  if (check.siteOptions?.has(written)) return [];
  const ambiguous = isLong ? dialect.table.abbreviated(written) : [];
  const old = ambiguous.filter(({ since }) => since === undefined);
  if (old.length > 1)
    return [
      ambiguousProblem(
        directive,
        option,
        old.map((one) => spellOption(directive.scheduler, one)),
      ),
    ];
  const names = dialect.table.options.map(({ name }) => name);
  const meant =
    directive.scheduler === 'slurm' && Object.hasOwn(meantOptions, written) ? meantOptions[written] : undefined;
  const near =
    meant ??
    (isLong || dialect.style === 'one-dash'
      ? nearestName(
          written,
          names.filter(({ length }) => length > 1),
        )
      : undefined);
  const nearOption = near === undefined ? undefined : dialect.table.exact(near);
  const spelt = nearOption && spellOption(directive.scheduler, nearOption);
  const words = unknownWords(directive.scheduler, dialect.command, option.spelling, spelt, check);
  const fixes = spelt ? [replaceFix(l10n.t('Replace with `{0}`', spelt), option.nameSpan, spelt)] : [];
  return [problem('directive/unknown-option', option.nameSpan, words, fixes)];
}

function unknownWords(
  scheduler: Scheduler,
  command: string,
  written: string,
  meant: string | undefined,
  { siteOptions }: OptionCheck,
): string {
  if (meant) return l10n.t('{0} has no option `{1}`: did you mean `{2}`?', command, written, meant);
  if (scheduler !== 'slurm' && scheduler !== 'flux') return l10n.t('{0} has no option `{1}`.', command, written);
  return siteOptions
    ? l10n.t('{0} has no option `{1}`, and neither has a plugin of the cluster.', command, written)
    : l10n.t('{0} has no option `{1}`, unless a plugin of the site adds it.', command, written);
}

function ambiguousProblem(directive: Directive, option: DirectiveOption, candidates: readonly string[]): Problem {
  const { command } = dialectOf(directive.scheduler);
  const words = l10n.t(
    '{0} refuses `{1}`: it may stand for {2}.',
    command,
    option.spelling,
    candidates.map((name) => `\`${name}\``).join(', '),
  );
  const fixes = candidates
    .slice(0, 4)
    .map((name) => replaceFix(l10n.t('Replace with `{0}`', name), option.nameSpan, name));
  return problem('directive/ambiguous-option', option.nameSpan, words, fixes);
}

/** Spellings that sbatch took once. */
function removedOption(option: DirectiveOption): Problem | undefined {
  const written = option.spelling.replace(/^--/, '');
  const removed = Object.hasOwn(removedSlurmOptions, written) ? removedSlurmOptions[written] : undefined;
  if (!removed) return undefined;
  const spelt = `--${removed.instead}`;
  const words = l10n.t(
    'sbatch knows `{0}` no more since Slurm {1}: it is `{2}` now.',
    option.spelling,
    removed.since,
    spelt,
  );
  return problem('directive/unknown-option', option.nameSpan, words, [
    replaceFix(l10n.t('Replace with `{0}`', spelt), option.nameSpan, spelt),
  ]);
}

/** Words that no option takes. What sbatch makes of them is told by a check of its own. */
function checkStrays({ scheduler, strays, openQuote }: Directive, { command }: Dialect): readonly Problem[] {
  const [first] = strays ?? [];
  const last = strays?.at(-1);
  if (!first || !last || scheduler === 'slurm' || openQuote || strays?.some(({ text }) => isPlaceholder(text)))
    return [];
  const span = { start: first.span.start, end: last.span.end };
  const reads =
    scheduler === 'flux'
      ? l10n.t('{0} takes it for an argument of the script and reads no further', command)
      : l10n.t('{0} has no use for it', command);
  const words = l10n.t('`{0}` is no option: {1}. A comment begins with `#`.', first.text, reads);
  return [problem('directive/stray-word', span, words)];
}
