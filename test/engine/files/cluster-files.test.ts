/** The file system on OpenSSH's own SFTP server. What needs other users is in test/cluster/ssh/file-system.test.ts. */
import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { beginOfSftp } from '../../../engine/clusters/sftp-stream.ts';
import { ClusterFiles } from '../../../engine/files/cluster-files.ts';
import { FileError, fileError } from '../../../engine/files/file-error.ts';
import type { SftpSession } from '../../../engine/files/sftp-session.ts';
import { filePageBytes, mostFileBytes } from '../../../engine/protocol/file-system.ts';
import { hasSftpServer, sftpSession } from './sftp-server.ts';

const may = { create: true, overwrite: true };
const problem = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (FileError.is(error) ? error.problem : error),
  );

describe.skipIf(!hasSftpServer)('files by SFTP', () => {
  let folder: string;
  let session: SftpSession;
  let files: ClusterFiles;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigil-files-'));
    session = await sftpSession();
    files = new ClusterFiles(session);
  });
  afterEach(async () => {
    session.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('tells what is there, through links too', async () => {
    await writeFile(join(folder, 'a'), 'four');
    await mkdir(join(folder, 'sub'));
    await symlink('sub', join(folder, 'to-sub'));
    await symlink('gone', join(folder, 'to-nothing'));
    expect(await files.stat(join(folder, 'a'))).toMatchObject({ kind: 'file', isLink: false, size: 4 });
    const { modified } = await files.stat(join(folder, 'a'));
    expect(Math.abs(modified - Date.now() / 1000)).toBeLessThan(60);
    expect(await files.stat(join(folder, 'to-sub'))).toMatchObject({ kind: 'folder', isLink: true });
    expect(await files.stat(join(folder, 'to-nothing'))).toMatchObject({ kind: 'other', isLink: true });
    const listed = await files.list(folder);
    expect([...listed].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'a', kind: 'file', isLink: false },
      { name: 'sub', kind: 'folder', isLink: false },
      { name: 'to-nothing', kind: 'other', isLink: true },
      { name: 'to-sub', kind: 'folder', isLink: true },
    ]);
  });

  it('keeps a file that is written whole, with its mode, and a link a link', async () => {
    const path = join(folder, 'run.sh');
    await writeFile(path, 'old', { mode: 0o750 });
    await chmod(path, 0o751);
    await symlink('run.sh', join(folder, 'link'));
    const { ino } = await stat(path);
    await files.write(join(folder, 'link'), Buffer.from('new'), may);
    expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o7777]).toEqual(['new', 0o751]);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    // It is another file in the place of the first one, so that who read the old one went on reading the old one.
    expect((await stat(path)).ino).not.toBe(ino);
    expect((await readdir(folder)).sort()).toEqual(['link', 'run.sh']);
  });

  it('makes a new file as the umask says', async () => {
    await files.write(join(folder, 'new'), Buffer.from('x'), { create: true, overwrite: false });
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('writes and reads any bytes', async () => {
    const path = join(folder, 'bytes');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200_000, size: 'max' }), async (bytes) => {
        await files.write(path, Buffer.from(bytes), may);
        const page = await files.readPage(path, 0);
        expect(Buffer.from(page.data, 'base64').equals(Buffer.from(bytes))).toBe(true);
        expect(page.size).toBe(bytes.length);
      }),
      { numRuns: 15 },
    );
  });

  it('reads a long file page by page, and no larger one', async () => {
    const path = join(folder, 'long');
    await writeFile(path, Buffer.alloc(filePageBytes + 10, 7));
    const second = await files.readPage(path, filePageBytes);
    expect(Buffer.from(second.data, 'base64').length).toBe(10);
    expect((await files.readPage(path, filePageBytes * 2)).data).toBe('');
    await truncate(path, mostFileBytes + 1);
    await expect(files.readPage(path, 0)).rejects.toThrow(/has 33 MiB: .* up to 32 MiB/);
  });

  it('takes any name as a name', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..');
    const hostile = ['$(touch x)', '-rf', 'a\nb', '\u001b[31m', "it's", '"', '`x`', '~', 'ü'].map(
      (one) => [one] as [string],
    );
    await fc.assert(
      fc.asyncProperty(name, async (one) => {
        const path = `${folder}/${one}`;
        if (Buffer.byteLength(one) > 255) return;
        await files.write(path, Buffer.from(one), { create: true, overwrite: false });
        expect((await files.list(folder)).map((entry) => entry.name)).toEqual([one]);
        await files.rename(path, `${folder}/other-${'x'.repeat(3)}`, false);
        await files.delete(`${folder}/other-xxx`, false);
        expect(await readdir(folder)).toEqual([]);
      }),
      { examples: hostile, numRuns: 40 },
    );
  });

  it('deletes a tree, and nothing that its links lead to', async () => {
    await mkdir(join(folder, 'tree', 'deep', 'deeper'), { recursive: true });
    await writeFile(join(folder, 'tree', 'deep', 'deeper', 'file'), '');
    await mkdir(join(folder, 'kept'));
    await writeFile(join(folder, 'kept', 'file'), '');
    await symlink('../kept', join(folder, 'tree', 'link'));
    await expect(files.delete(join(folder, 'tree'), false)).rejects.toThrow(/is not empty/);
    await files.delete(join(folder, 'tree'), true);
    expect(await readdir(folder)).toEqual(['kept']);
    expect(await readdir(join(folder, 'kept'))).toEqual(['file']);
  });

  it('renames, and replaces only what it may', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    await writeFile(from, 'from');
    await writeFile(to, 'to');
    expect(await problem(files.rename(from, to, false))).toBe('exists');
    await files.rename(from, to, true);
    expect([await readFile(to, 'utf8'), await readdir(folder)]).toEqual(['from', ['to']]);
    await mkdir(join(folder, 'dir', 'in'), { recursive: true });
    await files.rename(to, join(folder, 'dir'), true);
    expect(await readFile(join(folder, 'dir'), 'utf8')).toBe('from');
  });

  it('says what is wrong', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await mkdir(join(folder, 'dir'));
    const gone = join(folder, 'gone');
    const data = Buffer.from('x');
    const cases: readonly (readonly [unknown, Promise<unknown>])[] = [
      ['not-found', files.stat(gone)],
      ['not-found', files.list(gone)],
      ['not-a-folder', files.list(path)],
      ['not-found', files.readPage(gone, 0)],
      ['not-found', files.delete(gone, true)],
      ['not-found', files.rename(gone, path, true)],
      ['not-found', files.write(gone, data, { create: false, overwrite: true })],
      ['not-found', files.write(join(gone, 'x'), data, may)],
      ['not-found', files.makeFolder(join(gone, 'x'))],
      ['exists', files.write(path, data, { create: true, overwrite: false })],
      ['exists', files.makeFolder(path)],
      ['exists', files.makeFolder(join(folder, 'dir'))],
      ['is-a-folder', files.readPage(join(folder, 'dir'), 0)],
      ['is-a-folder', files.write(join(folder, 'dir'), data, may)],
      ['other', files.readPage('/dev/zero', 0)],
      ['other', files.write('/dev/null', data, may)],
      ['no-permission', files.delete('/', true)],
    ];
    expect(await Promise.all(cases.map(([, work]) => problem(work)))).toEqual(cases.map(([wanted]) => wanted));
    expect((await readdir(folder)).sort()).toEqual(['dir', 'file']);
  });

  it('asks for leave: what is write-protected stays as it is', async () => {
    const path = join(folder, 'kept');
    await writeFile(path, 'as it was');
    await chmod(path, 0o444);
    expect((await files.stat(path)).isReadOnly).toBe(true);
    expect(await problem(files.write(path, Buffer.from('new'), may))).toBe('no-permission');
    expect(await readFile(path, 'utf8')).toBe('as it was');
    // Its group might write into it; its owner, who is asked, may not.
    await chmod(path, 0o464);
    expect(await problem(files.write(path, Buffer.from('new'), may))).toBe('no-permission');
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('fails what is under way when the session ends', async () => {
    const reading = files.stat(folder);
    session.end();
    await expect(Promise.all([reading, session.stat(folder)])).rejects.toThrow(/test/);
    await session.ended;
  });
});

