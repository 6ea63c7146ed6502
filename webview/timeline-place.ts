/** Where a time stands in the drawing of a timeline, and what of sorted times stands in its window. Pure. */
import type { TimeWindow } from './time-scale.ts';

export const geometry = { gutter: 190, right: 16, top: 28, row: 42, chart: 112, chartGap: 26, bin: 4 } as const;

export interface TimelinePlace {
  readonly window: TimeWindow;
  /** Of the whole drawing, in pixels. */
  readonly width: number;
  /** The row that the keyboard is on. */
  readonly chosen?: number;
  /** The time that the slider stands at. */
  readonly cursor?: number;
  /** How far local time is ahead of UTC, in seconds. */
  readonly offsetSeconds: number;
}

export function xOf(time: number, { window, width }: TimelinePlace): number {
  const plot = width - geometry.gutter - geometry.right;
  return geometry.gutter + ((time - window.from) / (window.to - window.from)) * plot;
}

export function timeOf(x: number, { window, width }: TimelinePlace): number {
  const plot = width - geometry.gutter - geometry.right;
  return window.from + ((x - geometry.gutter) / plot) * (window.to - window.from);
}

/** The first index of sorted `times` that is not before `time`, from `low` on and before `high`; `high`: there is none. */
export function firstAt(times: readonly number[], time: number, low = 0, high = times.length): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index of sorted `times` that is after `time`. */
export function firstAfter(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** With an ellipsis where it is longer than `most` characters. */
export function cut(text: string, most: number): string {
  const length = Math.max(1, Math.floor(most));
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
