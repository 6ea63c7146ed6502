/** Values as flux-batch(1) takes them: durations (RFC 23), idsets (RFC 22), constraints (RFC 35), signals, attributes. */

import { spellSeconds } from '../../text/duration.ts';
import * as l10n from '../../text/l10n.ts';
import { checkWord } from './choice.ts';
import { type Form, type ValueIssue, wrong } from './form.ts';

const fsdUnits: { readonly [unit: string]: number } = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Flux Standard Duration in seconds; a number alone is seconds; `inf` is Infinity. */
function parseFsd(text: string): number | undefined {
  if (/^inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  const [, number, unit = 's'] = /^(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)(ms|[smhd])?$/i.exec(text) ?? [];
  const length = Object.hasOwn(fsdUnits, unit) ? fsdUnits[unit] : undefined;
  return number === undefined || length === undefined ? undefined : Number(number) * length;
}

/** `10:00` and `1:30:00` are Slurm's. */
function meantFsd(text: string): string | undefined {
  const [, hours, minutes, seconds] = /^(?:(\d+):)?(\d+):(\d\d)$/.exec(text) ?? [];
  if (minutes === undefined || seconds === undefined) {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)[a-z]*$/i.exec(text) ?? [];
    return number === undefined || unit === undefined ? undefined : `${number}${unit.toLowerCase()}`;
  }
  const total = Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
  return total % 3600 === 0 ? `${total / 3600}h` : total % 60 === 0 ? `${total / 60}m` : `${total}s`;
}

function checkFsd(text: string, start: number): readonly ValueIssue[] {
  if (parseFsd(text) !== undefined) return [];
  const meant = meantFsd(text);
  const message = l10n.t(
    '`{0}` is no Flux Standard Duration: a number with `ms`, `s`, `m`, `h` or `d`, e.g. `90m`.',
    text,
  );
  return [{ start, end: start + text.length, message, ...(meant !== undefined && { replacement: meant }) }];
}

/** `--time-limit`: a number alone is minutes. */
export const fluxDuration: Form = {
  values: [
    ['30m', l10n.later('half an hour')],
    ['2h', ''],
    ['1d', ''],
  ],
  check: (value) => checkFsd(value, 0),
  spell: (value) => (/^\d+$/.test(value) && Number(value) > 0 ? spellSeconds(Number(value) * 60) : undefined),
};

/** `--begin-time`: `+FSD`, or a time in any words that Python's parsedatetime knows. */
export const fluxBegin: Form = { check: (value) => (value.startsWith('+') ? checkFsd(value.slice(1), 1) : []) };

export const urgency: Form = {
  values: [
    ['hold', l10n.later('0: it does not start')],
    ['default', '16'],
    ['expedite', '31'],
  ],
  check(value) {
    if (/^(?:hold|default|expedite)$/.test(value) || (/^\d+$/.test(value) && Number(value) <= 31)) return [];
    return wrong(value, l10n.t('`{0}` is no urgency: from 0 to 31, or `hold`, `default`, `expedite`.', value));
  },
};

const signals = [
  'HUP',
  'INT',
  'QUIT',
  'ABRT',
  'KILL',
  'USR1',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'WINCH',
  'IO',
  'SEGV',
  'BUS',
  'FPE',
  'ILL',
  'TRAP',
  'PROF',
  'VTALRM',
  'SYS',
  'PWR',
  'POLL',
  'CLD',
];

/** `--signal`: `[SIG][@TIME]`. */
export const fluxSignal: Form = {
  values: [
    ['USR1@2m', l10n.later('two minutes before the time limit')],
    ['TERM@60s', l10n.later('a minute before the time limit')],
  ],
  check(value) {
    const at = value.indexOf('@');
    const name = at < 0 ? value : value.slice(0, at);
    const isNumber = /^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= 64;
    const part = { text: name.replace(/^SIG/i, ''), start: 0, end: name.length };
    const issues = name === '' || isNumber ? [] : checkWord(part, signals);
    return at < 0 ? issues : [...issues, ...checkFsd(value.slice(at + 1), at + 1)];
  },
};

/** `--setattr`, `--setopt`: `name`, `name=value`, `^name=file`. */
export const keyValue: Form = {
  check(value) {
    const [name = ''] = value.split('=');
    if (/^\^?[^\s=]+$/.test(name)) return [];
    return [{ start: 0, end: name.length, message: l10n.t('The name before `=` is missing, or has blanks in it.') }];
  },
};

/** `--requires`: what is written after `rank:` is an idset, brackets and quotes are in pairs. */
export const fluxConstraint: Form = {
  check(value) {
    const issues: ValueIssue[] = [...value.matchAll(/\branks?:([^\s&|)]*)/g)].flatMap(
      ({ 1: idset = '', index, 0: text }) => {
        if (/^\[?\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*\]?$/.test(idset)) return [];
        const start = index + text.length - idset.length;
        return [
          {
            start,
            end: start + idset.length,
            message: l10n.t('`{0}` is no set of ranks: write `0-3` or `0,2,4-7`.', idset),
          },
        ];
      },
    );
    let depth = 0;
    for (let at = 0; at < value.length; at++) {
      if (value[at] === '(') depth++;
      else if (value[at] === ')' && --depth < 0)
        return [...issues, { start: at, end: at + 1, message: l10n.t('This `)` closes nothing.') }];
    }
    return depth > 0 ? [...issues, ...wrong(value, l10n.t('A `(` is never closed.'))] : issues;
  },
};
