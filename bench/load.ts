/**
 * What 1, 100 and 1,000 followed jobs cost a cluster: commands over SSH (counted by sshd) and queries of the scheduler
 * (counted by the fake Slurm's programs, each time they are called), while their output grows.
 */
import { appendFileSync } from 'node:fs';
import { sleep, startEngine, submitMany } from './lib/bench-engine.ts';
import { startFakeCluster, whyNoCluster } from './lib/fake-cluster.ts';
import { type Figure, report } from './lib/figures.ts';

const sizes = [1, 100, 1000];
/** After the last submission the scheduler is asked often, for 15 s where nobody looks. */
const calmSeconds = 25;
const measuredSeconds = 90;

const script = `#!/bin/bash
#WATCHER name="loss" pattern="loss: (?P<loss>[\\d.]+)" condition="float(loss) > 100" action=log_event
sleep 1
`;

type Counts = Readonly<Record<string, number>>;

/** Calls a minute, by program, with so many jobs. */
async function measure(jobCount: number): Promise<Counts> {
  const cluster = await startFakeCluster();
  const engine = await startEngine(cluster.sshConfigFile);
  try {
    const ids = await submitMany(engine, cluster.name, script, jobCount);
    engine.detach();
    await sleep(calmSeconds * 1000);
    const before = cluster.counts();
    for (let second = 0; second < measuredSeconds; second++) {
      const id = ids[second % ids.length] ?? '';
      appendFileSync(cluster.outputPath(id), `step ${second} loss: 0.5\n`);
      await sleep(1000);
    }
    const after = cluster.counts();
    const names = ['remote commands', 'squeue', 'sacct', 'scontrol', 'sbatch', 'scancel'];
    return Object.fromEntries(
      names.map((name) => [name, (((after[name] ?? 0) - (before[name] ?? 0)) * 60) / measuredSeconds]),
    );
  } finally {
    await engine.dispose();
    await cluster.dispose();
  }
}

function figures(perMinute: readonly Counts[]): Figure[] {
  const [alone = {}] = perMinute;
  return Object.keys(alone).flatMap((name) =>
    perMinute.map((counts, index): Figure => {
      const one = alone[name] ?? 0;
      const figure = { what: `${name}, ${sizes[index]} jobs`, value: counts[name] ?? 0, unit: '/min' };
      // A look more or less falls into the time that is measured.
      const bar = { most: Number((one + 1).toFixed(1)) };
      return index === 0 ? figure : { ...figure, bar, ...(one > 0 ? { peer: { name: '1 job', value: one } } : {}) };
    }),
  );
}

const why = whyNoCluster();
if (why) console.log(`\nLoad on the cluster: left out, ${why}`);
else {
  const perMinute = await Promise.all(sizes.map((size) => measure(size)));
  report('Load on the cluster (real sshd, fake Slurm), nothing changing but output', figures(perMinute));
}
