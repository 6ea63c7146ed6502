import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Palette, sceneSvg } from '../../webview/scene.ts';
import { moved, rangeOf, shortNumber, timeTicks, zoomed } from '../../webview/time-scale.ts';
import { binMarks, layoutTimeline, nearestMark, rowAt, wholeWindow } from '../../webview/timeline-layout.ts';
import { firstAt, geometry, timeOf, xOf } from '../../webview/timeline-place.ts';
import { rowText, timelineCsv, timelineJson } from '../../webview/timeline-text.ts';
import type { TimelineMarks, TimelineRow, TimelineView } from '../../webview/timeline-view.ts';
import { noon } from './builders.ts';

const marksAt = (...times: readonly number[]): TimelineMarks => ({
  times,
  kinds: 'm'.repeat(times.length),
  words: times.map((time) => `match ${time}`),
});
const row = (changes: Partial<TimelineRow> = {}): TimelineRow => ({
  key: 'local/1',
  label: '1 train',
  state: 'completed',
  isPart: false,
  spans: [{ kind: 'ran-completed', from: noon, to: noon + 100, words: 'ran, completed' }],
  marks: marksAt(),
  ...changes,
});
const viewOf = (changes: Partial<TimelineView> = {}): TimelineView => ({
  title: '1 train',
  isLive: false,
  now: noon + 500,
  rows: [row()],
  leftOut: 0,
  series: [],
  usage: [],
  ...changes,
});
const place = { window: { from: noon, to: noon + 100 }, width: 1000, offsetSeconds: 0 };
const palette = new Proxy({}, { get: () => '#123456' }) as Palette;

describe('time', () => {
  it('is ticked at round times of the day', () => {
    const labels = (seconds: number, from = noon, offset = 0) =>
      timeTicks({ from, to: from + seconds }, 8, offset).map(({ label }) => label);
    expect(labels(60)).toEqual(['12:00:00', '12:00:10', '12:00:20', '12:00:30', '12:00:40', '12:00:50', '12:01:00']);
    expect(labels(4 * 3600).slice(0, 3)).toEqual(['12:00', '12:30', '13:00']);
    expect(labels(86_400 * 5).slice(0, 2)).toEqual(['11-22', '11-23']);
    expect(labels(2 * 3600, noon, 19_800).slice(0, 2)).toEqual(['17:30', '17:45']);
  });

  it('has at most as many ticks as wanted and one more', () => {
    const seconds = fc.double({ min: 0.2, max: 1e8, noNaN: true });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 2, max: 20 }), (length, most) => {
        const ticks = timeTicks({ from: noon, to: noon + length }, most, 3600);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const { at } of ticks) expect(at >= noon && at <= noon + length).toBe(true);
      }),
    );
  });

  it('stays within the whole, however it is zoomed and moved', () => {
    const whole = { from: noon, to: noon + 1000 };
    const numbers = fc.double({ min: -2000, max: 2000, noNaN: true });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: 100, noNaN: true }), numbers, (shift, factor, center) => {
        const window = zoomed(moved(whole, whole, shift), whole, factor, noon + center);
        const { from, to } = moved(window, whole, shift);
        expect(from).toBeGreaterThanOrEqual(whole.from);
        expect(to).toBeLessThanOrEqual(whole.to);
        expect(to - from).toBeGreaterThan(0.9);
      }),
    );
  });

  it('comes to places and back', () => {
    expect(xOf(noon, place)).toBe(geometry.gutter);
    expect(xOf(noon + 100, place)).toBe(1000 - geometry.right);
    expect(timeOf(xOf(noon + 33, place), place)).toBeCloseTo(noon + 33, 3);
  });
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1234.567, '1235'],
    [-12345.6, '-12350'],
    [1e9, '1e9'],
    [0.000123, '1.23e-4'],
  ])('%d', (value, text) => expect(shortNumber(value)).toBe(text));

  it('have a range', () => {
    expect(rangeOf([3, Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual([-1, 3]);
    expect(rangeOf([Number.NaN])).toBeUndefined();
  });
});

describe('events', () => {
  it('are drawn as one where they fall on the same place; none is lost or made up', () => {
    const sorted = fc
      .array(fc.double({ min: -20, max: 120, noNaN: true }), { maxLength: 300 })
      .map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(sorted, fc.integer({ min: 1, max: 50 }), (times, bins) => {
        const binned = binMarks(marksAt(...times), { from: 0, to: 100 }, bins);
        const shown = times.filter((time) => time >= 0 && time <= 100);
        expect(binned.reduce((sum, { count }) => sum + count, 0)).toBe(shown.length);
        expect(binned.length).toBeLessThanOrEqual(bins);
        expect(firstAt(times, 50)).toBe(times.filter((time) => time < 50).length);
      }),
    );
  });

  it('are found near a time', () => {
    const marks = marksAt(10, 20, 30);
    expect(nearestMark(marks, 21, 5)).toBe(1);
    expect(nearestMark(marks, 26, 5)).toBe(2);
    expect(nearestMark(marks, 40, 5)).toBeUndefined();
    expect(nearestMark(marksAt(), 40, 5)).toBeUndefined();
  });
});

