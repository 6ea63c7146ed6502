import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readFilePart } from '../../engine/protocol/files.ts';
import { type SubmitProgress, submitProgressed } from '../../engine/protocol/submit.ts';
import {
  cancelJob,
  connectCluster,
  disconnectCluster,
  type EventlogEntry,
  errorCodes,
  type HostKeyPrompt,
  type InputPrompt,
  listClusters,
} from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { diverging, matchedNumbers, numberedLines, oneTo } from '../support/scripts.ts';
import { startTcpProxy } from './support/tcp-proxy.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';

let engine: EngineProcess;
beforeEach(() => {
  engine = new EngineProcess({ sshConfigFile });
});
afterEach(() => engine.dispose());

const submit = (script: string, cluster = 'login') =>
  engine.submit({ cluster, script, scriptPath: '/somewhere/job.sh' });
const names = (entries: readonly EventlogEntry[]) => entries.map((entry) => entry.name);
const contexts = (entries: readonly EventlogEntry[], name: string) =>
  entries.filter((entry) => entry.name === name).map((entry) => entry.context);

/** Runs a Slurm command as root, beside the engine. */
const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

describe.skipIf(!directory)('the main job on Slurm over SSH', () => {
  it('cancels a run that diverges with scancel, and logs all of it', async () => {
    await engine.connect();
    const job = await submit(diverging);
    const entries = await engine.until(job.key, 'clean');
    expect(names(entries).slice(0, 6)).toEqual(['submit', 'depend', 'priority', 'alloc', 'start', 'watcher.match']);
    expect(names(entries).slice(-5)).toEqual(['exception', 'finish', 'release', 'free', 'clean']);
    expect(contexts(entries, 'watcher.result')).toEqual([
      expect.objectContaining({ action: 'notify', ok: true }),
      expect.objectContaining({ action: 'cancel_job', ok: true }),
    ]);
    expect(contexts(entries, 'exception')[0]).toMatchObject({
      type: 'cancel',
      severity: 0,
      userid: expect.any(Number),
    });
    expect(contexts(entries, 'alloc')[0]).toMatchObject({
      partition: 'debug',
      account: 'test',
      nodes: expect.stringMatching(/^n\d$/),
    });
    expect(engine.notifications).toContainEqual({
      level: 'warning',
      message: 'loss 11.25 in epoch 2',
      job: job.key,
      watcher: 'loss_monitor',
    });
    expect(slurm('sacct', '-n', '-P', '-X', '-j', job.jobId, '-o', 'State')).toMatch(/^CANCELLED by \d+/);
  });

  it('runs the login setup in the directory of the submission, before sbatch and not in the job', async () => {
    await engine.connect();
    const marker = `vigil-setup-${process.pid}`;
    const script = (status: number) =>
      `#!/bin/bash\n#SBATCH -o ${marker}/%j.out\n#LOGIN_SETUP_BEGIN\nmkdir -p ${marker}; hostname > ${marker}/host; echo "it says why"\n(exit ${status})\n#LOGIN_SETUP_END\n#SBATCH -J behind\ncat ${marker}/host\n`;
    await expect(submit(script(3))).rejects.toThrow(/login setup of the script failed with status 3:\nit says why/);
    const told: SubmitProgress[] = [];
    engine.client.connection.onNotification(submitProgressed, (progress) => void told.push(progress));
    const key = randomUUID();
    const job = await engine.submit({ cluster: 'login', script: script(0), key });
    expect(told).toEqual([
      { key, stage: 'connecting' },
      { key, stage: 'login-setup' },
      { key, stage: 'login-setup', line: 'it says why' },
      { key, stage: 'submitting' },
    ]);
    await engine.until(job.key, 'clean');
    // Slurm would have failed the job without the directory, and a directive behind the block counts.
    expect(await engine.job(job.key)).toMatchObject({ name: 'behind', state: 'completed' });
    expect(slurm('scontrol', 'write', 'batch_script', job.jobId, '-')).toContain(`\n#mkdir -p ${marker};`);
    const asked = { job: job.key, path: `~/${marker}/host`, maxBytes: 1000 };
    const { data } = await engine.client.connection.sendRequest(readFilePart, asked);
    expect(Buffer.from(data, 'base64').toString()).toBe(`${hostname()}\n`);
  });

  it('sends the script to the byte, in the directory asked for', async () => {
    await engine.connect();
    const script = '#!/bin/bash\n#SBATCH -o %x.out\n# ü € \t "quotes" $HOME `x` \\\npwd # no newline at the end';
    const workdir = mkdtempSync(join(tmpdir(), 'vigil-exact-'));
    chmodSync(workdir, 0o777);
    onTestFinished(() => rmSync(workdir, { recursive: true }));
    const job = await engine.submit({ cluster: 'login', script, scriptPath: '/x/exact.sh', workdir });
    await engine.until(job.key, 'clean');
    expect(slurm('scontrol', 'write', 'batch_script', job.jobId, '-')).toBe(script);
    expect(await engine.job(job.key)).toMatchObject({
      name: 'exact.sh',
      workdir,
      stdoutPath: `${workdir}/exact.sh.out`,
      state: 'completed',
      status: 0,
    });
    expect(readFileSync(`${workdir}/exact.sh.out`, 'utf8')).toBe(`${workdir}\n`);
  });

  it('keeps the comment of the user beside its own key', async () => {
    await engine.connect();
    const job = await submit('#!/bin/bash\n#SBATCH --comment="my words"\ntrue\n');
    await engine.until(job.key, 'clean');
    expect(slurm('scontrol', 'show', 'job', job.jobId)).toMatch(/Comment=my words vigil:/);
  });

  it.each([
    ['exit 3', 'failed', 768],
    ['kill -SEGV $$', 'failed', 11],
    ['true', 'completed', 0],
  ])('tells how `%s` ended', async (command, state, status) => {
    await engine.connect();
    const job = await submit(`#!/bin/bash\n${command}\n`);
    const entries = await engine.until(job.key, 'clean');
    expect(contexts(entries, 'finish')).toEqual([{ status }]);
    expect(await engine.job(job.key)).toMatchObject({ state, status });
  });

  it('logs the dependency, and a cancel in the queue without a start', async () => {
    await engine.connect();
    const first = await submit('#!/bin/bash\nsleep 300\n');
    const second = await engine.submit({
      cluster: 'login',
      script: '#!/bin/bash\ntrue\n',
      options: [`--dependency=afterok:${first.jobId}`],
    });
    await vi.waitFor(
      async () => expect(await engine.job(second.key)).toMatchObject({ state: 'pending', reason: 'Dependency' }),
      60_000,
    );
    await engine.client.connection.sendRequest(cancelJob, { job: second.key });
    expect(names(await engine.until(second.key, 'clean'))).toEqual(['submit', 'exception', 'clean']);
    await engine.client.connection.sendRequest(cancelJob, { job: first.key });
    await engine.until(first.key, 'clean');
  });

  it('cancels tasks of an array, those that wait and those that run', async () => {
    await engine.connect();
    const array = await submit(
      '#!/bin/bash\n#SBATCH --array=1-6%2 -o /dev/null\n[ $SLURM_ARRAY_TASK_ID = 6 ] || sleep 300\n',
    );
    await engine.until(`${array.key}_1`, 'start');
    expect(await engine.vigil(['cancel', `${array.key}_[1-5:2,2-4]`])).toMatchObject({ status: 0 });
    await engine.until(array.key, 'clean');
    const states = () => slurm('sacct', '-n', '-P', '-X', '-j', array.jobId, '-o', 'JobID,State').trim().split('\n');
    // The accounting has it some moments later.
    await vi.waitFor(() => expect(states()).toContain(`${array.jobId}_6|COMPLETED`), 60_000);
    expect(
      states()
        .filter((line) => /CANCELLED/.test(line))
        .join(),
    ).not.toContain('_6|');
    const none = await engine.vigil(['cancel', `${array.key}_[9]`]);
    expect(none.status).not.toBe(0);
    expect(none.stderr).toMatch(/is over|Invalid job id/);
  });

  it('gives each task of an array its own log and watchers', async () => {
    await engine.connect();
    const script = `#!/bin/bash
#SBATCH --array=1-3 --output=arr-%A_%a.out
#WATCHER pattern="task (\\d)" captures=[t] action=log_event(message="saw \${t}")
echo "task $SLURM_ARRAY_TASK_ID"; sleep 2
[ "$SLURM_ARRAY_TASK_ID" != 2 ]
`;
    const array = await submit(script);
    await engine.until(array.key, 'clean');
    for (const [index, state] of [
      [1, 'completed'],
      [2, 'failed'],
      [3, 'completed'],
    ] as const) {
      const entries = await engine.until(`${array.key}_${index}`, 'clean');
      expect(contexts(entries, 'log')).toEqual([expect.objectContaining({ message: `saw ${index}` })]);
      expect(await engine.job(`${array.key}_${index}`)).toMatchObject({ state });
    }
    expect(await engine.job(array.key)).toMatchObject({ state: 'failed' });
  });

  it('goes on after a requeue under the same id', async () => {
    await engine.connect();
    const job = await submit(
      '#!/bin/bash\n#WATCHER pattern="run (?P<n>\\d+)" action=log_event\necho "run ${SLURM_RESTART_COUNT:-0}"\n[ -n "$SLURM_RESTART_COUNT" ] || sleep 300\n',
    );
    await engine.until(job.key, 'watcher.match');
    slurm('scontrol', 'requeue', job.jobId);
    await engine.until(job.key, 'requeue');
    // The first run must be gone from its node; then the job need not wait the two minutes that Slurm holds it back.
    await vi.waitFor(
      () => expect(slurm('sinfo', '-h', '-n', 'n[1-4]', '-p', 'debug', '-o', '%T').trim()).toBe('idle'),
      60_000,
    );
    slurm('scontrol', 'update', `JobId=${job.jobId}`, 'StartTime=now');
    const entries = await engine.until(job.key, 'clean');
    expect(names(entries).filter((name) => /^(start|requeue|finish)$/.test(name))).toEqual([
      'start',
      'requeue',
      'start',
      'finish',
    ]);
    expect(contexts(entries, 'watcher.match').map((context) => context?.line)).toEqual(['run 0', 'run 1']);
  }, 240_000);

  it("performs the scheduler's own verbs, and records what it refuses", async () => {
    await engine.connect();
    const job = await submit(`#!/bin/bash
#WATCHER_BEGIN
# name: verbs
# pattern: "ready"
# actions:
#   - update_job(options={"JobName": "renamed"})
#   - update_job(options={"TimeLimit": "50:00"})
#   - signal_job(signal="USR1")
#   - emit_event(name="ready")
#WATCHER_END
trap 'echo caught' USR1
echo ready
for i in $(seq 600); do sleep 0.1; done
`);
    await vi.waitFor(async () => {
      const results = contexts(await engine.eventlog(job.key), 'watcher.result');
      expect(results).toHaveLength(4);
    }, 60_000);
    expect(contexts(await engine.eventlog(job.key), 'watcher.result')).toEqual([
      expect.objectContaining({ action: 'update_job', ok: true }),
      expect.objectContaining({ ok: false, message: expect.stringContaining('Access/permission denied') }),
      expect.objectContaining({ action: 'signal_job', ok: true }),
      expect.objectContaining({ action: 'emit_event', ok: true }),
    ]);
    expect(slurm('squeue', '-h', '-j', job.jobId, '-o', '%j').trim()).toBe('renamed');
    await engine.client.connection.sendRequest(cancelJob, { job: job.key });
    await engine.until(job.key, 'clean');
  });
});

