/** What belongs to a job as a whole, as sbatch(1) takes it: dependencies, mail, signals, environment, file names. */
import * as l10n from '../../text/l10n.ts';
import { parseDependency } from '../values.ts';
import { checkWord, choices, nearestWord } from './choice.ts';
import { type Form, type Meaning, partsOf, type ValueIssue, wrong } from './form.ts';

const mailTypes: readonly (readonly [string, Meaning])[] = [
  ['NONE', l10n.later('no mail')],
  ['BEGIN', l10n.later('the job starts')],
  ['END', l10n.later('the job ends')],
  ['FAIL', l10n.later('the job fails')],
  ['REQUEUE', l10n.later('the job is requeued')],
  ['ALL', 'BEGIN, END, FAIL, INVALID_DEPEND, REQUEUE, STAGE_OUT'],
  ['INVALID_DEPEND', l10n.later('the dependency can never be met')],
  ['STAGE_OUT', l10n.later('the burst buffer is staged out')],
  ['TIME_LIMIT', l10n.later('the time limit is reached')],
  ['TIME_LIMIT_90', l10n.later('90 % of the time limit are reached')],
  ['TIME_LIMIT_80', l10n.later('80 % of the time limit are reached')],
  ['TIME_LIMIT_50', l10n.later('50 % of the time limit are reached')],
  ['ARRAY_TASKS', l10n.later('a mail for each task of an array')],
];

const meantMail: { readonly [word: string]: string } = {
  abort: 'FAIL',
  aborted: 'FAIL',
  complete: 'END',
  completed: 'END',
  done: 'END',
  error: 'FAIL',
  failed: 'FAIL',
  failure: 'FAIL',
  finish: 'END',
  start: 'BEGIN',
  started: 'BEGIN',
};

/** `--mail-type`: sbatch refuses it when no word is known, and passes over those that are not. */
export const mailType: Form = {
  isWord: true,
  values: mailTypes,
  check(value) {
    const names = mailTypes.map(([name]) => name);
    const parts = partsOf(value, ',').map((part) => ({ ...part, text: part.text.trim() }));
    const isKnown = (text: string) => names.includes(text.toUpperCase());
    const someKnown = parts.some(({ text }) => isKnown(text));
    return parts.flatMap((part): readonly ValueIssue[] => {
      if (isKnown(part.text) || (part.text === '' && someKnown)) return [];
      const word = part.text.toLowerCase();
      const near = (Object.hasOwn(meantMail, word) ? meantMail[word] : undefined) ?? nearestWord(part.text, names);
      const known = l10n.t('one of {0}', names.map((name) => `\`${name}\``).join(', '));
      const message = someKnown
        ? l10n.t('sbatch passes over `{0}`: it is not {1}.', part.text, known)
        : l10n.t('`{0}` is not {1}.', part.text, known);
      return [
        {
          start: part.start,
          end: part.end,
          message,
          ...(someKnown && { severity: 'warning' as const }),
          ...(near !== undefined && { replacement: near }),
        },
      ];
    });
  },
};

const dependencyTypes: readonly (readonly [string, Meaning])[] = [
  ['afterok:', l10n.later('after they ended well')],
  ['afterany:', l10n.later('after they ended')],
  ['afternotok:', l10n.later('after they failed')],
  ['after:', l10n.later('after they started')],
  ['aftercorr:', l10n.later('after the task with the same index ended well')],
  ['afterburstbuffer:', l10n.later('after they ended and their burst buffers are staged out')],
  ['expand:', l10n.later('give its nodes to this job, which sites rarely allow')],
  ['singleton', l10n.later('after all jobs of the same name and user')],
];

