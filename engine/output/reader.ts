/** Following files that grow, whichever machine they are on. */

export interface FollowRequest {
  /** Absolute path on the cluster. */
  readonly path: string;
  /** First byte wanted; negative: so many bytes before the end that the file has when it is first seen. */
  readonly offset: number;
}

export interface FollowListener {
  /**
   * Bytes of the file from `offset`; each byte comes once, in order, until `onRestart`. A promise holds the reading of
   * this file up until it settles, which may be a few chunks later: those come, in order, in the meantime.
   */
  onData(offset: number, bytes: Uint8Array): void | Promise<void>;
  /** The file became shorter than what was read (truncated or replaced): it is read again from 0. */
  onRestart(): void;
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
