/**
 * A timeline as a drawing: rows of states with the events on them, and series of numbers below, on one axis of time. Pure.
 * Events that fall on the same few pixels are drawn as one: what it takes does not grow with what is shown, but for one pass.
 */
import type { Scene, Shape, Tone } from './scene.ts';
import { rangeOf, shortNumber, type TimeWindow, timeTicks } from './time-scale.ts';
import type {
  MarkKind,
  TimelineMarks,
  TimelineRow,
  TimelineSeries,
  TimelineSpan,
  TimelineView,
} from './timeline-view.ts';

export const geometry = { gutter: 190, right: 16, top: 28, row: 42, chart: 112, chartGap: 26, bin: 4 } as const;

export interface TimelinePlace {
  readonly window: TimeWindow;
  /** Of the whole drawing, in pixels. */
  readonly width: number;
  /** The row that the keyboard is on. */
  readonly chosen?: number;
  /** How far local time is ahead of UTC, in seconds. */
  readonly offsetSeconds: number;
}

/** From the beginning of the first job to the last that is known of any; now, while something goes on. */
export function wholeWindow({ rows, series, isLive, now }: TimelineView): TimeWindow {
  let [from, to] = [Number.POSITIVE_INFINITY, isLive ? now : Number.NEGATIVE_INFINITY];
  const include = (time: number | undefined) => {
    if (time === undefined) return;
    from = Math.min(from, time);
    to = Math.max(to, time);
  };
  for (const { spans, marks } of rows) {
    for (const span of spans) {
      include(span.from);
      include(span.to ?? now);
    }
    include(marks.times[0]);
    include(marks.times.at(-1));
  }
  for (const { times } of series) {
    include(times[0]);
    include(times.at(-1));
  }
  if (from > to) return { from: now - 60, to: now };
  const margin = Math.max(0.5, (to - from) / 100);
  return { from: from - margin, to: to + margin };
}

export function xOf(time: number, { window, width }: TimelinePlace): number {
  const plot = width - geometry.gutter - geometry.right;
  return geometry.gutter + ((time - window.from) / (window.to - window.from)) * plot;
}

export function timeOf(x: number, { window, width }: TimelinePlace): number {
  const plot = width - geometry.gutter - geometry.right;
  return window.from + ((x - geometry.gutter) / plot) * (window.to - window.from);
}

/** The row at `y`; `undefined`: there is none. */
export function rowAt(y: number, view: TimelineView): number | undefined {
  const row = Math.floor((y - geometry.top) / geometry.row);
  return row >= 0 && row < view.rows.length ? row : undefined;
}

export interface Bin {
  /** Where it is drawn, from 0 in steps of `geometry.bin` pixels from the left end of the plot. */
  readonly bin: number;
  readonly kind: MarkKind;
  readonly count: number;
}

/** Events of a window by kinds and few pixels. One pass over those of the window, whose ends are searched. */
export function binMarks({ times, kinds }: TimelineMarks, { from, to }: TimeWindow, bins: number): readonly Bin[] {
  const counts = new Map<MarkKind, Int32Array>();
  const scale = bins / (to - from);
  const end = firstAfter(times, to);
  for (let index = firstAt(times, from); index < end; index++) {
    const kind = kinds[index] as MarkKind;
    let list = counts.get(kind);
    if (!list) {
      list = new Int32Array(bins);
      counts.set(kind, list);
    }
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((times[index] ?? 0) - from) * scale)));
    list[bin] = (list[bin] ?? 0) + 1;
  }
  const found: Bin[] = [];
  for (const [kind, list] of counts) {
    for (let bin = 0; bin < bins; bin++) {
      const count = list[bin] ?? 0;
      if (count > 0) found.push({ bin, kind, count });
    }
  }
  return found;
}

