import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type EventlogEntry, type JobInfo, listClusters } from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { describeOnCluster, site } from './support/site.ts';

/** As root, beside the engine. */
const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });
const names = (entries: readonly EventlogEntry[]) => entries.map((entry) => entry.name);

let engine: EngineProcess;
let jobs: JobInfo[];
beforeEach(() => {
  engine = new EngineProcess({ sshConfigFile: site.sshConfig });
  jobs = [];
});
afterEach(async () => {
  for (const { jobId } of jobs) slurm('scancel', '--quiet', jobId.replace(/;.*/, ''));
  await engine.dispose();
});

async function submit(script: string, ...options: string[]): Promise<JobInfo> {
  const job = await engine.submit({ cluster: 'login', script, options });
  jobs.push(job);
  return job;
}

/** The job, once it is as `expected` says. */
const until = (key: string, expected: object, timeout = 90_000) =>
  vi.waitFor(
    async () => {
      const job = await engine.job(key);
      expect(job).toMatchObject(expected);
      return job;
    },
    { timeout, interval: 200 },
  );

const daemonPid = (name: string) => Number(readFileSync(join(site.dir, 'pids', `${name}.pid`), 'utf8'));

/** Ends slurmctld while `work` goes on, and starts it again. */
async function withoutController(work: () => Promise<void>): Promise<void> {
  const pid = daemonPid('slurmctld');
  const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);
  // It saves its state: what it has not saved it would start anew.
  process.kill(pid, 'SIGTERM');
  await vi.waitFor(() => expect(existsSync(`/proc/${pid}/exe`)).toBe(false), { timeout: 60_000, interval: 100 });
  try {
    await work();
  } finally {
    const pairs = environment.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    const child = spawn('/usr/sbin/slurmctld', ['-D'], {
      detached: true,
      stdio: 'ignore',
      env: Object.fromEntries(pairs),
    });
    child.unref();
    writeFileSync(join(site.dir, 'pids', 'slurmctld.pid'), `${child.pid}\n`);
    await vi.waitFor(() => slurm('scontrol', 'ping'), { timeout: 60_000, interval: 500 });
  }
}

const configuration = join(site.dir, 'slurm', 'slurm.conf');

/** While `work` goes on the controller has these lines too. */
async function withConfiguration(lines: string, work: () => Promise<void>): Promise<void> {
  const before = readFileSync(configuration, 'utf8');
  await withoutController(async () => writeFileSync(configuration, `${before}${lines}`));
  try {
    await work();
  } finally {
    await withoutController(async () => writeFileSync(configuration, before));
  }
}

describeOnCluster('what Slurm does with jobs', () => {
  it('shows a heterogeneous job as one, with its components, and reads the output of its script', async () => {
    await engine.connect();
    const job = await submit(`#!/bin/bash
#SBATCH -p debug -w n2 -n1 -t 5
#SBATCH hetjob
#SBATCH -p long -w n1 -n1 -t 5
#WATCHER name="w" pattern="^size (?P<n>\\d+)$" action=log_event(message="seen")
echo "size $SLURM_HET_SIZE"; sleep 4; exit 3
`);
    const running = await until(job.key, { state: 'running' });
    expect(running.components).toMatchObject([
      { offset: 0, state: 'running', partition: 'debug', nodes: 'n2' },
      { offset: 1, state: 'running', partition: 'long', nodes: 'n1' },
    ]);
    expect(running.partition).toBe('debug,long');
    const entries = await engine.until(job.key, 'clean');
    expect(entries.find((entry) => entry.name === 'watcher.match')?.context?.captures).toEqual({ n: '2' });
    expect(await engine.job(job.key)).toMatchObject({ state: 'failed', status: 768 });
    expect(names(entries).filter((name) => /^(submit|start|finish|clean)$/.test(name))).toHaveLength(4);
  });

  it('follows a job that sbatch sent to a cluster by name', async () => {
    await engine.connect();
    const job = await submit(
      '#!/bin/bash\n#WATCHER pattern="here" action=log_event\necho here; sleep 300\n',
      '-M',
      'testcluster',
    );
    expect(job.jobId).toMatch(/^\d+;testcluster$/);
    await engine.until(job.key, 'watcher.match');
    await engine.vigil(['cancel', job.key]);
    await engine.until(job.key, 'clean');
    expect(await engine.job(job.key)).toMatchObject({ state: 'cancelled' });
  });

  it('logs that a job was suspended and resumed', async () => {
    await engine.connect();
    const job = await submit('#!/bin/bash\nsleep 8\n');
    await until(job.key, { state: 'running' });
    slurm('scontrol', 'suspend', job.jobId);
    await until(job.key, { state: 'suspended' });
    slurm('scontrol', 'resume', job.jobId);
    const entries = await engine.until(job.key, 'clean');
    expect(names(entries).slice(-7)).toEqual(['start', 'suspend', 'resume', 'finish', 'release', 'free', 'clean']);
  });

  it('tells a preempted job from one that was cancelled', async () => {
    await engine.connect();
    // `high` ends the jobs of `low`, and no others.
    const partitions = `PreemptType=preempt/partition_prio
PreemptMode=CANCEL
PartitionName=low Nodes=n4 DefMemPerCPU=100 PriorityTier=1 PreemptMode=CANCEL State=UP
PartitionName=high Nodes=n4 DefMemPerCPU=100 PriorityTier=10 PreemptMode=OFF State=UP
`;
    await withConfiguration(partitions, async () => {
      const low = await submit('#!/bin/bash\nsleep 300\n', '-p', 'low', '--exclusive');
      await until(low.key, { state: 'running' });
      const high = await submit('#!/bin/bash\nsleep 1\n', '-p', 'high', '--exclusive');
      const entries = await engine.until(low.key, 'clean');
      expect(entries.find((entry) => entry.name === 'exception')?.context).toMatchObject({ type: 'preempt' });
      expect(await engine.job(low.key)).toMatchObject({ state: 'preempted' });
      await engine.until(high.key, 'clean');
    });
  }, 300_000);

  it('takes the tasks of a throttled array as they come, and asks once for all', async () => {
    await engine.connect();
    const array = await submit(`#!/bin/bash
#SBATCH --array=0-7%2 -o throttled-%A_%a.out
#WATCHER pattern="task (\\d)" captures=[t] action=log_event(message="\${t}")
echo "task $SLURM_ARRAY_TASK_ID"
`);
    await engine.until(array.key, 'clean');
    for (let index = 0; index < 8; index++) {
      const entries = await engine.until(`${array.key}_${index}`, 'clean');
      expect(entries.filter((entry) => entry.name === 'log').map((entry) => entry.context?.message)).toEqual([
        String(index),
      ]);
    }
    expect(await engine.job(array.key)).toMatchObject({ state: 'completed', status: 0 });
  });

  it('says why a job waits and when it is expected to start', async () => {
    await engine.connect();
    const job = await submit('#!/bin/bash\ntrue\n', '--begin=now+1hour');
    const waiting = await until(job.key, { state: 'pending', reason: 'BeginTime' });
    expect(waiting.expectedStart).toBeGreaterThan(waiting.submitted + 3000);
    expect(waiting.expectedStart).toBeLessThan(waiting.submitted + 4000);
  });
});

