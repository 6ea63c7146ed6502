/** The files of a cluster as a file system, over real SSH with both transports: whose they are, what a site forbids, what breaks. */
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { connectSsh } from '../../../engine/clusters/connect-ssh.ts';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { ClusterFiles } from '../../../engine/files/cluster-files.ts';
import { FileError } from '../../../engine/files/file-error.ts';
import { FileSystemRequests } from '../../../engine/files/file-system-requests.ts';
import { openSftpSession } from '../../../engine/files/sftp-session.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { mostFileBytes } from '../../../engine/protocol/file-system.ts';
import type { ClusterState } from '../../../engine/protocol.ts';
import { describeOnCluster, scriptedPrompter, site, temporaryFolder, until } from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const may = { create: true, overwrite: true };
const problem = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (FileError.is(error) ? error.problem : error),
  );

interface Login {
  readonly transport: 'ssh2' | 'openssh';
  readonly user?: string;
  readonly port?: number;
}

async function connect({ transport, user = site.user, port = site.loginPort }: Login): Promise<Connection> {
  const folder = await temporaryFolder();
  cleanups.push(() => folder.remove());
  await chmod(folder.path, 0o700);
  const config = join(folder.path, 'config');
  const options = {
    HostName: '127.0.0.1',
    HostKeyAlias: `[127.0.0.1]:${site.loginPort}`,
    Port: port,
    User: user,
    IdentityFile: site.key('user_ed25519'),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: site.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
  };
  await writeFile(
    config,
    `Host here\n${Object.entries(options)
      .map((pair) => `  ${pair.join(' ')}\n`)
      .join('')}`,
  );
  const connection = await connectSsh(
    {
      settings: { name: 'test', host: 'here', transport },
      sshConfigFile: config,
      directory: folder.path,
      environment: process.env,
      log: silentLogger,
    },
    scriptedPrompter(),
    AbortSignal.timeout(60_000),
  );
  cleanups.push(() => connection.close());
  return connection;
}

/** Another sshd with the settings of `login`, but for some lines. */
async function startSshd(change: (configuration: string) => string): Promise<number> {
  const port = site.loginPort + 40;
  const folder = await temporaryFolder();
  const before = await readFile(join(site.dir, 'ssh', 'login.conf'), 'utf8');
  const config = change(before.replace(/^ListenAddress .*/m, `ListenAddress 127.0.0.1:${port}`));
  await writeFile(join(folder.path, 'sshd.conf'), config);
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder.path, 'sshd.conf')]);
  let said = '';
  sshd.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  cleanups.push(() => folder.remove());
  cleanups.push(() => sshd.kill());
  await until('sshd listens', () => said.includes(`port ${port}`), 10_000);
  return port;
}

