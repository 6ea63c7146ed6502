/** What the terminal tells of connections, and of an engine on another host. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { connectionWords, stateWords } from '../../cli/cluster-words.ts';
import { runStopEngine } from '../../cli/engine-client.ts';
import type { ClusterInfo } from '../../engine/protocol.ts';
import { announceEngine } from '../../engine/running-engine.ts';
import { fakeIo } from '../support/fake-io.ts';

const cluster: ClusterInfo = { name: 'hpc', kind: 'ssh', source: 'ssh-config', state: 'idle' };

describe('a connection in words', () => {
  it('says how and by what', () => {
    expect(
      connectionWords({ transport: 'ssh2', authentication: ['publickey (~/.ssh/k)', 'keyboard-interactive'] }),
    ).toBe("by Vigil's own SSH client, logged in with publickey (~/.ssh/k), keyboard-interactive");
    expect(connectionWords({ transport: 'openssh', reason: 'a smart card', authentication: ['publickey'] })).toBe(
      'by ssh (a smart card), logged in with publickey',
    );
    expect([connectionWords(undefined), connectionWords({ transport: 'local' })]).toEqual(['', '']);
  });

  it.each([
    [{}, 'idle'],
    [{ state: 'idle', since: 90 }, 'idle'],
    [{ state: 'connected', since: 40 }, 'connected 60 s'],
    [{ state: 'offline', since: 95, nextAttempt: 108 }, 'offline 5 s, next try in 8 s'],
    [{ state: 'offline', since: 95, nextAttempt: 99 }, 'offline 5 s, next try in 0 s'],
  ] as const)('tells a state with its age: %o', (changes, words) => {
    expect(stateWords({ ...cluster, ...changes }, 100)).toBe(words);
  });
});

describe('vigil stop-engine', () => {
  it('says where the engine runs when that is another host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-stop-'));
    vi.stubGlobal('VIGIL_VERSION', '0.1.0');
    try {
      const environment = { VIGIL_STATE_DIR: folder, VIGIL_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder };
      const io = { ...fakeIo(), environment };
      expect(await runStopEngine([], io, folder)).toBe(0);
      announceEngine(join(folder, 'engine.json'), { host: 'login7.example.org', pid: 4711, socket: '/x' });
      expect(await runStopEngine([], io, folder)).toBe(1);
      expect(io.printed.stderr).toContain('the engine runs on login7.example.org (pid 4711)');
    } finally {
      vi.unstubAllGlobals();
      rmSync(folder, { recursive: true });
    }
  });
});
