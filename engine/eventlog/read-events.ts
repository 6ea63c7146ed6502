/** Reading a log that grows: past first, then live, no gap and no repeat, several readers at once. */
import type { Clock } from '../clock.ts';
import type { EventlogEntry } from '../protocol.ts';
import { matchesContext, nameTest } from './select-events.ts';

/** A log as its readers see it. */
export interface EventSource {
  /** For messages, e.g. `mycluster/4711`. */
  readonly name: string;
  /** The next entries from sequence number `from` on, in order, not all at once; none: that was the last. */
  read(from: number): readonly EventlogEntry[];
  /** Will nothing but results of watchers follow? */
  isEnded(): boolean;
  /** Calls back after entries were appended, or the log ended. The result ends it. */
  onChanged(listener: () => void): () => void;
}

export interface WatchOptions {
  /** Which names, as a glob; default: all. */
  readonly name?: string;
  /** Sequence number to begin with; default 0. */
  readonly from?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
  /** The past has been handed out: what comes now is live. Called once. */
  readonly onLive?: () => void;
}

/**
 * The entries of a log, as they come, until it ends. Nothing is queued for a slow reader: it reads the log itself.
 * Leaving the loop, or `return`, frees everything, also while it waits.
 */
export function watchEvents(source: EventSource, options: WatchOptions = {}): AsyncIterableIterator<EventlogEntry> {
  const end = new AbortController();
  const entries = follow(source, options, end);
  return {
    next: () => entries.next(),
    return: () => {
      end.abort();
      return entries.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  source: EventSource,
  { name = '*', from = 0, signal, onLive }: WatchOptions,
  end: AbortController,
): AsyncGenerator<EventlogEntry, void, void> {
  const isWanted = nameTest(name);
  let next = from;
  let isLive = false;
  let wake = () => {};
  const change = () => wake();
  const abort = () => end.abort();
  const stop = source.onChanged(change);
  signal?.addEventListener('abort', abort);
  end.signal.addEventListener('abort', change);
  if (signal?.aborted) abort();
  try {
    while (!end.signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Asked before reading: what is logged in between is read all the same.
      const ended = source.isEnded();
      const entries = source.read(next);
      for (const entry of entries) {
        next = entry.seq + 1;
        if (end.signal.aborted) return;
        if (isWanted(entry.name)) yield entry;
      }
      if (entries.length > 0) continue;
      if (ended) return;
      if (!isLive) onLive?.();
      isLive = true;
      await changed;
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', abort);
  }
}

/** The log ended without the event. */
export class EventNeverReceivedError extends Error {
  constructor(source: string, event: string) {
    super(`event '${event}' never received: the log of ${source} ended before it`);
  }
}

/** It did not come in time. */
export class WaitTimeoutError extends Error {
  constructor(source: string, event: string, seconds: number) {
    super(`wait-event timeout on event '${event}' of ${source}: it did not come within ${seconds} s`);
  }
}

/** A fatal exception of the job came before the event. */
export class JobExceptionError extends Error {
  readonly entry: EventlogEntry;

  constructor(source: string, entry: EventlogEntry) {
    const { type = 'unknown', note = '' } = entry.context ?? {};
    super(`${source} ended by an exception: ${String(type)}${note === '' ? '' : `: ${String(note)}`}`);
    this.entry = entry;
  }
}

export interface WaitOptions {
  /** Seconds; default: as long as it takes. */
  readonly timeoutSeconds?: number;
  /** Values that the event's context must have, as flux-job(1) compares them. */
  readonly matchContext?: { readonly [key: string]: string };
  /** The n-th such event, from 1 (default). */
  readonly count?: number;
  /** As flux-core does: throw when the log ends without it, and when a fatal exception comes first. */
  readonly raise?: boolean;
  readonly signal?: AbortSignal;
  /** Told of every entry before the one that is waited for. */
  readonly onOther?: (entry: EventlogEntry) => void;
}

/**
 * Resolves to the event named `name` (a glob may be given), at once if it is already there; to null when the log ends
 * without it. Rejects with `WaitTimeoutError`; with `raise` also with `EventNeverReceivedError` and `JobExceptionError`;
 * with the signal's reason when it is aborted.
 */
export async function waitEvent(
  source: EventSource,
  name: string,
  { timeoutSeconds, matchContext = {}, count = 1, raise = false, signal, onOther }: WaitOptions,
  clock: Pick<Clock, 'setTimeout'>,
): Promise<EventlogEntry | null> {
  if (!Number.isInteger(count) || count < 1) throw new RangeError('count must be > 0');
  const isWanted = nameTest(name);
  const pairs = Object.entries(matchContext);
  const end = new AbortController();
  let timedOut = false;
  const cancelTimer =
    timeoutSeconds === undefined
      ? () => {}
      : clock.setTimeout(() => {
          timedOut = true;
          end.abort();
        }, timeoutSeconds * 1000);
  const abort = () => end.abort();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) end.abort();
  try {
    let seen = 0;
    for await (const entry of watchEvents(source, { signal: end.signal })) {
      if (isWanted(entry.name) && matchesContext(entry, pairs) && ++seen === count) return entry;
      onOther?.(entry);
      const isFatal = entry.name === 'exception' && entry.context?.severity === 0;
      if (raise && isFatal) throw new JobExceptionError(source.name, entry);
    }
    if (timedOut) throw new WaitTimeoutError(source.name, name, timeoutSeconds ?? 0);
    signal?.throwIfAborted();
    if (raise) throw new EventNeverReceivedError(source.name, name);
    return null;
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', abort);
  }
}