/** `--dependency`. */
export const dependency: Form = {
  values: dependencyTypes,
  check(value) {
    // Without jobs it takes an earlier dependency away.
    if (value === '' || parseDependency(value)) return [];
    if (value.includes(',') && value.includes('?')) {
      return wrong(value, l10n.t('Only one of `,` (all of them) and `?` (any of them) may be used.'), {
        severity: 'warning',
      });
    }
    return partsOf(value, value.includes('?') ? '?' : ',').flatMap(({ text, start, end }): readonly ValueIssue[] => {
      // A job id alone means afterany, and so it was written before there were types.
      if (parseDependency(text) || /^\d+(?:_(?:\d+|\*))?$/.test(text)) return [];
      const [type = ''] = text.split(':');
      const names = dependencyTypes.map(([name]) => name.replace(':', ''));
      if (!names.includes(type.toLowerCase())) return checkWord({ text: type, start, end: start + type.length }, names);
      const message = l10n.t('`{0}` names no job: write `{1}:123`, or `{1}:123:124` for several.', text, type);
      // Of these sbatch makes something: tasks in brackets, a delay where none counts, `expand`.
      const jobs = text.split(':').slice(1);
      const isTaken =
        jobs.length > 0 && jobs.every((job) => /^\s*-?\d+(?:_(?:\d+|\*|\[[\d,-]+\]))?(?:\+\d+)?$/.test(job));
      return [{ start, end, message, ...(isTaken && { severity: 'warning' as const }) }];
    });
  },
};

/** Names that sbatch knows without and with SIG; the others have to be given by number. */
const signals = 'USR1 USR2 TERM INT HUP QUIT CONT STOP TSTP KILL ALRM ABRT URG TTIN TTOU XCPU'.split(' ');

const mostSignalSeconds = 65_535;

/** `--signal`: `[{R|B}:]signal[@seconds]`. */
export const signal: Form = {
  isWord: true,
  values: [
    ['B:USR1@120', l10n.later('USR1 to the batch script, 120 s before the time limit')],
    ['USR1@120', l10n.later('USR1 to the job steps, 120 s before the time limit')],
    ['B:TERM@60', l10n.later('TERM to the batch script, 60 s before the time limit')],
  ],
  check(value) {
    const match = /^(?:([A-Za-z]*):)?([^@:]*)(?:@(.*))?$/.exec(value);
    if (!match) return wrong(value, l10n.t('`{0}` is not `[{R|B}:]signal[@seconds]`, e.g. `B:USR1@120`.', value));
    const [, to, name = '', seconds] = match;
    const at = to === undefined ? 0 : to.length + 1;
    const issues: ValueIssue[] = [];
    if (to !== undefined && !/^(?:R*|R*BR*)$/i.test(to)) {
      issues.push({
        start: 0,
        end: to.length,
        message: l10n.t('`{0}` is not `B` (the batch script) or `R` (a reservation).', to),
      });
    }
    const plain = name.trim().replace(/^SIG/i, '');
    if (!/^-?0*[1-9]\d*$/.test(name) && !signals.includes(plain.toUpperCase())) {
      issues.push(...checkWord({ text: name, start: at, end: at + name.length }, signals));
    } else if (Number(name) > 64 || Number(name) < 0) {
      issues.push({
        start: at,
        end: at + name.length,
        message: l10n.t('There is no signal {0}.', name),
        severity: 'warning',
      });
    }
    if (seconds !== undefined && !(/^\s*\+?\d+$/.test(seconds) && Number(seconds) <= mostSignalSeconds)) {
      const from = value.length - seconds.length;
      issues.push({
        start: from,
        end: value.length,
        message: l10n.t('`{0}` is no number of seconds, from 0 to {1}.', seconds, mostSignalSeconds),
        ...(seconds === '' && { severity: 'warning' as const }),
      });
    }
    return issues;
  },
  spell(value) {
    const seconds = /@(\d+)$/.exec(value)?.[1];
    return seconds === undefined ? l10n.t('60 s before the limit') : undefined;
  },
};