describe('a drawing', () => {
  it('shows states where they were, thin where nothing runs', () => {
    const spans = [
      { kind: 'waits', from: noon - 50, to: noon + 50, words: '' },
      { kind: 'runs', from: noon + 50, to: null, words: '' },
    ] as const;
    const { shapes } = layoutTimeline(viewOf({ rows: [row({ spans })], isLive: true, now: noon + 75 }), place);
    const bars = shapes.filter((shape) => shape.kind === 'rect' && (shape.tone === 'waits' || shape.tone === 'runs'));
    const plot = 1000 - geometry.gutter - geometry.right;
    expect(bars).toMatchObject([
      { x: geometry.gutter, width: plot / 2, height: 4 },
      { x: geometry.gutter + plot / 2, width: plot / 4, height: 14 },
    ]);
  });

  it('joins the numbers of a series by a line', () => {
    const times = [noon, noon + 50, noon + 100];
    const series = { name: 'loss', row: 0, times, values: [1, Number.NaN, 3] };
    const { shapes, height } = layoutTimeline(viewOf({ series: [series] }), place);
    const top = geometry.top + geometry.row + geometry.chartGap;
    const bottom = top + geometry.chart;
    const line = shapes.find((shape) => shape.kind === 'line' && shape.tone === 'series');
    expect(line).toMatchObject({ points: [xOf(noon, place), bottom, xOf(noon + 100, place), top + 6] });
    expect(height).toBeGreaterThan(bottom);
  });

  it('shows a series with more numbers than pixels as one bar a pixel, without gaps and with its extremes', () => {
    const times = Array.from({ length: 50_000 }, (_, index) => noon + index / 500);
    const values = times.map((_, index) => (index === 31_000 ? 99 : Math.sin(index / 5000)));
    const { shapes } = layoutTimeline(viewOf({ series: [{ name: 'loss', row: 0, times, values }] }), place);
    const bars = shapes.flatMap((shape) => (shape.kind === 'rect' && shape.tone === 'series' ? [shape] : []));
    const plot = place.width - geometry.gutter - geometry.right;
    expect(bars.map(({ x }) => x)).toEqual(Array.from({ length: plot }, (_, index) => geometry.gutter + index));
    const top = geometry.top + geometry.row + geometry.chartGap;
    expect(Math.min(...bars.map(({ y }) => y))).toBeCloseTo(top + 6);
    bars.slice(1).forEach((bar, index) => {
      const before = bars[index];
      if (!before) return;
      expect(bar.y).toBeLessThanOrEqual(before.y + before.height);
      expect(bar.y + bar.height).toBeGreaterThanOrEqual(before.y);
    });
  });

  it.each([[[]], [[7]], [[7, 7]], [[Number.NaN, Number.POSITIVE_INFINITY]]])(
    'of the numbers %j has no NaN',
    (values) => {
      const times = values.map((_, index) => noon + index);
      const { shapes } = layoutTimeline(viewOf({ series: [{ name: 'x', row: 0, times, values }] }), place);
      expect(JSON.stringify(shapes)).not.toContain('null');
    },
  );

  it('has all of it in its window', () => {
    const view = viewOf({ rows: [row({ marks: marksAt(noon - 7, noon + 200) })] });
    const { from, to } = wholeWindow(view);
    expect(from).toBeLessThan(noon - 7);
    expect(to).toBeGreaterThan(noon + 200);
    const empty = wholeWindow(viewOf({ rows: [] }));
    expect(empty.to).toBeGreaterThan(empty.from);
  });

  it('knows its rows', () => {
    const view = viewOf({ rows: [row(), row()] });
    const at = (index: number) => geometry.top + index * geometry.row + 1;
    expect([rowAt(at(0), view), rowAt(at(1), view), rowAt(at(2), view), rowAt(3, view)]).toEqual([
      0,
      1,
      undefined,
      undefined,
    ]);
  });

  it('is an SVG file in which texts are texts', () => {
    const view = viewOf({ rows: [row({ label: '<script>"&\u0007' })] });
    const text = sceneSvg(layoutTimeline(view, place), palette, 'a < b');
    expect(text).toContain('&lt;script&gt;&quot;&amp;\ufffd');
    expect(text).not.toMatch(/<script|\bNaN\b|undefined/);
    expect(text).toContain('<title>a &lt; b</title>');
  });
});

describe('in words', () => {
  const view = viewOf({
    rows: [row({ marks: marksAt(noon + 1, noon + 2), label: '=1+1, "x"' })],
    series: [{ name: 'loss', row: 0, times: [noon, noon + 1], values: [3, 2.5] }],
  });

  it('a row is its states, events and numbers', () => {
    expect(rowText(view, 0, (time) => String(time - noon))).toEqual([
      'ran, completed from 0 to 100',
      'durations: ran, completed 1 min 40 s',
      'events: 2 × match',
      'loss: 2 values from 2.5 to 3, last 2.5',
    ]);
  });

  it('all of it is CSV, which no spreadsheet takes for formulas', () => {
    const lines = timelineCsv(view).split('\n');
    expect(lines[0]).toBe('job,what,from,to,text,value');
    expect(lines[1]).toBe(`"'=1+1, ""x""",state,2026-11-21T12:00:00.000Z,2026-11-21T12:01:40.000Z,"ran, completed",`);
    expect(lines[4]).toBe(`"'=1+1, ""x""",number,2026-11-21T12:00:00.000Z,,loss,3`);
    expect(lines).toHaveLength(7);
  });

  it('all of it is JSON', () => {
    const data = JSON.parse(timelineJson(view));
    expect(data.rows[0].events[1]).toEqual({ time: noon + 2, kind: 'match', text: `match ${noon + 2}` });
    expect(data.series[0].values).toEqual([3, 2.5]);
  });
});
