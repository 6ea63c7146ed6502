/** `vigil top`: all jobs on the whole screen, drawn anew as the engine tells of them. */
import * as protocol from '../../engine/protocol.ts';
import { readArguments } from '../arguments.ts';
import type { EngineSession } from '../engine-session.ts';
import { type Io, type Screen, UsageError } from '../io.ts';
import type { EngineTask } from '../jobs.ts';
import { press, type TopEffect, type TopModel } from './model.ts';
import { jobRows, render } from './render.ts';

/** Times of running jobs go on by themselves. */
const tickMs = 1000;
/** Changes are gathered so long: thousands of jobs may change at once. */
const gatherMs = 50;

export function runTop(argv: readonly string[], io: Io): EngineTask {
  const { values } = readArguments(argv, [], { cluster: { type: 'string' }, all: { type: 'boolean', default: false } });
  const { cluster } = values;
  const run = async (session: EngineSession) => {
    const screen = io.openScreen();
    if (!screen) throw new UsageError('this is no terminal: "vigil jobs" prints the jobs once');
    try {
      await new Top(session, screen, io.isColored, cluster, values.all).run();
    } finally {
      screen.close();
    }
    return 0;
  };
  // The keys are the screen's: a login that asks for a password asks in other windows.
  return { ...(cluster === undefined ? {} : { cluster }), answersPrompts: false, run };
}

class Top {
  readonly #session: EngineSession;
  readonly #screen: Screen;
  readonly #isColored: boolean;
  #model: TopModel;
  #jobs = new Map<protocol.JobKey, protocol.JobInfo>();
  #drawing: NodeJS.Timeout | undefined;
  #end: () => void = () => {};

  constructor(
    session: EngineSession,
    screen: Screen,
    isColored: boolean,
    cluster: string | undefined,
    showsAll: boolean,
  ) {
    this.#session = session;
    this.#screen = screen;
    this.#isColored = isColored;
    const only = cluster === undefined ? {} : { cluster };
    this.#model = {
      jobs: this.#jobs,
      clusters: new Map(),
      ...only,
      showsAll,
      page: 'jobs',
      events: [],
      filter: '',
      isTyping: false,
    };
  }

  /** Resolves when the person leaves. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    this.#listen();
    this.#screen.onKey((key) => this.#pressed(key));
    this.#screen.onResize(() => this.#draw());
    const loaded = this.#load().then(() => this.#watchConnection());
    const ticker = setInterval(() => this.#draw(), tickMs);
    try {
      // Whoever leaves does not wait for what was to be shown.
      await Promise.race([ended, loaded.then(() => ended)]);
    } finally {
      clearInterval(ticker);
      clearTimeout(this.#drawing);
    }
  }

  #listen(): void {
    // The map is the screen's own: thousands of changes a second are no reason for as many copies of it.
    this.#session.on(protocol.jobChanged, (job) => this.#change({ jobs: this.#jobs.set(job.key, job) }));
    this.#session.on(protocol.clusterChanged, (cluster) => {
      this.#change({ clusters: new Map(this.#model.clusters).set(cluster.name, cluster) });
    });
    this.#session.on(protocol.jobForgotten, ({ job }) => {
      this.#jobs.delete(job);
      this.#change({ jobs: this.#jobs });
    });
    this.#session.on(protocol.eventlogAppended, ({ job, entries, log }) => {
      const { page, selected, events } = this.#model;
      if (log !== undefined || page !== 'job' || selected !== job) return;
      const next = (events.at(-1)?.seq ?? -1) + 1;
      this.#change({ events: [...events, ...entries.filter(({ seq }) => seq >= next)] });
    });
  }

  async #load(): Promise<void> {
    const { connection } = this.#session;
    const [jobs, clusters] = await Promise.all([
      connection.sendRequest(protocol.listJobs),
      connection.sendRequest(protocol.listClusters),
    ]);
    this.#jobs = new Map(jobs.map((job) => [job.key, job]));
    this.#change({
      jobs: this.#jobs,
      clusters: new Map(clusters.map((one) => [one.name, one])),
    });
    if (this.#model.page === 'job' && this.#model.selected !== undefined) await this.#read(this.#model.selected);
  }

  /** Goes on with the engine that comes next. */
  #watchConnection(): void {
    const { connection } = this.#session;
    connection.onClose(() => {
      this.#change({ message: 'the engine has ended; connecting to the next one…' });
      const again = async () => {
        await this.#session.reconnect(connection);
        await this.#load();
        this.#watchConnection();
        const { message, ...rest } = this.#model;
        this.#model = rest;
      };
      again().catch((error: unknown) => this.#tell(error));
    });
  }

  #pressed(key: string): void {
    const { model, effect } = press(this.#model, key, now(), jobRows(this.#screen));
    this.#model = model;
    this.#draw();
    if (effect) this.#do(effect).catch((error: unknown) => this.#tell(error));
  }

  async #do(effect: TopEffect): Promise<void> {
    if (effect.kind === 'quit') return this.#end();
    if (effect.kind === 'read') return this.#read(effect.job);
    await this.#session.connection.sendRequest(protocol.cancelJob, { job: effect.job });
  }

  async #read(job: protocol.JobKey): Promise<void> {
    const events: protocol.EventlogEntry[] = [];
    for (;;) {
      const entries = await this.#session.connection.sendRequest(protocol.readEventlog, { job, from: events.length });
      events.push(...entries);
      if (entries.length < protocol.eventlogPage) break;
    }
    if (this.#model.page === 'job' && this.#model.selected === job) this.#change({ events });
  }

  #tell(error: unknown): void {
    this.#change({ message: error instanceof Error ? error.message : String(error) });
  }

  #change(changes: Partial<TopModel>): void {
    this.#model = { ...this.#model, ...changes };
    this.#drawing ??= setTimeout(() => this.#draw(), gatherMs);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const { columns, rows } = this.#screen;
    this.#screen.draw(render(this.#model, { columns, rows }, now(), this.#isColored));
  }
}

const now = () => Date.now() / 1000;
