import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readUsage } from '../../engine/protocol/jobs.ts';
import { contexts, describeActions } from '../support/action-suite.ts';
import { EngineProcess } from '../support/engine-process.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';

let engine: EngineProcess;
let work: string;
beforeEach(() => {
  engine = new EngineProcess({ sshConfigFile });
  work = mkdtempSync('/tmp/vigil-actions-');
  chmodSync(work, 0o777);
});
afterEach(async () => {
  await engine.dispose();
  rmSync(work, { recursive: true, force: true });
});

const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

describe.skipIf(!directory)('actions on Slurm over SSH', () => {
  describeActions({
    engine: () => engine,
    cluster: 'login',
    work: () => work,
    write: (name, text) => writeFileSync(join(work, name), text),
    read: (name) => readFileSync(join(work, name), 'utf8'),
  });

  it("has the scheduler's verbs: hold and release, update, signal, requeue", async () => {
    await engine.connect();
    const script = `#!/bin/bash
#SBATCH --time=10 --requeue --open-mode=append
#WATCHER pattern="first" max_triggers=1 action=update_job(options={"TimeLimit": "5"}) action=signal_job(signal="USR1") action=hold_job
#WATCHER pattern="signalled" max_triggers=1 action=requeue_job
trap 'echo signalled' USR1
if [ "\${SLURM_RESTART_COUNT:-0}" -gt 0 ]; then echo again; exit 0; fi
echo first
for i in $(seq 300); do sleep 0.2; done
`;
    const job = await engine.submit({ cluster: 'login', script, workdir: work, options: ['--job-name=verbs'] });
    const entries = await engine.until(job.key, 'requeue');
    const results = contexts(entries, 'watcher.result').map(({ action, ok }) => [action, ok]);
    expect(results).toEqual(
      expect.arrayContaining([
        ['update_job', true],
        ['requeue_job', true],
      ]),
    );
    expect(slurm('scontrol', 'show', 'job', job.jobId)).toContain('TimeLimit=00:05:00');
    await engine.vigil(['cancel', job.key]);
    await engine.until(job.key, 'clean');
  });

  it('takes orders of people, and tells what the controller refuses in its words', async () => {
    await engine.connect();
    const script = '#!/bin/bash\n#SBATCH --time=10 --begin=now+1hour\nsleep 60\n';
    const job = await engine.submit({ cluster: 'login', script, workdir: work });
    const shown = () => slurm('scontrol', 'show', 'job', job.jobId);
    await engine.vigil(['urgency', job.key, '8']);
    expect(shown()).toMatch(/Nice=800\b/);
    await engine.vigil(['hold', job.key]);
    expect(shown()).toMatch(/Priority=0\b/);
    await engine.vigil(['release', job.key]);
    expect(shown()).not.toMatch(/Priority=0\b/);
    await engine.vigil(['memo', job.key, 'note=the good one']);
    expect((await engine.job(job.key)).memo).toEqual({ note: 'the good one' });
    const refused = async (...argv: string[]) => (await engine.vigil(argv)).stderr;
    expect(await refused('extend', job.key, '2h')).toMatch(/denied/i);
    expect(await refused('raise', job.key, '--type=oom')).toMatch(/only Flux has exceptions/);
    await engine.vigil(['cancel', job.key]);
    const entries = await engine.until(job.key, 'clean');
    expect(contexts(entries, 'urgency')).toEqual([{ urgency: 8 }, { urgency: 0 }, { urgency: 16 }]);
    expect(contexts(entries, 'memo')).toEqual([{ note: 'the good one' }]);
  });

  it('tells what a job used, with its steps', async () => {
    await engine.connect();
    const script = '#!/bin/bash\n#SBATCH --time=10 --mem=100M\nsrun sleep 1\n';
    const job = await engine.submit({ cluster: 'login', script, workdir: work });
    await engine.until(job.key, 'clean');
    await vi.waitFor(
      async () => {
        const usage = await engine.client.connection.sendRequest(readUsage, { job: job.key });
        expect(usage).toMatchObject({ cpus: 1, requestedMemoryBytes: 100 * 2 ** 20 });
        expect(usage?.steps.map(({ id, name }) => [id, name])).toEqual([
          ['batch', 'batch'],
          ['0', 'sleep'],
        ]);
        expect(usage?.steps[1]?.ended).toBeGreaterThan(usage?.steps[1]?.started ?? Number.POSITIVE_INFINITY);
      },
      { timeout: 20_000, interval: 500 },
    );
  });

  it('caps a relative value at the limit of the partition', async () => {
    const limit = slurm('scontrol', 'show', 'partition', 'debug');
    const max = /MaxTime=(\S+)/.exec(limit)?.[1] ?? '';
    await engine.connect();
    const script = `#!/bin/bash
#SBATCH --time=30 --mem=100M
#WATCHER pattern="go" max_triggers=1 remaining_resubmits=1 action=resubmit(modifications={"time": "*10000", "mem": "+50M"})
echo go
sleep 20
`;
    const job = await engine.submit({ cluster: 'login', script, workdir: work });
    const [result] = contexts(await engine.until(job.key, 'watcher.result'), 'watcher.result');
    const [, next = ''] = /resubmitted as login\/(\d+)/.exec(String(result?.message)) ?? [];
    if (max !== 'UNLIMITED') {
      expect(result?.message).toContain('is capped at');
      expect(slurm('scontrol', 'show', 'job', next)).toContain(`TimeLimit=${max}`);
    } else expect(result?.ok).toBe(true);
    expect(slurm('scontrol', 'show', 'job', next)).toContain('MinMemoryNode=150M');
    for (const id of [job.jobId, next]) await engine.vigil(['cancel', `login/${id}`]);
    await engine.until(`login/${next}`, 'clean');
  });

  it('sends e-mail by the mail program of the cluster (a fake one)', async () => {
    const bin = join(work, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'sendmail'), `#!/bin/sh\n{ for word; do echo "[$word]"; done; cat; } >'${work}/sent'\n`);
    chmodSync(join(bin, 'sendmail'), 0o755);
    const bashrc = join(homeOfUser(), '.bashrc');
    const before = readFileSync(bashrc, { encoding: 'utf8', flag: 'a+' });
    writeFileSync(bashrc, `export PATH='${bin}':$PATH\n${before}`);
    try {
      await engine.connect();
      const script = `#!/bin/bash
#WATCHER pattern="go (.*)" max_triggers=1 action=notify_email(to="someone@example.org", subject="it $1", message="$LINE")
echo 'go $(touch ${work}/pwned) ~!x'
`;
      const job = await engine.submit({ cluster: 'login', script, workdir: work });
      const entries = await engine.until(job.key, 'clean');
      expect(contexts(entries, 'watcher.result')).toMatchObject([
        { ok: true, message: expect.stringContaining('sendmail') },
      ]);
      const sent = readFileSync(join(work, 'sent'), 'utf8');
      expect(sent).toMatch(/^\[-i\]\n\[--\]\n\[someone@example.org\]\n/);
      expect(sent).toContain(`Subject: it $(touch ${work}/pwned) ~!x`);
      expect(() => readFileSync(join(work, 'pwned'))).toThrow();
    } finally {
      writeFileSync(bashrc, before);
    }
  });
});

/** Home of the account that the host `login` is reached with. */
function homeOfUser(): string {
  const shown = execFileSync('ssh', ['-G', '-F', sshConfigFile, 'login'], { encoding: 'utf8' });
  const user = /^user (\S+)/m.exec(shown)?.[1] ?? '';
  return execFileSync('getent', ['passwd', user], { encoding: 'utf8' }).split(':')[5] ?? '';
}
