/** The engine's memory: jobs, eventlogs, watcher states, offsets, intents and metrics, on SQLite or PostgreSQL. */
import { createHash } from 'node:crypto';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { MetricSeries } from '../protocol/actions.ts';
import type { EventlogEntry, EventlogName, JobKey, StoreStatus, Timestamp } from '../protocol.ts';
import { ActionTable } from './action-table.ts';
import { ChangeTable } from './change-table.ts';
import type { Database } from './database.ts';
import { EventTable } from './event-table.ts';
import { GuardedDatabase } from './guarded-database.ts';
import { HistoryTable } from './history-table.ts';
import { Ownership } from './ownership.ts';
import { PositionTable } from './position-table.ts';
import { type JobRecord, type NewEvent, type SubmissionRecord, toEntry, toJob } from './records.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import type { Row, SqlValue } from './statements.ts';

/** A watcher of a job: what was asked for, and how far it is (a `WatcherProgress`, opaque here). */
export interface StoredWatcher {
  readonly spec: WatcherSpec;
  readonly state: unknown;
}

export class Store {
  readonly database: GuardedDatabase;
  /** What watchers decided. */
  readonly actions: ActionTable;
  /** What `emit_event` and others emitted. */
  readonly events: EventTable;
  readonly histories: HistoryTable;
  readonly positions: PositionTable;
  /** What other engines have written. */
  readonly changes: ChangeTable;
  /** Whose open jobs are. */
  readonly ownership: Ownership;

  /**
   * On a database that is open, or on the SQLite file at a path, which is opened or made (`:memory:` for tests). Throws
   * `StoreFailure` when that cannot be used or is not one of ours, and an error when it was written by a newer Vigil; the
   * message says which file.
   */
  constructor(database: Database | string) {
    this.database = new GuardedDatabase(typeof database === 'string' ? new SqliteDatabase(database) : database);
    const tables = this.database;
    this.actions = new ActionTable(tables);
    this.events = new EventTable(tables);
    this.histories = new HistoryTable(tables);
    this.positions = new PositionTable(tables);
    this.changes = new ChangeTable(tables);
    this.ownership = new Ownership(tables);
  }

  /** Why the database cannot be used now, in words for people; `undefined`: it can, as far as is known. */
  get problem(): string | undefined {
    return this.database.problem;
  }

  /** To be told when that changes. */
  onHealth(listener: (problem: string | undefined) => void): void {
    this.database.onHealth(listener);
  }

  usage(): Omit<StoreStatus, 'problem'> {
    return this.database.database.usage();
  }

  close(): void {
    this.database.close();
  }

