/**
 * Reads the output files of a cluster by one short command a period, where a site forbids commands that stay: it asks for
 * what is new in all of them, bounded, and waits longer and longer while nothing comes.
 */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import type { FollowedFile } from './followed-file.ts';
import { pollProgram } from './reader-program.ts';

export interface PollerOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly files: ReadonlyMap<number, FollowedFile>;
  /** Seconds from one command to the next: what the site wishes, never less (but for what somebody waits for). */
  readonly seconds: number;
  /** The command failed: why, for people. */
  readonly onFailure: (why: string) => void;
}

/** As ssync: a tenth more for each time nothing came, up to five times the period. */
const backOffFactor = 1.1;
const longestBackOff = 5;
/** From the end of one command to the next, whoever waits for it. */
const leastSeconds = 1;
const timeoutMs = 60_000;
/** Of four MiB in base64, with room for the rest. */
const maxOutputBytes = 8 * 1024 * 1024;

/** Seconds to the next command. `idle`: how many in a row brought nothing; `leastInterval`: the longest that a line may wait. */
export function pollSeconds(seconds: number, idle: number, leastInterval: number): number {
  const rested = seconds * Math.min(backOffFactor ** idle, longestBackOff);
  return Math.max(seconds, Math.min(rested, leastInterval));
}

export class Poller {
  readonly #options: PollerOptions;
  /** Files whose bytes are still being dealt with: they are not asked for more. */
  readonly #busy = new Map<number, number>();
  #cancel = () => {};
  #polling = false;
  #wanted = false;
  #stopped = false;
  #idle = 0;
  #lastEnd = Number.NEGATIVE_INFINITY;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** A command as soon as may be: a file came, or somebody waits for an answer. */
  wake(): void {
    this.#wanted = true;
    if (!this.#polling) this.#later(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #later(seconds: number): void {
    this.#cancel();
    const { clock, files } = this.#options;
    if (this.#stopped || files.size === 0) return;
    const floor = this.#lastEnd + leastSeconds - clock.now();
    this.#cancel = clock.setTimeout(() => void this.#poll(), Math.max(seconds, floor, 0) * 1000);
  }

  async #poll(): Promise<void> {
    const { clock, files, seconds, onFailure } = this.#options;
    this.#polling = true;
    this.#wanted = false;
    let more = false;
    try {
      const { bytes, hasMore } = await this.#ask();
      this.#idle = bytes > 0 ? 0 : this.#idle + 1;
      more = hasMore;
    } catch (error) {
      this.#idle++;
      // A lost connection is opened again, and then there is another poller.
      if (!ConnectionError.is(error, 'closed')) onFailure(error instanceof Error ? error.message : String(error));
    }
    this.#polling = false;
    this.#lastEnd = clock.now();
    const least = Math.min(...[...files.values()].map(({ maxWaitSeconds }) => maxWaitSeconds ?? seconds));
    this.#later(more || this.#wanted ? 0 : pollSeconds(seconds, this.#idle, least));
  }

  async #ask(): Promise<{ bytes: number; hasMore: boolean }> {
    const { connection, files } = this.#options;
    const asked = [...files].filter(([id]) => !this.#busy.has(id));
    if (asked.length === 0) return { bytes: 0, hasMore: false };
    const stdin = asked.map(([id, file]) => file.command(id)).join('');
    const argv = ['python3', '-c', pollProgram];
    const { status, stdout, stderr } = await connection.exec(argv, {
      stdin,
      timeoutMs,
      maxOutputBytes,
      lane: 'output',
    });
    if (this.#stopped) return { bytes: 0, hasMore: false };
    if (status === 127)
      throw new Error('python3 was not found; output is read by it: load or install Python 3.6 or newer');
    if (status !== 0) throw new Error(`it ended with status ${status}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    const lines = stdout.split('\n');
    const bytes = lines.reduce((sum, line) => sum + this.#answer(line), 0);
    return { bytes, hasMore: lines.some((line) => line.startsWith('M ')) };
  }

  /** How many bytes of output it brought. */
  #answer(line: string): number {
    const [kind = '', idText, first = '', second = ''] = line.split(' ');
    const id = Number(idText);
    const answer = this.#options.files.get(id)?.answer(kind, first, second);
    if (answer?.taken !== undefined) this.#holdUp(id, answer.taken);
    return answer?.bytes ?? 0;
  }

  #holdUp(id: number, taken: Promise<void>): void {
    this.#busy.set(id, (this.#busy.get(id) ?? 0) + 1);
    const free = () => {
      const left = (this.#busy.get(id) ?? 1) - 1;
      if (left > 0) this.#busy.set(id, left);
      else this.#busy.delete(id);
      if (this.#options.files.get(id)?.checkAsked) this.wake();
    };
    void taken.then(free, free);
  }
}
