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

  /** The run that was started with this idempotency key. */
  runOfKey(key: string): string | undefined {
    const [row] = this.#database
      .prepare('SELECT id FROM workflow_runs WHERE idempotency_key = ? ORDER BY created_at LIMIT 1')
      .all(key);
    return row && String(row.id);
  }

  /** In one write: it is over, or it goes on with this configuration. */
  reopen(run: string, config: string): boolean {
    const now = new Date().toISOString();
    const { changes } = this.#database
      .prepare(
        `UPDATE workflow_runs SET status = 'pending', config = ?, available_at = ?, updated_at = ?,
           finished_at = NULL, error = NULL, output = NULL, worker_id = NULL
         WHERE id = ? AND status IN ('failed', 'canceled', 'completed', 'succeeded')`,
      )
      .run(config, now, now, run);
    return changes > 0;
  }

  /** A run whose start lies ahead is begun now: somebody wants it to end. */
  beginNow(run: string): void {
    const now = new Date().toISOString();
    this.#database
      .prepare(`UPDATE workflow_runs SET available_at = ?, updated_at = ? WHERE id = ? AND status = 'pending'`)
      .run(now, now, run);
  }

  takeSignals(run: string): void {
    this.#database.prepare('DELETE FROM workflow_signals WHERE workflow_run_id = ?').run(run);
  }

  /**
   * Removes runs that ended before `until` (seconds since the epoch), the oldest first, at most `limit`; a child stays as long
   * as its parent goes on. The result: their ids.
   */
  removeEnded(until: number, limit: number): readonly string[] {
    const ids = this.#database
      .prepare(
        `SELECT id FROM workflow_runs AS run
         WHERE status IN ('failed', 'canceled', 'completed', 'succeeded') AND finished_at < ?
           AND NOT EXISTS (SELECT 1 FROM workflow_runs AS parent WHERE parent.id = run.input ->> '$.parent'
             AND parent.status IN ('pending', 'running', 'sleeping'))
         ORDER BY finished_at LIMIT ?`,
      )
      .all(new Date(until * 1000).toISOString(), limit)
      .map(({ id }) => String(id));
    for (const id of ids) {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const table of ['workflow_signals', 'step_attempts'])
        this.#database.prepare(`DELETE FROM ${table} WHERE workflow_run_id = ?`).run(id);
      this.#database.prepare('DELETE FROM workflow_runs WHERE id = ?').run(id);
      this.#database.exec('COMMIT');
    }
    return ids;
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
