import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RequestType } from 'vscode-jsonrpc/node';
import {
  adoptJob,
  attachWatchers,
  controlWatcher,
  editWatcher,
  listForeignJobs,
  runWatchers,
} from '../../engine/protocol/watchers.ts';
import { type ClusterSettings, type EventlogEntry, type JobKey, replayWatchers } from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { matchedNumbers, numberedLines, oneTo } from '../support/scripts.ts';
import { describeOnCluster, site } from './support/site.ts';

const sshConfigFile = site.sshConfig;
const user = process.env.VIGIL_CLUSTER_USER ?? '';

let engine: EngineProcess;
let foreign: string[];
beforeEach(async () => {
  engine = new EngineProcess({ sshConfigFile });
  foreign = [];
  await engine.connect();
});
afterEach(async () => {
  await engine.dispose();
  if (foreign.length > 0) slurm('scancel', ...foreign);
});

const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });
const request = <Params, Result>(type: RequestType<Params, Result, void>, params: Params): Promise<Result> =>
  engine.client.connection.sendRequest(type.method, params);
const contexts = (entries: readonly EventlogEntry[], name: string) =>
  entries.filter((entry) => entry.name === name).map((entry) => entry.context);

/** Submits as somebody would in a terminal: Vigil has no part in it. */
function submitElsewhere(script: string, ...options: string[]): JobKey {
  const argv = ['--parsable', `--uid=${user}`, `--chdir=${site.home}`, ...options];
  const id = execFileSync('sbatch', argv, { input: script, encoding: 'utf8' }).trim();
  foreign.push(id);
  return `login/${id}`;
}

const printing = (lines: number, pause: number) => `#!/bin/bash
for i in $(seq 1 ${lines}); do echo "line $i"; sleep ${pause}; done
`;
const watching =
  '#!/bin/bash\n#WATCHER name="numbers" pattern="^line (?P<n>\\d+)$" action=store_metric(name="n", variable="n")\n';

const numbersOf = async (job: JobKey) => matchedNumbers(await engine.eventlog(job));
const untilMatched = (job: JobKey, number: number) =>
  vi.waitFor(async () => expect(await numbersOf(job)).toContain(number), { timeout: 60_000, interval: 100 });

/** A job that was submitted elsewhere, when it runs and has printed `line COUNT`. */
async function runningElsewhere(lines: number, pause: number, ...options: string[]): Promise<JobKey> {
  const job = submitElsewhere(printing(lines, pause), ...options);
  await vi.waitFor(
    () => expect(slurm('squeue', '-h', '-o', '%T', '-j', job.replace('login/', ''))).toContain('RUNNING'),
    { timeout: 60_000, interval: 200 },
  );
  return job;
}

describeOnCluster('jobs that were submitted elsewhere', () => {
  it('are listed when asked for, and never taken up by themselves', async () => {
    const job = await runningElsewhere(100, 1);
    const listed = await request(listForeignJobs, { cluster: 'login' });
    expect(listed.map(({ cluster, jobId }) => `${cluster}/${jobId}`)).toContain(job);
    expect((await engine.vigil(['jobs'])).stdout).not.toContain(job);
    expect((await engine.vigil(['jobs', '--foreign', '--cluster', 'login'])).stdout).toContain(job);
  });

  it('are listed from accounting when they are over, and taken up as what they were', async () => {
    const job = submitElsewhere('#!/bin/bash\necho done; exit 3\n', '--job-name=long-ago');
    const id = job.replace('login/', '');
    const list = async (days: string) =>
      (await engine.vigil(['jobs', '--foreign', '--cluster', 'login', '--days', days])).stdout;
    const told = new RegExp(`^${job} +long-ago +failed`, 'm');
    await vi.waitFor(async () => expect(await list('1')).toMatch(told), { timeout: 60_000, interval: 500 });
    const { key } = await request(adoptJob, { cluster: 'login', jobId: id });
    expect(await engine.job(key)).toMatchObject({ name: 'long-ago', state: 'failed', status: 768, logEnded: true });
    expect(await list('1')).not.toContain(job);
    expect((await engine.vigil(['jobs', '--foreign', '--cluster', 'login', '--days', '0'])).status).not.toBe(0);
  });

  it('get watchers from the start of their output, each line once, though the engine is killed', async () => {
    const job = await runningElsewhere(40, 0.2);
    const { status, stdout } = await engine.vigil(['watch', job, '--with', scriptFile(watching)]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('numbers')]);
    await untilMatched(job, 10);
    await engine.kill();
    await engine.connect();
    await engine.until(job, 'clean');
    expect(await numbersOf(job)).toEqual(oneTo(40));
    expect(await engine.job(job)).toMatchObject({ state: 'completed', status: 0 });
  });

  it('get watchers from now on', async () => {
    const job = await runningElsewhere(60, 0.2);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await request(attachWatchers, { job, script: watching, from: 'end' });
    await engine.until(job, 'clean');
    const numbers = await numbersOf(job);
    expect(numbers[0]).toBeGreaterThan(5);
    expect(numbers).toEqual(oneTo(60).slice((numbers[0] ?? 1) - 1));
  });

  it('are refused when there is no such job of this user', async () => {
    await expect(request(attachWatchers, { job: 'login/99999999', script: watching })).rejects.toThrow(
      'You have no job 99999999 on login',
    );
  });
});

