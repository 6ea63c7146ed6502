import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { ClusterFiles } from '../../../engine/files/cluster-files.ts';
import { FileError } from '../../../engine/files/file-error.ts';
import { FileSystemRequests } from '../../../engine/files/file-system-requests.ts';
import { openSftpSession } from '../../../engine/files/sftp-session.ts';
import { mostFileBytes } from '../../../engine/protocol/file-system.ts';
import type { ClusterState } from '../../../engine/protocol.ts';
import { type Login, LoginSite } from '../support/login-site.ts';
import { describeOnCluster, site, temporaryFolder } from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let login: LoginSite;
beforeEach(() => {
  login = new LoginSite();
});
afterEach(() => login.cleanUp());

const may = { create: true, overwrite: true };
const problem = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (FileError.is(error) ? error.problem : error),
  );

describeOnCluster.each(['ssh2', 'openssh'] as const)('a file system by %s', (transport) => {
  let folder: string;
  beforeEach(async () => {
    const made = await temporaryFolder();
    folder = made.path;
    login.defer(() => made.remove());
    const { uid, gid } = await stat(site.home);
    await chown(folder, uid, gid);
  });

  async function open(as: Partial<Login> = {}): Promise<ClusterFiles> {
    return new ClusterFiles(await openSftpSession(await login.connect({ transport, ...as }), 'test'));
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
      const port = await login.startSshd((text) => text.replace('internal-sftp', '/usr/lib/openssh/sftp-server'));
      const files = await open({ user, port });
      expect(await files.stat('/')).toMatchObject({ kind: 'folder' });
    },
  );

  it('says where the site has switched SFTP off', async () => {
    const port = await login.startSshd((text) => text.replace(/^Subsystem .*/m, ''));
    const connection = await login.connect({ transport, port });
    await expect(openSftpSession(connection, 'test')).rejects.toThrow(
      /^The files of test cannot be shown: the site has switched SFTP off\. .*use Remote-SSH or a terminal\.$/,
    );
    expect((await connection.exec(['echo', 'still here'])).stdout).toBe('still here\n');
  });
});

describeOnCluster('the requests of clients', () => {
  it('share a session, and get another one after the connection broke', async () => {
    const proxy = await startTcpProxy(site.loginPort);
    login.defer(() => proxy.close());
    let opened = 0;
    const counted = async (): Promise<Connection> => {
      const connection = await login.connect({ transport: 'ssh2', port: proxy.port });
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
