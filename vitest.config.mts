import { defineConfig } from 'vitest/config';

/** Tests of the test cluster, one file after the other. */
const onCluster = (name: string, include: string) => ({
  test: { name, include: [include], testTimeout: 120_000, hookTimeout: 180_000, fileParallelism: false },
});

/**
 * `unit` needs nothing but Node; `processes` the programs in dist/; the others the test cluster of test/cluster/ too: `ssh`
 * only its sshd, `endurance` its Slurm as a user does, `cluster` has the Slurm for itself: it restarts it and waits until
 * it is idle. test/run.mjs builds and starts what they need.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          // More than cores: the tests of databases, files and local jobs wait most of the time.
          maxWorkers: 3,
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
      onCluster('ssh', 'test/cluster/ssh/*.test.ts'),
      onCluster('endurance', 'test/cluster/endurance/*.test.ts'),
      onCluster('cluster', 'test/cluster/*.test.ts'),
    ],
  },
});
