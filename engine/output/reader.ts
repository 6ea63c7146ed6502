/** Following files that grow, whichever machine they are on. */
import type { Timestamp } from '../protocol.ts';

/** What tells a file from another of the same name. */
export interface FileMark {
  readonly inode?: string;
  /** The last bytes that were dealt with, at most `tailBytes`: a file may be rewritten in place, and be as long as before. */
  readonly tail: Uint8Array;
  /** When its first byte was read, by the clock of the machine it is on. */
  readonly began?: Timestamp;
}

export const tailBytes = 256;

export interface FollowRequest {
  /** Absolute path on the cluster. */
  readonly path: string;
  /** First byte wanted; negative: so many bytes before the end that the file has when it is first seen. */
  readonly offset: number;
  /** Of the file that was read up to `offset`: another one is read from its beginning. */
  readonly mark?: FileMark;
  /** When the file was modified at this time or later, it was rewritten since it was read, whatever it looks like. */
  readonly rewrittenSince?: Timestamp;
  /** The longest that new bytes may wait, where the cluster is polled. */
  readonly maxWaitSeconds?: number;
}

/**
 * Why a file is read from its beginning: it became shorter or its known part changed; another file has its name; the same,
 * and the rest of the old one was read where it was moved to; it was written anew (see `rewrittenSince`).
 */
export type Restart = 'truncated' | 'replaced' | 'rotated' | 'rewritten';

export interface FollowListener {
  /** The file was opened for the first time, or for the first time since `onRestart`. `at`: by the clock of its machine. */
  onOpened?(inode: string, at: Timestamp): void;
  /**
   * Bytes of the file from `offset`; each byte comes once, in order, until `onRestart`. A promise holds the reading of
   * this file up until it settles, which may be a few chunks later: those come, in order, in the meantime.
   */
  onData(offset: number, bytes: Uint8Array): void | Promise<void>;
  /** What was read is not what the file has (any more): it is read again from 0. `at`: by the clock of its machine. */
  onRestart(kind: Restart, at: Timestamp): void;
  /** All `size` bytes that the file has now were delivered. Comes again whenever that holds anew, or `check` asks. */
  onCaughtUp(size: number): void;
  /** The file cannot be read now, and why (missing, no permission); reading goes on when it can. Told once until it changes. */
  onProblem(problem: string): void;
}

export interface Follow {
  /** Asks for `onCaughtUp` (or `onProblem`) after one more look at the file: what was written before now is delivered first. */
  check(): void;
  stop(): void;
}

export interface OutputReader {
  follow(request: FollowRequest, listener: FollowListener): Follow;
  dispose(): void;
}

/** The last `tailBytes` of `before` and `bytes` together. */
export function tailOf(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length >= tailBytes) return bytes.slice(-tailBytes);
  return Buffer.concat([before.subarray(-(tailBytes - bytes.length)), bytes]);
}
