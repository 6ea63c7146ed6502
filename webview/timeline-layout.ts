/**
 * A timeline as a drawing: rows of states with the events on them, and series of numbers below, on one axis of time. Pure.
 * Events that fall on the same few pixels are drawn as one: what it takes does not grow with what is shown, but for one pass.
 */
import type { Scene, Shape, Tone } from './scene.ts';
import { type TimeWindow, timeTicks } from './time-scale.ts';
import { chartShapes } from './timeline-chart.ts';
import { cut, firstAfter, firstAt, geometry, type TimelinePlace, xOf } from './timeline-place.ts';
import type { MarkKind, TimelineMarks, TimelineRow, TimelineSpan, TimelineView } from './timeline-view.ts';

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

/** Events of a window by kinds and few pixels. The ends of each bin are searched: many events take hardly longer than few. */
export function binMarks(marks: TimelineMarks, { from, to }: TimeWindow, bins: number): readonly Bin[] {
  const found: Bin[] = [];
  const width = (to - from) / bins;
  for (const [kind, times] of timesByKind(marks)) {
    const end = firstAfter(times, to);
    let index = firstAt(times, from);
    while (index < end) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(((times[index] ?? 0) - from) / width)));
      // At least the one that the bin was found by, whatever rounding says of its end.
      const next = bin === bins - 1 ? end : Math.max(index + 1, firstAt(times, from + (bin + 1) * width, index, end));
      found.push({ bin, kind, count: next - index });
      index = next;
    }
  }
  return found;
}

const known = new WeakMap<TimelineMarks, ReadonlyMap<MarkKind, readonly number[]>>();

/** Made once for each row that the page is sent, not for each frame. */
function timesByKind(marks: TimelineMarks): ReadonlyMap<MarkKind, readonly number[]> {
  const made = known.get(marks);
  if (made) return made;
  const byKind = new Map<MarkKind, number[]>();
  marks.times.forEach((time, index) => {
    const kind = marks.kinds[index] as MarkKind;
    const times = byKind.get(kind);
    if (times) times.push(time);
    else byKind.set(kind, [time]);
  });
  known.set(marks, byKind);
  return byKind;
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
  const { cursor } = place;
  if (cursor !== undefined && cursor >= place.window.from && cursor <= place.window.to) {
    const x = xOf(cursor, place);
    const top = geometry.top - 6;
    shapes.push({ kind: 'line', points: [x, top, x, height - 8], tone: 'text', thickness: 1.5 });
    shapes.push({ kind: 'area', points: [x - 5, top - 6, x + 5, top - 6, x, top + 2], tone: 'text' });
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
  const indent = 10 + 12 * (row.depth ?? 0);
  const sign = row.isOpen === undefined ? '' : row.isOpen ? '▾ ' : '▸ ';
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
  text(top + 14, `${sign}${row.label}`, 'text', 12);
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
    case 'w':
      return { kind: 'text', x, y: y + 7, text: '!', tone: 'w', anchor: 'middle', size: 18 };
    case 's':
      return { kind: 'rect', x: x - 1, y: y - r, width: 2, height: 2 * r, tone: 's' };
  }
}

/** The event nearest to `time` in a row, within `seconds`; `undefined`: there is none. */
export function nearestMark({ times }: TimelineMarks, time: number, seconds: number): number | undefined {
  const after = firstAt(times, time);
  const near = [after - 1, after].filter((index) => Math.abs((times[index] ?? Number.NaN) - time) <= seconds);
  return near.sort((a, b) => Math.abs((times[a] ?? 0) - time) - Math.abs((times[b] ?? 0) - time))[0];
}
