/** Follows files of this machine. */
import { close, constants, fstat, open, read } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import { readProblem } from './read-problem.ts';
import {
  type Follow,
  type FollowListener,
  type FollowRequest,
  type OutputReader,
  type Restart,
  tailOf,
} from './reader.ts';

const [openFile, statFile, readFile, closeFile] = [
  promisify(open),
  promisify(fstat),
  promisify(read),
  promisify(close),
];

const chunkBytes = 256 * 1024;
/** A file that grew lately is looked at often, one that is silent seldom. */
const busyMs = 50;
const quietMs = 500;
const quietAfterSeconds = 10;

interface FileFacts {
  readonly size: bigint;
  readonly ino: bigint;
  readonly mtimeMs: bigint;
}

export class LocalReader implements OutputReader {
  readonly #clock: Clock;
  readonly #follows = new Set<LocalFollow>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  follow(request: FollowRequest, listener: FollowListener): Follow {
    const follow = new LocalFollow(request, listener, this.#clock, () => this.#follows.delete(follow));
    this.#follows.add(follow);
    follow.look();
    return follow;
  }

  dispose(): void {
    for (const follow of [...this.#follows]) follow.stop();
  }
}

class LocalFollow implements Follow {
  readonly #path: string;
  readonly #listener: FollowListener;
  readonly #clock: Clock;
  readonly #onStop: () => void;
  #offset: number;
  #inode: string | undefined;
  #tail: Uint8Array;
  #since: number | undefined;
  #opened = false;
  #lastGrowth: number;
  #problem: string | undefined;
  #caughtUpAt: number | undefined;
  #looking = false;
  #checkAsked = false;
  #stopped = false;
  #cancelTimer = () => {};

  constructor(request: FollowRequest, listener: FollowListener, clock: Clock, onStop: () => void) {
    this.#path = request.path;
    this.#offset = request.offset;
    this.#inode = request.mark?.inode;
    this.#tail = request.mark?.tail ?? new Uint8Array();
    this.#since = request.rewrittenSince;
    this.#listener = listener;
    this.#clock = clock;
    this.#onStop = onStop;
    this.#lastGrowth = clock.now();
  }

  check(): void {
    this.#checkAsked = true;
    this.look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#onStop();
  }

  look(): void {
    if (this.#stopped || this.#looking) return;
    this.#cancelTimer();
    this.#looking = true;
    void this.#readOn().finally(() => {
      this.#looking = false;
      if (this.#stopped) return;
      const quiet = this.#clock.now() - this.#lastGrowth > quietAfterSeconds;
      this.#cancelTimer = this.#clock.setTimeout(() => this.look(), this.#checkAsked ? 0 : quiet ? quietMs : busyMs);
    });
  }

  async #readOn(): Promise<void> {
    const asked = this.#checkAsked;
    this.#checkAsked = false;
    let file: number | undefined;
    try {
      // Not blocking: a pipe would wait for its writer.
      file = await openFile(this.#path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const stat = await statFile(file, { bigint: true });
      if (!stat.isFile() && this.#path !== '/dev/null') throw notRegular(stat.isDirectory());
      await this.#settle(stat);
      if (!(await this.#tailIsThere(file))) this.#restart('truncated', stat);
      this.#problem = undefined;
      await this.#deliver(file);
      if (!this.#stopped && (asked || this.#caughtUpAt !== this.#offset)) {
        this.#caughtUpAt = this.#offset;
        this.#listener.onCaughtUp(this.#offset);
      }
    } catch (error) {
      this.#report(error as NodeJS.ErrnoException, asked);
    } finally {
      if (file !== undefined) await closeFile(file).catch(() => undefined);
    }
  }

  /** Is it still the file that was read? */
  async #settle({ size, ino, mtimeMs }: FileFacts): Promise<void> {
    if (this.#offset < 0) this.#offset = Math.max(0, Number(size) + this.#offset);
    const facts = { size, ino, mtimeMs };
    if (this.#inode !== undefined && String(ino) !== this.#inode) {
      this.#restart((await this.#drain()) ? 'rotated' : 'replaced', facts);
    } else if (this.#since !== undefined && Number(mtimeMs) / 1000 >= this.#since) this.#restart('rewritten', facts);
    else if (Number(size) < this.#offset) this.#restart('truncated', facts);
    else this.#open(facts);
  }

  #restart(kind: Restart, facts: FileFacts): void {
    if (this.#stopped) return;
    this.#offset = 0;
    this.#tail = new Uint8Array();
    this.#since = undefined;
    this.#caughtUpAt = undefined;
    this.#opened = false;
    this.#listener.onRestart(kind, this.#clock.now());
    this.#open(facts);
  }

  #open({ ino }: FileFacts): void {
    this.#inode = String(ino);
    if (this.#opened || this.#stopped) return;
    this.#opened = true;
    this.#listener.onOpened?.(this.#inode, this.#clock.now());
  }

  /** Delivers the rest of a file that was renamed, which stands beside the new one. False: it is not there. */
  async #drain(): Promise<boolean> {
    const name = basename(this.#path);
    const folder = dirname(this.#path);
    const names = (await readdir(folder)).filter((other) => other !== name && other.startsWith(name));
    for (const other of names) {
      const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
      // One that is not ours to read is not the one that was ours.
      const old = await openFile(join(folder, other), flags).catch(() => undefined);
      if (old === undefined) continue;
      try {
        const stat = await statFile(old, { bigint: true });
        if (!stat.isFile() || String(stat.ino) !== this.#inode || !(await this.#tailIsThere(old))) continue;
        await this.#deliver(old);
        return true;
      } finally {
        await closeFile(old).catch(() => undefined);
      }
    }
    return false;
  }

  async #tailIsThere(file: number): Promise<boolean> {
    const { length } = this.#tail;
    if (length === 0) return true;
    const there = Buffer.alloc(length);
    const { bytesRead } = await readFile(file, there, 0, length, this.#offset - length);
    return bytesRead === length && there.equals(Buffer.from(this.#tail));
  }

  async #deliver(file: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    while (!this.#stopped) {
      const { bytesRead } = await readFile(file, buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0 || this.#stopped) return;
      const offset = this.#offset;
      this.#offset += bytesRead;
      this.#tail = tailOf(this.#tail, buffer.subarray(0, bytesRead));
      this.#lastGrowth = this.#clock.now();
      await this.#listener.onData(offset, new Uint8Array(buffer.subarray(0, bytesRead)));
    }
  }

  #report(error: NodeJS.ErrnoException, asked: boolean): void {
    const problem = readProblem(this.#path, error.code ?? '', error.message);
    if (this.#stopped || (problem === this.#problem && !asked)) return;
    this.#problem = problem;
    this.#listener.onProblem(problem);
  }
}

function notRegular(isDirectory: boolean): NodeJS.ErrnoException {
  return Object.assign(new Error('not a regular file'), { code: isDirectory ? 'EISDIR' : 'ESPIPE' });
}
