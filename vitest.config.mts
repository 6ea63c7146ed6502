import { defineConfig } from 'vitest/config';

/** `unit` needs nothing but Node; `cluster` runs on the test cluster of test/cluster/ and is started by test/run.mjs. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/{language,server,engine,cli,client,architecture}/**/*.test.ts'] } },
      { test: { name: 'cluster', include: ['test/cluster/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000, fileParallelism: false } },
    ],
  },
});
