/** A series of numbers as a chart below the rows of a timeline. Pure. */
import * as l10n from '../language/text/l10n.ts';
import type { Shape } from './scene.ts';
import { rangeOf, shortNumber } from './time-scale.ts';
import { cut, firstAfter, firstAt, geometry, type TimelinePlace, xOf } from './timeline-place.ts';
import type { TimelineSeries } from './timeline-view.ts';

/** `owner`: the row it belongs to, where there are several. `top`: in pixels from the top of the drawing. */
export function chartShapes(
  series: TimelineSeries,
  owner: string | undefined,
  top: number,
  place: TimelinePlace,
): Shape[] {
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
      text: last === undefined ? '' : l10n.t('last {0}', shortNumber(last)),
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
  if (to - from > end - geometry.gutter) return [...shapes, ...columnShapes(series, from, to, yOf, place)];
  const points: number[] = [];
  for (let index = from; index < to; index++) {
    const value = series.values[index] ?? Number.NaN;
    if (Number.isFinite(value)) points.push(xOf(series.times[index] ?? 0, place), yOf(value));
  }
  if (points.length === 2) {
    const [x = 0, y = 0] = points;
    shapes.push({ kind: 'rect', x: x - 2, y: y - 2, width: 4, height: 4, tone: 'series' });
  } else shapes.push({ kind: 'line', points, tone: 'series', thickness: lineThickness });
  return shapes;
}

const lineThickness = 1.5;

/**
 * With more numbers than pixels, a bar for each pixel, from the lowest to the highest of those on it and the one before: it looks as if
 * all were joined, but a line through thousands of points takes a browser without a GPU longer than a frame.
 */
function columnShapes(
  { times, values }: TimelineSeries,
  from: number,
  to: number,
  yOf: (value: number) => number,
  place: TimelinePlace,
): readonly Shape[] {
  const found: Shape[] = [];
  let [pixel, low, high, last] = [Number.NaN, 0, 0, Number.NaN];
  const flush = () => {
    if (Number.isNaN(pixel)) return;
    const y = yOf(high);
    const height = Math.max(lineThickness, yOf(low) - y);
    found.push({ kind: 'rect', x: pixel, y, width: 1, height, tone: 'series' });
  };
  for (let index = from; index < to; index++) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const x = Math.floor(xOf(times[index] ?? 0, place));
    if (x !== pixel) {
      flush();
      pixel = x;
      low = high = Number.isNaN(last) ? value : last;
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
    last = value;
  }
  flush();
  return found;
}
