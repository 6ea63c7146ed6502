import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connectCluster, type EventlogEntry, type JobInfo, listJobs } from '../../../engine/protocol.ts';
import { EngineProcess } from '../../support/engine-process.ts';
import { randomFrom } from '../../support/random.ts';
import { matchedNumbers, oneTo } from '../../support/scripts.ts';
import { describeOnCluster, site } from '../support/site.ts';

/** How often the engine dies; `VIGIL_KILLS` and `VIGIL_SEED` repeat a run. */
const kills = Number(process.env.VIGIL_KILLS ?? 200);
const seed = Number(process.env.VIGIL_SEED ?? Date.now() % 1_000_000);
/** Each of so many jobs resubmits itself so many times, and cancels the one before. */
const chains = 2;
const generations = 12;

/**
 * Prints numbered lines until the file `stop` is there, and how many they were. Each is matched, each match an action with
 * a result of its own.
 */
function numbersUntil(stop: string, pauseSeconds: number): string {
  return `#!/bin/bash
#SBATCH --job-name=numbers --time=30:00
#WATCHER name="numbers" pattern="^line (?P<n>\\d+)$" action=store_metric(name="n", variable="n")
i=0
while [ ! -e ${stop} ]; do i=$((i+1)); echo "line $i"; sleep ${pauseSeconds}; done
echo "printed $i"
`;
}

/** Runs until it is cancelled: by its own watcher, which submits its successor first. */
function chain(pauseSeconds: number): string {
  return `#!/bin/bash
#SBATCH --job-name=chain --time=30:00
#WATCHER name="again" pattern="^line 30$" remaining_resubmits=${generations} max_triggers=1 action=resubmit(modifications={"comment": "next"})
#WATCHER name="stop" pattern="^line 200$" max_triggers=1 action=cancel_job(reason="enough")
for i in $(seq 50000); do echo "line $i"; sleep ${pauseSeconds}; done
`;
}

const names = (entries: readonly EventlogEntry[]) => entries.map((entry) => entry.name);
const count = (entries: readonly EventlogEntry[], name: string) => names(entries).filter((one) => one === name).length;

/** What is not as 1, 2, 3 … `last` would be, in few words. */
function strayFrom(numbers: readonly number[], last: number): string[] {
  const seen = new Set<number>();
  const double = numbers.filter((n) => seen.size === seen.add(n).size);
  const missing = oneTo(last).filter((n) => !seen.has(n));
  const disorder = numbers.filter((n, index) => index > 0 && n < (numbers[index - 1] ?? 0));
  return [
    ...double.map((n) => `${n} twice`),
    ...missing.map((n) => `${n} missing`),
    ...disorder.map((n) => `${n} late`),
    ...numbers.filter((n) => n > last).map((n) => `${n} too many`),
  ].slice(0, 40);
}

/** How often the controller was asked to end the job: counted on the cluster, not by us. */
function cancelsOf(jobId: string): number {
  const log = readFileSync(join(site.dir, 'log', 'slurmctld.log'), 'utf8');
  return log.split('\n').filter((line) => new RegExp(`REQUEST_KILL_JOB JobId=${jobId} `).test(line)).length;
}

