/** The numbers that a watcher's captures had, for `history`, `mean` and `rate`: bounded, and stored as they come. */
import type { Timestamp } from '../protocol.ts';

export interface HistoryPoint {
  readonly capture: string;
  /** Counts the points of this capture, from 1. */
  readonly seq: number;
  readonly timestamp: Timestamp;
  readonly value: number;
}

/** Values kept a capture. */
export const historyLength = 1000;

export class CaptureHistory {
  readonly #points = new Map<string, HistoryPoint[]>();
  #unsaved: HistoryPoint[] = [];

  /** `stored`: in the order of their sequence numbers. */
  constructor(stored: readonly HistoryPoint[] = []) {
    for (const point of stored) this.#of(point.capture).push(point);
  }

  /** Text that is no finite number is not kept. */
  add(capture: string, text: string, timestamp: Timestamp): void {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) return;
    const points = this.#of(capture);
    const point = { capture, seq: (points.at(-1)?.seq ?? 0) + 1, timestamp, value };
    points.push(point);
    // Not at each: moving a thousand values for one would cost more than the match.
    if (points.length >= 2 * historyLength) points.splice(0, points.length - historyLength);
    this.#unsaved.push(point);
  }

  /** The newest last, at most `historyLength`. */
  of(capture: string): readonly HistoryPoint[] {
    return this.#points.get(capture)?.slice(-historyLength) ?? [];
  }

  /** What came since this was last asked: to be stored. */
  takeUnsaved(): readonly HistoryPoint[] {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    return unsaved;
  }

  #of(capture: string): HistoryPoint[] {
    const known = this.#points.get(capture);
    if (known) return known;
    const made: HistoryPoint[] = [];
    this.#points.set(capture, made);
    return made;
  }
}
