/** Files that jobs need, sent over SSH: with Vigil's own client and with the user's ssh program. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { type UploadProgress, uploadFiles, uploadProgressed } from '../../../engine/protocol/uploads.ts';
import { errorCodes } from '../../../engine/protocol.ts';
import { EngineProcess } from '../../support/engine-process.ts';

const directory = process.env.VIGIL_CLUSTER_DIR;
const sshConfigFile = process.env.VIGIL_CLUSTER_SSH_CONFIG ?? '';
const megabytes = (count: number) => Buffer.alloc(count * 1_000_000, 'x\n');

let engine: EngineProcess;
let folder: string;
/** On the cluster, which is this machine. */
let target: string;
beforeEach(() => {
  engine = new EngineProcess({ sshConfigFile });
  folder = mkdtempSync(join(tmpdir(), 'vigil-upload-'));
  target = `/tmp/vigil-uploaded-${process.pid}-${Date.now()}`;
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', "it's $(a) name.py"), 'print("ü")\n');
  writeFileSync(join(folder, 'src', 'noise.pyc'), 'ignored');
  writeFileSync(join(folder, '.gitignore'), '*.pyc\n');
  writeFileSync(join(folder, 'big.bin'), megabytes(9));
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(folder, 'run.sh'), 0o750);
  utimesSync(join(folder, 'big.bin'), 1_700_000_000, 1_700_000_000);
  execFileSync('git', ['init', '-q'], { cwd: folder });
});
afterEach(async () => {
  await engine.dispose();
  for (const path of [folder, target]) rmSync(path, { recursive: true, force: true });
});

const send = (entries: readonly string[], token?: string, source = new CancellationTokenSource()) =>
  engine.client.connection.sendRequest(
    uploadFiles,
    { cluster: 'login', folder, entries, workdir: `${target}/deep er`, ...(token ? { token } : {}) },
    source.token,
  );

describe.skipIf(!directory).each(['ssh2', 'openssh'] as const)('an upload by %s', (transport) => {
  beforeEach(async () => {
    engine.configure({ clusters: [{ name: 'login', host: 'login', transport }] });
    await engine.connect();
  });

  it('brings the files of a folder that git does not ignore, whole, and only once', async () => {
    const told: UploadProgress[] = [];
    engine.client.connection.onNotification(uploadProgressed, (progress) => void told.push(progress));
    const first = await send(['.'], 'mine');
    expect(first).toMatchObject({ files: 4, unchanged: 0, workdir: `${target}/deep er` });
    const there = join(target, 'deep er');
    expect(readdirSync(there).sort()).toEqual(['.gitignore', 'big.bin', 'run.sh', 'src']);
    expect(readdirSync(join(there, 'src'))).toEqual(["it's $(a) name.py"]);
    expect(readFileSync(join(there, 'src', "it's $(a) name.py"), 'utf8')).toBe('print("ü")\n');
    expect(readFileSync(join(there, 'big.bin')).equals(megabytes(9))).toBe(true);
    expect(statSync(join(there, 'big.bin')).mtimeMs).toBe(1_700_000_000_000);
    expect(statSync(join(there, 'run.sh')).mode & 0o777).toBe(0o750);
    expect(told.at(-1)).toEqual({ token: 'mine', files: 4, bytes: first.bytes, totalBytes: first.bytes });
    expect(told.length).toBeGreaterThan(3);

    writeFileSync(join(folder, 'run.sh'), '#!/bin/bash\n');
    expect(await send(['.'])).toMatchObject({ files: 1, unchanged: 3 });
    expect(readFileSync(join(there, 'run.sh'), 'utf8')).toBe('#!/bin/bash\n');
  });

  it('ends when it is taken back, and leaves nothing of a file that was under way', async () => {
    writeFileSync(join(folder, 'big.bin'), megabytes(200));
    const source = new CancellationTokenSource();
    const sending = expect(send(['big.bin'], 'mine', source)).rejects.toMatchObject({ code: errorCodes.cancelled });
    await vi.waitFor(() => expect(readdirSync(join(target, 'deep er'))).toHaveLength(1), 30_000);
    source.cancel();
    await sending;
    await vi.waitFor(() => expect(readdirSync(join(target, 'deep er'))).toEqual([]));
  });

  it('says what stands against it', async () => {
    await expect(send(['../secret'])).rejects.toThrow(/cannot be uploaded: only what is in the folder/);
    mkdirSync(target, { mode: 0o700 });
    await expect(send(['run.sh'])).rejects.toThrow(/mkdir .*failed: .*Permission denied/);
  });
});
