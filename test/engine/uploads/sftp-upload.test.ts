/** Uploads by SFTP to OpenSSH's own server, of several files at a time. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listedFiles } from '../../../engine/uploads/listed-files.ts';
import { sftpUpload } from '../../../engine/uploads/sftp-upload.ts';
import type { UploadCount } from '../../../engine/uploads/upload-way.ts';
import { hasSftpServer, sftpConnection } from '../files/sftp-server.ts';

const bytes = 12_000_000;

describe.skipIf(!hasSftpServer)('an upload of several large files by SFTP', () => {
  let folder: string;
  let there: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigil-sftp-upload-'));
    there = join(folder, 'there');
    for (const name of ['here', 'there']) await mkdir(join(folder, name));
    for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(folder, 'here', name), Buffer.alloc(bytes, name));
    // Its end comes while the others are under way.
    await writeFile(join(folder, 'here', '0'), 'small');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function send(onProgress: (sent: UploadCount) => void, signal = new AbortController().signal) {
    const here = join(folder, 'here');
    const files = await listedFiles(here, ['.']);
    const connection = sftpConnection();
    return sftpUpload.send({ connection, cluster: 'test', folder: here, files, target: there, signal, onProgress });
  }

  it('leaves nothing of any of them when it is taken back', async () => {
    const taken = new AbortController();
    const reason = new Error('taken back');
    const onProgress = (sent: UploadCount) => sent.bytes > 0 && taken.abort(reason);
    await expect(send(onProgress, taken.signal)).rejects.toBe(reason);
    expect(await readdir(there)).toEqual([]);
  });

  it('leaves nothing of the others when one is refused, and sends no more of them', async () => {
    await mkdir(join(there, '0', 'sub'), { recursive: true });
    let sent = 0;
    const sending = send((count) => {
      sent = count.bytes;
    });
    await expect(sending).rejects.toThrow(`Replacing ${join(there, '0')}`);
    expect(await readdir(there)).toEqual(['0']);
    expect(sent).toBeLessThan(4 * bytes);
  });
});