describe('a server that is none', () => {
  it('is told in its own words', async () => {
    await expect(sftpSession('echo This account is closed.; exit 1')).rejects.toThrow(
      /The files of test cannot be shown: .*says “This account is closed\.”\. .*Remote-SSH or a terminal/s,
    );
    await expect(sftpSession('exit 0')).rejects.toThrow(/its SFTP server ended at once/);
    const hung = sftpSession('echo Loading; exec sleep 60', { beginMs: 300, answerMs: 300 });
    await expect(hung).rejects.toThrow(/it has not begun within 0.3 s/);
    await expect(sftpSession('exit 255')).rejects.toThrow(/the site has switched SFTP off/);
  });

  it.skipIf(!hasSftpServer)('is left where it does not answer, for all who wait', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigil-hung-'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const session = await sftpSession(undefined, { beginMs: 30_000, answerMs: 300 });
    // The server waits for who writes into the pipe, and does nothing else.
    const results = await Promise.all([problem(session.openToRead(pipe)), problem(session.stat(folder))]);
    expect(results.map((error) => ConnectionError.is(error, 'timeout'))).toEqual([true, true]);
    await session.ended;
    // Lets the server go on, to its end.
    execFileSync('sh', ['-c', ': <> "$1"', 'sh', pipe]);
    await rm(folder, { recursive: true });
  });

  it.skipIf(!hasSftpServer)('begins behind what start-up files print', async () => {
    const session = await sftpSession('echo Welcome; printf "\\0\\0\\2"; exec /usr/lib/openssh/sftp-server');
    expect((await session.stat('/')).isDirectory()).toBe(true);
    session.end();
  });

  it('begins at its first packet, wherever that is', () => {
    const packet = [0, 0, 0, 5, 2, 0, 0, 0, 3];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, min: 1 }), (noise) => {
        expect(beginOfSftp(Uint8Array.from([...noise, ...packet]))).toBe(noise.length);
        expect(beginOfSftp(Uint8Array.from([...noise, ...packet.slice(0, -1)]))).toBe(undefined);
      }),
    );
  });
});

describe('the statuses of SFTP', () => {
  it.each([
    [2, 'not-found'],
    [3, 'no-permission'],
    [4, 'other'],
    [5, 'other'],
    [8, 'other'],
  ])('%i is %s', (code, wanted) => {
    const error = fileError(Object.assign(new Error('x'), { code }), 'Reading', '/a');
    expect(error?.problem).toBe(wanted);
    expect(error?.message).toMatch(/^Reading \/a: /);
  });
  it('knows no others', () => {
    expect(fileError(new Error('x'), 'Reading', '/a')).toBe(undefined);
    expect(fileError(Object.assign(new Error('x'), { code: 'ENOENT' }), 'Reading', '/a')).toBe(undefined);
  });
});
