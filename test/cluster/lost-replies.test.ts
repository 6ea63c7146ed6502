/** Connections that break, or lead somewhere else, while the engine has something to do there. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type ClusterInfo,
  cancelJob,
  connectCluster,
  type JobInfo,
  listClusters,
  listJobs,
} from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';
import { randomFrom } from '../support/random.ts';
import { matchedNumbers, numberedLines, oneTo } from '../support/scripts.ts';
import { describeOnCluster, site, until } from './support/site.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

let engine: EngineProcess;
let proxy: TcpProxy;
let config: string;

beforeEach(async () => {
  proxy = await startTcpProxy(site.loginPort);
  engine = new EngineProcess({ reconnectSeconds: 0.05, longestReconnectSeconds: 0.5 });
  config = join(engine.folder, 'shaky_config');
  writeConfiguration();
  engine.configure({ sshConfigFile: config });
  await engine.connect();
});
afterEach(async () => {
  await engine.dispose();
  await proxy.close();
});

/** Known by either host's key, as the login nodes behind one name are. */
function writeConfiguration(changes: { readonly [name: string]: string | number } = {}): void {
  const known = join(engine.folder, 'known');
  const keys = execFileSync('cut', ['-d', ' ', '-f', '2-', site.knownHosts], { encoding: 'utf8' });
  writeFileSync(
    known,
    keys
      .trim()
      .split('\n')
      .map((key) => `login.example.org ${key}\n`)
      .join(''),
  );
  const options = {
    HostName: '127.0.0.1',
    Port: proxy.port,
    HostKeyAlias: 'login.example.org',
    User: site.user,
    IdentityFile: site.key('user_ed25519'),
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: known,
    ...changes,
  };
  writeFileSync(
    config,
    `Host shaky\n${Object.entries(options)
      .map(([name, value]) => `  ${name} ${value}\n`)
      .join('')}`,
  );
}

const slurm = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

/** The jobs of this test that Slurm knows, by the key in their comments. */
function jobsByKey(name: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of slurm('squeue', '-h', '-t', 'all', '-n', name, '-o', '%i %k').split('\n')) {
    const [id = '', comment = ''] = line.split(' ');
    if (id !== '') found.set(comment, [...(found.get(comment) ?? []), id]);
  }
  return found;
}

async function cluster(): Promise<ClusterInfo> {
  const all = await engine.client.connection.sendRequest(listClusters);
  const one = all.find(({ name }) => name === 'shaky');
  if (!one) throw new Error('no cluster');
  return one;
}

describeOnCluster('a submission whose connection is cut', () => {
  it('is there once or not at all, wherever its reply was lost', { timeout: 240_000 }, async () => {
    const seed = Number(process.env.VIGIL_SEED ?? Date.now() % 1_000_000);
    const random = randomFrom(seed);
    const name = `lost${seed}`;
    const count = 25;
    const told: JobInfo[] = [];
    await engine.client.connection.sendRequest(connectCluster, { cluster: 'shaky' });
    for (let submission = 0; submission < count; submission++) {
      await until('it is connected', async () => (await cluster()).state === 'connected');
      const script = `#!/bin/bash\n#SBATCH --job-name=${name} --hold --time=5\n# ${'x'.repeat(40_000)}\ntrue\n`;
      const answer = engine.submit({ cluster: 'shaky', script }).then(
        (job) => told.push(job),
        () => undefined,
      );
      await sleep(random() * 300);
      proxy.drop();
      await answer;
      // Nothing is followed before the first job is known: nobody opens the connection again by itself.
      await engine.client.connection.sendRequest(connectCluster, { cluster: 'shaky' }).catch(() => undefined);
    }
    const known = async () => new Set((await engine.client.connection.sendRequest(listJobs)).map(({ jobId }) => jobId));
    const there = () => [...jobsByKey(name).values()];
    await until(
      `the engine knows every job that is there (seed ${seed})`,
      async () => {
        const ids = await known();
        return there().every((list) => list.every((id) => ids.has(id)));
      },
      60_000,
    );
    const found = there();
    console.log(`submissions: ${count} cut (seed ${seed}): ${told.length} replies, ${found.length} jobs, 0 double`);
    expect(
      found.filter((list) => list.length !== 1),
      `seed ${seed}`,
    ).toEqual([]);
    for (const { jobId } of told) expect(found.flat()).toContain(jobId);
    // Every script is there to the byte.
    for (const [id = ''] of found.slice(0, 5))
      expect(slurm('scontrol', 'write', 'batch_script', id, '-')).toContain('\ntrue\n');
    slurm('scancel', '-n', name);
  });
});