describeOnCluster('trouble with Slurm itself', () => {
  it('keeps the last state of jobs, with its age, while the controller is down, and goes on afterwards', async () => {
    await engine.connect();
    const job = await submit(
      '#!/bin/bash\n#WATCHER pattern="^tick (?P<n>\\d+)" action=log_event\nfor i in $(seq 160); do echo "tick $i"; sleep 0.5; done\n',
    );
    await engine.until(job.key, 'watcher.match');
    await withoutController(async () => {
      const cluster = await vi.waitFor(
        async () => {
          const all = await engine.client.connection.sendRequest(listClusters);
          const one = all.find(({ name }) => name === 'login');
          if (!one?.stale) throw new Error('not noticed yet');
          return one;
        },
        { timeout: 90_000, interval: 200 },
      );
      expect(cluster.stale).toMatchObject({
        asOf: expect.any(Number),
        why: expect.stringContaining('squeue on login'),
      });
      expect(cluster.state).toBe('connected');
      expect(await engine.job(job.key)).toMatchObject({ state: 'running' });
      const { stdout, stderr } = await engine.vigil(['jobs']);
      expect(stdout).toMatch(/running \(\d+ (s|min) ago\)/);
      expect(stderr).toMatch(/the jobs of login cannot be asked for: squeue on login/);
      // Output is read all the same.
      const before = (await engine.eventlog(job.key)).length;
      await vi.waitFor(async () => expect((await engine.eventlog(job.key)).length).toBeGreaterThan(before), 20_000);
    });
    const entries = await engine.until(job.key, 'clean');
    expect(entries.filter((entry) => entry.name === 'watcher.match')).toHaveLength(160);
    expect(names(entries).filter((name) => /^(start|finish|requeue|exception)$/.test(name))).toEqual([
      'start',
      'finish',
    ]);
    expect(
      (await engine.client.connection.sendRequest(listClusters)).find(({ name }) => name === 'login')?.stale,
    ).toBeUndefined();
  }, 300_000);

  it('is not swayed by what users have set for squeue, sacct and scancel', async () => {
    engine.disconnect();
    const odd = new EngineProcess(
      { clusters: [{ name: 'here', scheduler: 'slurm' }] },
      {
        SQUEUE_PARTITION: 'down',
        SQUEUE_STATES: 'PD',
        SQUEUE_FORMAT: '%j',
        SQUEUE_FORMAT2: 'jobid:3',
        SACCT_FORMAT: 'jobname%3',
        SCANCEL_INTERACTIVE: '1',
        SLURM_TIME_FORMAT: 'relative',
        TZ: 'America/New_York',
        SBATCH_WAIT: '1',
      },
    );
    const work = mkdtempSync(join(tmpdir(), 'vigil-states-'));
    try {
      await odd.connect();
      const script =
        '#!/bin/bash\n#WATCHER pattern="go" max_triggers=1 action=cancel_job(reason="enough")\necho go; sleep 300\n';
      const job = await odd.submit({ cluster: 'here', script, workdir: work });
      const entries = await odd.until(job.key, 'clean');
      expect(entries.find((entry) => entry.name === 'exception')?.context).toMatchObject({ type: 'cancel' });
      const start = entries.find((entry) => entry.name === 'start');
      expect(Math.abs((start?.timestamp ?? 0) - (start?.observed ?? 0))).toBeLessThan(60);
    } finally {
      await odd.dispose();
      rmSync(work, { recursive: true });
    }
  });
});
