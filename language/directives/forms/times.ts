/** Times as sbatch(1) takes them: limits, and points in time. */

import { spellSeconds } from '../../text/duration.ts';
import * as l10n from '../../text/l10n.ts';
import { isPointInTime } from '../point-in-time.ts';
import { parseTimeLimit } from '../values.ts';
import { type Form, wrong } from './form.ts';

const limitWords = l10n.later(
  'write minutes, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, or `days-hours:minutes:seconds`',
);

/** `--time`. */
export const timeLimit: Form = {
  check(value) {
    // Slurm reads as far as there are numbers: `1-` is a day.
    if (parseTimeLimit(value) !== undefined || /^\d+-$/.test(value)) return [];
    const meant = meantLimit(value);
    return wrong(value, l10n.t('`{0}` is no time limit: {1}.', value, limitWords()), {
      ...(meant !== undefined && { replacement: meant }),
      // sbatch takes it, whatever for.
      ...(/^-\d$/.test(value) && { severity: 'warning' as const }),
    });
  },
  spell(value) {
    const seconds = parseTimeLimit(value);
    const isPlain = !/^\d+$/.test(value) || seconds === undefined || seconds < 60 || !Number.isFinite(seconds);
    return isPlain ? undefined : spellSeconds(seconds);
  },
};

const unitSeconds: { readonly [unit: string]: number } = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** `2h`, `1d12h`, `90min`, `24:00:00h`, `1.5h`, `1:00:00,` as Slurm writes them. */
export function meantLimit(value: string): string | undefined {
  const trimmed = value.trim().replace(/(?<![,;.'"])[,;.'"]+$/, '');
  const clock = /^(\d+:\d\d:\d\d)\s*h(?:ours?|rs?)?$/i.exec(trimmed)?.[1];
  if (clock !== undefined) return clock;
  if (trimmed !== value && parseTimeLimit(trimmed) !== undefined) return trimmed;
  const days = /^(\d+):(\d{1,2}):(\d\d):(\d\d)$/.exec(trimmed);
  if (days) return `${days[1]}-${days[2]}:${days[3]}:${days[4]}`;
  const units =
    /^(?:\d+(?:\.\d+)?\s*(?:w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\s*)+$/i;
  if (!units.test(trimmed)) return undefined;
  let seconds = 0;
  for (const [, count = '0', unit = 's'] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z])[a-z]*/gi)) {
    seconds += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 0);
  }
  return clockTime(Math.round(seconds));
}

/** `1-02:03:04`, `2:00:00`. */
export function clockTime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const two = (count: number) => String(count).padStart(2, '0');
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return days > 0 ? `${days}-${two(hours)}:${rest}` : `${hours}:${rest}`;
}

/** `now+1h`, `now+30min`: sbatch wants the whole word. */
function meantBegin(value: string): string | undefined {
  const words: { readonly [letter: string]: string } = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };
  const match = /^(now\s*\+\s*)(\d+)\s*(s(?:ec)?s?|m(?:in)?s?|h(?:r)?s?|d|w)$/i.exec(value);
  const [, start = '', count = '', unit = ''] = match ?? [];
  const word = words[unit.slice(0, 1).toLowerCase()];
  return match && word ? `${start}${count}${word}${count === '1' ? '' : 's'}` : undefined;
}

/** `--begin`, `--deadline`. */
export const begin: Form = {
  values: [
    ['now+1hour', l10n.later('in an hour')],
    ['16:00', l10n.later('today at four, or tomorrow if that is past')],
    ['tomorrow', l10n.later('at midnight')],
  ],
  check(value) {
    if (isPointInTime(value)) return [];
    const meant = meantBegin(value);
    const words = l10n.t(
      'write `now+2hours`, `HH:MM[:SS]`, `MM/DD[/YY]`, `YYYY-MM-DD[THH:MM[:SS]]`, `today`, `tomorrow`, `noon` or `midnight`',
    );
    return wrong(
      value,
      l10n.t('`{0}` is no point in time: {1}.', value, words),
      meant === undefined ? {} : { replacement: meant },
    );
  },
};