describeOnCluster('a name that leads somewhere else', () => {
  it('goes on at the same byte on another login node', async () => {
    const job = await engine.submit({ cluster: 'shaky', script: numberedLines(150, 0.1) });
    await engine.until(job.key, 'watcher.match');
    const before = proxy.connections;
    // The inner host: another address, another host key, the same files.
    proxy.retarget(site.innerPort, '127.0.0.2');
    proxy.drop();
    await until('it is connected to the other one', async () => {
      return proxy.connections > before && (await cluster()).state === 'connected';
    });
    await sleep(2_000);
    proxy.retarget(site.loginPort, '127.0.0.1');
    proxy.drop();
    const entries = await engine.until(job.key, 'clean');
    expect(matchedNumbers(entries)).toEqual(oneTo(150));
    expect(entries.filter(({ name }) => name === 'output.lost')).toEqual([]);
    expect(entries.filter(({ name }) => name === 'connection.lost').length).toBe(2);
  });

  it('follows a Host that was changed at the next connection, under the same name', async () => {
    const job = await engine.submit({ cluster: 'shaky', script: numberedLines(600, 0.1) });
    await engine.until(job.key, 'watcher.match');
    const second = await startTcpProxy(site.loginPort);
    try {
      writeConfiguration({ Port: second.port });
      expect(second.connections).toBe(0);
      const matched = matchedNumbers(await engine.eventlog(job.key)).length;
      proxy.drop();
      await until('it goes by the new port', () => second.connections === 1);
      await until('it goes on', async () => matchedNumbers(await engine.eventlog(job.key)).length > matched + 5);
      const numbers = matchedNumbers(await engine.eventlog(job.key));
      expect(numbers).toEqual(oneTo(numbers.length));
      expect(await cluster()).toMatchObject({
        state: 'connected',
        since: expect.any(Number),
        connection: { transport: 'ssh2', authentication: [expect.stringMatching(/^publickey \(.*user_ed25519\)$/)] },
      });
      await engine.client.connection.sendRequest(cancelJob, { job: job.key });
      await engine.until(job.key, 'clean');
    } finally {
      await second.close();
    }
  });

  it('tells since when it is offline, why, and when it is tried next', async () => {
    engine.configure({ reconnectSeconds: 5, longestReconnectSeconds: 5 });
    await engine.connect();
    const job = await engine.submit({ cluster: 'shaky', script: numberedLines(300, 0.1) });
    await engine.until(job.key, 'watcher.match');
    proxy.refuse(true);
    proxy.drop();
    await until('it is offline', async () => (await cluster()).state === 'offline');
    const { since = 0, nextAttempt = 0, detail, connection } = await cluster();
    expect(nextAttempt - since).toBeGreaterThan(3);
    expect(nextAttempt - since).toBeLessThan(5.5);
    expect(detail).toContain('broke');
    expect(connection).toBeUndefined();
    // Could not ask is not gone.
    expect((await engine.job(job.key)).state).toBe('running');
    proxy.refuse(false);
    await engine.until(job.key, 'connection.restored');
    await engine.client.connection.sendRequest(cancelJob, { job: job.key });
    await engine.until(job.key, 'clean');
  });
});
