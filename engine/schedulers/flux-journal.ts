/**
 * The journal of a Flux instance: the events of all its jobs as they happen, over one channel. A Python program reads
 * them there with Flux' own bindings (`flux.job.journal.JournalConsumer`, flux-core 0.62 and newer), and the exec eventlogs of
 * our own jobs beside them.
 */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError, type RunningProcess } from '../clusters/connection.ts';
import { parseEvent } from '../eventlog/rfc18.ts';
import type { Logger } from '../logger.ts';
import { plainFluxId } from './flux-id.ts';
import { KnownFluxJob, readJobspec, readNodes } from './flux-job.ts';
import { processLines } from './process-lines.ts';

/**
 * Prints one JSON object a line: `{"id", "event", "log", "jobspec", "R"}` an event, `{"live": true}` after the past.
 */
export const journalProgram = `
import json, os, sys
import flux
from flux.job import event_watch_async
from flux.job.journal import JournalConsumer

def tell(**line):
    sys.stdout.write(json.dumps(line) + "\\n")
    sys.stdout.flush()

def entry(event):
    context = dict(event.context) if event.context else None
    line = {"timestamp": event.timestamp, "name": event.name}
    if context:
        line["context"] = context
    return line

def on_exec(future, jobid):
    try:
        event = future.get_event()
    except OSError:
        return
    if event is not None:
        tell(id=jobid.f58, log="guest.exec.eventlog", event=entry(event))

# Our own jobs that have started and whose execution is not watched yet; the past is watched only where it goes on.
mine, waiting, live = set(), set(), False

def watch():
    for jobid in waiting:
        event_watch_async(handle, jobid, eventlog="guest.exec.eventlog").then(on_exec, jobid)
    waiting.clear()

def on_event(event):
    if event is None:
        handle.reactor_stop()
        return
    global live
    if event.is_empty():
        live = True
        watch()
        tell(live=True)
        return
    line = {"id": event.jobid.f58, "log": "eventlog", "event": entry(event)}
    if event.jobspec is not None:
        attributes = event.jobspec.get("attributes", {})
        system = attributes.get("system", {})
        kept = {k: system[k] for k in ("job", "cwd", "queue", "bank") if k in system}
        kept["shell"] = {"options": {"output": system.get("shell", {}).get("options", {}).get("output", {})}}
        line["jobspec"] = {"attributes": {"system": kept, "user": attributes.get("user", {})}}
    if event.R is not None:
        line["R"] = event.R
    tell(**line)
    context = event.context or {}
    if event.name == "submit" and context.get("userid") == os.getuid():
        mine.add(event.jobid)
    if event.name == "start" and event.jobid in mine:
        waiting.add(event.jobid)
    if event.name == "clean":
        waiting.discard(event.jobid)
    if live:
        watch()

handle = flux.Flux()
consumer = JournalConsumer(handle, full=True, include_sentinel=True)
consumer.set_callback(on_event)
consumer.start()
handle.reactor_run()
`;

export interface FluxJournalOptions {
  readonly cluster: string;
  readonly connection: () => Promise<Connection>;
  readonly environment: { readonly [name: string]: string };
  readonly clock: Clock;
  readonly log: Logger;
  /** Something happened to a job. */
  readonly onEvent: () => void;
}

const firstRetrySeconds = 2;
const longestRetrySeconds = 120;
/** Inactive jobs that nobody asks for are forgotten beyond this many. */
const keptInactive = 1000;

export class FluxJournal {
  readonly #options: FluxJournalOptions;
  readonly #jobs = new Map<string, KnownFluxJob>();
  #process: RunningProcess | undefined;
  #state: 'off' | 'starting' | 'past' | 'live' | 'refused' = 'off';
  #becameLive: (() => void)[] = [];
  #failures = 0;
  #cancelRetry = () => {};

  constructor(options: FluxJournalOptions) {
    this.#options = options;
  }