describe.skipIf(!directory)('trouble', () => {
  it('loses no line and doubles none when the connection is cut and the engine is killed', async () => {
    const proxy = await startTcpProxy(Number(process.env.VIGIL_CLUSTER_PORT));
    const config = join(engine.folder, 'ssh_config');
    const known = join(engine.folder, 'known_hosts');
    const key = readFileSync(join(directory ?? '', 'ssh', 'known_hosts'), 'utf8')
      .split('\n')[0]
      ?.split(' ')
      .slice(1)
      .join(' ');
    writeFileSync(known, `[127.0.0.1]:${proxy.port} ${key}\n`);
    writeFileSync(
      config,
      `Host shaky\n  HostName 127.0.0.1\n  Port ${proxy.port}\n  User ${process.env.VIGIL_CLUSTER_USER}\n  IdentityFile ${directory}/ssh/keys/user_ed25519\n  IdentitiesOnly yes\n  UserKnownHostsFile ${known}\n`,
    );
    engine.disconnect();
    const shaky = new EngineProcess({ sshConfigFile: config });
    try {
      await shaky.connect();
      const job = await shaky.submit({ cluster: 'shaky', script: numberedLines(100, 0.1) });
      for (const trouble of ['drop', 'kill', 'drop', 'drop', 'kill']) {
        await new Promise((resolve) => setTimeout(resolve, 2000));
        if (trouble === 'drop') proxy.drop();
        else {
          await shaky.kill();
          await shaky.connect();
        }
      }
      const entries = await shaky.until(job.key, 'clean');
      expect(matchedNumbers(entries)).toEqual(oneTo(100));
      expect(contexts(entries, 'metric').map((context) => context?.value)).toEqual(oneTo(100));
      expect(names(entries).filter((name) => name === 'watcher.result')).toHaveLength(100);
      expect(names(entries)).toContain('connection.lost');
      expect(names(entries).filter((name) => name === 'submit' || name === 'start' || name === 'finish')).toEqual([
        'submit',
        'start',
        'finish',
      ]);
    } finally {
      await shaky.dispose();
      await proxy.close();
    }
  }, 240_000);

  it('goes on without loss when somebody disconnects and connects again while a job runs', async () => {
    await engine.connect();
    const job = await submit(numberedLines(60, 0.1));
    await engine.until(job.key, 'watcher.match');
    const ask = engine.client.connection;
    expect(await ask.sendRequest(disconnectCluster, { cluster: 'login' })).toMatchObject({ state: 'idle' });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect((await ask.sendRequest(listClusters)).find(({ name }) => name === 'login')).toMatchObject({ state: 'idle' });
    await ask.sendRequest(connectCluster, { cluster: 'login' });
    const entries = await engine.until(job.key, 'clean');
    expect(matchedNumbers(entries)).toEqual(oneTo(60));
    expect(names(entries).filter((name) => name.startsWith('connection.'))).toEqual([
      'connection.lost',
      'connection.restored',
    ]);
  });

  it('reads an output whose name scontrol does not tell wholly', async () => {
    await engine.connect();
    const script = `#!/bin/bash
#SBATCH -o task-%t-%s-%j.out
#WATCHER name="w" pattern="^here (?P<n>\\d+)$" action=log_event(message="seen")
echo "here 1"; sleep 1
`;
    const job = await engine.submit({ cluster: 'login', script, scriptPath: '/x/n.sh' });
    const entries = await engine.until(job.key, 'clean');
    expect(matchedNumbers(entries)).toEqual([1]);
    expect(names(entries)).not.toContain('output.lost');
  });

  it('asks for a password once: not after a drop, but again of the next engine, when somebody is there', async () => {
    const proxy = await startTcpProxy(Number(process.env.VIGIL_CLUSTER_PORT));
    const config = join(engine.folder, 'password_config');
    const known = join(engine.folder, 'password_known_hosts');
    writeFileSync(
      config,
      `Host shaky\n  HostName 127.0.0.1\n  Port ${proxy.port}\n  User ${process.env.VIGIL_CLUSTER_USER}\n  PubkeyAuthentication no\n  UserKnownHostsFile ${known}\n`,
    );
    engine.configure({ sshConfigFile: config });
    const asked: string[] = [];
    const person = {
      hostKey: (prompt: HostKeyPrompt) => asked.push(prompt.fingerprint) > 0,
      input: (prompt: InputPrompt) => {
        asked.push(prompt.question);
        return process.env.VIGIL_CLUSTER_PASSWORD ?? '';
      },
    };
    try {
      await engine.connect(person);
      const job = await submit(numberedLines(80, 0.1), 'shaky');
      await engine.until(job.key, 'watcher.match');
      expect(asked).toEqual([expect.stringMatching(/^SHA256:/), expect.stringMatching(/password/i)]);
      proxy.drop();
      await engine.until(job.key, 'connection.restored');
      expect(asked).toHaveLength(2);
      await engine.kill();
      await engine.connect();
      engine.disconnect();
      await engine.connect(person);
      expect(matchedNumbers(await engine.until(job.key, 'clean'))).toEqual(oneTo(80));
      expect(asked).toHaveLength(3);
    } finally {
      await proxy.close();
    }
  }, 240_000);

  it.each([
    ['#SBATCH --partition=nosuch', 'Invalid partition name specified', 1],
    ['#SBATCH --time=2-0', 'Requested time limit is invalid', 1],
    ['#SBATCH --account=nosuch', 'Invalid account', 1],
    ['#SBATCH --no-such-option', "unrecognized option '--no-such-option'", 1],
    ['#SBATCH --nodes=99', 'More processors requested than permitted', 1],
  ])('shows what sbatch says of %s at its line', async (directive, words, line) => {
    await engine.connect();
    await expect(submit(`#!/bin/bash\n${directive}\ntrue\n`)).rejects.toMatchObject({
      code: errorCodes.refused,
      data: { words: expect.stringContaining(words), range: { start: { line } } },
    });
  });

  it.each([
    ['no shebang', 'echo hi\n', 'does not look like a batch script'],
    ['CRLF', '#!/bin/bash\r\necho hi\r\n', 'DOS line breaks'],
  ])('shows what sbatch says of a script with %s at its first line', async (_, script, words) => {
    await engine.connect();
    await expect(submit(script)).rejects.toMatchObject({
      data: { words: expect.stringContaining(words), range: { start: { line: 0 } } },
    });
  });

  it('says that there is no sbatch', async () => {
    const bin = join(engine.folder, 'bin');
    mkdirSync(bin);
    engine.configure({ clusters: [{ name: 'here', scheduler: 'slurm' }] });
    const path = process.env.PATH;
    process.env.PATH = bin;
    try {
      await engine.connect();
    } finally {
      process.env.PATH = path;
    }
    await expect(submit('#!/bin/sh\n', 'here')).rejects.toMatchObject({
      code: errorCodes.noScheduler,
      message: expect.stringContaining('sbatch was not found on here'),
    });
  });

  it.each([
    ['no such host', { host: 'no-such-host.invalid' }, errorCodes.connection],
    ['a closed port', { host: '127.0.0.1', port: 1 }, errorCodes.connection],
  ])('says that the cluster cannot be reached: %s', async (_, place, code) => {
    engine.configure({ clusters: [{ name: 'far', ...place }] });
    await engine.connect();
    await expect(submit('#!/bin/sh\n', 'far')).rejects.toMatchObject({ code, message: expect.stringContaining('far') });
    const clusters = await engine.client.connection.sendRequest(listClusters);
    expect(clusters.find((cluster) => cluster.name === 'far')).toMatchObject({
      state: 'offline',
      detail: expect.stringContaining('far'),
    });
  });

  it('takes a mended setting at the next try', async () => {
    engine.configure({ clusters: [{ name: 'mended', host: 'login', port: 1 }] });
    await engine.connect();
    await expect(engine.client.connection.sendRequest(connectCluster, { cluster: 'mended' })).rejects.toMatchObject({
      code: errorCodes.connection,
    });
    engine.configure({ clusters: [{ name: 'mended', host: 'login' }] });
    await engine.connect();
    const cluster = await engine.client.connection.sendRequest(connectCluster, { cluster: 'mended' });
    expect(cluster).toMatchObject({ state: 'connected', scheduler: 'slurm' });
  });

  it('tells the missing output of a job that wrote none', async () => {
    await engine.connect();
    const job = await submit(
      '#!/bin/bash\n#SBATCH -o no/such/dir/%j.out\n#WATCHER pattern="x" action=log_event\ntrue\n',
    );
    const entries = await engine.until(job.key, 'clean');
    expect(contexts(entries, 'output.lost')).toEqual([
      expect.objectContaining({ note: expect.stringContaining('does not exist') }),
    ]);
    expect(await engine.job(job.key)).toMatchObject({ state: 'failed' });
  });
});

