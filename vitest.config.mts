import { defineConfig } from 'vitest/config';

/**
 * `unit` needs nothing but Node; `processes` the programs in dist/; `cluster` the test cluster of test/cluster/ too.
 * test/run.mjs builds and starts what they need.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          env: { TZ: 'UTC' },
          include: ['test/{language,server,engine,cli,client,architecture}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'processes',
          include: ['test/processes/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