  /** Starts it if need be; resolves once the past is known: true, or it cannot be had here: false. */
  async ready(): Promise<boolean> {
    if (this.#state === 'off') void this.#run();
    if (this.#state === 'starting' || this.#state === 'past')
      await new Promise<void>((resolve) => this.#becameLive.push(resolve));
    return this.#state === 'live';
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  job(id: string): KnownFluxJob | undefined {
    return this.#jobs.get(id);
  }

  byKey(key: string): KnownFluxJob | undefined {
    return [...this.#jobs.values()].find(({ jobspec }) => jobspec.key === key);
  }

  dispose(): void {
    this.#cancelRetry();
    this.#process?.kill();
    this.#settle('refused');
  }

  #settle(state: 'off' | 'live' | 'refused'): void {
    this.#state = state;
    const waiting = this.#becameLive;
    this.#becameLive = [];
    for (const resolve of waiting) resolve();
  }

  async #run(): Promise<void> {
    const { connection, environment, log, cluster } = this.#options;
    this.#state = 'starting';
    // The journal tells everything again, from the beginning.
    this.#jobs.clear();
    try {
      const link = await connection();
      const process = await link.spawn(['flux', 'python', '-u', '-c', journalProgram], {
        lane: 'output',
        guarded: true,
        env: environment,
      });
      this.#process = process;
      this.#state = 'past';
      await this.#read(process);
      const { status, stderr } = await process.exited;
      const why = stderr.trim().split('\n').at(-1) ?? '';
      log.warn(`the journal of Flux on ${cluster} ended (status ${status}): ${why}`);
      // The journal is the instance owner's (RFC 21); and an old Flux has no such module.
      const isRefused = /ImportError|ModuleNotFoundError|Operation not permitted|Permission denied|EPERM/.test(stderr);
      if (isRefused) return this.#settle('refused');
    } catch (error) {
      log.warn(`the journal of Flux on ${cluster} broke off: ${String(error)}`);
      if (!ConnectionError.is(error)) this.#failures++;
    }
    this.#process = undefined;
    this.#retryLater();
  }

  /** Until then the next look asks Flux' own commands; one that finds the journal off starts it again. */
  #retryLater(): void {
    if (this.#state === 'refused') return;
    const seconds = Math.min(firstRetrySeconds * 2 ** this.#failures, longestRetrySeconds);
    this.#settle('refused');
    this.#cancelRetry = this.#options.clock.setTimeout(() => {
      this.#state = 'off';
      this.#options.onEvent();
    }, seconds * 1000);
  }

  async #read(process: RunningProcess): Promise<void> {
    // Longer than any line of the journal: a jobspec is cut to what is wanted of it.
    for await (const lines of processLines(process.stdout)) {
      const news = lines.map((line) => this.#take(line));
      if (this.#state === 'live' && news.includes(true)) this.#options.onEvent();
    }
  }

  /** True when a job has changed. */
  #take(line: string): boolean {
    const told = JSON.parse(line) as {
      id?: string;
      log?: string;
      event?: unknown;
      jobspec?: unknown;
      R?: unknown;
      live?: true;
    };
    if (told.live) {
      this.#failures = 0;
      this.#forgetOld();
      this.#settle('live');
      return true;
    }
    const event = parseEvent(JSON.stringify(told.event ?? null));
    if (typeof event === 'string' || typeof told.id !== 'string') {
      this.#options.log.warn(`the journal of Flux on ${this.#options.cluster}: ${String(event)}`);
      return false;
    }
    const id = plainFluxId(told.id);
    const job = this.#jobs.get(id) ?? new KnownFluxJob(id);
    this.#jobs.set(id, job);
    if (told.jobspec !== undefined) job.jobspec = readJobspec(told.jobspec);
    if (told.R !== undefined) job.nodes = readNodes(told.R);
    if (told.log === 'guest.exec.eventlog') job.addExec(event);
    else job.add(event);
    if (event.name === 'clean' && this.#state === 'live') this.#forgetOld();
    return true;
  }

  /** Of a system instance the journal tells the jobs of all users, for weeks. */
  #forgetOld(): void {
    if (this.#jobs.size < 2 * keptInactive) return;
    const inactive = [...this.#jobs.values()].filter((job) => job.isInactive);
    for (const { id } of inactive.slice(0, Math.max(0, inactive.length - keptInactive))) this.#jobs.delete(id);
  }
}
