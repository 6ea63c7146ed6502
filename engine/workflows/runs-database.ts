/** OpenWorkflow's tables, read and mended beside its backend: what its interface does not tell. */
import type { GuardedDatabase } from '../store/guarded-database.ts';

export class RunsDatabase {
  readonly #database: GuardedDatabase;
  readonly #namespace: string;

  /** The backend has made its tables already. `namespace`: as OpenWorkflow's backend has it. */
  constructor(database: GuardedDatabase, namespace = 'default') {
    this.#database = database;
    this.#namespace = namespace;
  }

  /** What runs wait for, each signal once. */
  waitingSignals(): readonly string[] {
    return this.#database
      .all(
        `SELECT DISTINCT context ->> 'signal' AS signal FROM step_attempts
         WHERE namespace_id = ? AND kind = 'signal-wait' AND status = 'running'`,
        this.#namespace,
      )
      .map(({ signal }) => String(signal));
  }

  /** On a database that has the jobs, too: what runs wait for that ended with whichever engine. */
  endedJobSignals(): readonly string[] {
    return this.#database
      .all(
        `SELECT DISTINCT context ->> 'signal' AS signal FROM step_attempts
         WHERE namespace_id = ? AND kind = 'signal-wait' AND status = 'running' AND context ->> 'signal' LIKE 'job:%'
           AND EXISTS (SELECT 1 FROM jobs WHERE log_ended = 1 AND key = substr(step_attempts.context ->> 'signal', 5))`,
        this.#namespace,
      )
      .map(({ signal }) => String(signal));
  }

  /** Those of `waitingSignals` that name several events: found by an index of them alone, for each event that is emitted. */
  waitingForSeveral(): readonly string[] {
    return this.#database
      .all(
        `SELECT DISTINCT context ->> 'signal' AS signal FROM step_attempts
         WHERE kind = 'signal-wait' AND status = 'running' AND substr(context ->> 'signal', 1, 7) = 'events:'
           AND namespace_id = ?`,
        this.#namespace,
      )
      .map(({ signal }) => String(signal));
  }

  /** Runs that are over since before `until` (seconds since the epoch), the newest first. */
  overLately(until: number, limit: number): readonly string[] {
    return this.#database
      .all(
        `SELECT id FROM workflow_runs
         WHERE namespace_id = ? AND status IN ('failed', 'canceled', 'completed', 'succeeded') AND finished_at <= ?
         ORDER BY finished_at DESC LIMIT ?`,
        this.#namespace,
        new Date(until * 1000).toISOString(),
        limit,
      )
      .map(({ id }) => String(id));
  }

  /** Runs that are not over. */
  openCount(): number {
    const [row] = this.#database.all(
      `SELECT count(*) AS count FROM workflow_runs
       WHERE namespace_id = ? AND status IN ('pending', 'running', 'sleeping')`,
      this.#namespace,
    );
    return Number(row?.count ?? 0);
  }

  /** The run that was started with this idempotency key. */
  runOfKey(key: string): string | undefined {
    const [row] = this.#database.all(
      'SELECT id FROM workflow_runs WHERE namespace_id = ? AND idempotency_key = ? ORDER BY created_at LIMIT 1',
      this.#namespace,
      key,
    );
    return row && String(row.id);
  }

  /** In one write: it is over, or it goes on with this configuration. */
  reopen(run: string, config: string): boolean {
    const now = new Date().toISOString();
    const reopened = this.#database.transaction(() =>
      this.#database.all(
        `UPDATE workflow_runs SET status = 'pending', config = ?, available_at = ?, updated_at = ?,
           finished_at = NULL, error = NULL, output = NULL, worker_id = NULL
         WHERE id = ? AND status IN ('failed', 'canceled', 'completed', 'succeeded') RETURNING id`,
        config,
        now,
        now,
        run,
      ),
    );
    return reopened.length > 0;
  }

  /** A run whose start lies ahead is begun now: somebody wants it to end. */
  beginNow(run: string): void {
    const now = new Date().toISOString();
    this.#database.run(
      `UPDATE workflow_runs SET available_at = ?, updated_at = ? WHERE id = ? AND status = 'pending'`,
      now,
      now,
      run,
    );
  }

  takeSignals(run: string): void {
    this.#database.run('DELETE FROM workflow_signals WHERE workflow_run_id = ?', run);
  }

  /**
   * Removes runs that ended before `until` (seconds since the epoch), the oldest first, at most `limit`; a child stays as long
   * as its parent goes on. The result: their ids.
   */
  removeEnded(until: number, limit: number): readonly string[] {
    const ids = this.#database
      .all(
        `SELECT id FROM workflow_runs AS run
         WHERE namespace_id = ? AND status IN ('failed', 'canceled', 'completed', 'succeeded') AND finished_at < ?
           AND NOT EXISTS (SELECT 1 FROM workflow_runs AS parent WHERE parent.id = run.input ->> 'parent'
             AND parent.status IN ('pending', 'running', 'sleeping'))
         ORDER BY finished_at LIMIT ?`,
        this.#namespace,
        new Date(until * 1000).toISOString(),
        limit,
      )
      .map(({ id }) => String(id));
    for (const id of ids) {
      this.#database.transaction(() => {
        for (const table of ['workflow_signals', 'step_attempts'])
          this.#database.run(`DELETE FROM ${table} WHERE workflow_run_id = ?`, id);
        this.#database.run('DELETE FROM workflow_runs WHERE id = ?', id);
      });
    }
    return ids;
  }

  /** Leases of workers whose names begin like this are those of an engine that is dead: others may go on at once. */
  releaseLeases(worker: string): void {
    this.#database.run(
      `UPDATE workflow_runs SET worker_id = NULL, available_at = ?
       WHERE worker_id LIKE ? AND status IN ('running', 'sleeping')`,
      new Date().toISOString(),
      `${worker}%`,
    );
  }
}
