/** The engine's memory: one SQLite file (WAL) with jobs, eventlogs, watcher states, offsets, intents and metrics. */
import { createHash } from 'node:crypto';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { MetricSeries } from '../protocol/actions.ts';
import type { EventlogEntry, EventlogName, JobKey, Timestamp } from '../protocol.ts';
import { ActionTable } from './action-table.ts';
import { EventTable } from './event-table.ts';
import { HistoryTable } from './history-table.ts';
import { migrations } from './migrations.ts';
import { PositionTable } from './position-table.ts';
import type { JobRecord, NewEvent, SubmissionRecord } from './records.ts';
import type { Row, Statements } from './statements.ts';
import { storeFailure } from './store-failure.ts';

/** A watcher of a job: what was asked for, and how far it is (a `WatcherProgress`, opaque here). */
export interface StoredWatcher {
  readonly spec: WatcherSpec;
  readonly state: unknown;
}

/** How long a write waits for another program that holds the database: the engine stands still meanwhile. */
const busyTimeoutMs = 1000;

export class Store {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #tables: Statements = {
    run: (sql, ...values) => this.#run(sql, ...values),
    all: (sql, ...values) => this.#all(sql, ...values),
  };
  /** What watchers decided. */
  readonly actions = new ActionTable(this.#tables);
  /** What `emit_event` and others emitted. */
  readonly events = new EventTable(this.#tables);
  readonly histories = new HistoryTable(this.#tables);
  readonly positions = new PositionTable(this.#tables);
  #depth = 0;
  #problem: string | undefined;
  #onHealth: (problem: string | undefined) => void = () => {};

  /**
   * Opens (or makes) the database at `path`; `:memory:` for tests. Throws `StoreFailure` when it cannot be used or is not
   * one of ours, and an error when it was written by a newer Vigil; the message says which file.
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#database = new DatabaseSync(path);
      // NORMAL with WAL: a power cut may lose the last commits, never the consistency; a killed process loses nothing.
      this.#database.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
      this.#migrate(path);
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    } catch (error) {
      throw storeFailure(error, path) ?? error;
    }
  }

  /** Why the database cannot be used now, in words for people; `undefined`: it can, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** To be told when that changes. */
  onHealth(listener: (problem: string | undefined) => void): void {
    this.#onHealth = listener;
  }

  #migrate(path: string): void {
    const [row] = this.#database.prepare('PRAGMA user_version').all() as { user_version: number }[];
    const version = row?.user_version ?? 0;
    if (version > migrations.length) {
      throw new Error(
        `${path} was written by a newer Vigil (schema ${version}, this one knows ${migrations.length}): update Vigil.`,
      );
    }
    migrations.slice(version).forEach((sql, index) => {
      this.#database.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${version + index + 1}; COMMIT;`);
    });
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Runs `work` so that all it writes is kept, or nothing of it. May be nested: the outermost decides. Throws
   * `StoreFailure` when the database cannot be written.
   */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    return this.#guarded(true, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      this.#depth++;
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      } finally {
        this.#depth--;
      }
    });
  }

  /** SQLite may have rolled back by itself (a full disk): that must not hide why. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  /** Outside of a transaction: notes how the database is. `writes`: its success says that it is well. */
  #guarded<T>(writes: boolean, work: () => T): T {
    if (this.#depth > 0) return work();
    try {
      const result = work();
      if (writes && this.#problem !== undefined) this.#turned(undefined);
      return result;
    } catch (error) {
      const failure = storeFailure(error, this.path);
      if (!failure) throw error;
      if (this.#problem !== failure.message) this.#turned(failure.message);
      throw failure;
    }
  }

  #turned(problem: string | undefined): void {
    this.#problem = problem;
    // While another program holds it nobody waits for it again and again: that would hold everything else up.
    this.#database.exec(`PRAGMA busy_timeout = ${problem === undefined ? busyTimeoutMs : 0}`);
    this.#onHealth(problem);
  }

  #run(sql: string, ...values: SQLInputValue[]): number | bigint {
    return this.#guarded(true, () => this.#prepare(sql).run(...values).changes);
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guarded(false, () => this.#prepare(sql).all(...values) as Row[]);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  // Scripts

  /** Keeps a script as submitted; returns its hash. */
  saveScript(text: string): string {
    const hash = createHash('sha256').update(text).digest('hex');
    this.#run('INSERT OR IGNORE INTO scripts (hash, text) VALUES (?, ?)', hash, text);
    return hash;
  }

  script(hash: string): string | undefined {
    return this.#all('SELECT text FROM scripts WHERE hash = ?', hash)[0]?.text as string | undefined;
  }

  // Jobs

  saveJob(job: JobRecord): void {
    this.#run(
      `INSERT INTO jobs (key, cluster, submitted, log_ended, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET submitted = excluded.submitted, log_ended = excluded.log_ended, record = excluded.record`,
      job.key,
      job.cluster,
      job.submitted,
      job.phase === 'clean' ? 1 : 0,
      JSON.stringify(job),
    );
  }

  /**
   * Writes down a job that was just submitted. Ids come again (Slurm's wrap, an alias points elsewhere): what is kept of
   * other jobs by this name, and of their tasks, is removed. Returns their keys.
   */
  addJob(job: JobRecord): readonly JobKey[] {
    return this.transaction(() => {
      const replaced = this.#all(
        `SELECT key FROM jobs WHERE (key = ? OR record ->> '$.arrayTask.parent' = ?) AND record ->> '$.submitKey' <> ?`,
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

  /** Jobs whose eventlog is not ended by `clean`, or that have an action to be performed yet, the oldest first. */
  openJobs(cluster?: string): JobRecord[] {
    const isOpen = `(log_ended = 0 OR key IN (SELECT job FROM actions WHERE result_seq IS NULL))`;
    const rows = cluster
      ? this.#all(`SELECT record FROM jobs WHERE ${isOpen} AND cluster = ? ORDER BY submitted`, cluster)
      : this.#all(`SELECT record FROM jobs WHERE ${isOpen} ORDER BY submitted`);
    return rows.map(toJob);
  }

  /** The job (of an array: the one that stands for it) that was submitted with this key. */
  jobBySubmitKey(key: string): JobRecord | undefined {
    return this.#all("SELECT record FROM jobs WHERE record ->> '$.submitKey' = ?", key)
      .map(toJob)
      .find((job) => !job.arrayTask);
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
             SELECT 1 FROM jobs WHERE record ->> '$.scriptHash' = hash OR record ->> '$.templateHash' = hash)`,
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
  eventlog(job: JobKey, from = 0, log: EventlogName = 'eventlog', most = -1): EventlogEntry[] {
    return this.#all(
      'SELECT seq, timestamp, observed, name, context FROM eventlog WHERE job = ? AND log = ? AND seq >= ? ORDER BY seq LIMIT ?',
      job,
      log,
      from,
      most,
    ).map((row) => ({
      seq: row.seq as number,
      timestamp: row.timestamp as number,
      observed: row.observed as number,
      name: row.name as string,
      ...(row.context ? { context: JSON.parse(row.context as string) } : {}),
    }));
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
    const logged = `SELECT 1 FROM eventlog WHERE job = ? AND name = 'event' AND context ->> '$.event' = ? LIMIT 1`;
    return this.#all(logged, job, seq).length > 0;
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
      'INSERT INTO submissions (key, cluster, created, request) VALUES (?, ?, ?, ?)',
      submission.key,
      submission.cluster,
      submission.created,
      JSON.stringify(submission.request),
    );
  }

  dropSubmission(key: string): void {
    this.#run('DELETE FROM submissions WHERE key = ?', key);
  }

  submissions(cluster?: string): SubmissionRecord[] {
    const rows = cluster
      ? this.#all('SELECT key, cluster, created, request FROM submissions WHERE cluster = ?', cluster)
      : this.#all('SELECT key, cluster, created, request FROM submissions');
    return rows.map((row) => ({
      key: row.key as string,
      cluster: row.cluster as string,
      created: row.created as number,
      request: JSON.parse(row.request as string) as SubmissionRecord['request'],
    }));
  }

  // Settings

  setting(name: string): unknown {
    const value = this.#all('SELECT value FROM settings WHERE name = ?', name)[0]?.value;
    return value === undefined ? undefined : JSON.parse(value as string);
  }

  saveSetting(name: string, value: unknown): void {
    this.#run(
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      JSON.stringify(value),
    );
  }
}

const toJob = (row: Row): JobRecord => JSON.parse(row.record as string) as JobRecord;
