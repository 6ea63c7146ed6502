/** Follows files of this machine. */
import { close, constants, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Follow, FollowListener, FollowRequest, OutputReader } from './reader.ts';

const [openFile, statFile, readFile, closeFile] = [
  promisify(open),
  promisify(fstat),
  promisify(read),
  promisify(close),
];

const chunkBytes = 256 * 1024;
/** So much of what was read last is compared before reading on: a file may be rewritten in place, as long as before. */
const tailBytes = 256;
/** A file that grew lately is looked at often, one that is silent seldom. */
const busyMs = 50;
const quietMs = 500;
const quietAfterSeconds = 10;

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
  #inode: bigint | undefined;
  #tail: Buffer = Buffer.alloc(0);
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
      const { size, ino } = stat;
      if (this.#offset < 0) this.#offset = Math.max(0, Number(size) + this.#offset);
      const replaced = this.#inode !== undefined && ino !== this.#inode;
      this.#inode = ino;
      if (replaced || Number(size) < this.#offset || !(await this.#tailIsThere(file))) {
        this.#offset = 0;
        this.#tail = Buffer.alloc(0);
        this.#caughtUpAt = undefined;
        this.#listener.onRestart();
      }
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

  async #tailIsThere(file: number): Promise<boolean> {
    const { length } = this.#tail;
    if (length === 0) return true;
    const there = Buffer.alloc(length);
    const { bytesRead } = await readFile(file, there, 0, length, this.#offset - length);
    return bytesRead === length && there.equals(this.#tail);
  }

  async #deliver(file: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    while (!this.#stopped) {
      const { bytesRead } = await readFile(file, buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0 || this.#stopped) return;
      const offset = this.#offset;
      this.#offset += bytesRead;
      this.#tail = Buffer.concat(
        [this.#tail, buffer.subarray(0, bytesRead)].map((part) => part.subarray(-tailBytes)),
      ).subarray(-tailBytes);
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

/** Why a file cannot be read, for people. */
export function readProblem(path: string, code: string, message: string): string {
  if (code === 'ENOENT') return `${path} does not exist (yet)`;
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read by you`;
  if (code === 'ESPIPE') return `${path} is a pipe or a device, not a file: it cannot be followed`;
  if (code === 'EISDIR') return `${path} is a directory`;
  return `${path} cannot be read: ${message}`;
}
