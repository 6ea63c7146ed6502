import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHost, setupFailed, setupSucceeded, terminalCommand, wrapped } from '../../client/clusters/setup-steps.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { cluster } from './builders.ts';

const failed = (code: number) => setupFailed(Object.assign(new Error('what failed, and what to do'), { code }));

describe('setting up a cluster', () => {
  it('tells what was found', () => {
    const connected = cluster({
      name: 'mycluster',
      kind: 'ssh',
      scheduler: 'slurm',
      detail: 'Slurm 22.05.8',
      user: 'me',
      address: 'me@login:22',
      connection: { transport: 'ssh2', authentication: ['publickey (~/.ssh/id_ed25519)'] },
    });
    const facts = {
      cluster: 'mycluster',
      scheduler: 'slurm',
      gathered: 0,
      partitions: [
        { name: 'debug', isDefault: true, state: 'up' },
        { name: 'long', isDefault: false, state: 'up' },
      ],
      missing: [{ part: 'shares', reason: 'sshare: not there' }],
    } as const;
    expect(setupSucceeded(connected, facts)).toEqual({
      steps: [
        { state: 'ok', title: 'Login', detail: 'as me at me@login:22 by SSH: publickey (~/.ssh/id_ed25519)' },
        { state: 'ok', title: 'Scheduler', detail: 'Slurm 22.05.8' },
        { state: 'ok', title: 'Partitions', detail: 'debug, long' },
        { state: 'skipped', title: 'Not told: shares', detail: 'sshare: not there' },
      ],
      actions: ['submit', 'workdir', 'log'],
    });
  });

  it.each([
    [errorCodes.authentication, 'failed', 'copyKey'],
    [errorCodes.connection, 'failed', 'terminal'],
    [errorCodes.hostKey, 'failed', 'terminal'],
    [errorCodes.noScheduler, 'ok', 'settings'],
    [errorCodes.unknownCluster, 'failed', 'settings'],
  ])('after the error %i the login is %s, and what helps is %s', (code, login, help) => {
    const { steps, actions } = failed(code);
    expect(steps[0]).toMatchObject({ title: 'Login', state: login });
    expect(steps.find(({ state }) => state === 'failed')?.detail).toBe('what failed, and what to do');
    expect(actions[0]).toBe('again');
    expect(actions[1]).toBe(help);
  });
});

describe('a host that is typed', () => {
  it.each([
    ['login.example.org', { host: 'login.example.org' }],
    [' me@login ', { user: 'me', host: 'login' }],
    ['me@login:2222', { user: 'me', host: 'login', port: 2222 }],
    ['me@[::1]:22', { user: 'me', host: '::1', port: 22 }],
    ['fe80::1', { host: 'fe80::1' }],
    ['', undefined],
    ['me@', undefined],
    ['-oProxyCommand=x', undefined],
    ['a b', undefined],
    ['login:99999', undefined],
    ['$(x)@login', undefined],
  ])('%j', (text, host) => expect(parseHost(text)).toEqual(host));

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const host = parseHost(text);
        return host === undefined || !/[\s$`;|&'"]|^-/.test(host.host + (host.user ?? ''));
      }),
    );
  });
});

describe('the command for a terminal', () => {
  it.each([
    ['me@login:22', 'ssh me@login'],
    ['me@login.example.org:2222', 'ssh -p 2222 me@login.example.org'],
    ['me@login;rm -rf ~:22', undefined],
    ['-oProxyCommand=x:22', undefined],
  ])('of %s is %s', (address, command) =>
    expect(terminalCommand('ssh', cluster({ source: 'settings', address }))).toBe(command),
  );

  it('goes by the name of a host of the SSH configuration, which has more to it than the address', () => {
    const host = cluster({ name: 'inner', source: 'ssh-config', address: 'me@10.0.0.5:2222' });
    expect(terminalCommand('ssh-copy-id', host)).toBe('ssh-copy-id inner');
  });
});

describe('long words of the engine', () => {
  it('are wrapped, and none is lost', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 60 }), (text) => {
        const lines = wrapped(text, 30);
        expect(lines.join(' ')).toBe(text);
        for (const line of lines) expect(line.length <= 30 || !line.includes(' ')).toBe(true);
      }),
    );
  });
});
