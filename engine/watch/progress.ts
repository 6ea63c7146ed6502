/** How far a watcher is: plain JSON, kept in the store between two runs of the engine. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Timestamp, WatcherState } from '../protocol.ts';

export interface WatcherProgress {
  readonly state: WatcherState;
  /** Why it is in this state. */
  readonly reason?: string;
  readonly matchCount: number;
  readonly triggerCount: number;
  /** Triggers before the watcher was set to work anew: they do not count for `max_triggers`. */
  readonly triggersBefore?: number;
  /** Set to work by hand on a job that is over: at the end of its output it rests again. */
  readonly byHand?: true;
  /** Failed actions in a row. */
  readonly failures: number;
  /** Last value of each capture. */
  readonly captures: { readonly [name: string]: string };
  /** `$0` to `$9` of the last match; `null`: the group took no part. */
  readonly groups?: readonly (string | null)[];
  /** The whole of the last line that matched. */
  readonly line?: string;
  /** Lines that end at or before this byte of a stream are not for this watcher: it came later than they did. */
  readonly skip?: { readonly stdout?: number; readonly stderr?: number };
  readonly lastTrigger?: Timestamp;
  /** When a `silence` watcher last heard something, or a timer watcher is due. */
  readonly heard?: Timestamp;
  readonly timerDue?: Timestamp;
  /** When a pause ends by itself. */
  readonly pausedUntil?: Timestamp;
  readonly remainingResubmits: number;
}

export function initialProgress(spec: WatcherSpec, now: Timestamp): WatcherProgress {
  return {
    ...(spec.enabled ? { state: 'active' } : { state: 'paused', reason: 'enabled: false' }),
    matchCount: 0,
    triggerCount: 0,
    failures: 0,
    captures: {},
    heard: now,
    remainingResubmits: spec.remainingResubmits,
  };
}