  /**
   * Runs `work` so that all it writes is kept, or nothing of it. May be nested: the outermost decides. Throws
   * `StoreFailure` when the database cannot be written.
   */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work);
  }

  #run(sql: string, ...values: SqlValue[]): void {
    this.database.run(sql, ...values);
  }

  #all(sql: string, ...values: SqlValue[]): Row[] {
    return this.database.all(sql, ...values);
  }

  // Scripts

  /** Keeps a script as submitted; returns its hash. */
  saveScript(text: string): string {
    const hash = createHash('sha256').update(text).digest('hex');
    this.#run('INSERT INTO scripts (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING', hash, text);
    return hash;
  }

  script(hash: string): string | undefined {
    return this.#all('SELECT text FROM scripts WHERE hash = ?', hash)[0]?.text as string | undefined;
  }

  // Jobs

  saveJob(job: JobRecord): void {
    this.#run(
      `INSERT INTO jobs (key, cluster, submitted, log_ended, record, submit_key, parent, script_hash, template_hash, owner, place)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET submitted = excluded.submitted, log_ended = excluded.log_ended,
         record = excluded.record, submit_key = excluded.submit_key, parent = excluded.parent,
         script_hash = excluded.script_hash, template_hash = excluded.template_hash`,
      job.key,
      job.cluster,
      job.submitted,
      job.phase === 'clean' ? 1 : 0,
      JSON.stringify(job),
      job.submitKey,
      job.arrayTask?.parent ?? null,
      job.scriptHash,
      job.templateHash ?? null,
      this.ownership.owner,
      this.ownership.place,
    );
  }

  /**
   * Writes down a job that was just submitted. Ids come again (Slurm's wrap, an alias points elsewhere): what is kept of
   * other jobs by this name, and of their tasks, is removed. Returns their keys.
   */
  addJob(job: JobRecord): readonly JobKey[] {
    return this.transaction(() => {
      const replaced = this.#all(
        'SELECT key FROM jobs WHERE (key = ? OR parent = ?) AND submit_key <> ?',
        job.key,
        job.key,
        job.submitKey,
      ).map((row) => row.key as JobKey);
      const scripts = [job.scriptHash, job.templateHash].map((hash) => (hash === undefined ? hash : this.script(hash)));
      for (const key of replaced) this.forgetJob(key);
      // The last job that had the script took it along.
      for (const script of scripts) if (script !== undefined) this.saveScript(script);
      this.saveJob(job);
      return replaced;
    });
  }

  job(key: JobKey): JobRecord | undefined {
    return this.#all('SELECT record FROM jobs WHERE key = ?', key).map(toJob)[0];
  }

  /** All jobs, the newest first. */
  jobs(): JobRecord[] {
    return this.#all('SELECT record FROM jobs ORDER BY submitted DESC, key DESC').map(toJob);
  }

  jobCount(): number {
    return Number(this.#all('SELECT count(*) AS count FROM jobs')[0]?.count);
  }

  /** This engine's jobs whose eventlog is not ended by `clean`, or that have an action to be performed yet, the oldest first. */
  openJobs(cluster?: string): JobRecord[] {
    const isOpen = `(log_ended = 0 OR key IN (SELECT job FROM actions WHERE result_seq IS NULL))`;
    const { owner } = this.ownership;
    const rows = cluster
      ? this.#all(
          `SELECT record FROM jobs WHERE ${isOpen} AND owner = ? AND cluster = ? ORDER BY submitted`,
          owner,
          cluster,
        )
      : this.#all(`SELECT record FROM jobs WHERE ${isOpen} AND owner = ? ORDER BY submitted`, owner);
    return rows.map(toJob);
  }

  /** The job (of an array: the one that stands for it) that was submitted with this key. */
  jobBySubmitKey(key: string): JobRecord | undefined {
    return this.#all('SELECT record FROM jobs WHERE submit_key = ? AND parent IS NULL', key).map(toJob)[0];
  }

  /** Was a submission with this key begun, or did it become a job? */
  hasSubmitKey(key: string): boolean {
    const begun = this.#all('SELECT 1 FROM submissions WHERE key = ?', key).length > 0;
    return begun || this.jobBySubmitKey(key) !== undefined;
  }

  /** Removes a job and all that is kept about it. */
  forgetJob(key: JobKey): void {
    this.transaction(() => {
      for (const table of ['eventlog', 'watchers', 'capture_history', 'outputs', 'actions', 'metrics']) {
        this.#run(`DELETE FROM ${table} WHERE job = ?`, key);
      }
      const gone = this.job(key);
      this.#run('DELETE FROM jobs WHERE key = ?', key);
      for (const hash of [gone?.scriptHash, gone?.templateHash]) {
        if (hash === undefined) continue;
        this.#run(
          `DELETE FROM scripts WHERE hash = ? AND NOT EXISTS (
             SELECT 1 FROM jobs WHERE script_hash = hash OR template_hash = hash)`,
          hash,
        );
      }
    });
  }

  // Eventlogs

  /** Appends events in this order; returns them with their sequence numbers. */
  append(
    job: JobKey,
    events: readonly NewEvent[],
    observed: Timestamp,
    log: EventlogName = 'eventlog',
  ): EventlogEntry[] {
    return this.transaction(() => {
      this.database.serialize(`eventlog ${job}`);
      const first = this.eventlogLength(job, log);
      return events.map((event, index) => {
        const entry: EventlogEntry = { seq: first + index, observed, ...event };
        this.#run(
          'INSERT INTO eventlog (job, log, seq, timestamp, observed, name, context) VALUES (?, ?, ?, ?, ?, ?, ?)',
          job,
          log,
          entry.seq,
          entry.timestamp,
          observed,
          entry.name,
          entry.context ? JSON.stringify(entry.context) : null,
        );
        return entry;
      });
    });
  }

  /** The entries from sequence number `from` on. */
  eventlog(job: JobKey, from = 0, log: EventlogName = 'eventlog', most = Number.MAX_SAFE_INTEGER): EventlogEntry[] {
    return this.#all(
      'SELECT seq, timestamp, observed, name, context FROM eventlog WHERE job = ? AND log = ? AND seq >= ? ORDER BY seq LIMIT ?',
      job,
      log,
      from,
      most,
    ).map(toEntry);
  }

  /** The sequence number that the next entry gets. */
  eventlogLength(job: JobKey, log: EventlogName = 'eventlog'): number {
    const [row] = this.#all('SELECT max(seq) AS seq FROM eventlog WHERE job = ? AND log = ?', job, log);
    return ((row?.seq as number | null | undefined) ?? -1) + 1;
  }

  hasEvent(job: JobKey, name: string, log: EventlogName = 'eventlog'): boolean {
    return (
      this.#all('SELECT 1 FROM eventlog WHERE job = ? AND log = ? AND name = ? LIMIT 1', job, log, name).length > 0
    );
  }

  /** Which of these events a job's own log had last. */
  lastOf(job: JobKey, names: readonly string[]): string | undefined {
    const marks = names.map(() => '?').join(', ');
    const sql = `SELECT name FROM eventlog WHERE job = ? AND log = 'eventlog' AND name IN (${marks}) ORDER BY seq DESC LIMIT 1`;
    return this.#all(sql, job, ...names).map(({ name }) => String(name))[0];
  }

  /** Does the log have the entry of this emitted event, by its `seq`? */
  hasLoggedEvent(job: JobKey, seq: number): boolean {
    return this.#all(`SELECT context FROM eventlog WHERE job = ? AND name = 'event'`, job).some(
      ({ context }) => context !== null && (JSON.parse(context as string) as { event?: unknown }).event === seq,
    );
  }

  // Watchers and what they read

  /** All watchers of a job, in their order. */
  saveWatchers(job: JobKey, watchers: readonly StoredWatcher[]): void {
    for (const [position, watcher] of watchers.entries()) this.saveWatcher(job, position, watcher);
  }

  saveWatcher(job: JobKey, position: number, { spec, state }: StoredWatcher): void {
    this.#run(
      `INSERT INTO watchers (job, position, spec, state) VALUES (?, ?, ?, ?)
       ON CONFLICT (job, position) DO UPDATE SET spec = excluded.spec, state = excluded.state`,
      job,
      position,
      JSON.stringify(spec),
      JSON.stringify(state),
    );
  }

  watchers(job: JobKey): StoredWatcher[] {
    return this.#all('SELECT spec, state FROM watchers WHERE job = ? ORDER BY position', job).map((row) => ({
      spec: JSON.parse(row.spec as string) as WatcherSpec,
      state: JSON.parse(row.state as string) as unknown,
    }));
  }

  // Metrics

  addMetric(job: JobKey, name: string, timestamp: Timestamp, value: number): void {
    this.#run('INSERT INTO metrics (job, name, timestamp, value) VALUES (?, ?, ?, ?)', job, name, timestamp, value);
  }

  metrics(job: JobKey, name?: string): MetricSeries[] {
    const series = new Map<string, [Timestamp, number][]>();
    const rows =
      name === undefined
        ? this.#all('SELECT name, timestamp, value FROM metrics WHERE job = ? ORDER BY name, timestamp, rowid', job)
        : this.#all(
            'SELECT name, timestamp, value FROM metrics WHERE job = ? AND name = ? ORDER BY timestamp, rowid',
            job,
            name,
          );
    for (const row of rows) {
      const points = series.get(row.name as string) ?? [];
      points.push([row.timestamp as number, row.value as number]);
      series.set(row.name as string, points);
    }
    return [...series].map(([of, points]) => ({ name: of, points }));
  }

  hasMetric(job: JobKey, name: string): boolean {
    return this.#all('SELECT 1 FROM metrics WHERE job = ? AND name = ? LIMIT 1', job, name).length > 0;
  }

  /** How many series of metrics a job has. */
  metricCount(job: JobKey): number {
    return Number(this.#all('SELECT count(DISTINCT name) AS count FROM metrics WHERE job = ?', job)[0]?.count ?? 0);
  }

  // Submissions

  saveSubmission(submission: SubmissionRecord): void {
    this.#run(
      'INSERT INTO submissions (key, cluster, created, request, owner, place) VALUES (?, ?, ?, ?, ?, ?)',
      submission.key,
      submission.cluster,
      submission.created,
      JSON.stringify(submission.request),
      this.ownership.owner,
      this.ownership.place,
    );
  }

  dropSubmission(key: string): void {
    this.#run('DELETE FROM submissions WHERE key = ?', key);
  }

  /** Those that this engine has begun or taken over. */
  submissions(cluster?: string): SubmissionRecord[] {
    const { owner } = this.ownership;
    const rows = cluster
      ? this.#all(
          'SELECT key, cluster, created, request FROM submissions WHERE owner = ? AND cluster = ?',
          owner,
          cluster,
        )
      : this.#all('SELECT key, cluster, created, request FROM submissions WHERE owner = ?', owner);
    return rows.map(toSubmission);
  }

  /** Begun on this cluster by any engine. */
  submission(cluster: string, key: string): SubmissionRecord | undefined {
    const wanted = 'SELECT key, cluster, created, request FROM submissions WHERE key = ? AND cluster = ?';
    return this.#all(wanted, key, cluster).map(toSubmission)[0];
  }

  // Settings

  /**
   * Where engines share the database: gives `count` numbers in a row, none less than `least`, that no engine was given under
   * this name before, by the first of them.
   */
  reserver(name: string): ((least: number, count: number) => number) | undefined {
    return this.ownership.isShared ? (least, count) => this.#reserve(name, least, count) : undefined;
  }

  #reserve(name: string, least: number, count: number): number {
    return this.transaction(() => {
      this.database.serialize(`numbers ${name}`);
      const first = Math.max(least, Number(this.#setting(`next ${name}`) ?? 1));
      this.#saveSetting(`next ${name}`, first + count);
      return first;
    });
  }

  /** Where engines share the database, each has its own. */
  setting(name: string): unknown {
    return this.#setting(this.#own(name));
  }

  saveSetting(name: string, value: unknown): void {
    this.#saveSetting(this.#own(name), value);
  }

  #own(name: string): string {
    const { place } = this.ownership;
    return place === '' ? name : `${name} of ${place}`;
  }

  #setting(name: string): unknown {
    const value = this.#all('SELECT value FROM settings WHERE name = ?', name)[0]?.value;
    return value === undefined ? undefined : JSON.parse(value as string);
  }

  #saveSetting(name: string, value: unknown): void {
    this.#run(
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      JSON.stringify(value),
    );
  }
}

const toSubmission = (row: Row): SubmissionRecord => ({
  key: row.key as string,
  cluster: row.cluster as string,
  created: row.created as number,
  request: JSON.parse(row.request as string) as SubmissionRecord['request'],
});
