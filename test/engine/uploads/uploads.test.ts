/** Which way is taken, on this machine: with real programs, and with some that do not work. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoSubsystemError } from '../../../engine/clusters/command-channel.ts';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { createLogger } from '../../../engine/logger.ts';
import { listedFiles } from '../../../engine/uploads/listed-files.ts';
import { rsyncUpload } from '../../../engine/uploads/rsync-upload.ts';
import { sftpUpload } from '../../../engine/uploads/sftp-upload.ts';
import { tarUpload } from '../../../engine/uploads/tar-upload.ts';
import { type UploadOutcome, type UploadWay, WayError } from '../../../engine/uploads/upload-way.ts';
import { Uploads } from '../../../engine/uploads/uploads.ts';
import { flushPromises } from '../../support/fake-clock.ts';

let folder: string;
let connection: Connection;
let log: string[];
const logger = createLogger((line) => log.push(line));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-uploads-'));
  for (const name of ['here', 'bin']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'here', 'train.py'), 'print()\n');
  const environment = { ...process.env, PATH: join(folder, 'bin') + delimiter + process.env.PATH };
  connection = openLocalConnection('here', environment);
  log = [];
});
afterEach(async () => {
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

async function options(signal = new AbortController().signal) {
  const here = join(folder, 'here');
  const files = await listedFiles(here, ['.']);
  return { connection, cluster: 'c', folder: here, files, target: join(folder, 'there'), signal, onProgress: () => {} };
}

/** In the PATH of the “cluster” before all others. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

const hasRsync = (() => {
  try {
    execFileSync('rsync', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasRsync)('where there is rsync, files go', () => {
  it('by it, also on this machine', async () => {
    const uploads = new Uploads(logger);
    expect(await uploads.send(await options())).toEqual({ sent: { files: 1, bytes: 8 }, unchanged: 0 });
    expect(await uploads.send(await options())).toEqual({ sent: { files: 0, bytes: 0 }, unchanged: 1 });
    expect(log.join('\n')).toContain('1 files (8 bytes) went to c by rsync');
    expect(log.join('\n')).not.toContain('warn');
  });

  it.each([
    ['is too old', 'echo "rsync  version 2.6.9  protocol version 29"', 'it is 2.6'],
    [
      'does not speak',
      '[ "$1" = --version ] && exec rsync.real --version; echo no such mode >&2; exit 1',
      'no such mode',
    ],
    ['speaks something else', '[ "$1" = --version ] && exec rsync.real --version; cat /etc/passwd', 'protocol'],
  ])('by tar when that of the cluster %s, which the log tells once', async (_, script, words) => {
    program('rsync.real', `PATH=${process.env.PATH}; exec rsync "$@"`);
    program('rsync', script);
    const uploads = new Uploads(logger);
    expect(await uploads.send(await options())).toEqual({ sent: { files: 1, bytes: 8 }, unchanged: 0 });
    expect(readFileSync(join(folder, 'there', 'train.py'), 'utf8')).toBe('print()\n');
    await uploads.send(await options());
    const warnings = log.filter((line) => line.includes('warn'));
    expect(warnings[0]).toMatch(/uploads to c do not go by rsync: /);
    expect(warnings[0]).toContain(words);
    expect(log.filter((line) => line.includes('by tar'))).toHaveLength(2);
    expect(warnings).toHaveLength(1);
  });

  it('nowhere when the cluster refuses them: no other way would do better', async () => {
    writeFileSync(join(folder, 'there'), 'a file');
    await expect(new Uploads(logger).send(await options())).rejects.toThrow(/mkdir .* failed/);
    rmSync(join(folder, 'there'));
    mkdirSync(join(folder, 'there', 'train.py', 'sub'), { recursive: true });
    await expect(new Uploads(logger).send(await options())).rejects.toThrow(
      /Not all files could be sent to .*there.*train\.py/s,
    );
  });

  it('to an end when the connection breaks, or when that is taken back, whatever the other side does', async () => {
    program('rsync.real', `PATH=${process.env.PATH}; exec rsync "$@"`);
    program('rsync', `[ "$1" = --version ] && exec rsync.real --version; touch '${folder}/started'; exec sleep 1000`);
    const started = () => vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), 20_000);
    const taken = new AbortController();
    const cancelled = expect(new Uploads(logger).send(await options(taken.signal))).rejects.toThrow('taken back');
    await started();
    taken.abort(new Error('taken back'));
    await cancelled;
    rmSync(join(folder, 'started'));
    const broken = expect(new Uploads(logger).send(await options())).rejects.toThrow(ConnectionError);
    await started();
    await connection.close();
    await broken;
    expect(log.join('\n')).not.toContain('warn');
  });

  it('by tar when the rsync of the cluster dies with much under way', async () => {
    writeFileSync(join(folder, 'here', 'large'), Buffer.alloc(30_000_000, 'x'));
    program('rsync.real', `PATH=${process.env.PATH}; exec rsync "$@"`);
    // Of what is sent it takes a little, so that the pipes are full when it goes.
    const dies = `dd bs=65536 count=30 2>/dev/null | rsync.real "$@"; kill -9 $$`;
    program('rsync', `[ "$1" = --version ] && exec rsync.real --version; ${dies}`);
    const uploads = new Uploads(logger);
    expect(await uploads.send(await options())).toMatchObject({ sent: { files: 2 } });
    expect(statSync(join(folder, 'there', 'large')).size).toBe(30_000_000);
    expect(log.join('\n')).toMatch(/do not go by rsync: rsync ended with status/);
    // That may have been a node that ran out of memory: it says nothing of the next time.
    program('rsync', 'exec rsync.real "$@"');
    writeFileSync(join(folder, 'here', 'train.py'), 'other\n');
    await uploads.send(await options());
    expect(log.join('\n')).toContain('1 files (6 bytes) went to c by rsync');
  });

  it('no further when one is gone since it was listed, for which the cluster is not blamed', async () => {
    const listed = await options();
    rmSync(join(folder, 'here', 'train.py'));
    await expect(new Uploads(logger).send(listed)).rejects.toThrow(
      /^Not all files could be sent to .*there.*train\.py/s,
    );
  });

  it('no more when that is taken back', async () => {
    const taken = new AbortController();
    taken.abort(new Error('taken back'));
    await expect(rsyncUpload.send(await options(taken.signal))).rejects.toThrow('taken back');
    expect(existsSync(join(folder, 'there', 'train.py'))).toBe(false);
  });
});

describe('the way', () => {
  const outcome: UploadOutcome = { sent: { files: 1, bytes: 8 }, unchanged: 0 };
  const way = (name: UploadWay['name'], why: string | undefined, send: () => Promise<UploadOutcome>) => {
    const asked: string[] = [];
    const whyNot = async () => {
      asked.push(name);
      return why;
    };
    return { name, asked, whyNot, send };
  };

  it('is asked for once a connection', async () => {
    const absent = way('rsync', 'there is none', () => Promise.reject(new Error('was not to be tried')));
    const present = way('tar', undefined, async () => outcome);
    const uploads = new Uploads(logger, [absent, present]);
    for (const _ of [1, 2]) expect(await uploads.send(await options())).toEqual(outcome);
    expect([absent.asked, present.asked]).toEqual([['rsync'], ['tar']]);
    connection = openLocalConnection('again');
    await uploads.send(await options());
    expect(absent.asked).toHaveLength(2);
  });

  it('is asked for again when it could not be asked', async () => {
    let tries = 0;
    const whyNot = async () => {
      tries += 1;
      if (tries === 1) throw new Error('the connection broke');
      return undefined;
    };
    const uploads = new Uploads(logger, [{ name: 'tar', whyNot, send: async () => outcome }]);
    await expect(uploads.send(await options())).rejects.toThrow('the connection broke');
    expect(await uploads.send(await options())).toEqual(outcome);
  });

  it('that failed is tried again for the next files, unless it never goes there', async () => {
    for (const isLasting of [false, true]) {
      let tries = 0;
      const failing = way('rsync', undefined, () => {
        tries += 1;
        return Promise.reject(new WayError('no more processes', { isLasting }));
      });
      const uploads = new Uploads(logger, [failing, way('tar', undefined, async () => outcome)]);
      for (const _ of [1, 2]) expect(await uploads.send(await options())).toEqual(outcome);
      expect(tries).toBe(isLasting ? 1 : 2);
    }
  });

  it('is taken by one upload at a time, on places that no others wait for', async () => {
    const lanes: unknown[] = [];
    const watched: Connection = {
      ...connection,
      exec: (argv, more) => {
        lanes.push(more?.lane);
        return connection.exec(argv, more);
      },
      spawn: (argv, more) => {
        lanes.push(more?.lane);
        return connection.spawn(argv, more);
      },
    };
    writeFileSync(join(folder, 'here', 'large'), Buffer.alloc(5_000_000));
    for (const one of hasRsync ? [rsyncUpload, tarUpload] : [tarUpload]) {
      rmSync(join(folder, 'there'), { recursive: true, force: true });
      await one.whyNot(watched);
      await one.send({ ...(await options()), connection: watched });
    }
    expect(new Set(lanes)).toEqual(new Set(['upload']));

    let underWay = 0;
    const counting = way('tar', undefined, async () => {
      underWay += 1;
      expect(underWay).toBe(1);
      await flushPromises();
      underWay -= 1;
      return outcome;
    });
    const uploads = new Uploads(logger, [counting]);
    const all = await options();
    expect(await Promise.all([1, 2, 3].map(() => uploads.send(all)))).toEqual([outcome, outcome, outcome]);
  });

  it('that fails for the files is the last', async () => {
    const full = way('tar', undefined, () => Promise.reject(new Error('no space left')));
    const other = way('SFTP', undefined, async () => outcome);
    await expect(new Uploads(logger, [full, other]).send(await options())).rejects.toThrow('no space left');
  });

  it('tar does not go where there is none', async () => {
    program('tar', 'echo not found >&2; exit 127');
    const other = way('SFTP', undefined, async () => outcome);
    expect(await new Uploads(logger, [tarUpload, other]).send(await options())).toEqual(outcome);
    expect(log.join('\n')).toContain('uploads to c do not go by tar: there is no tar on the cluster');
  });

  it('that there is none of is told with what to do', async () => {
    const broken = way('tar', undefined, () => Promise.reject(new WayError('there is no tar on the cluster')));
    const uploads = new Uploads(logger, [broken, way('SFTP', 'it is switched off', async () => outcome)]);
    await expect(uploads.send(await options())).rejects.toThrow(
      /^No files can be sent to c\. Install rsync or tar there.*\(tar: there is no tar on the cluster; SFTP: it is switched off\)$/,
    );
  });

  it('SFTP does not go without a server, or where it is switched off', async () => {
    expect(await sftpUpload.whyNot(connection)).toMatch(/no SSH server/);
    const off = { ...connection, subsystem: () => Promise.reject(new NoSubsystemError('refused')) };
    const sending = sftpUpload.send({ ...(await options()), connection: off });
    await expect(sending).rejects.toThrow(WayError);
    await expect(sending).rejects.toThrow(/^the site has switched SFTP off$/);
  });
});
