/**
 * 1,000 running jobs with 10 watchers each, 1,000 lines a second in sum: what the engine takes. Real sshd on loopback, real
 * files, the real reader; a fake Slurm (this machine cannot run 1,000 jobs).
 */
import { appendFileSync } from 'node:fs';
import * as protocol from '../engine/protocol.ts';
import { type BenchEngine, sleep, startEngine, submitMany } from './lib/bench-engine.ts';
import { startFakeCluster, whyNoCluster } from './lib/fake-cluster.ts';
import { type Figure, report } from './lib/figures.ts';

const jobCount = 1000;
const measuredSeconds = 40;

/** Ten watchers as people write them for training runs. */
const script = `#!/bin/bash
#SBATCH --job-name=train
#WATCHER name="oom" pattern="out of memory|OOM|Killed" action=notify(message="out of memory")
#WATCHER name="cuda" pattern="CUDA error: (?P<what>.*)" action=notify(message="\${what}")
#WATCHER name="nan" pattern="loss[:=]\\s*(nan|inf)" action=cancel_job(reason="diverged")
#WATCHER name="loss" pattern="epoch (?P<epoch>\\d+) done, loss: (?P<loss>[\\d.]+)" condition="float(loss) > 5 and int(epoch) > 3" action=notify
#WATCHER name="accuracy" pattern="val_acc(?:uracy)?[:=]\\s*(?P<acc>[\\d.]+)" action=store_metric(name="acc", variable="acc")
#WATCHER name="checkpoint" pattern="[Ss]aved checkpoint (?:to )?(?P<path>\\S+)" action=log_event(message="\${path}")
#WATCHER name="nccl" pattern="NCCL (?:WARN|ERROR).*timeout" action=notify
#WATCHER name="traceback" pattern="^Traceback \\(most recent call last\\):" action=notify
#WATCHER name="disk" pattern="No space left on device|Disk quota exceeded" action=notify
#WATCHER name="slow" silence="6h" action=notify(message="nothing for six hours")
sleep 1
`;

/** Each tenth line is one that a watcher matches. */
function line(job: number, second: number): string {
  const step = `[2026-11-21 03:${String(second % 60).padStart(2, '0')}:07] step ${second * 100 + job} lr 0.0003 loss: 0.${(job * 7919) % 9973} grad_norm 1.03 tok/s 48211\n`;
  return (job + second) % 10 === 0 ? `epoch ${second} done, loss: 0.${(job * 31) % 997}\n` : step;
}

/** Resolves to how many of the lines a watcher matches. */
async function write(ids: readonly string[], outputPath: (id: string) => string, seconds: number): Promise<number> {
  const began = performance.now();
  let matching = 0;
  for (let written = 0; written < seconds * ids.length; ) {
    for (const due = ((performance.now() - began) / 1000) * ids.length; written < due; written++) {
      const job = written % ids.length;
      const text = line(job, Math.floor(written / ids.length));
      appendFileSync(outputPath(ids[job] ?? ''), text);
      if (text.startsWith('epoch')) matching++;
    }
    await sleep(20);
  }
  return matching;
}

async function matchesOf(engine: BenchEngine): Promise<number> {
  const jobs = await engine.connection.sendRequest(protocol.listJobs);
  return jobs.reduce((sum, job) => sum + job.watchers.reduce((all, one) => all + one.matchCount, 0), 0);
}

async function measure(): Promise<Figure[]> {
  const cluster = await startFakeCluster();
  const engine = await startEngine(cluster.sshConfigFile);
  try {
    const ids = await submitMany(engine, cluster.name, script, jobCount);
    for (const id of ids) appendFileSync(cluster.outputPath(id), 'begin\n');
    await sleep(10_000);
    const idle = engine.cpuSeconds();
    await sleep(10_000);
    const idleShare = (engine.cpuSeconds() - idle) / 10;
    const matchesBefore = await matchesOf(engine);
    const [cpu, began] = [engine.cpuSeconds(), performance.now()];
    const expected = await write(ids, cluster.outputPath, measuredSeconds);
    const tookSeconds = (performance.now() - began) / 1000;
    const share = (engine.cpuSeconds() - cpu) / tookSeconds;
    await sleep(3000);
    const { memory } = await engine.connection.sendRequest(protocol.readStatus);
    return [
      { what: 'resident memory at the end', value: engine.rssBytes() / 1e6, unit: 'MB', bar: { most: 200 } },
      { what: 'of that, objects in use', value: memory.heapUsedBytes / 1e6, unit: 'MB' },
      { what: 'resident memory at most', value: engine.peakRssBytes() / 1e6, unit: 'MB' },
      {
        what: 'lines written',
        value: (ids.length * measuredSeconds) / tookSeconds,
        unit: 'lines/s',
        bar: { least: 950 },
      },
      { what: 'processor time while they came', value: share * 100, unit: '% of a core', bar: { most: 20 } },
      { what: 'processor time while nothing came', value: idleShare * 100, unit: '% of a core' },
      {
        what: 'matches found (each tenth line)',
        value: ((await matchesOf(engine)) - matchesBefore) / expected,
        unit: 'of those there are',
        bar: { least: 1, most: 1 },
      },
    ];
  } finally {
    await engine.dispose();
    await cluster.dispose();
  }
}

const why = whyNoCluster();
if (why) console.log(`\nScale: left out, ${why}`);
else
  report(`Scale: ${jobCount} running jobs with 10 watchers each (real sshd and reader, fake Slurm)`, await measure());
