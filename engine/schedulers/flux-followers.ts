/**
 * The eventlogs of a few jobs as they grow, where the journal of the instance cannot be had: `flux job eventlog -F`
 * (flux-job(1)), which tells the past, then what comes, and ends with `clean`. Each keeps a channel of the connection.
 */
import { ConnectionError, type RunningProcess } from '../clusters/connection.ts';
import { type LoggedEvent, parseEvent } from '../eventlog/rfc18.ts';
import { decimalFluxId } from './flux-id.ts';
import type { FluxJournalOptions } from './flux-journal.ts';
import { processLines } from './process-lines.ts';

/** A connection has five places, of which others need some. */
const mostFollowed = 2;
/** So many that fail in a row are a reason to leave it at the looks. */
const mostFailures = 3;

interface Follower {
  readonly events: LoggedEvent[];
  /** While it runs. */
  process: RunningProcess | undefined;
  isStopped: boolean;
}

export class FluxFollowers {
  readonly #options: Omit<FluxJournalOptions, 'clock'>;
  readonly #followers = new Map<string, Follower>();
  #failures = 0;

  constructor(options: Omit<FluxJournalOptions, 'clock'>) {
    this.#options = options;
  }

  /** The log of a job so far; empty where it is not followed. */
  eventsOf(id: string): readonly LoggedEvent[] {
    return this.#followers.get(id)?.events ?? [];
  }

  /** Follows the newest of these jobs, and no others. */
  follow(ids: readonly string[]): void {
    const newest = new Set([...ids].sort(byAge).slice(-mostFollowed));
    for (const [id, follower] of this.#followers) {
      if (newest.has(id)) continue;
      stop(follower);
      this.#followers.delete(id);
    }
    if (this.#failures >= mostFailures) return;
    for (const id of newest) if (!this.#followers.has(id)) void this.#run(id);
  }

  dispose(): void {
    this.#failures = mostFailures;
    this.follow([]);
  }

  async #run(id: string): Promise<void> {
    const { connection, environment, log, cluster } = this.#options;
    const follower: Follower = { events: [], process: undefined, isStopped: false };
    this.#followers.set(id, follower);
    let why: string;
    try {
      const link = await connection();
      const process = await link.spawn(['flux', 'job', 'eventlog', '-F', '-f', 'json', id], {
        lane: 'output',
        guarded: true,
        env: environment,
      });
      follower.process = process;
      if (follower.isStopped) process.kill();
      await this.#read(process, follower);
      const { status, stderr } = await process.exited;
      follower.process = undefined;
      if (status === 0 || follower.isStopped) return;
      why = `status ${status}: ${stderr.trim()}`;
      this.#failures++;
    } catch (error) {
      if (follower.isStopped) return;
      why = String(error);
      // Connections break: no reason to give up.
      if (!ConnectionError.is(error)) this.#failures++;
    }
    log.warn(`the eventlog of ${id} on ${cluster} is followed no more: ${why}`);
    // The next look begins anew.
    this.#followers.delete(id);
  }

  async #read(process: RunningProcess, follower: Follower): Promise<void> {
    for await (const lines of processLines(process.stdout)) {
      for (const line of lines) {
        const event = parseEvent(line);
        if (typeof event === 'string') throw new Error(event);
        follower.events.push(event);
      }
      if (follower.isStopped) continue;
      this.#failures = 0;
      this.#options.onEvent();
    }
  }
}

function stop(follower: Follower): void {
  follower.isStopped = true;
  follower.process?.kill();
}

/** Ids of Flux grow with time (RFC 19). */
function byAge(a: string, b: string): number {
  const [one, other] = [a, b].map((id) => BigInt(decimalFluxId(id) ?? 0)) as [bigint, bigint];
  return one < other ? -1 : one > other ? 1 : 0;
}
