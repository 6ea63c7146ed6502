/** Which engine follows which job, where several share a database: each open job is one engine's, until that one is gone. */
import type { JobKey, OtherEngine } from '../protocol.ts';
import type { Database } from './database.ts';
import type { GuardedDatabase } from './guarded-database.ts';
import type { Row, SqlValue } from './statements.ts';

/** What one engine takes at once: the others get their share of what a dead one has left. */
const takenAtOnce = 200;

const isOpen = '(log_ended = 0 OR key IN (SELECT job FROM actions WHERE result_seq IS NULL))';

/**
 * Whose jobs and submissions there are whose engine is gone. Of the open jobs only one of each owner is looked at, by the
 * index: each engine asks this every few seconds.
 */
const leftOwners = `
  WITH RECURSIVE owners AS (
    SELECT min(owner) AS owner FROM jobs WHERE log_ended = 0
    UNION ALL
    SELECT (SELECT min(owner) FROM jobs WHERE log_ended = 0 AND jobs.owner > owners.owner) FROM owners
    WHERE owners.owner IS NOT NULL)
  SELECT owner FROM (
    SELECT owner FROM owners WHERE owner IS NOT NULL
    UNION SELECT owner FROM submissions
    UNION SELECT owner FROM jobs WHERE key IN (SELECT job FROM actions WHERE result_seq IS NULL)) AS every
  WHERE NOT EXISTS (SELECT 1 FROM engines WHERE engines.id = every.owner)`;

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');

export const toOtherEngine = ({ host, username, pid }: Row): OtherEngine => ({
  host: String(host),
  user: String(username),
  pid: Number(pid),
});

/** For whoever asks this engine for what only that one can do. */
export const followedBy = (job: JobKey, { user, host, pid }: OtherEngine) =>
  `Job ${job} is followed by the engine of ${user} on ${host} (pid ${pid})`;

export class Ownership {
  readonly #statements: GuardedDatabase;
  readonly #database: Database;

  constructor(statements: GuardedDatabase) {
    this.#statements = statements;
    this.#database = statements.database;
  }

  /** Are there other engines on this database, or may there be? */
  get isShared(): boolean {
    return this.#database.owner !== '';
  }

  /** This engine; another one after others have taken over from it. Empty: there is only one. */
  get owner(): string {
    return this.#database.owner;
  }

  /** Where this engine is: what is kept by this is found by the next engine there. Empty: there is only one. */
  get place(): string {
    return this.#database.place;
  }

  /** False: others may have taken over, so nothing may be done to the world. */
  get isAlive(): boolean {
    return this.#database.isAlive;
  }

  /** Clusters with open jobs, or submissions, that no engine has. */
  leftClusters(): readonly string[] {
    const owners = this.#leftOwners();
    if (owners.length === 0) return [];
    return this.#statements
      .all(
        `SELECT cluster FROM jobs WHERE owner IN (${marks(owners)}) AND ${isOpen}
         UNION SELECT cluster FROM submissions WHERE owner IN (${marks(owners)})`,
        ...owners,
        ...owners,
      )
      .map(({ cluster }) => String(cluster));
  }

  #leftOwners(): readonly string[] {
    return this.isShared ? this.#statements.all(leftOwners).map(({ owner }) => String(owner)) : [];
  }

  /**
   * Makes what was left on this cluster this engine's, some of it at a time. `onlyHere`: what was submitted by an engine at
   * this place, since nobody else could follow it. Returns how much was taken. Throws `StoreFailure` where this engine was
   * itself taken for dead.
   */
  takeOver(cluster: string, onlyHere: boolean): number {
    const owners = this.#leftOwners();
    if (owners.length === 0) return 0;
    const where = `cluster = ? AND owner IN (${marks(owners)})${onlyHere ? ' AND place = ?' : ''}`;
    const values: SqlValue[] = [cluster, ...owners, ...(onlyHere ? [this.place] : [])];
    return this.#statements.transaction(() => {
      const jobs = this.#statements.all(
        `UPDATE jobs SET owner = ? WHERE key IN (
           SELECT key FROM jobs WHERE ${where} AND ${isOpen}
           ORDER BY submitted LIMIT ${takenAtOnce} FOR UPDATE SKIP LOCKED) RETURNING key`,
        this.owner,
        ...values,
      );
      const submissions = this.#statements.all(
        `UPDATE submissions SET owner = ? WHERE key IN (
           SELECT key FROM submissions WHERE ${where} LIMIT ${takenAtOnce} FOR UPDATE SKIP LOCKED) RETURNING key`,
        this.owner,
        ...values,
      );
      return jobs.length + submissions.length;
    });
  }

  /** This engine follows a job that was over once more. */
  take(job: JobKey): void {
    if (this.isShared) this.#statements.run('UPDATE jobs SET owner = ? WHERE key = ?', this.owner, job);
  }

  isOwn(job: JobKey): boolean {
    if (!this.isShared) return true;
    return this.#statements.all('SELECT 1 FROM jobs WHERE key = ? AND owner = ?', job, this.owner).length > 0;
  }

  /** The other engine that follows this job now. */
  otherOf(job: JobKey): OtherEngine | undefined {
    if (!this.isShared) return undefined;
    const [row] = this.#statements.all(
      'SELECT host, username, pid FROM engines WHERE id <> ? AND id = (SELECT owner FROM jobs WHERE key = ?)',
      this.owner,
      job,
    );
    return row && toOtherEngine(row);
  }

  /** The open jobs that other engines follow now. */
  others(): ReadonlyMap<JobKey, OtherEngine> {
    if (!this.isShared) return new Map();
    const rows = this.#statements.all(
      `SELECT key, host, username, pid FROM jobs JOIN engines ON engines.id = jobs.owner
       WHERE log_ended = 0 AND owner <> ?`,
      this.owner,
    );
    return new Map(rows.map((row) => [row.key as JobKey, toOtherEngine(row)]));
  }
}
