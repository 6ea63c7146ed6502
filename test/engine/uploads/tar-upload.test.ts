/** Uploads by tar, on this machine: what is there when one ends early, and how files come to their places. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { listedFiles } from '../../../engine/uploads/listed-files.ts';
import { tarUpload } from '../../../engine/uploads/tar-upload.ts';

const [small, large] = ['new small', Buffer.alloc(6_000_000, 'x')];
const oddNames = ['-n', ' blank ', 'two\nlines', "it's $(touch x) `id`", '*', '\\x', '{}', '.hidden'];

let folder: string;
let here: string;
let there: string;
let connection: Connection;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-tar-upload-'));
  [here, there] = [join(folder, 'here'), join(folder, 'there')];
  for (const path of [here, there, join(folder, 'bin')]) mkdirSync(path);
  connection = openLocalConnection('c', { ...process.env, PATH: join(folder, 'bin') + delimiter + process.env.PATH });
});
afterEach(async () => {
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

/** In place of that of the “cluster”, which is `real` to it. */
function program(name: string, script: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\nreal() { PATH='${process.env.PATH}' command ${name} "$@"; }\n${script}\n`);
  chmodSync(path, 0o755);
}

async function send(signal = new AbortController().signal) {
  const files = await listedFiles(here, ['.']);
  return tarUpload.send({ connection, cluster: 'c', folder: here, files, target: there, signal, onProgress: () => {} });
}

const nothingElse = (...names: string[]) => expect(readdirSync(there)).toEqual(names);

describe('small files by tar', () => {
  beforeEach(() => {
    writeFileSync(join(here, 'small'), small);
    writeFileSync(join(there, 'small'), 'old');
  });

  it('come to their places, in folders and links to folders that are there', async () => {
    mkdirSync(join(here, 'data', 'deep', 'er'), { recursive: true });
    for (const name of oddNames) writeFileSync(join(here, 'data', 'deep', 'er', name), `${name}!`, { mode: 0o640 });
    writeFileSync(join(here, 'data', 'x'), 'x', { mode: 0o750 });
    symlinkSync('nowhere/at all', join(here, 'link'));
    mkdirSync(join(there, 'elsewhere'), { mode: 0o711 });
    writeFileSync(join(there, 'elsewhere', 'y'), 'y');
    symlinkSync('elsewhere', join(there, 'data'));
    expect(await send()).toMatchObject({ sent: { files: oddNames.length + 3 } });
    nothingElse('data', 'elsewhere', 'link', 'small');
    expect(readFileSync(join(there, 'small'), 'utf8')).toBe(small);
    expect(lstatSync(join(there, 'data')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(there, 'elsewhere'))).toEqual(['deep', 'x', 'y']);
    expect(statSync(join(there, 'elsewhere')).mode & 0o777).toBe(0o711);
    expect(statSync(join(there, 'elsewhere', 'x')).mode & 0o777).toBe(0o750);
    const deep = join(there, 'elsewhere', 'deep', 'er');
    expect(readdirSync(deep).sort()).toEqual([...oddNames].sort());
    for (const name of oddNames) expect(readFileSync(join(deep, name), 'utf8')).toBe(`${name}!`);
    expect(readlinkSync(join(there, 'link'))).toBe('nowhere/at all');
    expect(await send()).toMatchObject({ sent: { files: 0 } });
  });

  it('are not there in part when there is no room for all of one', async () => {
    program('tar', 'printf half > small; echo small: Disk quota exceeded >&2; exit 2');
    await expect(send()).rejects.toThrow(/^tar in .*there on the cluster failed: small: Disk quota exceeded$/);
    nothingElse('small');
    expect(readFileSync(join(there, 'small'), 'utf8')).toBe('old');
  });

  it('are not there in part when that is taken back meanwhile', async () => {
    program('tar', `printf half > small; touch '${folder}/started'; exec sleep 1000`);
    const taken = new AbortController();
    const sending = expect(send(taken.signal)).rejects.toThrow('taken back');
    await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), 20_000);
    taken.abort(new Error('taken back'));
    await sending;
    await vi.waitFor(() => nothingElse('small'), 20_000);
    expect(readFileSync(join(there, 'small'), 'utf8')).toBe('old');
  });

  it('are refused where a folder is', async () => {
    rmSync(join(there, 'small'));
    mkdirSync(join(there, 'small'));
    await expect(send()).rejects.toThrow(/^tar in .*there on the cluster failed: mv: .*small/);
    nothingElse('small');
    expect(readdirSync(join(there, 'small'))).toEqual([]);
  });
});

describe('a large file by tar', () => {
  beforeEach(() => {
    writeFileSync(join(here, 'large'), large, { mode: 0o640 });
    writeFileSync(join(there, 'large'), 'old');
  });

  it('is nobody else’s to read before it is whole', async () => {
    program('cat', `ls -l '${there}' > '${folder}/listing'; real`);
    await send();
    expect(readFileSync(join(folder, 'listing'), 'utf8')).toMatch(/^-rw-------.* large\.vigil-part$/m);
    nothingElse('large');
    expect(readFileSync(join(there, 'large')).equals(large)).toBe(true);
    expect(statSync(join(there, 'large')).mode & 0o777).toBe(0o640);
  });

  it('does not take its place when not all of it arrives, and how much did is told', async () => {
    program('cat', 'head -c 1000; real > /dev/null');
    await expect(send()).rejects.toThrow(
      /^Writing large in .*there on the cluster failed: *1000 of 6000000 bytes arrived$/,
    );
    nothingElse('large');
    expect(readFileSync(join(there, 'large'), 'utf8')).toBe('old');
  });

  it('is removed when the connection ends before all of it has arrived', async () => {
    program('cat', `head -c 1000; touch '${folder}/started'; exec sleep 1000`);
    const sending = expect(send()).rejects.toThrow(ConnectionError);
    await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), 20_000);
    await connection.close();
    await sending;
    await vi.waitFor(() => nothingElse('large'), 20_000);
  });

  it('is removed when it cannot be written to its end, in the words of the cluster', async () => {
    program('cat', 'head -c 1000; echo Disk quota exceeded >&2; exit 1');
    await expect(send()).rejects.toThrow(/^Writing large .* failed: Disk quota exceeded$/);
    nothingElse('large');
  });

  it('is refused where a folder is', async () => {
    rmSync(join(there, 'large'));
    mkdirSync(join(there, 'large'));
    await expect(send()).rejects.toThrow(/failed: \.\/large is a folder there$/);
    expect(readdirSync(join(there, 'large'))).toEqual([]);
    nothingElse('large');
  });
});
