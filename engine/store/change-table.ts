/** Where engines share a database: what others have written about the jobs that they follow. On PostgreSQL only. */
import type { EventlogEntry, EventlogName, JobKey, OtherEngine } from '../protocol.ts';
import type { GuardedDatabase } from './guarded-database.ts';
import { toOtherEngine } from './ownership.ts';
import { type JobRecord, toEntry, toJob } from './records.ts';

/** All transactions before this one are over: what they wrote is seen. The server's number of it. */
export type ChangeMark = string;

export interface ElsewhereChanges {
  /** From where to ask the next time. */
  readonly mark: ChangeMark;
  readonly jobs: readonly { readonly job: JobRecord; readonly other: OtherEngine | undefined }[];
  /** In the order of each log. */
  readonly entries: readonly { readonly job: JobKey; readonly log: EventlogName; readonly entry: EventlogEntry }[];
}

const changedKeys = `SELECT key FROM jobs WHERE change >= ?::xid8 AND owner <> ?
  UNION SELECT job FROM eventlog JOIN jobs ON key = job WHERE eventlog.change >= ?::xid8 AND owner <> ?`;

export class ChangeTable {
  readonly #database: GuardedDatabase;

  constructor(database: GuardedDatabase) {
    this.#database = database;
  }

  /** For whoever will ask later what has changed since now. */
  mark(): ChangeMark {
    // Numbers are given before transactions are over: one that goes on is seen later, and has a number not below this.
    const [row] = this.#database.all('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS mark');
    return String(row?.mark);
  }

  /** What was written since `from`, of which some may have been seen already. */
  since(from: ChangeMark): ElsewhereChanges {
    const mark = this.mark();
    const { owner } = this.#database.database;
    const marks = [from, owner, from, owner];
    const jobs = this.#database.all(
      `SELECT record, engines.id, host, username, pid FROM jobs LEFT JOIN engines ON engines.id = jobs.owner
       WHERE key IN (${changedKeys})`,
      ...marks,
    );
    if (jobs.length === 0) return { mark, jobs: [], entries: [] };
    const entries = this.#database.all(
      `SELECT job, log, seq, timestamp, observed, name, context FROM eventlog
       WHERE change >= ?::xid8 AND job IN (SELECT key FROM jobs WHERE owner <> ?) ORDER BY job, log, seq`,
      from,
      owner,
    );
    return {
      mark,
      jobs: jobs.map((row) => ({ job: toJob(row), other: row.id === null ? undefined : toOtherEngine(row) })),
      entries: entries.map((row) => ({ job: row.job as JobKey, log: row.log as EventlogName, entry: toEntry(row) })),
    };
  }
}
