import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorCodes, initialize, protocolVersion } from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { diverging, matchedNumbers, numberedLines, oneTo } from '../support/scripts.ts';

let engine: EngineProcess;
let work: string;
beforeEach(() => {
  engine = new EngineProcess({});
  work = join(engine.folder, 'work');
  mkdirSync(work);
});
afterEach(() => engine.dispose());

const submit = (script: string) => engine.submit({ cluster: 'local', script, scriptPath: join(work, 'job.sh') });

describe.skipIf(process.platform === 'win32')('the main job on `local`', () => {
  it('cancels a run that diverges, and logs all of it in order', async () => {
    await engine.connect();
    const job = await submit(diverging);
    const entries = await engine.until(job.key, 'clean');
    expect(entries.map((entry) => entry.name)).toEqual([
      ...[
        'submit',
        'depend',
        'priority',
        'alloc',
        'start',
        'watcher.match',
        'watcher.match',
        'watcher.action',
        'watcher.action',
        'watcher.state',
      ],
      ...['watcher.result', 'watcher.result', 'exception', 'finish', 'release', 'free', 'clean'],
    ]);
    const of = (name: string) => entries.filter((entry) => entry.name === name).map((entry) => entry.context);
    expect(of('watcher.match')).toEqual([
      expect.objectContaining({ captures: { epoch: '1', loss: '2.5' }, condition: false }),
      expect.objectContaining({ captures: { epoch: '2', loss: '11.25' }, condition: true }),
    ]);
    expect(of('watcher.result')).toEqual([
      expect.objectContaining({ action: 'notify', ok: true }),
      expect.objectContaining({ action: 'cancel_job', ok: true }),
    ]);
    expect(of('exception')).toEqual([expect.objectContaining({ type: 'cancel', severity: 0, note: 'Loss too high' })]);
    expect(engine.notifications).toContainEqual({
      level: 'warning',
      message: 'loss 11.25 in epoch 2',
      job: job.key,
      watcher: 'loss_monitor',
    });
    expect(await engine.job(job.key)).toMatchObject({
      state: 'cancelled',
      logEnded: true,
      watchers: [{ name: 'loss_monitor', triggerCount: 1, matchCount: 2 }],
    });
  });

  it('goes on without clients', async () => {
    await engine.connect();
    const job = await submit(diverging);
    const { pid } = engine.client.info;
    engine.disconnect();
    await vi.waitFor(
      () =>
        expect(existsSync(join(work, 'slurm-1.out')) && readFileSync(join(work, 'slurm-1.out'), 'utf8')).toContain(
          '11.25',
        ),
      30_000,
    );
    await engine.connect();
    expect(engine.client.info.pid).toBe(pid);
    expect((await engine.until(job.key, 'clean')).some((entry) => entry.name === 'exception')).toBe(true);
  });

  it('loses nothing and doubles nothing when the engine is killed', async () => {
    await engine.connect();
    const job = await submit(numberedLines(60, 0.05));
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await engine.kill();
      await engine.connect();
    }
    const entries = await engine.until(job.key, 'clean');
    expect(matchedNumbers(entries)).toEqual(oneTo(60));
    expect(entries.filter((entry) => entry.name === 'watcher.action')).toHaveLength(60);
    expect(entries.filter((entry) => entry.name === 'watcher.result')).toHaveLength(60);
    expect(entries.filter((entry) => entry.name === 'metric').map((entry) => entry.context?.value)).toEqual(oneTo(60));
    expect(entries.filter((entry) => entry.name === 'start')).toHaveLength(1);
  });

  it('gives each task of an array its own log and its own watchers', async () => {
    await engine.connect();
    const script = `#!/bin/bash
#SBATCH --array=1-3
#WATCHER pattern="task (\\d)" captures=[t] max_triggers=1 action=log_event(message="saw \${t}")
echo "task $SLURM_ARRAY_TASK_ID"
[ "$SLURM_ARRAY_TASK_ID" != 2 ]
`;
    const array = await submit(script);
    await engine.until(array.key, 'clean');
    for (const [index, state] of [
      [1, 'completed'],
      [2, 'failed'],
      [3, 'completed'],
    ] as const) {
      const key = `${array.key}_${index}`;
      const entries = await engine.until(key, 'clean');
      expect(entries.find((entry) => entry.name === 'log')?.context).toMatchObject({ message: `saw ${index}` });
      expect(await engine.job(key)).toMatchObject({ state, arrayTask: { parent: array.key, index } });
    }
    expect(await engine.job(array.key)).toMatchObject({ state: 'failed', status: 256 });
  });

  it('resubmits with modifications, counts down, and stops at zero', async () => {
    await engine.connect();
    const script = `#!/bin/bash
#WATCHER name="again" pattern="out of memory" remaining_resubmits=1 max_triggers=1 action=resubmit(modifications={"job-name": "second", "batch-size": "16"})
echo "$SLURM_JOB_NAME \${BATCH_SIZE:-32} out of memory"
sleep 300
`;
    const first = await submit(script);
    await engine.until(first.key, 'clean');
    const second = await vi.waitFor(() => engine.job('local/2'), 30_000);
    const entries = await engine.until(second.key, 'watcher.result');
    expect(readFileSync(join(work, 'slurm-2.out'), 'utf8')).toBe('second 16 out of memory\n');
    expect((await engine.eventlog(second.key))[0]?.context).toMatchObject({ resubmit_of: first.key });
    expect(entries.find((entry) => entry.name === 'watcher.result')?.context).toMatchObject({
      ok: false,
      message: expect.stringContaining('no resubmits remain'),
    });
    await engine.client.connection.sendRequest('jobs/cancel', { job: second.key });
    await engine.until(second.key, 'clean');
  });

  it('follows output for a client, past first, then live', async () => {
    const file = join(work, 'live.out');
    await engine.connect();
    const job = await submit(
      '#!/bin/bash\n#SBATCH -o live.out\necho past\nwhile [ ! -e go ]; do sleep 0.05; done\necho live\n',
    );
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toBe('past\n'), 20_000);
    const output = engine.vigil(['output', job.key, '--follow']);
    appendFileSync(join(work, 'go'), '');
    expect(await output).toMatchObject({ status: 0, stdout: 'past\nlive\n' });
  });

  it.skipIf(process.platform !== 'linux')('does not fill its memory for a client that does not read', async () => {
    const file = join(work, 'large.out');
    await engine.connect();
    const job = await submit('#!/bin/bash\n#SBATCH -o large.out\nhead -c 300000000 /dev/zero\n');
    await engine.until(job.key, 'clean');
    expect(statSync(file).size).toBe(300_000_000);
    const client = spawn(process.execPath, [join(engine.program, 'cli.js'), 'output', job.key], {
      env: engine.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const residentMegabytes = (pid: number) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    const before = residentMegabytes(engine.client.info.pid);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(residentMegabytes(engine.client.info.pid) - before).toBeLessThan(150);
    expect(residentMegabytes(client.pid ?? 0)).toBeLessThan(250);
    let size = 0;
    for await (const chunk of client.stdout) size += (chunk as Buffer).length;
    expect(size).toBe(300_000_000);
  });

  it('refuses a script whose watcher is wrong, and says where', async () => {
    await engine.connect();
    const refused = submit('#!/bin/bash\n#WATCHER pattern="(" action=cancel_job\ntrue\n');
    await expect(refused).rejects.toMatchObject({
      code: errorCodes.invalidScript,
      data: { range: { start: { line: 1 } } },
    });
  });

  it('refuses what sbatch would refuse, in its words, at the directive', async () => {
    await engine.connect();
    await expect(submit('#!/bin/bash\n#SBATCH --job-name=x --time=abc\n')).rejects.toMatchObject({
      code: errorCodes.refused,
      data: { words: 'Invalid --time specification', range: { start: { line: 1, character: 21 } } },
    });
  });

  it('makes one job of a submission that is sent twice', async () => {
    await engine.connect();
    const params = { cluster: 'local', script: '#!/bin/sh\ntrue\n', key: 'e1d5f1d2-0000-4000-8000-000000000001' };
    const first = await engine.submit(params);
    expect((await engine.submit(params)).key).toBe(first.key);
    await engine.until(first.key, 'clean');
    expect((await engine.submit(params)).key).toBe(first.key);
  });

  it('says that a cluster or a job is not known', async () => {
    await engine.connect();
    await expect(engine.submit({ cluster: 'nowhere', script: '#!/bin/sh\n' })).rejects.toMatchObject({
      code: errorCodes.unknownCluster,
      message: expect.stringContaining('local'),
    });
    await expect(engine.eventlog('local/99')).rejects.toMatchObject({ code: errorCodes.unknownJob });
  });
});

