import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { labOn } from '../../../bench/lib/workflow-lab.ts';
import type { Logger } from '../../../engine/logger.ts';
import { sqliteStores } from '../../../engine/open-stores.ts';
import { FakeClock } from '../../support/fake-clock.ts';

it('asks a store of runs that is away ever more seldom, and says so once, and when it answers again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-away-'));
  const { store, runs } = sqliteStores({ database: join(folder, 'vigil.db'), runsDatabase: join(folder, 'runs.db') });
  let [isAway, claims] = [true, 0];
  const backend = new Proxy(runs.backend, {
    get(target, name) {
      if (name !== 'claimWorkflowRun') return Reflect.get(target, name).bind(target);
      return async () => {
        claims++;
        if (isAway) throw new Error('the server is away');
        return null;
      };
    },
  });
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const log: Logger = { debug() {}, info: say, warn: say, error: say, child: () => log };
  const clock = new FakeClock();
  const lab = labOn({ store, runs: { ...runs, backend, close: () => runs.close() } }, clock, log);
  try {
    await lab.workflows.start();
    await clock.advance(60);
    // After 1, 3, 7, 15 s, then every 8 s.
    expect(claims).toBe(10);
    expect(lines).toEqual(['workflow runs: the server is away']);
    isAway = false;
    await clock.advance(10);
    expect(lines).toEqual(['workflow runs: the server is away', 'workflow runs: their store answers again']);
    claims = 0;
    await clock.advance(10);
    expect(claims).toBe(20);
    isAway = true;
    await clock.advance(1);
    expect(lines.at(-1)).toBe('workflow runs: the server is away');
  } finally {
    await lab.dispose();
    rmSync(folder, { recursive: true });
  }
});
