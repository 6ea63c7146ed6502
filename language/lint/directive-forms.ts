/** Lints of single directives: comments that look like one, words that sbatch passes over, typographic characters, variables. */

import type { Directive, DirectiveOption } from '../directives/directive.ts';
import { isPlaceholder } from '../directives/placeholder.ts';
import { splitWords, type Word } from '../directives/words.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import { editDistance } from '../text/nearest.ts';
import type { Span } from '../text/span.ts';
import { type SlurmJob, separatesComponents } from './slurm-job.ts';

/** Comments before the first command that look like `#SBATCH` and that sbatch does not read. Not for templates. */
export function directiveNearMisses(document: ScriptDocument): readonly Problem[] {
  const firstCommand = document.lines.findIndex(({ kind }) => kind === 'command');
  const head = firstCommand < 0 ? document.lines : document.lines.slice(0, firstCommand);
  return head.flatMap(({ kind, span }) => {
    if (kind !== 'comment') return [];
    const match = /^(\s*)#(\s*)(\w+)(?=\s+--?[A-Za-z])/.exec(document.text.slice(span.start, span.end));
    if (!match) return [];
    const [, indent = '', blanks = '', word = ''] = match;
    if (word !== 'SBATCH' && (word.length < 5 || !/^s/i.test(word) || editDistance(word.toUpperCase(), 'SBATCH') > 1))
      return [];
    // `# sbatch -p gpu train.sh` tells how the script is submitted.
    if (word === 'sbatch' && blanks !== '') return [];
    const keyword = { start: span.start, end: span.start + match[0].length };
    const fix = replaceFix(l10n.t('Replace with `#SBATCH`'), keyword, '#SBATCH');
    const words =
      indent === ''
        ? l10n.t('sbatch does not read this: a directive is written `#SBATCH`.')
        : l10n.t('sbatch does not read this: a directive is written `#SBATCH` at the very start of the line.');
    // A blank behind the # is also how a directive is switched off.
    const isSwitchedOff = indent === '' && blanks !== '' && word === 'SBATCH';
    return [problem('directive/near-miss', keyword, words, [fix], isSwitchedOff ? 'hint' : undefined)];
  });
}

export function lintForms(job: SlurmJob): readonly Problem[] {
  const { text } = job.document;
  return job.directives.flatMap((directive) => {
    const words = splitWords(text, { start: directive.prefixSpan.end, end: directive.span.end }).words;
    const typographic = words.flatMap((word) => typographicProblems(text, word));
    if (typographic.length > 0) return typographic;
    return [...ignoredText(text, directive, words), ...directive.options.flatMap((option) => variables(text, option))];
  });
}

const dashes = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d';
const dashStart = new RegExp(`^-?[${dashes}][-${dashes}]*(?=[A-Za-z])`);
const plainQuotes: { readonly [quote: string]: string } = { '“': '"', '”': '"', '„': '"', '‘': "'", '’': "'" };

/** Dashes and quotes that a word processor has put in: sbatch takes the word for no option, or the quotes for part of the value. */
function typographicProblems(text: string, { span }: Word): readonly Problem[] {
  const source = text.slice(span.start, span.end);
  const dash = dashStart.exec(source)?.[0];
  if (dash !== undefined) {
    const name = source.slice(dash.length).split('=')[0] ?? '';
    const newText = name.length > 1 ? '--' : '-';
    const place = { start: span.start, end: span.start + dash.length };
    const words = l10n.t('This is a typographic dash: sbatch does not read the option.');
    return [
      problem('directive/unicode-dash', place, words, [
        replaceFix(l10n.t('Replace with `{0}`', newText), place, newText),
      ]),
    ];
  }
  const quotes = [...source.matchAll(/[“”„‘’]/g)].map((match) => ({
    span: { start: span.start + match.index, end: span.start + match.index + 1 },
    newText: plainQuotes[match[0]] ?? '"',
  }));
  if (quotes.length < 2) return [];
  const words = l10n.t('These are typographic quotes: sbatch takes them for a part of the value.');
  return [problem('directive/unicode-dash', span, words, [{ title: l10n.t('Use plain quotes'), edits: quotes }])];
}

