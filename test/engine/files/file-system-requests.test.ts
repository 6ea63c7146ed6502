/** Which requests reach a cluster, and for how long they keep its SFTP session. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { openProcessChannel } from '../../../engine/clusters/process-channel.ts';
import { FileError } from '../../../engine/files/file-error.ts';
import { FileSystemRequests } from '../../../engine/files/file-system-requests.ts';
import { filePageBytes } from '../../../engine/protocol/file-system.ts';
import type { ClusterInfo } from '../../../engine/protocol.ts';
import { hasSftpServer, sftpServerProgram } from './sftp-server.ts';

/** `timers`: what waits for its time. */
function requestsOn(info: Partial<ClusterInfo>) {
  const timers = new Set<() => void>();
  const opened: Promise<unknown>[] = [];
  const connection = {
    ...openLocalConnection('hpc'),
    subsystem: (_name: string, hello: Uint8Array) => {
      const child = spawn(sftpServerProgram ?? 'false');
      opened.push(new Promise((resolve) => child.once('close', resolve)));
      return openProcessChannel(child, async () => true, hello);
    },
  };
  const requests = new FileSystemRequests({
    clock: {
      now: () => 0,
      sleep: async () => undefined,
      setTimeout: (callback) => {
        timers.add(callback);
        return () => timers.delete(callback);
      },
    },
    service: async () => ({
      info: { name: 'hpc', kind: 'ssh', source: 'settings', state: 'connected', ...info },
      backend: { connection: async () => connection },
    }),
  });
  return { requests, timers, opened };
}

const root = { cluster: 'hpc', path: '/' };

describe.skipIf(!hasSftpServer)('the SFTP session of a connection', () => {
  it('is one for all, ends when nobody needs it, and is opened again', async () => {
    const { requests, timers, opened } = requestsOn({});
    await Promise.all([requests.stat(root), requests.stat(root)]);
    expect([opened.length, timers.size]).toEqual([1, 1]);
    await requests.stat(root);
    expect([opened.length, timers.size]).toEqual([1, 1]);
    for (const end of timers) end();
    await opened[0];
    expect(await requests.stat(root)).toMatchObject({ kind: 'folder' });
    expect(opened.length).toBe(2);
    for (const end of timers) end();
    await Promise.all(opened);
  });

  it('gives the whole of a script, and nothing of what is too large for one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-requests-'));
    const path = join(folder, 'run.sh');
    // Whoever needs it for a job connects the cluster, as the submission itself does.
    const { requests, timers, opened } = requestsOn({ state: 'offline' });
    try {
      writeFileSync(path, '#!/bin/sh\necho ü\n');
      expect(await requests.readText({ cluster: 'hpc', path })).toBe('#!/bin/sh\necho ü\n');
      truncateSync(path, filePageBytes + 1);
      await expect(requests.readText({ cluster: 'hpc', path })).rejects.toThrow(
        /too much for a script or a workflow file: the most are 4194304\./,
      );
    } finally {
      rmSync(folder, { recursive: true });
      for (const end of timers) end();
      await Promise.all(opened);
    }
  });
});

describe('requests for files', () => {
  it('do not connect what is offline, and say why it is', async () => {
    const error = await requestsOn({ state: 'offline', detail: 'No route.' })
      .requests.stat(root)
      .catch((thrown) => thrown);
    expect(ConnectionError.is(error) && error.message).toMatch(/^hpc is offline, .*: No route\. Connect it/);
  });

  it.each([
    ['of this machine', { kind: 'local' } as const, '/'],
    ['by a relative path', {}, 'a'],
    ['with a NUL', {}, '/a\0b'],
  ])('are refused %s', async (_, info, path) => {
    const { requests, opened } = requestsOn(info);
    const error = await requests.stat({ cluster: 'hpc', path }).catch((thrown: unknown) => thrown);
    expect(FileError.is(error, 'other')).toBe(true);
    expect(opened).toEqual([]);
  });
});
