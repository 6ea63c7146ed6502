import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { LocalScheduler } from '../../../engine/schedulers/local.ts';
import { RefusalError } from '../../../engine/schedulers/scheduler.ts';

let folder: string;
let work: string;
let scheduler: LocalScheduler;

const create = (cores = 2) =>
  new LocalScheduler({
    cluster: 'local',
    directory: join(folder, 'jobs'),
    clock: systemClock,
    log: silentLogger,
    environment: { PATH: process.env.PATH, HOME: process.env.HOME, MARK: 'inherited' },
    cores,
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-local-'));
  work = join(folder, 'work dir');
  mkdirSync(work);
  scheduler = create();
});
afterEach(() => {
  scheduler.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

let keys = 0;
const submit = (body: string, directives: readonly string[] = [], options: readonly string[] = []) =>
  scheduler.submit({
    script: ['#!/bin/bash', ...directives.map((text) => `#SBATCH ${text}`), body, ''].join('\n'),
    name: 'job.sh',
    options,
    workdir: work,
    key: `key-${++keys}`,
  });

const look = async (jobId: string) => (await scheduler.observe([jobId]))[0];
const output = (name: string) => readFileSync(join(work, name), 'utf8');

async function until(jobId: string, state: string) {
  await vi.waitFor(async () => expect((await look(jobId))?.state).toBe(state), { timeout: 30_000, interval: 20 });
  return look(jobId);
}

describe.skipIf(process.platform === 'win32')('the embedded scheduler', () => {
  it('runs a script as it is, in its directory, into its output file', async () => {
    const id = await submit('echo "$SLURM_JOB_ID $SLURM_JOB_NAME $MARK"; pwd; echo problem >&2');
    const job = await until(id, 'completed');
    expect(job).toMatchObject({ status: 0, name: 'job.sh', workdir: work, stdoutPath: join(work, `slurm-${id}.out`) });
    expect(output(`slurm-${id}.out`)).toBe(`${id} job.sh inherited\n${work}\nproblem\n`);
  });

  it('says beforehand what it would refuse, and runs nothing', async () => {
    const request = { name: 'job.sh', options: [], workdir: work, key: 'k' };
    expect(await scheduler.test({ ...request, script: '#!/bin/sh\ntouch ran\n' })).toEqual({ warnings: [] });
    await expect(scheduler.test({ ...request, script: 'touch ran\n' })).rejects.toThrow(RefusalError);
    expect(existsSync(join(work, 'ran'))).toBe(false);
    expect(await scheduler.observe(['1'])).toEqual([]);
  });

  it('honours job-name, output, error and chdir', async () => {
    mkdirSync(join(work, 'logs'));
    const id = await submit('pwd; echo no >&2', [
      '--job-name=train',
      '-o %x-%4j.out',
      '--error err_%j',
      '--chdir=logs',
    ]);
    await until(id, 'completed');
    expect(output(`logs/train-${id.padStart(4, '0')}.out`)).toBe(`${join(work, 'logs')}\n`);
    expect(output(`logs/err_${id}`)).toBe('no\n');
  });

  it('starts jobs of higher urgency first, and holds those of urgency 0', async () => {
    scheduler.dispose();
    scheduler = create(1);
    const running = await submit('sleep 60');
    const [low, high, held] = [await submit('sleep 60'), await submit('sleep 60'), await submit('sleep 60')];
    await scheduler.setUrgency(high, 20);
    await scheduler.setUrgency(held, 0);
    expect((await look(held))?.reason).toBe('JobHeldUser');
    await scheduler.cancel(running);
    await until(high, 'running');
    expect((await look(low))?.state).toBe('pending');
    await expect(scheduler.setUrgency(high, 8)).rejects.toThrow('runs already');
    for (const id of [low, high, held]) await scheduler.cancel(id);
  });

  it('gives more time, also in the middle', async () => {
    const id = await submit('sleep 60', ['--time=1']);
    await until(id, 'running');
    await scheduler.extend(id, 90);
    expect((await look(id))?.timeLimitSeconds).toBe(150);
    await scheduler.update(id, { TimeLimit: '0:01' });
    await until(id, 'timeout');
    await expect(scheduler.extend(id, 90)).rejects.toThrow('is over');
    await expect(scheduler.extend(await submit('sleep 60'), 90)).rejects.toThrow('has no time limit');
    await expect(scheduler.update(id, { Nice: '3' })).rejects.toThrow('only its TimeLimit');
  });

  it('tells exit codes and signals as wait statuses', async () => {
    expect(await until(await submit('exit 3'), 'failed')).toMatchObject({ status: 768 });
    expect(await until(await submit('kill -SEGV $$'), 'failed')).toMatchObject({ status: 11 });
  });

  it('queues what is more than its cores, first come first served', async () => {
    const [first, second, third] = [await submit('sleep 60'), await submit('sleep 60'), await submit('echo done')];
    expect(await look(third)).toMatchObject({ state: 'pending', reason: 'Resources' });
    await scheduler.cancel(first);
    await until(third, 'completed');
    await scheduler.cancel(second);
    await until(second, 'cancelled');
  });

  it('cancels all that a job has started', async () => {
    const id = await submit('sleep 300 & echo $! > pid; sleep 300');
    await vi.waitFor(() => expect(existsSync(join(work, 'pid')) && output('pid')).toMatch(/\d/), { timeout: 20_000 });
    await scheduler.cancel(id);
    expect(await until(id, 'cancelled')).toMatchObject({ status: 15 });
    const child = Number(output('pid'));
    await vi.waitFor(() => expect(isRunning(child)).toBe(false), { timeout: 20_000 });
  });

  it('cancels what waits, and takes a cancel of what is over for done', async () => {
    const running = await submit('sleep 60', ['-n 2']);
    const waiting = await submit('echo never');
    await scheduler.cancel(waiting);
    expect(await until(waiting, 'cancelled')).not.toHaveProperty('started');
    await scheduler.cancel(waiting);
    await scheduler.cancel(running);
  });

  it('holds and releases what waits', async () => {
    const running = await submit('sleep 60', ['-n 2']);
    const waiting = await submit('echo ran');
    await scheduler.control(waiting, 'hold');
    await scheduler.cancel(running);
    await until(running, 'cancelled');
    expect(await look(waiting)).toMatchObject({ state: 'pending', reason: 'JobHeldUser' });
    await scheduler.control(waiting, 'release');
    await until(waiting, 'completed');
    await expect(scheduler.control(waiting, 'hold')).rejects.toThrow('is completed');
  });

  it('ends a job at its time limit', async () => {
    expect(await until(await submit('sleep 60', ['--time=0:01']), 'timeout')).toMatchObject({ status: 15 });
  });

  it('sends a signal when asked to', async () => {
    const id = await submit('trap "echo caught; exit 0" USR1; echo ready; while :; do sleep 0.1; done');
    await vi.waitFor(() => expect(output(`slurm-${id}.out`)).toContain('ready'), { timeout: 20_000 });
    await scheduler.cancel(id, 'USR1');
    await until(id, 'completed');
    // The signal goes to the whole session, so the shell may report its `sleep`.
    expect(output(`slurm-${id}.out`)).toMatch(/^ready\n.*caught\n$/s);
  });

  it('cancels tasks of an array, those that wait and those that run', async () => {
    const id = await submit('[ "$SLURM_ARRAY_TASK_ID" = 4 ] || sleep 300', ['--array=1-4%2']);
    await scheduler.cancelTasks(id, '1,3');
    await expect(scheduler.cancelTasks(id, '7-9')).rejects.toThrow(`job ${id} on local has no task 7-9`);
    await until(`${id}_4`, 'completed');
    await until(`${id}_1`, 'cancelled');
    const states = (await scheduler.observe([id])).map(({ state }) => state);
    expect(states).toEqual(['cancelled', 'running', 'cancelled', 'completed']);
    await scheduler.cancel(id);
  });

  it('begins a job no earlier than it is to, and says when', async () => {
    const inTwoSeconds = await submit('true', ['--begin=now+2']);
    const tomorrow = await submit('true', ['--begin=tomorrow']);
    const waiting = await look(inTwoSeconds);
    expect(waiting).toMatchObject({ state: 'pending', reason: 'BeginTime' });
    expect(waiting?.expectedStart).toBeCloseTo((waiting?.submitted ?? 0) + 2, 3);
    const begun = await until(inTwoSeconds, 'completed');
    expect(begun?.started).toBeGreaterThanOrEqual(waiting?.expectedStart ?? Number.POSITIVE_INFINITY);
    expect(begun).not.toHaveProperty('expectedStart');
    expect(await look(tomorrow)).toMatchObject({ state: 'pending' });
    await expect(submit('true', ['--begin=later'])).rejects.toThrow('Invalid --begin specification');
  });

  it('holds a job that is submitted so, until it is released', async () => {
    const id = await submit('true', ['--hold']);
    expect(await look(id)).toMatchObject({ state: 'pending', reason: 'JobHeldUser' });
    await scheduler.control(id, 'release');
    await until(id, 'completed');
  });

  it('runs arrays, at most so many at once', async () => {
    const id = await submit('echo "$SLURM_ARRAY_JOB_ID $SLURM_ARRAY_TASK_ID"; sleep 0.3', ['--array=1-5:2%1']);
    await vi.waitFor(
      async () => {
        const tasks = await scheduler.observe([id]);
        expect(tasks.filter((task) => task.state === 'running').length).toBeLessThanOrEqual(1);
        expect(tasks.map((task) => [task.jobId, task.state])).toEqual(
          [1, 3, 5].map((index) => [`${id}_${index}`, 'completed']),
        );
      },
      { timeout: 30_000, interval: 20 },
    );
    expect(output(`slurm-${id}_3.out`)).toBe(`${id} 3\n`);
    expect((await scheduler.describe(id))[0]).toMatchObject({ jobId: id, isArray: true });
  });

  it.each([
    ['ALL,EXTRA=1', 'inherited 1'],
    ['NONE', ' '],
    ['EXTRA=2', ' 2'],
    ['MARK', 'inherited '],
  ])('honours --export=%s', async (spec, expected) => {
    const id = await submit('echo "$MARK $EXTRA"', [`--export=${spec}`]);
    await until(id, 'completed');
    expect(output(`slurm-${id}.out`)).toBe(`${expected}\n`);
  });

  it('honours dependencies', async () => {
    const failing = await submit('sleep 0.3; exit 1');
    const ok = await submit('echo never', [], [`--dependency=afterok:${failing}`]);
    const notOk = await submit('echo ran', [], [`--dependency=afternotok:${failing}`]);
    const any = await submit('echo ran', [], [`--dependency=afterany:${failing}:${notOk}`]);
    expect(await look(ok)).toMatchObject({ state: 'pending', reason: 'Dependency' });
    await until(notOk, 'completed');
    await until(any, 'completed');
    expect(await look(ok)).toMatchObject({ state: 'pending', reason: 'DependencyNeverSatisfied' });
  });

  it('fails a job whose output cannot be written', async () => {
    const id = await submit('true', ['--output=no/such/folder/%j']);
    expect(await until(id, 'failed')).toMatchObject({ reason: expect.stringContaining('no/such/folder') });
  });

  it.each([
    ['no shebang', 'echo hi\n', /does not look like a batch script/],
    ['CRLF', '#!/bin/sh\r\ntrue\r\n', /DOS line breaks/],
    ['a bad time', '#!/bin/sh\n#SBATCH --time=abc\n', /Invalid --time specification/],
    ['a bad array', '#!/bin/sh\n#SBATCH --array=x\n', /Invalid job array/],
  ])('refuses %s as sbatch does', async (_, script, words) => {
    const refusal = scheduler.submit({ script, name: 'x', options: [], workdir: work, key: 'k' });
    await expect(refusal).rejects.toThrow(RefusalError);
    await expect(refusal).rejects.toThrow(words);
  });

  it('finds a job by its key', async () => {
    const id = await submit('true');
    expect(await scheduler.findByKey(`key-${keys}`)).toBe(id);
    expect(await scheduler.findByKey('other')).toBeUndefined();
  });

  it('is taken over by the next engine: what runs goes on, what ended meanwhile is known', async () => {
    const [short, long] = [await submit('sleep 0.5; exit 4'), await submit('sleep 60')];
    const waiting = await submit('echo after');
    scheduler.dispose();
    await vi.waitFor(() => expect(existsSync(join(folder, 'jobs', short, 'status'))).toBe(true), { timeout: 20_000 });
    scheduler = create();
    expect(await until(short, 'failed')).toMatchObject({ status: 1024 });
    await until(waiting, 'completed');
    expect(await look(long)).toMatchObject({ state: 'running' });
    await scheduler.cancel(long);
    await until(long, 'cancelled');
  });

  it('never gives a number twice, not even when old jobs are gone', async () => {
    const id = await submit('true');
    await until(id, 'completed');
    scheduler.dispose();
    rmSync(join(folder, 'jobs', id), { recursive: true });
    scheduler = create();
    expect(await submit('true')).toBe(String(Number(id) + 1));
  });

  it('starts a job once when an engine dies before it has written that down', async () => {
    const id = await submit('echo begun >> runs; while [ ! -e go ]; do sleep 0.02; done; exit 5');
    await vi.waitFor(() => expect(output('runs')).toBe('begun\n'), { timeout: 20_000 });
    scheduler.dispose();
    const file = join(folder, 'jobs', id, 'job.json');
    const { pid: _, pidStarted: __, started: ___, ...record } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...record, state: 'pending' }));
    scheduler = create();
    expect(await look(id)).toMatchObject({ state: 'running' });
    writeFileSync(join(work, 'go'), '');
    expect(await until(id, 'failed')).toMatchObject({ status: 5 << 8 });
    expect(output('runs')).toBe('begun\n');
  });

  it('still kills, after a change of engines, what does not end by itself', async () => {
    const id = await submit("trap '' TERM; echo ready > ready; while :; do sleep 0.1; done");
    await vi.waitFor(() => expect(output('ready')).toBe('ready\n'), { timeout: 20_000 });
    await scheduler.cancel(id);
    scheduler.dispose();
    scheduler = create();
    await until(id, 'cancelled');
  });

  it('does nothing more once it is disposed', async () => {
    const id = await submit('sleep 0.2', [], []);
    scheduler.dispose();
    await vi.waitFor(() => expect(existsSync(join(folder, 'jobs', id, 'status'))).toBe(true), { timeout: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(JSON.parse(readFileSync(join(folder, 'jobs', id, 'job.json'), 'utf8'))).toMatchObject({ state: 'running' });
  });

  it('refuses an array that is too large, before anything is written', async () => {
    await expect(submit('true', ['--array=0-1000'])).rejects.toThrow('1001 tasks, here an array has at most 1000');
    expect(await submit('true')).toBe('1');
  });

  it('keeps the other jobs when the record of one is damaged', async () => {
    const id = await submit('true');
    await until(id, 'completed');
    scheduler.dispose();
    mkdirSync(join(folder, 'jobs', '99'));
    writeFileSync(join(folder, 'jobs', '99', 'job.json'), '{');
    scheduler = create();
    expect(await look(id)).toMatchObject({ state: 'completed' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
