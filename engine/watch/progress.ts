/** How far a watcher is: plain JSON, kept in the store between two runs of the engine. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Timestamp, WatcherState } from '../protocol.ts';

export interface WatcherProgress {
  readonly state: WatcherState;
  /** Why it is in this state. */
  readonly reason?: string;
  readonly matchCount: number;
  readonly triggerCount: number;
  /** Failed actions in a row. */
  readonly failures: number;
  /** Last value of each capture. */
  readonly captures: { readonly [name: string]: string };
  /** The matched part and the whole of the last line that matched. */
  readonly matched?: string;
  readonly line?: string;
  /** Values of captures that are numbers, the newest last: [timestamp, value]. */
  readonly history: { readonly [name: string]: readonly (readonly [Timestamp, number])[] };
  readonly lastTrigger?: Timestamp;
  /** When a `silence` watcher last heard something, or a timer watcher is due. */
  readonly heard?: Timestamp;
  readonly timerDue?: Timestamp;
  readonly remainingResubmits: number;
}

/** Values kept for `history`, `mean` and `rate`, a capture. */
export const historyLength = 1000;

export function initialProgress(spec: WatcherSpec, now: Timestamp): WatcherProgress {
  return {
    ...(spec.enabled ? { state: 'active' } : { state: 'paused', reason: 'enabled: false' }),
    matchCount: 0,
    triggerCount: 0,
    failures: 0,
    captures: {},
    history: {},
    heard: now,
    remainingResubmits: spec.remainingResubmits,
  };
}
