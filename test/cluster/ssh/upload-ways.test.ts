/** Each way in which files go to a cluster, over a real sshd, with Vigil's own SSH client and with the user's ssh program. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { listedFiles } from '../../../engine/uploads/listed-files.ts';
import { rsyncUpload } from '../../../engine/uploads/rsync-upload.ts';
import { sftpUpload } from '../../../engine/uploads/sftp-upload.ts';
import { tarUpload } from '../../../engine/uploads/tar-upload.ts';
import type { UploadCount, UploadWay } from '../../../engine/uploads/upload-way.ts';
import { Uploads } from '../../../engine/uploads/uploads.ts';
import { LoginSite } from '../support/login-site.ts';
import { describeOnCluster, site, temporaryFolder, until } from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const transports = ['ssh2', 'openssh'] as const;
const ways = { rsync: rsyncUpload, tar: tarUpload, SFTP: sftpUpload } as const;
const oddNames = [
  '-n',
  '#comment',
  ';x',
  ' blank ',
  'two\nlines',
  "it's $(touch x) `id`",
  'ü\u{1F600}',
  '*',
  '--delete',
  '\\x',
];
const modified = 1_700_000_000;

let login: LoginSite;
/** Of this machine, and of the “cluster”, which is this machine. */
let [here, there] = ['', ''];
beforeEach(async () => {
  login = new LoginSite();
  for (const name of ['here', 'there'] as const) {
    const { path, remove } = await temporaryFolder();
    login.defer(remove);
    if (name === 'here') here = path;
    else there = path;
  }
  await ownedByUser(there);
});
afterEach(() => login.cleanUp());

async function ownedByUser(path: string): Promise<void> {
  const { uid, gid } = await stat(site.home);
  await chown(path, uid, gid);
}

async function send(way: UploadWay, connection: Connection, target: string, entries: readonly string[] = ['.']) {
  return way.send({ ...(await parameters(connection, target, entries)), signal: new AbortController().signal });
}

async function parameters(connection: Connection, target: string, entries: readonly string[]) {
  const files = await listedFiles(here, entries);
  return { connection, cluster: 'test', folder: here, files, target, onProgress: (_: UploadCount) => {} };
}

/** `onBytes`: with how many have gone to commands so far; it may hold them up. */
function watched(connection: Connection, onBytes: (sum: number) => Promise<void> | void): Connection {
  let sum = 0;
  return {
    ...connection,
    exec: (...call) => connection.exec(...call),
    spawn: async (...call) => {
      const process = await connection.spawn(...call);
      const stdin = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          sum += chunk.length;
          Promise.resolve(onBytes(sum)).then(() => process.stdin.write(chunk, () => done()), done);
        },
        final: (done) => {
          process.end();
          done();
        },
      });
      return { ...process, stdin, end: () => void stdin.end() };
    },
  };
}

const cases = transports.flatMap((transport) => Object.values(ways).map((way) => ({ transport, name: way.name, way })));

