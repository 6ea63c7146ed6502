/** The suite of runs, on PostgreSQL. */
import { afterAll, beforeAll, it } from 'vitest';
import { hasPostgres } from '../../support/postgres-server.ts';
import { type Place, postgresStores } from '../../support/stores.ts';
import { keepRunsIn } from '../../support/workflow-lab.ts';

if (hasPostgres) {
  const { prepare, place, dispose } = postgresStores;
  let at: Place;
  beforeAll(async () => {
    await prepare();
    at = place();
  }, 60_000);
  afterAll(async () => {
    await at.dispose();
    dispose();
  });
  keepRunsIn(() => at.openRuns());
  await import('./run-executor.test.ts');
  await import('./retry.test.ts');
  await import('./schedules.test.ts');
  await import('./trigger-rules.test.ts');
  await import('./waits.test.ts');
} else it.skip('runs on PostgreSQL, which is not installed here', () => {});