/** What is left of the line where sbatch stops reading: at the first word that is no option. */
function ignoredText(text: string, directive: Directive, words: readonly Word[]): readonly Problem[] {
  if (directive.openQuote || separatesComponents(text, directive)) return [];
  const last = directive.options.at(-1);
  const read = last?.span.end ?? directive.prefixSpan.end;
  const left = words.filter(({ span }) => span.start >= read);
  const blank = last && blanksAroundEquals(text, last, left[0]);
  if (blank) return [blank];
  const [first] = left;
  const end = left.at(-1)?.span.end;
  if (!first || end === undefined || first.text === '--') return [];
  const span = { start: first.span.start, end };
  if (first.text === '') {
    const message = l10n.t(
      'sbatch ignores what stands here: it reads a directive no further than to an empty word. Remove `{0}`.',
      text.slice(first.span.start, first.span.end),
    );
    const second = left[1];
    if (!second) return [];
    const fix = replaceFix(l10n.t('Remove the empty word'), { start: span.start, end: second.span.start }, '');
    return [problem('directive/ignored-text', span, message, [fix])];
  }
  const source = text.slice(span.start, span.end);
  if (/[{}<>$%@!]/.test(source) || isPlaceholder(source)) return [];
  const options = left.some((word) => /^--?[A-Za-z]/.test(word.text));
  const what = options ? l10n.t('this and the options behind it') : l10n.t('this');
  const message = l10n.t(
    '`{0}` is no option, nor the value of one: sbatch refuses the script (“Invalid directive found”); releases before 22.05 ignore {1}. Remove it, or put `#` before it to make it a comment.',
    first.text,
    what,
  );
  return [problem('directive/ignored-text', span, message, [commentFix(text, span)])];
}

function commentFix(text: string, span: Span) {
  const at = { start: span.start, end: span.start };
  return replaceFix(l10n.t('Make it a comment'), at, /\s$/.test(text.slice(0, span.start)) ? '# ' : ' # ');
}

/** `--time = 5`, `--time =5`, `--time= 5`. */
function blanksAroundEquals(text: string, option: DirectiveOption, next: Word | undefined): Problem | undefined {
  const { value, valueSpan, nameSpan, span } = option;
  if (!option.spelling.startsWith('--') || value === undefined || !valueSpan) return undefined;
  const isBehind = value.startsWith('=');
  if (isBehind && text[nameSpan.end] === '=') {
    const second = { start: valueSpan.start, end: valueSpan.start + 1 };
    const message = l10n.t('One `=` is enough: with two of them the value is `{0}`.', value);
    return problem('directive/bad-value', second, message, [replaceFix(l10n.t('Remove `=`'), second, '')], 'warning');
  }
  const isEmpty = value === '' && next !== undefined && text.slice(span.end, next.span.start).trim() === '';
  if (!isBehind && !isEmpty) return undefined;
  const end = value === '=' || isEmpty ? next?.span.start : valueSpan.start + 1;
  if (end === undefined) return undefined;
  const place = { start: nameSpan.end, end };
  const words = l10n.t(
    'No blanks may stand around `=`: to sbatch what is behind the blank is not the value of `{0}`, but a word of its own. Remove the blanks.',
    option.spelling,
  );
  return problem('directive/ignored-text', place, words, [replaceFix(l10n.t('Remove the blanks'), place, '=')]);
}

/** What the replacement symbols of file names give instead of variables. */
const symbols: { readonly [variable: string]: string } = {
  SLURM_JOB_ID: '%j',
  SLURM_JOBID: '%j',
  SLURM_ARRAY_JOB_ID: '%A',
  SLURM_ARRAY_TASK_ID: '%a',
  SLURM_JOB_NAME: '%x',
  USER: '%u',
};

/** sbatch expands no variables: `--output=$HOME/x` makes a directory called `$HOME`. */
function variables(text: string, { name, valueSpan }: DirectiveOption): readonly Problem[] {
  if (!valueSpan || name === 'comment' || name === 'wrap') return [];
  const isFile = name === 'output' || name === 'error' || name === 'input';
  const source = text.slice(valueSpan.start, valueSpan.end);
  return [...source.matchAll(/(?<!\\)\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g)].map((match) => {
    const start = valueSpan.start + match.index;
    const span = { start, end: start + match[0].length };
    const symbol = isFile ? symbols[match[1] ?? match[2] ?? ''] : undefined;
    const fixes = symbol ? [replaceFix(l10n.t('Replace with `{0}`', symbol), span, symbol)] : [];
    const words = l10n.t(
      'sbatch does not fill in `{0}`: directives are read before any shell is. Give the option on the command line instead.',
      match[0],
    );
    return problem('directive/variable', span, words, fixes);
  });
}