describeOnCluster('watchers of a job that runs', () => {
  it('are attached beside those it has: old lines are for the new one only', async () => {
    const job = await engine.submit({ cluster: 'login', script: numberedLines(50, 0.2) });
    await untilMatched(job.key, 8);
    const late = watching.replace('name="numbers"', 'name="late"');
    await request(attachWatchers, { job: job.key, script: late });
    const entries = await engine.until(job.key, 'clean');
    const of = (name: string) => matchedNumbers(entries.filter(({ context }) => context?.watcher === name));
    expect(of('numbers')).toEqual(oneTo(50));
    expect(of('late')).toEqual(oneTo(50));
  });

  it('are paused, resumed, changed and stopped by hand', async () => {
    const job = await engine.submit({ cluster: 'login', script: numberedLines(300, 0.1) });
    await untilMatched(job.key, 3);
    const control = (verb: 'pause' | 'resume' | 'stop' | 'trigger') =>
      request(controlWatcher, { job: job.key, watcher: 'numbers', verb });
    await control('pause');
    const paused = await numbersOf(job.key);
    await expect(control('pause')).rejects.toThrow('only an active watcher can be paused');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await numbersOf(job.key)).toEqual(paused);
    await control('trigger');
    expect(contexts(await engine.eventlog(job.key), 'watcher.action').at(-1)).toMatchObject({ cause: 'manual' });
    await control('resume');
    await vi.waitFor(async () => expect((await numbersOf(job.key)).length).toBeGreaterThan(paused.length), 30_000);
    const even = watching.replace('\\d+)$', '\\d*[02468])$');
    await request(editWatcher, { job: job.key, watcher: 'numbers', script: even });
    const before = (await numbersOf(job.key)).length;
    await vi.waitFor(async () => expect((await numbersOf(job.key)).length).toBeGreaterThan(before + 5), 30_000);
    expect((await numbersOf(job.key)).slice(before).every((number) => number % 2 === 0)).toBe(true);
    await control('stop');
    const { stdout } = await engine.vigil(['watchers', job.key]);
    expect(stdout).toMatch(/numbers\s+completed .*stopped by hand/);
    slurm('scancel', job.jobId);
  });
});

describeOnCluster('watchers of a job that is over', () => {
  it('run dry over its output, and with their actions when asked to', async () => {
    const job = submitElsewhere(printing(5, 0));
    const id = job.replace('login/', '');
    await vi.waitFor(() => expect(slurm('squeue', '-h', '-j', id, '-t', 'R,PD,CG')).toBe(''), 60_000);
    const file = scriptFile(watching);
    const dry = await engine.vigil(['watch', job, '--with', file, '--format', 'json']);
    expect(dry.status).toBe(0);
    expect(dry.stderr).toContain('nothing was done');
    expect(dry.stdout.match(/"watcher\.match"/g)).toHaveLength(5);
    expect(await numbersOf(job)).toEqual([]);
    const acted = await engine.vigil(['watch', job, '--with', file, '--act', '--format', 'json']);
    expect(acted.stdout.match(/"watcher\.result"/g)).toHaveLength(5);
    const watchers = (await engine.job(job)).watchers;
    expect(watchers).toMatchObject([{ name: 'numbers', state: 'static', triggerCount: 5 }]);
    const again = await request(runWatchers, { job });
    expect(contexts(again.events, 'watcher.result')).toHaveLength(5);
    const replayed = await request(replayWatchers, { source: { kind: 'job', job } });
    expect(contexts(replayed.events, 'watcher.match')).toHaveLength(5);
    expect((await engine.eventlog(job)).filter(({ name }) => name === 'clean')).toHaveLength(1);
  });
});