describe.skipIf(process.platform === 'win32')('vigil', () => {
  it('runs a script and exits as it did', async () => {
    const script = join(work, 'ok.sh');
    writeFileSync(script, '#!/bin/bash\necho out; echo err >&2; exit 7\n');
    const run = await engine.vigil(['run-script', script, '--', '--error=e.txt']);
    expect(run).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(run.stderr).toContain('err\n');
    expect(run.stderr).toMatch(/submitted local\/1\n.*start.*finish status=1792.*clean/s);
  });

  it('lists jobs and prints eventlogs', async () => {
    const script = join(work, 'job.sh');
    writeFileSync(script, diverging);
    const submitted = await engine.vigil(['submit', script]);
    expect(submitted).toMatchObject({ status: 0, stdout: 'local/1\n' });
    const log = await engine.vigil(['eventlog', 'local/1', '--follow', '--format', 'json']);
    const entries = log.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { timestamp: number; name: string });
    expect(entries[0]).toMatchObject({ name: 'submit', timestamp: expect.any(Number) });
    expect(entries.at(-1)?.name).toBe('clean');
    const jobs = JSON.parse((await engine.vigil(['jobs', '--format', 'json'])).stdout) as {
      key: string;
      state: string;
    }[];
    expect(jobs).toMatchObject([{ key: 'local/1', state: 'cancelled' }]);
    expect((await engine.vigil(['jobs'])).stdout).toMatch(/local\/1 +diverge +cancelled/);
  });

  it.each([
    [['nonsense'], 2, 'there is no command "nonsense"'],
    [['submit'], 2, 'SCRIPT is missing'],
    // As flux-job(1), which knows no status for wrong usage.
    [['eventlog', 'local/1', '--format', 'xml'], 1, "invalid format type 'xml'"],
    [['cancel', 'local/99'], 1, 'There is no job local/99'],
    [['submit', '/no/such/file.sh'], 1, 'no such file'],
    [['submit', '/no/such/file.sh', '--format', 'xml'], 2, '--format is one of text, json'],
  ])('%j', async (args, status, words) => {
    const run = await engine.vigil(args);
    expect(run.status).toBe(status);
    expect(run.stderr.toLowerCase()).toContain(words.toLowerCase());
  });
});