describeOnCluster(`an engine that is killed ${kills} times (VIGIL_SEED=${seed})`, () => {
  const random = randomFrom(seed);
  let engine: EngineProcess;
  let stop: string;
  const numbered: JobInfo[] = [];
  /** An engine lives for up to so long: on a busy machine it needs longer to do anything at all. */
  let spanMs = 1200;
  let child: ChildProcess | undefined;

  const startEngine = () => {
    child = spawn(process.execPath, [join(engine.program, 'engine.js')], {
      env: { ...engine.environment, NODE_NO_WARNINGS: '1' },
      stdio: 'ignore',
    });
    return child;
  };

  const folderOf = (cluster: string) => join(engine.folder, cluster);

  beforeAll(async () => {
    engine = new EngineProcess({ sshConfigFile: site.sshConfig });
    chmodSync(engine.folder, 0o755);
    // Jobs of both have the same ids, and so the same names of files.
    for (const cluster of ['local', 'login']) {
      mkdirSync(folderOf(cluster));
      chmodSync(folderOf(cluster), 0o777);
    }
    stop = join(engine.folder, 'stop');
    const began = Date.now();
    await engine.connect();
    await engine.client.connection.sendRequest(connectCluster, { cluster: 'login' });
    spanMs = Math.min(3000, Math.max(spanMs, 2 * (Date.now() - began)));
    for (const [cluster, pauseSeconds] of [
      ['local', 0.02],
      ['local', 0.11],
      ['login', 0.02],
      ['login', 0.05],
      ['login', 0.2],
    ] as const) {
      const script = numbersUntil(stop, pauseSeconds);
      numbered.push(await engine.submit({ cluster, script, workdir: folderOf(cluster) }));
    }
    for (let i = 0; i < chains; i++) {
      await engine.submit({ cluster: 'login', script: chain(0.02 + 0.03 * i), workdir: folderOf('login') });
    }
    await engine.kill();
  });
  afterAll(async () => {
    writeFileSync(stop, '');
    await engine.dispose();
  });

  it('loses nothing and does nothing twice', async () => {
    const began = Date.now();
    for (let round = 0; round < kills; round++) {
      const victim = startEngine();
      // Also while it starts, connects and takes up what was open; each tenth lives long enough to get ahead.
      const lifeMs = round % 10 === 9 ? spanMs * (1.25 + random() * 1.25) : random() ** 1.5 * spanMs;
      await new Promise((resolve) => setTimeout(resolve, lifeMs));
      const gone = once(victim, 'exit');
      victim.kill('SIGKILL');
      await gone;
    }
    const tookSeconds = (Date.now() - began) / 1000;
    writeFileSync(stop, '');
    await engine.connect();
    let lines = 0;
    for (const job of numbered) {
      const entries = await engine.until(job.key, 'clean');
      const { stdoutPath = '' } = await engine.job(job.key);
      const printed = Number(/^printed (\d+)$/m.exec(readFileSync(stdoutPath, 'utf8'))?.[1]);
      lines += printed;
      expect(strayFrom(matchedNumbers(entries), printed), job.key).toEqual([]);
      const metrics = entries.filter((entry) => entry.name === 'metric').map((entry) => Number(entry.context?.value));
      expect(strayFrom(metrics, printed), job.key).toEqual([]);
      for (const name of ['watcher.action', 'watcher.result']) expect(count(entries, name), job.key).toBe(printed);
      for (const name of ['submit', 'start', 'finish', 'clean']) expect(count(entries, name), job.key).toBe(1);
      expect(names(entries), job.key).not.toContain('output.lost');
    }
    const followers = await endsOfChains();
    console.log(
      `  ${kills} kills in ${tookSeconds.toFixed(0)} s, seed ${seed}: ${lines} lines of ${numbered.length} jobs matched once, ` +
        `${followers} jobs resubmitted once and cancelled once`,
    );
  }, 400_000);

  /** Every generation but the last has one successor and was cancelled once; returns how many there are. */
  async function endsOfChains(): Promise<number> {
    const jobs = await vi.waitFor(
      async () => {
        const all = (await engine.client.connection.sendRequest(listJobs)).filter((job) => job.name === 'chain');
        const open = all.filter((job) => !job.logEnded);
        if (open.length > 0) throw new Error(`still open: ${open.map((job) => job.key).join(' ')}`);
        return all;
      },
      { timeout: 150_000, interval: 500 },
    );
    const listed = execFileSync(
      'sacct',
      ['-n', '-P', '-X', '-u', site.user, '--name', 'chain', '-S', 'now-1hour', '-o', 'JobID,Comment'],
      {
        encoding: 'utf8',
      },
    );
    let resubmitted = 0;
    const successors: string[] = [];
    for (const job of jobs) {
      const entries = await engine.eventlog(job.key);
      const results = entries.filter((entry) => entry.name === 'watcher.result');
      expect(new Set(results.map((entry) => entry.context?.action)).size, job.key).toBe(results.length);
      expect(cancelsOf(job.jobId), job.key).toBe(1);
      const next = /resubmitted as (\S+)/.exec(String(results[0]?.context?.message))?.[1];
      if (next === undefined) continue;
      resubmitted++;
      successors.push(next);
    }
    expect(new Set(successors).size).toBe(successors.length);
    expect(jobs).toHaveLength(chains + resubmitted);
    // The same on the cluster's side: no job of ours is there that we do not know, no key twice.
    const keys = [...listed.matchAll(/vigil:([\w-]+)/g)].map((match) => match[1]);
    expect(new Set(keys).size).toBe(keys.length);
    const ours = new Set(jobs.map((job) => job.jobId));
    const known = listed.split('\n').filter((line) => ours.has(line.split('|')[0] ?? ''));
    expect(known).toHaveLength(jobs.length);
    return resubmitted;
  }
});
