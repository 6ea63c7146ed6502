/** Axes: where lines of a grid stand, and what is written at them. Pure. */

/** Seconds since the epoch. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const day = 86_400;
const timeSteps = [
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  day,
  2 * day,
  7 * day,
  14 * day,
  30 * day,
  90 * day,
  365 * day,
];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** At most `most` ticks at round times of the day. `offsetSeconds`: how far local time is ahead of UTC. */
export function timeTicks({ from, to }: TimeWindow, most: number, offsetSeconds: number): readonly Tick[] {
  const wanted = (to - from) / Math.max(1, most);
  const step = timeSteps.find((one) => one >= wanted) ?? Math.ceil(wanted / (365 * day)) * 365 * day;
  const first = Math.ceil((from + offsetSeconds) / step) * step - offsetSeconds;
  const ticks: Tick[] = [];
  for (let at = first; at <= to && ticks.length < 1000; at += step) {
    ticks.push({ at, label: timeLabel(at + offsetSeconds, step) });
  }
  return ticks;
}

/** `local`: seconds since the epoch as if local time were UTC. */
function timeLabel(local: number, step: number): string {
  const iso = new Date(Math.round(local * 1000)).toISOString();
  if (step >= day) return iso.slice(5, 10);
  if (step < 1) return iso.slice(14, 22);
  if (step < 60) return iso.slice(11, 19);
  // Midnight tells the day.
  return iso.slice(11, 16) === '00:00' ? iso.slice(5, 10) : iso.slice(11, 16);
}

/** `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`; less than nothing is nothing. */
export function durationWords(seconds: number): string {
  if (seconds < 9.95) return `${Number(Math.max(0, seconds).toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, largeUnit, small, smallUnit] =
    whole < 3600
      ? [Math.floor(whole / 60), 'min', whole % 60, 's']
      : whole < day
        ? [Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min']
        : [Math.floor(whole / day), 'd', Math.floor((whole % day) / 3600), 'h'];
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** The lowest and highest of `values` that are numbers; `undefined`: there is none. */
export function rangeOf(values: Iterable<number>): readonly [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

/** A number as people read it: four digits at most, powers of ten where they are many. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

/** Zooms by `factor` (below 1: closer) around `center`, within `whole`, to no less than a second. */
export function zoomed(window: TimeWindow, whole: TimeWindow, factor: number, center: number): TimeWindow {
  const span = window.to - window.from;
  const wanted = Math.min(whole.to - whole.from, Math.max(Math.min(1, whole.to - whole.from), span * factor));
  const share = span === 0 ? 0.5 : (center - window.from) / span;
  return within({ from: center - share * wanted, to: center + (1 - share) * wanted }, whole);
}

/** Moves by `seconds`, within `whole`. */
export function moved(window: TimeWindow, whole: TimeWindow, seconds: number): TimeWindow {
  return within({ from: window.from + seconds, to: window.to + seconds }, whole);
}

function within({ from, to }: TimeWindow, whole: TimeWindow): TimeWindow {
  const shift = from < whole.from ? whole.from - from : to > whole.to ? whole.to - to : 0;
  return { from: Math.max(whole.from, from + shift), to: Math.min(whole.to, to + shift) };
}