describe.skipIf(process.platform === 'win32')('vigil run-script', () => {
  it('follows all tasks of an array to their ends', async () => {
    const script = join(work, 'array.sh');
    writeFileSync(script, '#!/bin/bash\n#SBATCH --array=1-2\necho "task $SLURM_ARRAY_TASK_ID"\n');
    const run = await engine.vigil(['run-script', script]);
    expect(run.status).toBe(0);
    expect(run.stdout.trim().split('\n').sort()).toEqual(['1: task 1', '2: task 2']);
  });

  it('goes on when a newer client replaces the engine', async () => {
    const script = join(work, 'long.sh');
    writeFileSync(script, numberedLines(40, 0.1));
    const running = engine.vigil(['run-script', script, '--format', 'json']);
    await engine.connect();
    await vi.waitFor(() => engine.job('local/1'), 30_000);
    await engine.until('local/1', 'watcher.match');
    await engine.connect({}, '0.2.0');
    const run = await running;
    expect(run.status).toBe(0);
    expect(run.stdout).toBe(
      oneTo(40)
        .map((number) => `line ${number}\n`)
        .join(''),
    );
    const entries = run.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    expect(matchedNumbers(entries)).toEqual(oneTo(40));
  });

  it('refuses a script that is not UTF-8, before an engine is started', async () => {
    const script = join(work, 'latin1.sh');
    writeFileSync(script, Buffer.from('#!/bin/sh\necho gr\xfc\xdfe\n', 'latin1'));
    const run = await engine.vigil(['run-script', script]);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('is not UTF-8') });
    expect(existsSync(join(engine.folder, 'state', 'engine.log'))).toBe(false);
  });
});

it('starts one engine, however many ask at once', async () => {
  const runs = await Promise.all(oneTo(4).map(() => engine.vigil(['jobs'])));
  expect(runs.map((run) => run.status)).toEqual([0, 0, 0, 0]);
  await engine.connect();
});

it('stops when it is told to, and the next one takes up its jobs', async () => {
  await engine.connect();
  const job = await submit(diverging);
  const { pid } = engine.client.info;
  expect((await engine.vigil(['stop-engine'])).status).toBe(0);
  await engine.connect();
  expect(engine.client.info.pid).not.toBe(pid);
  expect((await engine.until(job.key, 'clean')).some((entry) => entry.name === 'exception')).toBe(true);
});

it('takes up the jobs of a cluster that the settings name again', async () => {
  const here = [{ name: 'here', scheduler: 'local' }] as const;
  engine.configure({ clusters: here });
  await engine.connect();
  const job = await engine.submit({ cluster: 'here', script: diverging, workdir: work });
  engine.configure({ clusters: [] });
  await engine.connect();
  await engine.kill();
  await engine.connect();
  expect((await engine.eventlog(job.key)).some((entry) => entry.name === 'exception')).toBe(false);
  engine.configure({ clusters: here });
  await engine.connect();
  expect((await engine.until(job.key, 'clean')).some((entry) => entry.name === 'exception')).toBe(true);
});

describe('versions', () => {
  it('hands over to a client that is newer, without loss', async () => {
    await engine.connect();
    const job = await submit(numberedLines(30, 0.1));
    const { pid } = engine.client.info;
    await engine.connect({}, '0.2.0');
    expect(engine.client.info.pid).not.toBe(pid);
    expect(matchedNumbers(await engine.until(job.key, 'clean'))).toEqual(oneTo(30));
  });

  it('stays for a client that is older', async () => {
    await engine.connect();
    const { pid } = engine.client.info;
    await engine.connect({}, '0.0.9');
    expect(engine.client.info.pid).toBe(pid);
  });

  it.each([
    [protocolVersion + 1, errorCodes.engineOutdated, 'is older than this client'],
    [protocolVersion - 1, errorCodes.clientOutdated, 'update Vigil here'],
  ])('refuses protocol %i and says who has to change', async (spoken, code, words) => {
    const { connection } = await engine.connect();
    const greeting = { protocolVersion: spoken, version: '0.1.0', client: 'cli', answersPrompts: false } as const;
    await expect(connection.sendRequest(initialize, greeting)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

it('keeps its socket to its user', async () => {
  await engine.connect();
  const { statSync } = await import('node:fs');
  expect(statSync(join(engine.folder, 'run')).mode & 0o777).toBe(0o700);
});
