/** One output file of a job while it is followed: its bytes as lines, how far they are dealt with, and when its end is reached. */
import type { Clock } from '../clock.ts';
import { inTurns } from '../output/in-turns.ts';
import { type FileMark, type Follow, type OutputReader, type Restart, tailOf } from '../output/reader.ts';
import type { Timestamp } from '../protocol.ts';
import type { OutputPosition } from '../store/records.ts';
import type { Stream } from '../watch/job-watch.ts';
import { type LineReader, LineScanner } from '../watch/line-scanner.ts';
import type { LinePosition, OutputBatch } from '../watch/lines.ts';

export interface StretchOptions {
  readonly stream: Stream;
  readonly path: string;
  /** Which run of the job writes it: how often that was restarted. */
  readonly incarnation: number;
  readonly from: OutputPosition | undefined;
  /** When this run of the job began, where that began its files anew. */
  readonly rewrittenSince?: Timestamp;
  /** The longest that a line may wait, where the cluster is polled. */
  readonly maxWaitSeconds: number;
  /** Says which lines it wants. */
  readonly lineReader: LineReader;
  readonly reader: OutputReader;
  readonly clock: Clock;
  /** Is the cluster connected? While it is not, nothing can come, and that says nothing. */
  readonly isReachable: () => boolean;
  /** A promise: the reader waits for it. */
  readonly onLines: (stretch: Stretch, batch: OutputBatch) => Promise<void> | undefined;
  /** `offset`: how far it was read before. */
  readonly onRestart: (stretch: Stretch, offset: number, kind: Restart) => void;
  readonly onProblem: (stretch: Stretch, problem: string) => void;
}

/** A reader that delivers nothing and does not answer for so long, while the cluster is there, is given up. */
const stalledSeconds = 30;
/** A file that is missing at the end may only not be visible yet: on network file systems that takes a while. */
const missingSeconds = 5;
const lookAgainMs = 500;
/** Between the clocks of the login node and of the scheduler. */
const clockSkewSeconds = 2;
/** Lines of so many bytes are dealt with at once, then it is the turn of others. */
const enoughBytes = 64 * 1024;

export class Stretch {
  readonly stream: Stream;
  readonly path: string;
  readonly incarnation: number;
  /** Bytes since the position was stored. */
  unsaved = 0;
  /** It was told that a line was too long to be matched whole. */
  toldOfCut = false;
  readonly #options: StretchOptions;
  readonly #follow: Follow;
  #scanner: LineScanner;
  #inode: string | undefined;
  /** Behind all bytes that were dealt with, and the last of them; the last ones before `position`. */
  #offset: number;
  #recent: Uint8Array;
  #tail: Uint8Array;
  #began: Timestamp | undefined;
  #heard = 0;
  #problem: string | undefined;
  #caughtUp = false;
  #stopped = false;
  /** How many times over reading waits for what is done about lines. */
  #heldUp = 0;
  #waiters: (() => void)[] = [];

  constructor(options: StretchOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.path = options.path;
    this.incarnation = options.incarnation;
    const { path, from, maxWaitSeconds, rewrittenSince: since } = options;
    this.#scanner = new LineScanner(options.lineReader, from);
    this.#offset = this.position.offset;
    this.#inode = from?.mark?.inode;
    this.#began = from?.mark?.began;
    this.#tail = from?.mark?.tail ?? new Uint8Array();
    this.#recent = this.#tail;
    const isAnew = since !== undefined && (this.#began ?? 0) < since - clockSkewSeconds;
    this.#follow = options.reader.follow(
      {
        path,
        offset: this.position.offset,
        maxWaitSeconds,
        ...(from?.mark ? { mark: from.mark } : {}),
        ...(isAnew ? { rewrittenSince: since } : {}),
      },
      inTurns(options.clock, {
        onOpened: (inode, at) => {
          this.#inode = inode;
          if (this.#offset === 0) this.#began ??= at;
        },
        onData: (bytes) => {
          // What came before it was stopped is not dealt with, and its position says so.
          if (this.#stopped) return { taken: bytes.length, room: undefined };
          this.#alive();
          const batch = this.#scanner.push(bytes, enoughBytes);
          this.unsaved += batch.taken;
          this.#remember(bytes.subarray(0, batch.taken));
          return { taken: batch.taken, room: this.#heldUpBy(options.onLines(this, batch)) };
        },
        onRestart: (kind, at) => {
          if (this.#stopped) return;
          const before = this.#offset;
          this.#alive();
          this.#scanner = new LineScanner(options.lineReader);
          this.#offset = 0;
          this.#tail = this.#recent = new Uint8Array();
          this.#inode = undefined;
          this.#began = at;
          options.onRestart(this, before, kind);
        },
        onCaughtUp: () => {
          this.#alive();
          this.#caughtUp = true;
          this.#answer();
        },
        onProblem: (problem) => {
          this.#problem = problem;
          this.#caughtUp = false;
          options.onProblem(this, problem);
          this.#answer();
        },
      }),
    );
  }

  get position(): LinePosition {
    return this.#scanner.position;
  }

  /** Which file `position` is in. */
  get mark(): FileMark {
    return {
      tail: this.#tail,
      ...(this.#inode === undefined ? {} : { inode: this.#inode }),
      ...(this.#began === undefined ? {} : { began: this.#began }),
    };
  }

  /** Keeps the bytes before `position`, which may lie in these or, in an endless line, long before them. */
  #remember(bytes: Uint8Array): void {
    const within = this.position.offset - this.#offset;
    if (within > 0) this.#tail = tailOf(this.#recent, bytes.subarray(0, within));
    this.#recent = tailOf(this.#recent, bytes);
    this.#offset += bytes.length;
  }

  stop(): void {
    this.#stopped = true;
    this.#follow.stop();
    this.#answer();
  }

  /** The unfinished last line, for when no more will come. */
  lastLine(): OutputBatch {
    return this.#scanner.end();
  }

  /** All that was written before now is dealt with. Waits for as long as the cluster is away. */
  async confirm(): Promise<void> {
    // The first answer may have been under way already when it was asked for.
    for (let round = 0; round < 2; round++) await this.#check();
  }

  /** Reads to the end of the file of a job that is over. Resolves to why that was given up, or to nothing. */
  async readToEnd(signal: AbortSignal): Promise<string | undefined> {
    const { clock, isReachable } = this.#options;
    let done = false;
    const confirmed = this.confirm().then(() => {
      done = true;
    });
    const began = clock.now();
    this.#heard = began;
    while (!signal.aborted) {
      await Promise.race([confirmed, clock.sleep(lookAgainMs, signal).catch(() => undefined)]);
      if (!isReachable() || this.#heldUp > 0) this.#heard = clock.now();
      if (done && this.#caughtUp) return undefined;
      if (this.#problem !== undefined && clock.now() - began > missingSeconds) return this.#problem;
      if (done) await this.#checkLater(signal);
      if (clock.now() - this.#heard > stalledSeconds) return `nothing was read for ${stalledSeconds} s`;
    }
    return undefined;
  }

  async #checkLater(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(lookAgainMs, signal).catch(() => undefined);
    if (!signal.aborted) await this.#check();
  }

  #check(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#follow.check();
    });
  }

  #alive(): void {
    this.#problem = undefined;
    this.#caughtUp = false;
    this.#heard = this.#options.clock.now();
  }

  #heldUpBy(room: Promise<void> | undefined): Promise<void> | undefined {
    if (!room) return undefined;
    this.#heldUp++;
    return room.finally(() => {
      this.#heldUp--;
    });
  }

  #answer(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
