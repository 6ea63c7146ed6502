/** Times of a clock on the wall, somewhere, as seconds since the epoch. Pure. */

/** Year, month, day, hour, minute and second as a clock shows them, in milliseconds as if it were one of UTC. */
export type WallTime = number;

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** Is there a time zone of this name? `undefined` among the zones is that of this machine. */
export function isTimeZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

/** What a clock there shows; `time` in seconds since the epoch. */
export function wallTime(time: number, zone: string | undefined): WallTime {
  const parts = format(zone).formatToParts(new Date(time * 1000));
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * When a clock there shows this, in seconds since the epoch: the first time where it does so twice, and where it never does,
 * because it was put forward, as much later as it was put forward.
 */
export function instantOf(wall: WallTime, zone: string | undefined): number {
  const offsetAt = (time: number) => wallTime(time, zone) / 1000 - time;
  const local = wall / 1000;
  const dayBefore = local - offsetAt(local - 86_400);
  const dayAfter = local - offsetAt(local + 86_400);
  const shown = [dayBefore, dayAfter].filter((time) => wallTime(time, zone) === wall);
  return shown.length > 0 ? Math.min(...shown) : dayBefore;
}

/**
 * `2026-11-22T06:00`, by the clock there, or with `Z` or an offset of its own; in seconds since the epoch. A day alone is its
 * first minute. undefined: it is no time.
 */
export function parseTime(text: string, zone: string | undefined): number | undefined {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text.trim());
  if (!found) return undefined;
  const [, day = '', clock = '00:00', offset] = found;
  const wall = Date.parse(`${day}T${clock}Z`);
  // The 31st of February would become a day of March.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== day) return undefined;
  if (offset === undefined) return instantOf(wall, zone);
  const ahead = /^([+-])(\d\d):?(\d\d)$/.exec(offset);
  const minutes = ahead ? Number(`${ahead[1]}1`) * (Number(ahead[2]) * 60 + Number(ahead[3])) : 0;
  return wall / 1000 - minutes * 60;
}

function format(zone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const made = new Intl.DateTimeFormat('en-US', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    ...{
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    },
  });
  formats.set(zone, made);
  return made;
}
