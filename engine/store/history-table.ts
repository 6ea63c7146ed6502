/** The numbers that captures had, in the store: written point by point, and bounded. */
import type { JobKey } from '../protocol.ts';
import { type HistoryPoint, historyLength } from '../watch/capture-history.ts';
import type { Statements } from './statements.ts';

export class HistoryTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** `watcher`: its place in the job. Of each capture the last `historyLength` are kept, at most twice as many. */
  add(job: JobKey, watcher: number, points: readonly HistoryPoint[]): void {
    for (const { capture, seq, timestamp, value } of points) {
      this.#statements.run(
        'INSERT INTO capture_history (job, watcher, capture, seq, timestamp, value) VALUES (?, ?, ?, ?, ?, ?)',
        job,
        watcher,
        capture,
        seq,
        timestamp,
        value,
      );
      if (seq % historyLength === 0) this.#dropBefore(job, watcher, capture, seq - historyLength);
    }
  }

  #dropBefore(job: JobKey, watcher: number, capture: string, seq: number): void {
    const where = 'job = ? AND watcher = ? AND capture = ? AND seq <= ?';
    this.#statements.run(`DELETE FROM capture_history WHERE ${where}`, job, watcher, capture, seq);
  }

  /** Of each capture the oldest first. */
  of(job: JobKey, watcher: number): HistoryPoint[] {
    return this.#statements
      .all(
        'SELECT capture, seq, timestamp, value FROM capture_history WHERE job = ? AND watcher = ? ORDER BY capture, seq',
        job,
        watcher,
      )
      .map((row) => ({
        capture: row.capture as string,
        seq: row.seq as number,
        timestamp: row.timestamp as number,
        value: row.value as number,
      }));
  }

  /** The watcher begins anew. */
  drop(job: JobKey, watcher: number): void {
    this.#statements.run('DELETE FROM capture_history WHERE job = ? AND watcher = ?', job, watcher);
  }
}
