/** `~/.ssh/config`: listing its hosts, looking one up with ssh and without, and the clusters made of it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { listClusters, mergeClusters } from '../../../engine/clusters/directory.ts';
import { listSshHosts, resolveSshTarget } from '../../../engine/clusters/ssh-config.ts';
import { type LocalContext, parseProxyJump } from '../../../engine/clusters/ssh-target.ts';

let home: string;
let context: LocalContext;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vigil-test-'));
  context = { home, user: 'me', environment: { SSH_AUTH_SOCK: '/agent', KEYS: '/keys' }, platform: 'linux' };
});
afterEach(() => rmSync(home, { recursive: true }));

/** Writes files below ~/.ssh and gives the path of `config`. */
function configFiles(files: { readonly [name: string]: string }): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, '.ssh', name)), { recursive: true });
    writeFileSync(join(home, '.ssh', name), text);
  }
  return join(home, '.ssh', 'config');
}

const aliases = async (file: string) => (await listSshHosts(file, context)).map(({ alias }) => alias);

describe('listSshHosts', () => {
  it('lists hosts, not patterns, in the order of the file', async () => {
    const file = configFiles({ config: 'Host b a\nHost *.org !x c?\nHOST = "d"\nMatch host e\nHost a f\n' });
    expect(await aliases(file)).toEqual(['b', 'a', 'd', 'f']);
  });

  it('follows Include, with globs, relative to ~/.ssh', async () => {
    const file = configFiles({
      config: 'Include conf.d/*.conf more\nHost own\nHost *\n  Include inner\n',
      'conf.d/b.conf': 'Host b\n',
      'conf.d/a.conf': 'Host a\n  Include inside\n',
      'conf.d/.hidden.conf': 'Host hidden\n',
      'conf.d/other': 'Host not-included\n',
      inner: 'Host inner\n',
      inside: 'Port 77\n',
    });
    expect(await aliases(file)).toEqual(['a', 'b', 'own', 'inner']);
    expect(await listSshHosts(file, context)).toContainEqual({ alias: 'a', address: 'me@a:77' });
  });

  it('has none without a file', async () => {
    expect(await aliases(join(home, 'nothing', 'config'))).toEqual([]);
  });

  it('gives up on files that include each other', async () => {
    await expect(aliases(configFiles({ config: 'Include config\n' }))).rejects.toThrow('include each other');
  });

  it('tells the address as far as the file tells it', async () => {
    const file = configFiles({ config: 'Host hpc\n  HostName %h.example.org\n  User ann\nHost *\n  Port 2222\n' });
    expect(await listSshHosts(file, context)).toEqual([{ alias: 'hpc', address: 'ann@hpc.example.org:2222' }]);
  });
});

const hasSsh = spawnSync('ssh', ['-V']).status === 0;

