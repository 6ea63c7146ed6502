/** Answers a client that wants to know what watchers would do: from text, files, or the output of a job. */
import { createReadStream } from 'node:fs';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { FollowListener, OutputReader } from '../output/reader.ts';
import type { EventlogEntry, ReplayParams, ReplayProgress, ReplayResult } from '../protocol.ts';
import type { Stream } from '../watch/job-watch.ts';
import { Replay, replayNotes } from '../watch/replay.ts';
import type { JobFacts } from '../watch/scope.ts';

/** Hands out the bytes of one stream, in order. Rejects when it cannot be read. */
export type ReplayInput = (onBytes: (bytes: Uint8Array) => Promise<void>) => Promise<void>;

export interface ReplayRequest {
  readonly watchers: readonly WatcherSpec[];
  readonly facts: JobFacts;
  /** No entry for `stderr`: one file holds both streams. */
  readonly inputs: { readonly [stream in Stream]?: ReplayInput };
  readonly oneFile: boolean;
  /** `null`: the job has not ended. */
  readonly endState: string | null;
  readonly maxEvents: number;
  readonly token?: string;
  readonly now: number;
  /** Resolves when the client has taken it. */
  readonly send: (progress: ReplayProgress) => Promise<void>;
  readonly signal: AbortSignal;
}

const mostEvents = 100_000;
const usualEvents = 1000;
/** Bytes between two reports of how far it is. */
const reportBytes = 4 * 1024 * 1024;
const pieceBytes = 256 * 1024;

/** How many events a client is given. */
export function eventLimit({ maxEvents }: Pick<ReplayParams, 'maxEvents'>): number {
  return Math.min(Math.max(0, Math.floor(maxEvents ?? usualEvents)), mostEvents);
}

export async function answerReplay(request: ReplayRequest): Promise<ReplayResult> {
  const { watchers, facts, inputs, oneFile, endState, token, now, send, signal } = request;
  const replay = new Replay({ watchers, facts, oneFile, now });
  const events: EventlogEntry[] = [];
  let [total, bytes, reported] = [0, 0, 0];
  const take = (found: readonly EventlogEntry[]) => {
    const room = Math.max(0, request.maxEvents - total);
    total += found.length;
    events.push(...found.slice(0, room));
  };
  const report = async () => {
    if (token === undefined) return;
    await send({ token, events: events.splice(0), lines: replay.lines, bytes });
    reported = bytes;
  };
  for (const stream of replay.streams) {
    const read = inputs[stream];
    if (!read) continue;
    await read(async (piece) => {
      signal.throwIfAborted();
      take(replay.feed(stream, piece));
      bytes += piece.length;
      if (bytes - reported >= reportBytes) await report();
    });
    take(replay.endStream(stream));
  }
  if (endState !== null) take(replay.endJob(endState));
  await report();
  return { events, total, watchers: replay.watchers, lines: replay.lines, bytes, notes: replayNotes(watchers) };
}

/** Handed out in pieces, so that a long text does not hold up everything else. */
export function textInput(text: string): ReplayInput {
  return async (onBytes) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await onBytes(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

/** A file of this machine. */
export function fileInput(path: string): ReplayInput {
  return async (onBytes) => {
    for await (const piece of createReadStream(path)) await onBytes(piece as Uint8Array);
  };
}

/** What a file on a cluster holds now. */
export function outputInput(reader: OutputReader, path: string, signal: AbortSignal): ReplayInput {
  return (onBytes) =>
    new Promise<void>((done, fail) => {
      let taken: Promise<void> = Promise.resolve();
      const end = (settle: () => void) => {
        follow.stop();
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = () => end(() => fail(signal.reason));
      const listener: FollowListener = {
        onData(_offset, bytes) {
          taken = taken.then(() => onBytes(bytes));
          taken.catch((error: unknown) => end(() => fail(error)));
          return taken;
        },
        onRestart: () => end(() => fail(new Error(`${path} was truncated or replaced while it was read: try again.`))),
        onCaughtUp: () => void taken.then(() => end(done)),
        onProblem: (problem) => end(() => fail(new Error(problem))),
      };
      const follow = reader.follow({ path, offset: 0 }, listener);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
}