describeOnCluster.each(cases)('an upload with $name by $transport', ({ transport, way }) => {
  it('brings files as they are, whatever they are called, and only once', async () => {
    await mkdir(join(here, 'deep', 'er'), { recursive: true });
    for (const name of oddNames) {
      await writeFile(join(here, 'deep', 'er', name), `${name}!`, { mode: 0o640 });
      await utimes(join(here, 'deep', 'er', name), modified, modified);
    }
    await writeFile(join(here, 'run.sh'), '#!/bin/sh\n', { mode: 0o750 });
    await writeFile(join(here, 'empty'), '');
    await writeFile(join(here, 'large'), randomBytes(5_000_000));
    await symlink('nowhere/at all', join(here, 'link'));
    const connection = await login.connect({ transport });
    const target = join(there, 'deep er/work dir');
    const count = oddNames.length + 4;
    expect(await send(way, connection, target)).toMatchObject({ sent: { files: count }, unchanged: 0 });

    for (const name of oddNames) {
      const path = join(target, 'deep', 'er', name);
      expect(await readFile(path, 'utf8')).toBe(`${name}!`);
      expect(await stat(path)).toMatchObject({ mode: 0o100640, mtimeMs: modified * 1000 });
    }
    expect((await readdir(join(target, 'deep', 'er'))).sort()).toEqual([...oddNames].sort());
    expect((await stat(join(target, 'run.sh'))).mode & 0o777).toBe(0o750);
    expect(await readFile(join(target, 'empty'), 'utf8')).toBe('');
    expect((await readFile(join(target, 'large'))).equals(await readFile(join(here, 'large')))).toBe(true);
    expect(await readlink(join(target, 'link'))).toBe('nowhere/at all');
    expect((await readdir(target)).sort()).toEqual(['deep', 'empty', 'large', 'link', 'run.sh']);

    expect(await send(way, connection, target)).toEqual({ sent: { files: 0, bytes: 0 }, unchanged: count });
    await writeFile(join(here, 'run.sh'), '#!/bin/bash\n');
    const again = { sent: { files: 1, bytes: 12 }, unchanged: count - 1 };
    expect(await send(way, connection, target)).toEqual(again);
    expect(await readFile(join(target, 'run.sh'), 'utf8')).toBe('#!/bin/bash\n');
  });

  it('leaves what is there, and enters a folder that is a link', async () => {
    await mkdir(join(here, 'data'));
    await writeFile(join(here, 'data', 'x'), 'x');
    for (const name of ['elsewhere', 'work']) {
      await mkdir(join(there, name), { mode: 0o700 });
      await ownedByUser(join(there, name));
    }
    await writeFile(join(there, 'elsewhere', 'y'), 'y');
    await symlink('../elsewhere', join(there, 'work', 'data'));
    const connection = await login.connect({ transport });
    const { signal } = new AbortController();
    const options = { ...(await parameters(connection, join(there, 'work'), ['.'])), signal };
    // Not every rsync does: then another way is taken, this once.
    const uploads = new Uploads(silentLogger, [way, tarUpload]);
    expect(await uploads.send(options)).toMatchObject({ sent: { files: 1 } });
    expect((await lstat(join(there, 'work', 'data'))).isSymbolicLink()).toBe(true);
    expect((await readdir(join(there, 'elsewhere'))).sort()).toEqual(['x', 'y']);
    expect((await stat(join(there, 'elsewhere'))).mode & 0o777).toBe(0o700);
  });

  it('finds the home directory, and says what stands against it', async () => {
    await writeFile(join(here, 'a'), 'a');
    const connection = await login.connect({ transport });
    const name = `vigil upload ${process.pid}`;
    login.defer(() => rm(join(site.home, name), { recursive: true, force: true }));
    await send(way, connection, `~/${name}/sub`);
    expect(await readFile(join(site.home, name, 'sub', 'a'), 'utf8')).toBe('a');
    await chown(there, 0, 0);
    await expect(send(way, connection, there)).rejects.toThrow(/denied/i);
  });

  it('leaves nothing of a file that was under way when it is taken back', async () => {
    await writeFile(join(here, 'large'), randomBytes(12_000_000));
    const taken = new AbortController();
    const reason = new Error('taken back');
    const connection = await login.connect({ transport });
    const hold = async (sum: number) => {
      if (sum < 2_000_000) return;
      await until('a part of the file is there', async () => (await readdir(there)).length > 0);
      taken.abort(reason);
      await new Promise(() => {});
    };
    const sending = way.send({
      // A command is held up until that has happened: it cannot be faster.
      ...(await parameters(way === sftpUpload ? connection : watched(connection, hold), there, ['large'])),
      onProgress: ({ bytes }) => way === sftpUpload && bytes > 2_000_000 && taken.abort(reason),
      signal: taken.signal,
    });
    await expect(sending).rejects.toBe(reason);
    await until('nothing is left of it', async () => (await readdir(there)).length === 0);
    await until('no command is left', () => !isServing(there));
  });

  // The SFTP server ends with its connection: nobody is there to remove what it has of a file.
  it.skipIf(way === sftpUpload)('leaves nothing of a file that was under way when the connection breaks', async () => {
    await writeFile(join(here, 'large'), randomBytes(12_000_000));
    const proxy = await startTcpProxy(site.loginPort);
    login.defer(() => proxy.close());
    const more = { HostKeyAlias: `[127.0.0.1]:${site.loginPort}` };
    const connection = await login.connect({ transport, port: proxy.port, more });
    const cut = async (sum: number) => {
      if (sum < 2_000_000) return;
      await until('a part of the file is there', async () => (await readdir(there)).length > 0);
      proxy.drop();
      await new Promise(() => {});
    };
    await expect(send(way, watched(connection, cut), there, ['large'])).rejects.toThrow(ConnectionError);
    await until('nothing is left of it', async () => (await readdir(there)).length === 0);
    await until('no command is left', () => !isServing(there));
  });

  it('leaves nothing of a file that is gone when its turn comes', async () => {
    await writeFile(join(here, 'large'), randomBytes(5_000_000));
    const connection = await login.connect({ transport });
    const options = await parameters(connection, there, ['large']);
    await rm(join(here, 'large'));
    await expect(way.send({ ...options, signal: new AbortController().signal })).rejects.toThrow(/large/);
    expect(await readdir(there)).toEqual([]);
    await until('no command is left', () => !isServing(there));
  });
});

/** Is there a process of another program in this folder? */
function isServing(folder: string): boolean {
  const links = execFileSync('sh', ['-c', 'readlink /proc/[0-9]*/cwd || true'], { encoding: 'utf8' });
  return links.split('\n').includes(folder);
}

describeOnCluster.each(transports)('rsync by %s', (transport) => {
  it('sends of a changed file what has changed, and nothing of others', async () => {
    let bytes = 0;
    const connection = watched(await login.connect({ transport }), (sum) => {
      bytes = sum;
    });
    const travelled = async () => {
      const before = bytes;
      await send(rsyncUpload, connection, there);
      return bytes - before;
    };
    const data = randomBytes(12_000_000);
    await writeFile(join(here, 'large'), data);
    expect(await travelled()).toBeGreaterThan(12_000_000);
    randomBytes(1_000_000).copy(data, 5_000_000);
    await writeFile(join(here, 'large'), data);
    await utimes(join(here, 'large'), modified, modified);
    expect(await travelled()).toBeLessThan(3_000_000);
    expect((await readFile(join(there, 'large'))).equals(data)).toBe(true);
    expect(await travelled()).toBeLessThan(10_000);
  });
});