describe.skipIf(!directory)('Slurm on this machine', () => {
  it('is the same without SSH', async () => {
    await engine.connect();
    const cluster = await engine.client.connection.sendRequest(connectCluster, { cluster: 'slurm' });
    expect(cluster).toMatchObject({ kind: 'local', scheduler: 'slurm', detail: expect.stringMatching(/^Slurm 2\d\./) });
    const job = await engine.submit({ cluster: 'slurm', script: diverging, scriptPath: join(engine.folder, 'job.sh') });
    const entries = await engine.until(job.key, 'clean');
    expect(names(entries)).toContain('watcher.result');
    expect(names(entries).slice(-5)).toEqual(['exception', 'finish', 'release', 'free', 'clean']);
  });
});

describe.skipIf(!directory)('vigil', () => {
  it('runs a script on the cluster and exits as it did', async () => {
    const script = join(engine.folder, 'train.sh');
    writeFileSync(script, diverging);
    const run = await engine.vigil(['run-script', script, '--cluster', 'login']);
    expect(run.status).not.toBe(0);
    expect(run.stdout).toContain('epoch 2 loss: 11.25');
    expect(run.stderr).toMatch(/watcher.result.*exception.*clean/s);
  });

  it('asks for what it needs to log in, and takes passwords from the environment', async () => {
    const config = join(engine.folder, 'config');
    const clusters = readFileSync(sshConfigFile, 'utf8').replace(/IdentityFile .*/, 'PubkeyAuthentication no');
    writeFileSync(config, clusters);
    engine.configure({ sshConfigFile: config });
    const refused = await engine.vigil(['connect', 'login']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/there is no terminal to ask you/);
    const password = process.env.VIGIL_CLUSTER_PASSWORD ?? '';
    expect(await engine.vigil(['connect', 'login'], { VIGIL_PASSWORD: password })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^login connected, Slurm .*, by Vigil's own SSH client, logged in with (password|keyboard-interactive)\n$/,
      ),
    });
  });
});
