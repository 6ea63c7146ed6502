/** Actions in the store: what was decided, what waits for another attempt, what came of it, and how much was done lately. */

import type { ActionRun } from '../protocol/actions.ts';
import type { JobKey, JsonValue, Timestamp } from '../protocol.ts';
import type { ActionIntent } from './records.ts';
import type { Row, Statements } from './statements.ts';

/** What an action keeps between two attempts. */
export type ActionMemo = { readonly [name: string]: JsonValue };

/** An intent that has no result yet. */
export interface OpenIntent {
  readonly intent: ActionIntent;
  /** Attempts that were made and are to be made again. */
  readonly attempts: number;
  /** Not before this time. */
  readonly notBefore?: Timestamp;
  readonly memo: ActionMemo;
}

/** What came of an action, as far as it is kept beside the eventlog. */
export interface KeptResult {
  readonly ok: boolean;
  readonly message: string;
  readonly output?: string;
  readonly status?: number;
}

const named = 'job = ? AND watcher = ? AND trigger_number = ? AND position = ?';
const nameOf = ({ watcher, trigger, position }: ActionIntent) => [watcher, trigger, position] as const;
/** What is older than any budget counts no more. */
const longestBudgetSeconds = 3600;

export class ActionTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** `intentSeq`: the sequence number of the `watcher.action` entry that announces it. */
  add(job: JobKey, intent: ActionIntent, intentSeq: number): void {
    this.#statements.run(
      'INSERT INTO actions (job, watcher, trigger_number, position, intent_seq, intent) VALUES (?, ?, ?, ?, ?, ?)',
      job,
      ...nameOf(intent),
      intentSeq,
      JSON.stringify(intent),
    );
  }

  finish(job: JobKey, intent: ActionIntent, resultSeq: number, finished: Timestamp, result: KeptResult): void {
    this.#statements.run(
      `UPDATE actions SET result_seq = ?, finished = ?, result = ?, not_before = NULL, memo = NULL WHERE ${named}`,
      resultSeq,
      finished,
      JSON.stringify(result),
      job,
      ...nameOf(intent),
    );
  }

  /** It is to be tried again. */
  defer(job: JobKey, intent: ActionIntent, attempts: number, notBefore: Timestamp): void {
    this.#statements.run(
      `UPDATE actions SET attempts = ?, not_before = ? WHERE ${named}`,
      attempts,
      notBefore,
      job,
      ...nameOf(intent),
    );
  }

  remember(job: JobKey, intent: ActionIntent, memo: ActionMemo): void {
    this.#statements.run(`UPDATE actions SET memo = ? WHERE ${named}`, JSON.stringify(memo), job, ...nameOf(intent));
  }

  /** Intents with no recorded result, in the order they were decided. */
  open(job: JobKey): OpenIntent[] {
    return this.#statements
      .all(
        'SELECT intent, attempts, not_before, memo FROM actions WHERE job = ? AND result_seq IS NULL ORDER BY intent_seq',
        job,
      )
      .map(toOpen);
  }

  /** One of them. */
  one(job: JobKey, intent: ActionIntent): OpenIntent | undefined {
    const columns = 'intent, attempts, not_before, memo';
    return this.#statements
      .all(`SELECT ${columns} FROM actions WHERE ${named} AND result_seq IS NULL`, job, ...nameOf(intent))
      .map(toOpen)[0];
  }

  /** Is there anything that this job's watchers decided and that is not done? */
  hasOpen(job: JobKey): boolean {
    return this.#statements.all('SELECT 1 FROM actions WHERE job = ? AND result_seq IS NULL LIMIT 1', job).length > 0;
  }

  /** All runs of a job's actions, in the order they were decided. */
  runs(job: JobKey): ActionRun[] {
    return this.#statements.all('SELECT * FROM actions WHERE job = ? ORDER BY intent_seq', job).map(toRun);
  }

  /**
   * Spends one of a budget, e.g. the notifications of a job: false when `most` were spent in the last `seconds` (an hour
   * at most).
   */
  spend(budget: string, most: number, seconds: number, now: Timestamp): boolean {
    if (this.#spent(budget, now - seconds) >= most) return false;
    this.#statements.run('DELETE FROM spent WHERE timestamp <= ?', now - longestBudgetSeconds);
    this.#statements.run('INSERT INTO spent (budget, timestamp) VALUES (?, ?)', budget, now);
    return true;
  }

  #spent(budget: string, since: Timestamp): number {
    const [row] = this.#statements.all(
      'SELECT count(*) AS count FROM spent WHERE budget = ? AND timestamp > ?',
      budget,
      since,
    );
    return Number(row?.count ?? 0);
  }

  allowScript(hash: string, now: Timestamp): void {
    this.#statements.run(
      'INSERT INTO allowed_scripts (hash, allowed) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET allowed = excluded.allowed',
      hash,
      now,
    );
  }

  isScriptAllowed(hash: string): boolean {
    return this.#statements.all('SELECT 1 FROM allowed_scripts WHERE hash = ?', hash).length > 0;
  }
}

function toOpen(row: Row): OpenIntent {
  return {
    intent: JSON.parse(row.intent as string) as ActionIntent,
    attempts: row.attempts as number,
    memo: row.memo === null ? {} : (JSON.parse(row.memo as string) as ActionMemo),
    ...(row.not_before === null ? {} : { notBefore: row.not_before as number }),
  };
}

function toRun(row: Row): ActionRun {
  const { watcherName: watcher, action, trigger, position, line } = JSON.parse(row.intent as string) as ActionIntent;
  const result = row.result === null ? undefined : (JSON.parse(row.result as string) as KeptResult);
  return {
    watcher,
    action,
    trigger,
    position,
    line,
    intentSeq: row.intent_seq as number,
    attempts: row.attempts as number,
    ...(row.result_seq === null ? {} : { resultSeq: row.result_seq as number }),
    ...(row.not_before === null ? {} : { notBefore: row.not_before as number }),
    ...(row.finished === null ? {} : { finished: row.finished as number }),
    ...result,
  };
}