/** `--export`: `ALL`, `NONE`, `NIL`, names, `NAME=value`. */
export const exportList: Form = {
  values: [
    ['ALL', l10n.later('all variables of the submitting shell')],
    ['NONE', l10n.later('only SLURM_* variables, and the login environment')],
    ['NIL', l10n.later('no variables')],
  ],
  check(value) {
    // A value may hold commas where it is in quotes, which are gone here: only what cannot be a name is wrong.
    return partsOf(value, ',').flatMap(({ text, start, end }, index) => {
      if (/^\s*(?:[A-Za-z_]\w*(?:=.*)?)?\s*$/s.test(text) || index > 0) return [];
      return [{ start, end, message: l10n.t('`{0}` is no name of a variable.', text), severity: 'warning' as const }];
    });
  },
};

const symbols: { readonly [letter: string]: l10n.LaterText } = {
  A: l10n.later('the array’s job id'),
  a: l10n.later('the array index'),
  b: l10n.later('the array index modulo 10'),
  J: l10n.later('job id and step'),
  j: l10n.later('the job id'),
  N: l10n.later('the first node'),
  n: l10n.later('the node’s number in the job'),
  s: l10n.later('the step id'),
  t: l10n.later('the task’s number'),
  u: l10n.later('the user'),
  x: l10n.later('the job’s name'),
};

/** `--output`, `--error`, `--input`: names with `%` symbols. */
export const fileName: Form = {
  check(value) {
    if (value.includes('\\')) return [];
    return [...value.matchAll(/%(%|\d*[A-Za-z]?)/g)].flatMap(({ 0: text, 1: symbol = '', index }) => {
      const letter = symbol.replace(/^\d+/, '');
      if (symbol === '%' || Object.hasOwn(symbols, letter)) return [];
      const known = Object.keys(symbols).map((each) => `%${each}`);
      const message = l10n.t(
        '`{0}` is replaced by nothing and stays in the name: sbatch knows {1} and %%.',
        text,
        known.join(' '),
      );
      return [{ start: index, end: index + text.length, message, severity: 'warning' as const }];
    });
  },
};

/** What the `%` symbols of a file name stand for, in the order in which they come. */
export function fileSymbols(value: string): readonly (readonly [symbol: string, meaning: string])[] {
  const found = new Map<string, string>();
  for (const [text, , letter = ''] of value.matchAll(/%(\d*)([%A-Za-z])/g)) {
    const meaning =
      letter === '%' ? l10n.t('a percent sign') : Object.hasOwn(symbols, letter) ? symbols[letter]?.() : undefined;
    if (meaning !== undefined) found.set(text, meaning);
  }
  return [...found];
}

const profiles = choices(
  ['All', l10n.later('everything')],
  ['None', l10n.later('nothing')],
  ['Energy', ''],
  ['Task', l10n.later('CPU and memory')],
  ['Filesystem', ''],
  ['Lustre', ''],
  ['Network', ''],
);

/** `--profile`: sbatch looks for the names anywhere in the value, and refuses it when there is none. */
export const profile: Form = {
  ...profiles,
  check(value) {
    const someKnown = /all|none|energy|task|filesystem|lustre|network/i.test(value);
    return profiles.check(value).map((issue) => (someKnown ? { ...issue, severity: 'warning' } : issue));
  },
};

const limits = ['AS', 'CORE', 'CPU', 'DATA', 'FSIZE', 'MEMLOCK', 'NOFILE', 'NPROC', 'RSS', 'STACK'];

/** `--propagate`: `ALL`, `NONE`, or limits with commas or blanks, in capitals, with or without `RLIMIT_`. */
export const resourceLimits: Form = {
  values: ['ALL', 'NONE', ...limits].map((word) => [word, '']),
  isWord: true,
  check(value) {
    if (value === 'ALL' || value === 'NONE') return [];
    return [...value.matchAll(/[^\s,]+/g)].flatMap(({ 0: text, index }) => {
      const word = text.replace(/^RLIMIT_/, '');
      if (limits.includes(word)) return [];
      const part = { text, start: index, end: index + text.length };
      if (text === value) return checkWord(part, ['ALL', 'NONE', ...limits], true);
      return checkWord(part, limits, true);
    });
  },
};
