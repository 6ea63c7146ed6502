/**
 * Output that a Flux job sends to the KVS, followed as if it were a file: its bytes are those of the job's output log
 * (`guest.output`, RFC 24) in their order, which only grows. It is read with `flux job eventlog -p output`; of one file at
 * a time what comes is told by `-F`, the others are read again from time to time.
 */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import { outputOf, piecesOf, type Repeated } from '../eventlog/output-log.ts';
import { parseEvent } from '../eventlog/rfc18.ts';
import type { Logger } from '../logger.ts';
import type { Follow, FollowListener, FollowRequest, OutputReader } from '../output/reader.ts';
import { processLines } from './process-lines.ts';

type Stream = 'stdout' | 'stderr';

/** In place of the path of a file. */
export function kvsPath(id: string, stream: Stream): string {
  return `flux-kvs:${id}/${stream}`;
}

export function parseKvsPath(path: string): { readonly id: string; readonly stream: Stream } | undefined {
  const [, id, stream] = /^flux-kvs:(\w+)\/(stdout|stderr)$/.exec(path) ?? [];
  return id === undefined ? undefined : { id, stream: stream as Stream };
}

export interface FluxOutputOptions {
  readonly cluster: string;
  readonly environment: { readonly [name: string]: string };
  readonly clock: Clock;
  readonly log: Logger;
  /** Reads what is a file. */
  readonly files: OutputReader;
}

/** Where nothing tells that something came. */
const lookAgainMs = 10_000;
/** The output log is there soon after the job's shell is; one that was cancelled before has none. */
const missingMs = { first: 1_000, most: 30_000 };
/** Of an event; the shell sends what it has read at once. */
const longestLine = 64 * 1024 * 1024;

export class FluxOutput implements OutputReader {
  readonly #options: FluxOutputOptions;
  readonly #follows = new Set<KvsFollow>();
  /** Has the place for `-F`: a connection has few. */
  #live: KvsFollow | undefined;
  /** Only while there is one is anything read: followers open none. */
  #connection: Connection | undefined;

  constructor(options: FluxOutputOptions) {
    this.#options = options;
  }