describeOnCluster.each(['ssh2', 'openssh'] as const)('a file system by %s', (transport) => {
  let folder: string;
  beforeEach(async () => {
    const made = await temporaryFolder();
    folder = made.path;
    cleanups.push(() => made.remove());
    const { uid, gid } = await stat(site.home);
    await chown(folder, uid, gid);
  });

  async function open(login: Partial<Login> = {}): Promise<ClusterFiles> {
    return new ClusterFiles(await openSftpSession(await connect({ transport, ...login }), 'test'));
  }

  it('does what a file system does', async () => {
    const files = await open();
    const script = join(folder, 'sub', `it's "$(touch x)".sh`);
    await files.makeFolder(join(folder, 'sub'));
    await files.write(script, Buffer.from('#!/bin/sh\n'), { create: true, overwrite: false });
    await chmod(script, 0o750);
    await files.write(script, Buffer.from('#!/bin/sh\necho\n'), may);
    expect([(await stat(script)).mode & 0o777, await readFile(script, 'utf8')]).toEqual([0o750, '#!/bin/sh\necho\n']);
    expect(await files.list(folder)).toEqual([{ name: 'sub', kind: 'folder', isLink: false }]);
    await files.rename(join(folder, 'sub'), join(folder, 'other'), false);
    expect(await problem(files.stat(script))).toBe('not-found');
    await files.delete(join(folder, 'other'), true);
    expect(await files.list(folder)).toEqual([]);
  });

  it('carries the largest file there may be', async () => {
    const files = await open();
    const path = join(folder, 'large');
    const data = Buffer.alloc(mostFileBytes, 'Vigil ');
    await files.write(path, data, may);
    expect((await readFile(path)).equals(data)).toBe(true);
    expect(await problem(files.write(path, Buffer.alloc(mostFileBytes + 1), may))).toBe('other');
    expect((await stat(path)).size).toBe(mostFileBytes);
  });

  it('leaves what belongs to others to them', async () => {
    const files = await open();
    const path = join(folder, 'theirs');
    await writeFile(path, 'theirs');
    await chmod(path, 0o600);
    expect(await problem(files.readPage(path, 0))).toBe('no-permission');
    expect(await problem(files.write(path, Buffer.from('x'), may))).toBe('no-permission');
    // One that all may write stays theirs: it is not replaced by a file of ours.
    await chmod(path, 0o666);
    await files.write(path, Buffer.from('new'), may);
    expect([(await stat(path)).uid, await readFile(path, 'utf8')]).toEqual([0, 'new']);
    await mkdir(join(folder, 'shut'), { mode: 0o755 });
    await writeFile(join(folder, 'shut', 'open'), 'long text');
    await chmod(join(folder, 'shut', 'open'), 0o666);
    await files.write(join(folder, 'shut', 'open'), Buffer.from('short'), may);
    expect(await readFile(join(folder, 'shut', 'open'), 'utf8')).toBe('short');
    const refused = [
      files.write(join(folder, 'shut', 'new'), Buffer.from('x'), may),
      files.makeFolder(join(folder, 'shut', 'sub')),
      files.delete(join(folder, 'shut', 'open'), false),
      files.rename(join(folder, 'shut', 'open'), join(folder, 'mine'), false),
    ];
    expect(await Promise.all(refused.map(problem))).toEqual(refused.map(() => 'no-permission'));
  });

  it.each(['vigilcsh', 'vigilfish', 'vigilnoisy'])(
    'is the same for %s, by a server that the login shell starts',
    async (user) => {
      const port = await startSshd((text) => text.replace('internal-sftp', '/usr/lib/openssh/sftp-server'));
      const files = await open({ user, port });
      expect(await files.stat('/')).toMatchObject({ kind: 'folder' });
    },
  );

  it('says where the site has switched SFTP off', async () => {
    const port = await startSshd((text) => text.replace(/^Subsystem .*/m, ''));
    const connection = await connect({ transport, port });
    await expect(openSftpSession(connection, 'test')).rejects.toThrow(
      /^The files of test cannot be shown: the site has switched SFTP off\. .*use Remote-SSH or a terminal\.$/,
    );
    expect((await connection.exec(['echo', 'still here'])).stdout).toBe('still here\n');
  });
});

describeOnCluster('the requests of clients', () => {
  it('share a session, and get another one after the connection broke', async () => {
    const proxy = await startTcpProxy(site.loginPort);
    cleanups.push(() => proxy.close());
    let opened = 0;
    const counted = async (): Promise<Connection> => {
      const connection = await connect({ transport: 'ssh2', port: proxy.port });
      const open = connection.subsystem?.bind(connection);
      const subsystem: Connection['subsystem'] = (name, hello) => {
        opened += 1;
        if (!open) throw new Error('no subsystems');
        return open(name, hello);
      };
      return Object.assign(connection, { subsystem });
    };
    let connection = await counted();
    let state: ClusterState = 'connected';
    const info = () => ({ name: 'test', kind: 'ssh', source: 'settings', state, detail: 'No network.' }) as const;
    const backend = { connection: async () => connection };
    const requests = new FileSystemRequests({
      clock: systemClock,
      service: async () => ({ info: info(), backend }),
    });
    const home = { cluster: 'test', path: site.home };
    await Promise.all([requests.stat(home), requests.list(home), requests.stat(home)]);
    expect(opened).toBe(1);
    proxy.drop();
    await connection.closed;
    state = 'offline';
    await expect(requests.stat(home)).rejects.toThrow(
      /test is offline, .*No network\. Connect it in the Clusters view/,
    );
    connection = await counted();
    state = 'connected';
    expect(await requests.stat(home)).toMatchObject({ kind: 'folder' });
    expect(opened).toBe(2);
    await expect(requests.stat({ cluster: 'test', path: 'relative' })).rejects.toThrow(/not an absolute path/);
  });
});
