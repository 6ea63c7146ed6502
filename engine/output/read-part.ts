/** Reads a part of a file once, by the reader that follows the files of its machine. */
import type { FollowListener, OutputReader } from './reader.ts';

export interface PartRequest {
  /** Absolute path on the cluster. */
  readonly path: string;
  /** First byte wanted; negative: so many bytes before the end. */
  readonly offset: number;
  readonly maxBytes: number;
}

export interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The file ends behind them. */
  readonly isEnd: boolean;
}

/** Rejects with why the file cannot be read, in words for people; with the signal's reason when it is aborted. */
export function readPart(reader: OutputReader, request: PartRequest, signal: AbortSignal): Promise<Part> {
  const { path, offset, maxBytes } = request;
  return new Promise((done, fail) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    let begin = Math.max(0, offset);
    const end = (settle: () => void) => {
      follow?.stop();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => end(() => fail(signal.reason));
    const listener: FollowListener = {
      onData(at, bytes) {
        if (length === 0) begin = at;
        pieces.push(bytes);
        length += bytes.length;
        // One byte more tells whether the file goes on.
        if (length > maxBytes)
          end(() => done({ offset: begin, bytes: Buffer.concat(pieces).subarray(0, maxBytes), isEnd: false }));
      },
      onRestart: () => end(() => fail(new Error(`${path} is shorter than it was: it was truncated or replaced.`))),
      onCaughtUp: () => end(() => done({ offset: begin, bytes: Buffer.concat(pieces), isEnd: true })),
      onProblem: (problem) => end(() => fail(new Error(`${problem}.`))),
    };
    const follow = signal.aborted ? undefined : reader.follow({ path, offset }, listener);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