  follow(request: FollowRequest, listener: FollowListener): Follow {
    const source = parseKvsPath(request.path);
    if (!source) return this.#options.files.follow(request, listener);
    const follow = new KvsFollow(this.#options, { ...source, offset: request.offset }, listener, {
      take: () => {
        this.#live ??= follow;
        return this.#live === follow;
      },
      leave: () => {
        if (this.#live === follow) this.#live = undefined;
      },
      stopped: () => this.#follows.delete(follow),
      connection: () => this.#connection,
      lost: (connection) => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
    this.#follows.add(follow);
    follow.look();
    return follow;
  }

  /** The cluster is connected (again). */
  attach(connection: Connection): void {
    this.#connection = connection;
    for (const follow of this.#follows) follow.look();
  }

  dispose(): void {
    for (const follow of [...this.#follows]) follow.stop();
    this.#options.files.dispose();
  }
}

/** What a follower has of the reader. */
interface Place {
  /** Whether the place for `-F` is this one's now. */
  take(): boolean;
  leave(): void;
  stopped(): void;
  connection(): Connection | undefined;
  lost(connection: Connection): void;
}

class KvsFollow implements Follow {
  readonly #options: FluxOutputOptions;
  readonly #source: { readonly id: string; readonly stream: Stream };
  readonly #listener: FollowListener;
  readonly #place: Place;
  /** Next byte wanted; negative: so many before the end. */
  #offset: number;
  #isOpened = false;
  #isReading = false;
  #isStopped = false;
  /** Ends what waits for more to come: a look is wanted. */
  #following: AbortController | undefined;
  readonly #ended = new AbortController();
  #lookAgain = false;
  /** Somebody waits for what a look says, also when that is nothing new. */
  #isAsked = true;
  /** Since it could be read. */
  #misses = 0;
  #lastProblem: string | undefined;
  #cancelTimer = () => {};

  constructor(
    options: FluxOutputOptions,
    { offset, ...source }: { readonly id: string; readonly stream: Stream; readonly offset: number },
    listener: FollowListener,
    place: Place,
  ) {
    this.#options = options;
    this.#source = source;
    this.#offset = offset;
    this.#listener = listener;
    this.#place = place;
  }

  check(): void {
    this.#isAsked = true;
    this.look();
  }

  look(): void {
    if (this.#isStopped) return;
    this.#lookAgain = true;
    this.#following?.abort();
    if (!this.#isReading) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#ended.abort();
    this.#place.leave();
    this.#place.stopped();
  }

  async #run(): Promise<void> {
    const connection = this.#place.connection();
    // Once there is one, it is read.
    if (!connection) return;
    this.#isReading = true;
    this.#cancelTimer();
    let againMs: number | undefined;
    try {
      do {
        this.#lookAgain = false;
        againMs = await this.#readAll(connection);
        if (againMs === undefined && !this.#lookAgain && !this.#isStopped && this.#place.take())
          againMs = await this.#readOn(connection);
        else againMs ??= lookAgainMs;
      } while (this.#lookAgain && !this.#isStopped);
    } catch (error) {
      againMs = ConnectionError.is(error) ? undefined : lookAgainMs;
      this.#place.leave();
      if (ConnectionError.is(error)) this.#place.lost(connection);
      if (againMs !== undefined) this.#problem(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isReading = false;
    }
    if (this.#isStopped) return;
    if (this.#lookAgain) void this.#run();
    else if (againMs !== undefined) this.#cancelTimer = this.#options.clock.setTimeout(() => this.look(), againMs);
  }

  /** All that there is. Returns when to look again where it cannot be had. */
  async #readAll(connection: Connection): Promise<number | undefined> {
    const end = await this.#read(connection, [], this.#ended.signal, () => {});
    if (this.#isStopped) return undefined;
    if (typeof end === 'string') {
      this.#problem(end);
      return Math.min(missingMs.most, missingMs.first * 2 ** this.#misses++);
    }
    this.#caughtUp(end.size);
    return undefined;
  }

  /** What comes from now on, until the job is over: then nothing comes any more. */
  async #readOn(connection: Connection): Promise<number | undefined> {
    const following = new AbortController();
    this.#following = following;
    try {
      const signal = AbortSignal.any([following.signal, this.#ended.signal]);
      const end = await this.#read(connection, ['-F'], signal, (size) => this.#caughtUp(size));
      if (typeof end !== 'string') return undefined;
      this.#options.log.warn(
        `the output of ${this.#source.id} on ${this.#options.cluster} is followed no more: ${end}`,
      );
      return lookAgainMs;
    } catch (error) {
      if (following.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#following = undefined;
      this.#place.leave();
    }
  }

  /** `onRead`: so many bytes were delivered. Returns how many there are, or why they cannot be read. */
  async #read(
    link: Connection,
    options: readonly string[],
    signal: AbortSignal,
    onRead: (size: number) => void,
  ): Promise<{ readonly size: number } | string> {
    const { environment } = this.#options;
    const { id, stream } = this.#source;
    const argv = ['flux', 'job', 'eventlog', ...options, '-f', 'json', '-p', 'output', id];
    const process = await link.spawn(argv, { guarded: true, env: environment, signal });
    let size = 0;
    /** Of an output whose end alone is wanted. */
    const held: Repeated[] = [];
    let isComplete = false;
    try {
      for await (const lines of processLines(process.stdout, longestLine)) {
        for (const line of lines) {
          const event = parseEvent(line);
          if (typeof event === 'string') throw new Error(`the output log of ${id}: ${event}`);
          const output = outputOf(event, stream);
          if (this.#offset < 0) held.push(output);
          else await this.#deliver(size, output);
          size += output.bytes.length * output.times;
        }
        if (this.#isStopped || signal.aborted) return { size };
        onRead(size);
      }
      isComplete = true;
    } finally {
      if (!isComplete) process.kill();
    }
    const { status, stderr } = await process.exited;
    if (status !== 0)
      return stderr.trim().replace(/^flux-job: /, '') || `flux job eventlog ended with status ${status}`;
    if (this.#offset < 0) {
      this.#offset = Math.max(0, size + this.#offset);
      let at = 0;
      for (const output of held) {
        await this.#deliver(at, output);
        at += output.bytes.length * output.times;
      }
    }
    return { size };
  }

  /** Of the output at `position` what was not delivered yet. */
  async #deliver(position: number, { bytes, times }: Repeated): Promise<void> {
    const skipped = bytes.length === 0 ? 0 : Math.floor(Math.max(0, this.#offset - position) / bytes.length);
    let at = position + skipped * bytes.length;
    for (const piece of piecesOf({ bytes, times: times - skipped })) {
      const fresh = piece.subarray(Math.max(0, this.#offset - at));
      at += piece.length;
      if (fresh.length === 0) continue;
      if (this.#isStopped) return;
      if (!this.#isOpened) this.#listener.onOpened?.(this.#source.id, this.#options.clock.now());
      this.#isOpened = true;
      const offset = this.#offset;
      this.#offset += fresh.length;
      await this.#listener.onData(offset, fresh);
    }
  }

  #caughtUp(size: number): void {
    this.#isAsked = false;
    this.#misses = 0;
    this.#lastProblem = undefined;
    this.#listener.onCaughtUp(size);
  }

  #problem(why: string): void {
    if (this.#isStopped || (why === this.#lastProblem && !this.#isAsked)) return;
    this.#isAsked = false;
    this.#lastProblem = why;
    this.#listener.onProblem(`the output of job ${this.#source.id} cannot be read from Flux: ${why}`);
  }
}
