/** Schedules of cron: `30 6 * * 1-5` is half past six on workdays. Pure. */
import * as l10n from '../text/l10n.ts';
import { instantOf, wallTime } from './zoned-time.ts';

export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** From 1. */
  readonly months: ReadonlySet<number>;
  /** From 0, Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** As cron has it: where both days are restricted, either of them will do. */
  readonly isEitherDay: boolean;
}

/** What is written is no schedule; the message says why. */
export class CronError extends Error {}

interface Field {
  readonly name: l10n.LaterText;
  readonly from: number;
  readonly to: number;
  /** Beside the numbers, from `from` on. */
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { name: l10n.later('minute'), from: 0, to: 59 },
  { name: l10n.later('hour'), from: 0, to: 23 },
  { name: l10n.later('day of the month'), from: 1, to: 31 },
  {
    name: l10n.later('month'),
    from: 1,
    to: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  // 7 is Sunday, too.
  { name: l10n.later('day of the week'), from: 0, to: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const nicknames: { readonly [name: string]: string } = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** The five fields of crontab(5), or `@daily` and the like. Throws `CronError`. */
export function parseCron(text: string): CronSchedule {
  const written = text.trim().toLowerCase();
  const words = (Object.hasOwn(nicknames, written) ? (nicknames[written] ?? '') : written).split(/\s+/);
  if (words.length !== fields.length)
    throw new CronError(l10n.t('it has five fields: minute, hour, day of the month, month, day of the week'));
  const sets = fields.map((field, index) => readField(words[index] ?? '', field));
  const [minutes, hours, days, months, weekdays] = sets;
  if (!minutes || !hours || !days || !months || !weekdays) throw new CronError(l10n.t('it has five fields'));
  const isEitherDay = !words[2]?.startsWith('*') && !words[4]?.startsWith('*');
  const schedule = {
    minutes,
    hours,
    days,
    months,
    weekdays: new Set([...weekdays].map((day) => day % 7)),
    isEitherDay,
  };
  const isPossible = isEitherDay || [...months].some((month) => Math.min(...days) <= longestMonth(month));
  if (!isPossible) throw new CronError(l10n.t('none of its months has such a day'));
  return schedule;
}

/** The first time after `time` (seconds since the epoch) by the clock there. An hour that comes twice counts once. */
export function nextTime(schedule: CronSchedule, time: number, zone: string | undefined): number {
  // Minute by minute only in hours that fit, hour by hour only on days that fit.
  let wall = Math.floor(wallTime(time, zone) / minuteMs) * minuteMs;
  for (;;) {
    wall = nextWall(schedule, wall + minuteMs);
    const instant = instantOf(wall, zone);
    if (instant > time) return instant;
  }
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function nextWall(schedule: CronSchedule, from: number): number {
  let wall = from;
  for (;;) {
    const date = new Date(wall);
    if (!fitsDay(schedule, date)) wall = (Math.floor(wall / dayMs) + 1) * dayMs;
    else if (!schedule.hours.has(date.getUTCHours())) wall = (Math.floor(wall / hourMs) + 1) * hourMs;
    else if (!schedule.minutes.has(date.getUTCMinutes())) wall += minuteMs;
    else return wall;
  }
}

function fitsDay({ days, months, weekdays, isEitherDay }: CronSchedule, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [isDay, isWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday;
}

const longestMonth = (month: number) => (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);

function readField(word: string, field: Field): ReadonlySet<number> {
  return new Set(word.split(',').flatMap((part) => readPart(part, field)));
}

/** `*`, `5`, `1-5`, each with or without a step: `*` + `/15`. */
function readPart(part: string, field: Field): readonly number[] {
  const [, range = '', step] = /^([^/]*)(?:\/(\d+))?$/.exec(part) ?? [];
  const [first = '', last] = range.split('-');
  const from = range === '*' ? field.from : readNumber(first, field);
  const isOpen = range === '*' || (last === undefined && step !== undefined);
  const to = isOpen ? field.to : last === undefined ? from : readNumber(last, field);
  const by = step === undefined ? 1 : Number(step);
  if (from === undefined || to === undefined || range.split('-').length > 2)
    throw new CronError(
      l10n.t(
        '`{0}` is no {1}: it is {2} to {3}, `*`, `a-b`, `*/n`, or a list',
        part,
        field.name(),
        field.from,
        field.to,
      ),
    );
  if (by < 1) throw new CronError(l10n.t('`{0}`: the step is at least 1', part));
  if (to < from) throw new CronError(l10n.t('`{0}` ends before it begins', part));
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function readNumber(text: string, { from, to, names = [] }: Field): number | undefined {
  const named = names.indexOf(text);
  const value = named < 0 ? (/^\d{1,2}$/.test(text) ? Number(text) : Number.NaN) : from + named;
  return value >= from && value <= to ? value : undefined;
}