describeOnCluster('an array', () => {
  it('gives watchers to each of its tasks, those that run and those to come, also when they are attached', async () => {
    const job = await runningElsewhere(20, 0.3, '-a', '0-4:2%2');
    await request(attachWatchers, { job, script: watching });
    await engine.until(job, 'clean');
    for (const task of [0, 2, 4]) {
      await engine.until(`${job}_${task}`, 'clean');
      expect(await numbersOf(`${job}_${task}`)).toEqual(oneTo(20));
    }
    expect(await numbersOf(job)).toEqual([]);
  });
});

describeOnCluster('a site that forbids commands that stay', () => {
  it('is polled: each line once, and nothing stays there', async () => {
    const clusters: ClusterSettings[] = [{ name: 'login', output: 'poll', pollSeconds: 1 }];
    engine.configure({ clusters });
    await engine.connect();
    const job = await engine.submit({ cluster: 'login', script: numberedLines(60, 0.2) });
    await untilMatched(job.key, 20);
    let staying = 0;
    for (let look = 0; look < 20; look++) {
      if (readers().some((seconds) => seconds > 5)) staying++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(staying).toBe(0);
    await engine.until(job.key, 'clean');
    expect(await numbersOf(job.key)).toEqual(oneTo(60));
  });
});

/** How long, in seconds, programs that read output have been running for the user of the cluster. */
function readers(): number[] {
  const listed = execFileSync('ps', ['-u', user, '-o', 'etimes=,args='], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((line) => /python3 .*-c/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

describeOnCluster('output that is not what it was', () => {
  it('is read anew when the job runs again and prints the very same', async () => {
    const script = `#!/bin/bash
#SBATCH --requeue
#WATCHER name="numbers" pattern="^line (?P<n>\\d+)$" action=store_metric(name="n", variable="n")
for i in 1 2 3 4 5; do echo "line $i"; done
if [ "\${SLURM_RESTART_COUNT:-0}" -eq 0 ]; then sleep 300; fi
for i in 6 7 8; do echo "line $i"; done
`;
    const job = await engine.submit({ cluster: 'login', script });
    await untilMatched(job.key, 5);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    // While nobody looks: the truncation itself is not seen.
    await engine.kill();
    slurm('scontrol', 'requeue', job.jobId);
    const states = () => slurm('sacct', '-n', '-X', '-D', '-P', '-j', job.jobId, '-o', 'State');
    await vi.waitFor(
      () => {
        // A job that goes back into the queue waits there for two minutes, unless it is told not to.
        if (slurm('squeue', '-h', '-t', 'PD', '-j', job.jobId) !== '')
          slurm('scontrol', 'update', `JobId=${job.jobId}`, 'StartTime=now');
        expect(states()).toContain('COMPLETED');
      },
      { timeout: 90_000, interval: 1000 },
    );
    await engine.connect();
    await engine.until(job.key, 'clean');
    // What was read before the scheduler told of the new run may come again with it; nothing is missed.
    const numbers = await numbersOf(job.key);
    expect(numbers.slice(0, 5)).toEqual(oneTo(5));
    expect(numbers.slice(-8)).toEqual(oneTo(8));
  });

  it('is read to its end when it is rotated, and then the new one', async () => {
    const script = `#!/bin/bash
#SBATCH -o rotated.out
#WATCHER name="numbers" pattern="^line (?P<n>\\d+)$" action=store_metric(name="n", variable="n")
for i in 1 2 3; do echo "line $i"; done
sleep 2
mv rotated.out rotated.out.1
for i in 4 5 6; do echo "line $i"; done
exec > rotated.out
for i in 7 8 9; do echo "line $i"; done
sleep 2
`;
    const job = await engine.submit({ cluster: 'login', script });
    const entries = await engine.until(job.key, 'clean');
    expect(matchedNumbers(entries)).toEqual(oneTo(9));
    expect(contexts(entries, 'log')).toContainEqual(
      expect.objectContaining({ note: expect.stringContaining('rotated') }),
    );
    for (const name of ['rotated.out', 'rotated.out.1']) rmSync(join(site.home, name), { force: true });
  });
});

function scriptFile(text: string): string {
  const path = join(engine.folder, 'watching.sh');
  writeFileSync(path, text);
  return path;
}