/** The first index of sorted `times` that is not before `time`. */
export function firstAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAfter(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function timelineHeight({ rows, series }: TimelineView): number {
  return geometry.top + rows.length * geometry.row + series.length * (geometry.chart + geometry.chartGap) + 12;
}

export function layoutTimeline(view: TimelineView, place: TimelinePlace): Scene {
  const { width } = place;
  const height = timelineHeight(view);
  const shapes: Shape[] = [];
  const plotEnd = width - geometry.right;
  for (const { at, label } of timeTicks(
    place.window,
    Math.max(2, (plotEnd - geometry.gutter) / 90),
    place.offsetSeconds,
  )) {
    const x = xOf(at, place);
    shapes.push({ kind: 'line', points: [x, geometry.top - 6, x, height - 8], tone: 'faint', thickness: 0.4 });
    if (x < geometry.gutter + 24 || x > plotEnd - 14) continue;
    shapes.push({ kind: 'text', x, y: geometry.top - 11, text: label, tone: 'faint', anchor: 'middle', size: 11 });
  }
  view.rows.forEach((row, index) => {
    shapes.push(...rowShapes(row, index, view, place));
  });
  const below = geometry.top + view.rows.length * geometry.row;
  view.series.forEach((series, index) => {
    const top = below + geometry.chartGap + index * (geometry.chart + geometry.chartGap);
    shapes.push(...chartShapes(series, view.rows.length > 1 ? view.rows[series.row]?.label : undefined, top, place));
  });
  if (view.isLive && view.now >= place.window.from && view.now <= place.window.to) {
    const x = xOf(view.now, place);
    shapes.push({ kind: 'line', points: [x, geometry.top - 6, x, height - 8], tone: 'chosen', thickness: 1 });
  }
  return { width, height, shapes };
}

const barHeight = 14;

function rowShapes(row: TimelineRow, index: number, view: TimelineView, place: TimelinePlace): Shape[] {
  const { width, window, chosen } = place;
  const top = geometry.top + index * geometry.row;
  const shapes: Shape[] = [];
  if (index === chosen) {
    shapes.push({ kind: 'rect', x: 0, y: top + 1, width: 3, height: geometry.row - 2, tone: 'chosen' });
  }
  const indent = row.isPart ? 22 : 10;
  const text = (y: number, words: string, tone: Tone, size: number) =>
    shapes.push({
      kind: 'text',
      x: indent,
      y,
      text: cut(words, (geometry.gutter - indent) / (size * 0.56)),
      tone,
      anchor: 'start',
      size,
    });
  text(top + 14, row.label, 'text', 12);
  text(top + 27, row.state, 'faint', 10);
  for (const span of row.spans) {
    const shape = spanShape(span, top + 3, view.now, place);
    if (shape) shapes.push(shape);
  }
  const bins = Math.max(1, Math.floor((width - geometry.gutter - geometry.right) / geometry.bin));
  for (const { bin, kind, count } of binMarks(row.marks, window, bins)) {
    shapes.push(markShape(kind, geometry.gutter + (bin + 0.5) * geometry.bin, top + 3, count));
  }
  const before = row.resubmitOf === undefined ? undefined : view.rows[row.resubmitOf]?.spans.at(-1);
  const start = row.spans[0];
  if (before && start && row.resubmitOf !== undefined) {
    const x = xOf(Math.min(before.to ?? view.now, start.from), place);
    const y = geometry.top + row.resubmitOf * geometry.row + 3 + barHeight;
    const end = xOf(start.from, place);
    if (x > geometry.gutter && end < width - geometry.right) {
      shapes.push({ kind: 'line', points: [x, y, x, top + 10, end, top + 10], tone: 'faint', thickness: 1.5 });
    }
  }
  return shapes;
}

function spanShape(span: TimelineSpan, y: number, now: number, place: TimelinePlace): Shape | undefined {
  const { window } = place;
  const to = span.to ?? now;
  if (to < window.from || span.from > window.to) return undefined;
  const x = xOf(Math.max(span.from, window.from), place);
  const end = xOf(Math.min(to, window.to), place);
  // What waits and ends is thin: what runs stands out without its colour, too.
  const isThin = span.kind === 'waits' || span.kind === 'prepares' || span.kind === 'ends';
  const height = isThin ? 4 : barHeight;
  return { kind: 'rect', x, y: y + (barHeight - height) / 2, width: Math.max(1, end - x), height, tone: span.kind };
}

/** Each kind has a shape of its own: colours alone tell not everybody. Many events at one place are drawn taller. */
function markShape(kind: MarkKind, x: number, top: number, count: number): Shape {
  // What follows from a match stands below it.
  const y = top + barHeight + (kind === 'a' || kind === 'f' || kind === 'c' ? 18 : 8);
  const r = count > 50 ? 6 : count > 5 ? 5 : 4;
  const closed = (...points: number[]): Shape => ({ kind: 'area', points, tone: kind });
  switch (kind) {
    case 'm':
      return closed(x - r, y - r, x + r, y - r, x, y + r);
    case 'a':
      return closed(x, y - r, x + r, y, x, y + r, x - r, y);
    case 'f':
      return closed(
        ...[x - r, y - r + 2, x - r + 2, y - r, x, y - 2, x + r - 2, y - r, x + r, y - r + 2, x + 2, y],
        ...[x + r, y + r - 2, x + r - 2, y + r, x, y + 2, x - r + 2, y + r, x - r, y + r - 2, x - 2, y],
      );
    case 'n':
      return closed(x - r, y - r, x + r, y - r, x + r, y + r, x - r, y + r);
    case 'c':
      return closed(x - r, y + r, x + r, y + r, x, y - r);
    case 's':
      return { kind: 'rect', x: x - 1, y: y - r, width: 2, height: 2 * r, tone: 's' };
  }
}

function chartShapes(series: TimelineSeries, owner: string | undefined, top: number, place: TimelinePlace): Shape[] {
  const { width, window } = place;
  const end = width - geometry.right;
  const [from, to] = [firstAt(series.times, window.from), firstAfter(series.times, window.to)];
  const shown = series.values.slice(from, to);
  const last = series.values.at(-1);
  const name = `${series.name}${owner === undefined ? '' : ` · ${owner}`}`;
  const shapes: Shape[] = [
    { kind: 'text', x: 10, y: top + 14, text: cut(name, 26), tone: 'text', anchor: 'start', size: 12 },
    {
      kind: 'text',
      x: 10,
      y: top + 29,
      text: last === undefined ? '' : `last ${shortNumber(last)}`,
      tone: 'faint',
      anchor: 'start',
      size: 11,
    },
    {
      kind: 'line',
      points: [geometry.gutter, top, geometry.gutter, top + geometry.chart],
      tone: 'faint',
      thickness: 1,
    },
    {
      kind: 'line',
      points: [geometry.gutter, top + geometry.chart, end, top + geometry.chart],
      tone: 'faint',
      thickness: 1,
    },
  ];
  const range = rangeOf(shown);
  if (!range) return shapes;
  const [low, high] = range;
  const spread = high - low || Math.abs(high) || 1;
  const bottom = high === low ? low - spread / 2 : low;
  const yOf = (value: number) => top + geometry.chart - ((value - bottom) / spread) * (geometry.chart - 6);
  const label = (value: number) =>
    shapes.push({
      kind: 'text',
      x: geometry.gutter - 5,
      y: yOf(value) + 4,
      text: shortNumber(value),
      tone: 'faint',
      anchor: 'end',
      size: 10,
    });
  label(high);
  if (high !== low) label(low);
  const points = thinned(series, from, to, place).flatMap(([time, value]) => [xOf(time, place), yOf(value)]);
  if (points.length === 2) {
    const [x = 0, y = 0] = points;
    shapes.push({ kind: 'rect', x: x - 2, y: y - 2, width: 4, height: 4, tone: 'series' });
  } else shapes.push({ kind: 'line', points, tone: 'series', thickness: 1.5 });
  return shapes;
}

/** Of the points that fall on one pixel the first, lowest, highest and last: the line looks as if all were drawn. */
function thinned(
  { times, values }: TimelineSeries,
  from: number,
  to: number,
  place: TimelinePlace,
): [number, number][] {
  const found: [number, number][] = [];
  let pixel = Number.NaN;
  let group: [number, number][] = [];
  const flush = () => {
    if (group.length <= 4) found.push(...group);
    else {
      const lowest = group.reduce((a, b) => (b[1] < a[1] ? b : a));
      const highest = group.reduce((a, b) => (b[1] > a[1] ? b : a));
      const kept = new Set([group[0], lowest, highest, group.at(-1)]);
      found.push(...group.filter((point) => kept.has(point)));
    }
    group = [];
  };
  for (let index = from; index < to; index++) {
    const [time, value] = [times[index] ?? 0, values[index] ?? Number.NaN];
    if (!Number.isFinite(value)) continue;
    const x = Math.floor(xOf(time, place));
    if (x !== pixel) flush();
    pixel = x;
    group.push([time, value]);
  }
  flush();
  return found;
}

function cut(text: string, most: number): string {
  const length = Math.max(1, Math.floor(most));
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The event nearest to `time` in a row, within `seconds`; `undefined`: there is none. */
export function nearestMark({ times }: TimelineMarks, time: number, seconds: number): number | undefined {
  const after = firstAt(times, time);
  const near = [after - 1, after].filter((index) => Math.abs((times[index] ?? Number.NaN) - time) <= seconds);
  return near.sort((a, b) => Math.abs((times[a] ?? 0) - time) - Math.abs((times[b] ?? 0) - time))[0];
}
