/**
 * Deals with what a reader delivers in turns, so that a job that prints much holds up neither the others nor the clients,
 * and takes no more of it in a second than is bounded.
 */
import type { Clock } from '../clock.ts';
import type { FollowListener } from './reader.ts';

/** Like `FollowListener`, but takes bytes in portions. */
export interface TurnListener extends Omit<FollowListener, 'onData'> {
  /** `taken`: so many bytes, at least one, are dealt with; the rest comes again. `room`: settles when more may come. */
  onData(bytes: Uint8Array): { readonly taken: number; readonly room: Promise<void> | undefined };
}

/** Of one file. Beyond this the reader waits: the file keeps the rest. */
export const maxBytesPerSecond = 64 * 1024 * 1024;

/** What came while the listener was still busy is dealt with in the order in which it came. */
export function inTurns(clock: Clock, listener: TurnListener): FollowListener {
  let last: Promise<void> = Promise.resolve();
  let unfinished = 0;
  const pace = pacer(clock);

  const follow = (work: Promise<void>): Promise<void> => {
    unfinished++;
    last = work.finally(() => {
      unfinished--;
    });
    return last;
  };
  /** Settles when this task is done, whatever comes after it; a failure is told to who brought the task. */
  const inOrder = (task: () => Promise<void> | undefined): Promise<void> | undefined => {
    if (unfinished > 0) return follow(last.then(task, task));
    const work = task();
    return work === undefined ? undefined : follow(work);
  };
  const take = (bytes: Uint8Array): Promise<void> | undefined => {
    const { taken, room } = listener.onData(bytes);
    const delay = pace(taken);
    if (taken >= bytes.length && room === undefined && delay === undefined) return undefined;
    return (async () => {
      await room;
      await delay;
      await new Promise((resolve) => setImmediate(resolve));
      if (taken < bytes.length) await take(bytes.subarray(taken));
    })();
  };
  return {
    onOpened: (...told) => void inOrder(() => void listener.onOpened?.(...told)),
    onData: (_offset, bytes) => inOrder(() => take(bytes)),
    onRestart: (...why) => void inOrder(() => void listener.onRestart(...why)),
    onCaughtUp: (size) => void inOrder(() => void listener.onCaughtUp(size)),
    onProblem: (problem) => void inOrder(() => void listener.onProblem(problem)),
  };
}

/** A function that is told of bytes and says how long to wait for the next: so many a second, and no more saved up. */
function pacer(clock: Clock): (bytes: number) => Promise<void> | undefined {
  let second = Math.floor(clock.now());
  let left = maxBytesPerSecond;
  return (bytes) => {
    const now = clock.now();
    if (Math.floor(now) !== second) {
      second = Math.floor(now);
      left = maxBytesPerSecond;
    }
    left -= bytes;
    if (left > 0) return undefined;
    return new Promise((resolve) => {
      clock.setTimeout(resolve, (second + 1 - now) * 1000);
    });
  };
}