describe.each(hasSsh ? ['ssh', undefined] : [undefined])('resolveSshTarget with %s', (sshProgram) => {
  const resolve = (cluster: Parameters<typeof resolveSshTarget>[0], file: string) =>
    resolveSshTarget(cluster, file, { context, sshProgram });

  it('takes the options of the host', async () => {
    const file = configFiles({
      config: [
        'Host hpc',
        '  HostName login.%h.example.org',
        '  User ann',
        '  Port 2222',
        '  IdentityFile /keys/one',
        '  IdentityFile %d/two-%r',
        '  IdentitiesOnly yes',
        '  IdentityAgent /my/agent',
        '  UserKnownHostsFile /kh/one /kh/two',
        '  GlobalKnownHostsFile /kh/global',
        '  HostKeyAlias hpc-alias',
        '  StrictHostKeyChecking accept-new',
        '  HashKnownHosts yes',
        '  PreferredAuthentications gssapi-with-mic,password,publickey',
        '  NumberOfPasswordPrompts 1',
        '  ConnectTimeout 7',
        '  ServerAliveInterval 5',
        '  ServerAliveCountMax 2',
        'Host *',
        '  User nobody',
        '  IdentityFile /keys/all',
      ].join('\n'),
    });
    expect(await resolve('hpc', file)).toEqual({
      cluster: 'hpc',
      host: 'login.hpc.example.org',
      user: 'ann',
      port: 2222,
      identityFiles: ['/keys/one', `${home}/two-ann`, '/keys/all'],
      identitiesOnly: true,
      agentSocket: '/my/agent',
      userKnownHostsFiles: ['/kh/one', '/kh/two'],
      globalKnownHostsFiles: ['/kh/global'],
      hostKeyAlias: 'hpc-alias',
      unknownHostKeys: 'accept',
      hashKnownHosts: true,
      methods: ['password', 'publickey'],
      passwordPrompts: 1,
      connectTimeoutSeconds: 7,
      keepAliveSeconds: 5,
      keepAliveCount: 2,
    });
  });

  it('has the defaults of ssh for a host that is not in the file', async () => {
    const target = await resolve({ name: 'c', host: 'login.example.org', user: 'ann' }, join(home, 'none', 'config'));
    expect(target).toMatchObject({
      cluster: 'c',
      host: 'login.example.org',
      port: 22,
      user: 'ann',
      identitiesOnly: false,
      agentSocket: '/agent',
      unknownHostKeys: 'ask',
      methods: ['publickey', 'keyboard-interactive', 'password'],
      passwordPrompts: 3,
      connectTimeoutSeconds: 20,
      keepAliveSeconds: 15,
      keepAliveCount: 3,
    });
    expect(target.identityFiles).toEqual(expect.arrayContaining([`${home}/.ssh/id_rsa`, `${home}/.ssh/id_ed25519`]));
    expect(target.userKnownHostsFiles[0]).toMatch(/^\/.*\/\.ssh\/known_hosts$/); // ssh has its own idea of our home
  });

  it('lets the settings win over the file', async () => {
    const file = configFiles({ config: 'Host hpc\n  User ann\n  Port 1\n  IdentityFile /keys/one\n', mine: '' });
    const target = await resolve({ name: 'x', host: 'hpc', user: 'bob', port: 2, identityFile: '~/.ssh/mine' }, file);
    expect(target).toMatchObject({ user: 'bob', port: 2, identityFiles: [`${home}/.ssh/mine`, '/keys/one'] });
    await expect(resolve({ name: 'x', host: 'hpc', identityFile: '~/nowhere' }, file)).rejects.toThrow(
      /key of x .*ENOENT.*nowhere/,
    );
  });

  it('switches methods and the agent off', async () => {
    const file = configFiles({
      config:
        'Host a\n  PasswordAuthentication no\n  KbdInteractiveAuthentication no\n  IdentityAgent none\n  StrictHostKeyChecking yes\n',
    });
    const target = await resolve('a', file);
    expect(target).toMatchObject({ methods: ['publickey'], unknownHostKeys: 'refuse' });
    expect(target.agentSocket).toBeUndefined();
  });

  it('follows jump hosts, each with its own options', async () => {
    const file = configFiles({
      config:
        'Host target\n  ProxyJump first,bob@second:2222\nHost first\n  User ann\n  ProxyJump zeroth\nHost second\n  HostName second.example.org\n  ProxyJump ignored\n',
    });
    const target = await resolve('target', file);
    expect(target.jump).toMatchObject({ cluster: 'target', host: 'second.example.org', user: 'bob', port: 2222 });
    expect(target.jump?.jump).toMatchObject({ host: 'first', user: 'ann' });
    expect(target.jump?.jump?.jump).toMatchObject({ host: 'zeroth' });
    expect(target.jump?.jump?.jump?.jump).toBeUndefined();
  });

  it('refuses jump hosts that go in a circle', async () => {
    const file = configFiles({ config: 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n' });
    await expect(resolve('a', file)).rejects.toSatisfy(
      (error) => ConnectionError.is(error, 'configuration') && error.message.includes('circle'),
    );
  });

  it('passes a ProxyCommand on with its tokens', async () => {
    const file = configFiles({ config: 'Host a\n  HostName 10.0.0.1\n  Port 2222\n  ProxyCommand nc "%h" %p\n' });
    expect(await resolve('a', file)).toMatchObject({ proxyCommand: 'nc "10.0.0.1" 2222' });
    expect((await resolve('a', configFiles({ config: 'Host a\n  ProxyCommand none\n' }))).proxyCommand).toBeUndefined();
  });

  it.each(['-oProxyCommand=touch x', 'two words', 'nul\0'])('does not take %j for a host', async (host) => {
    await expect(resolve({ name: 'c', host }, configFiles({ config: '' }))).rejects.toSatisfy((error) =>
      ConnectionError.is(error, 'configuration'),
    );
  });
});

describe('resolveSshTarget without ssh', () => {
  it('runs nothing that the file names', async () => {
    const trace = join(home, 'trace');
    const file = configFiles({
      config: `Match exec "touch ${trace}"\n  Port 1\nHost a\n  CanonicalizeHostname yes\n  CanonicalDomains x y\n  Port 2\n`,
    });
    expect(await resolveSshTarget('a', file, { context, sshProgram: undefined })).toMatchObject({ port: 2 });
    expect(existsSync(trace)).toBe(false);
  });

  it('is what happens where there is no ssh program', async () => {
    const file = configFiles({ config: 'Host a\n  Port 5\n' });
    expect(await resolveSshTarget('a', file, { context, sshProgram: join(home, 'no-ssh') })).toMatchObject({ port: 5 });
  });
});

describe.runIf(hasSsh)('resolveSshTarget with ssh', () => {
  it('passes on what ssh says about a broken file', async () => {
    const file = configFiles({ config: 'Host a\n  NoSuchOption yes\n' });
    await expect(resolveSshTarget('a', file, { context })).rejects.toThrow(
      /ssh says: .*config.*line 2.*[Bb]ad configuration option: nosuchoption/,
    );
  });
});

describe('parseProxyJump', () => {
  it.each([
    ['host', [{ host: 'host' }]],
    ['me@host:22', [{ host: 'host', user: 'me', port: 22 }]],
    ['a, b', [{ host: 'a' }, { host: 'b' }]],
    ['me@[::1]:22', [{ host: '::1', user: 'me', port: 22 }]],
    ['::1', [{ host: '::1' }]],
    ['ssh://me@host:22', [{ host: 'host', user: 'me', port: 22 }]],
    ['me@corp@host', [{ host: 'host', user: 'me@corp' }]],
    ['none', []],
    [undefined, []],
  ])('reads %s', (text, expected) => {
    expect(parseProxyJump(text)).toEqual(expected);
  });
});

describe('clusters', () => {
  const hosts = [
    { alias: 'hpc', address: 'ann@hpc.example.org:22' },
    { alias: 'other', address: 'me@other:22' },
  ];

  it('are local, the settings, the hosts; each name once', () => {
    const clusters = mergeClusters(
      [
        { name: 'hpc', workdir: '/scratch' },
        { name: 'mine', host: 'login.example.org', user: 'bob', port: 2222 },
        { name: 'via', host: 'other' },
        { name: 'here', scheduler: 'slurm' },
        { name: 'mine', host: 'ignored' },
      ],
      hosts,
    );
    expect(clusters).toEqual([
      { name: 'local', kind: 'local', source: 'built-in', settings: { name: 'local' } },
      {
        name: 'hpc',
        kind: 'ssh',
        source: 'settings',
        address: 'ann@hpc.example.org:22',
        ssh: { host: 'hpc' },
        settings: { name: 'hpc', workdir: '/scratch' },
      },
      {
        name: 'mine',
        kind: 'ssh',
        source: 'settings',
        address: 'bob@login.example.org:2222',
        ssh: { host: 'login.example.org', user: 'bob', port: 2222 },
        settings: { name: 'mine', host: 'login.example.org', user: 'bob', port: 2222 },
      },
      {
        name: 'via',
        kind: 'ssh',
        source: 'settings',
        address: 'me@other:22',
        ssh: { host: 'other' },
        settings: { name: 'via', host: 'other' },
      },
      { name: 'here', kind: 'local', source: 'settings', settings: { name: 'here', scheduler: 'slurm' } },
      {
        name: 'other',
        kind: 'ssh',
        source: 'ssh-config',
        address: 'me@other:22',
        ssh: { host: 'other' },
        settings: { name: 'other' },
      },
    ]);
  });

  it('keep local here, whatever the settings or the file say', () => {
    const clusters = mergeClusters(
      [{ name: 'local', host: 'elsewhere', scheduler: 'slurm' }],
      [{ alias: 'local', address: 'x' }],
    );
    expect(clusters).toEqual([
      { name: 'local', kind: 'local', source: 'built-in', settings: { name: 'local', scheduler: 'slurm' } },
    ]);
  });

  it('are still there when the file cannot be read, and that is told', async () => {
    const problems: string[] = [];
    const folder = join(home, '.ssh');
    mkdirSync(folder);
    const clusters = await listClusters([{ name: 'mine', host: 'h' }], folder, { HOME: home }, (message) =>
      problems.push(message),
    );
    expect(clusters.map(({ name }) => name)).toEqual(['local', 'mine']);
    expect(problems).toEqual([expect.stringMatching(/cannot be read.*EISDIR/)]);
  });
});
