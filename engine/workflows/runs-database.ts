/** OpenWorkflow's SQLite file, read beside its backend: what its interface does not tell. */
import { DatabaseSync } from 'node:sqlite';

export class RunsDatabase {
  readonly #database: DatabaseSync;

  /** The backend has made its tables already. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec('PRAGMA busy_timeout = 5000');
  }

  /** What runs wait for, each signal once. */
  waitingSignals(): readonly string[] {
    return this.#database
      .prepare(
        `SELECT DISTINCT json_extract(context, '$.signal') AS signal FROM step_attempts
         WHERE kind = 'signal-wait' AND status = 'running'`,
      )
      .all()
      .map(({ signal }) => String(signal));
  }

  /** Runs that are not over. */
  openCount(): number {
    const [row] = this.#database
      .prepare(`SELECT count(*) AS count FROM workflow_runs WHERE status IN ('pending', 'running', 'sleeping')`)
      .all();
    return Number(row?.count ?? 0);
  }

  /** The engine's lock says that nobody else works on this file: leases that are left are those of a dead engine. */
  releaseLeases(): void {
    this.#database
      .prepare(
        `UPDATE workflow_runs SET worker_id = NULL, available_at = ?
         WHERE worker_id IS NOT NULL AND status IN ('running', 'sleeping')`,
      )
      .run(new Date().toISOString());
  }

  close(): void {
    this.#database.close();
  }
}
