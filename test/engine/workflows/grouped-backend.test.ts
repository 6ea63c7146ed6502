import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Backend, WorkflowRun } from 'openworkflow/internal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { groupedBackend } from '../../../engine/workflows/grouped-backend.ts';

const workerId = 'w';

describe('the writes of many runs', () => {
  let folder: string;
  let backend: Backend;
  let runs: WorkflowRun[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-grouped-'));
    backend = groupedBackend(join(folder, 'runs.db'));
    runs = [];
    for (let n = 0; n < 20; n++) {
      await backend.createWorkflowRun({
        workflowName: 'w',
        version: null,
        idempotencyKey: null,
        config: {},
        context: null,
        input: null,
        parentStepAttemptNamespaceId: null,
        parentStepAttemptId: null,
        availableAt: null,
        deadlineAt: null,
      });
      const run = await backend.claimWorkflowRun({ workerId, leaseDurationMs: 60_000 });
      if (run) runs.push(run);
    }
  });
  afterEach(async () => {
    await backend.stop().catch(() => undefined);
    rmSync(folder, { recursive: true });
  });

  const begin = (run: WorkflowRun, worker = workerId) =>
    backend.createStepAttempt({
      workflowRunId: run.id,
      workerId: worker,
      stepName: 's',
      kind: 'function',
      config: {},
      context: null,
    });
  const stored = async () => {
    const pages = await Promise.all(runs.map((run) => backend.listStepAttempts({ workflowRunId: run.id })));
    return pages.flatMap(({ data }) => data.map(({ status }) => status));
  };
  const spyOnSql = () => vi.spyOn(Reflect.get(backend, 'db') as { exec(sql: string): void }, 'exec');

  it('are one transaction', async () => {
    const sql = spyOnSql();
    const attempts = await Promise.all(runs.map((run) => begin(run)));
    expect(sql.mock.calls.flat()).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
    expect(attempts.map(({ workflowRunId }) => workflowRunId)).toEqual(runs.map(({ id }) => id));
    const owner = { workerId, output: null };
    await Promise.all(
      attempts.map(({ id, workflowRunId }) =>
        backend.completeStepAttempt({ ...owner, workflowRunId, stepAttemptId: id }),
      ),
    );
    expect(sql).toHaveBeenCalledTimes(4);
    expect(await stored()).toEqual(runs.map(() => 'completed'));
  });

  it('are looked through by an index for waits that name several events, and for deadlines', () => {
    const database = Reflect.get(backend, 'db') as DatabaseSync;
    const planOf = (sql: string) => JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
    expect(
      planOf(`SELECT DISTINCT context ->> 'signal' FROM step_attempts WHERE namespace_id = 'default'
        AND kind = 'signal-wait' AND status = 'running' AND substr(context ->> 'signal', 1, 7) = 'events:'`),
    ).toContain('vigil_waits_several');
    expect(
      planOf(`UPDATE workflow_runs SET status = 'failed' WHERE namespace_id = 'default'
        AND status IN ('pending', 'running', 'sleeping') AND deadline_at IS NOT NULL AND deadline_at <= '2026'`),
    ).toContain('vigil_runs_deadline');
  });

  it('stand, though one of them is refused', async () => {
    const results = await Promise.allSettled(runs.map((run, n) => begin(run, n === 3 ? 'another' : workerId)));
    expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([3]);
    expect((await stored()).length).toBe(runs.length - 1);
  });

  it('are all refused when they cannot be committed, and none is there', async () => {
    const sql = spyOnSql();
    sql.mockImplementation(function (this: { exec(text: string): void }, text) {
      if (text === 'COMMIT') throw new Error('disk full');
      return Object.getPrototypeOf(this).exec.call(this, text);
    });
    const results = await Promise.allSettled(runs.map((run) => begin(run)));
    expect(new Set(results.map((one) => String(one.status === 'rejected' && one.reason)))).toEqual(
      new Set(['Error: disk full']),
    );
    sql.mockRestore();
    expect(await stored()).toEqual([]);
    // And goes on once there is room.
    await begin(runs[0] as WorkflowRun);
    expect(await stored()).toEqual(['running']);
  });

  it('are not lost when the store is closed', async () => {
    const writes = runs.map((run) => begin(run));
    await backend.stop();
    expect((await Promise.all(writes)).length).toBe(runs.length);
    backend = groupedBackend(join(folder, 'runs.db'));
    expect((await stored()).length).toBe(runs.length);
  });
});
