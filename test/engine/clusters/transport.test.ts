/** Which way a cluster is connected to, and what ssh(1) asks and says, in our words. */
import { describe, expect, it } from 'vitest';
import { authenticationSteps, openSshFailure } from '../../../engine/clusters/openssh-failure.ts';
import { readPrompt } from '../../../engine/clusters/openssh-prompts.ts';
import { type SshTarget, targetFromOptions } from '../../../engine/clusters/ssh-target.ts';
import { chooseTransport, type TransportChecks } from '../../../engine/clusters/transport.ts';

const context = { home: '/home/me', user: 'me', environment: { SSH_AUTH_SOCK: '/agent' }, platform: 'linux' } as const;

function target(options: { readonly [name: string]: string } = {}, jump?: SshTarget): SshTarget {
  const map = new Map(Object.entries(options).map(([name, value]) => [name, [value]]));
  return { ...targetFromOptions(map, 'hpc', 'hpc.example.org', context), ...(jump && { jump }) };
}

interface World {
  readonly files?: { readonly [path: string]: string };
  readonly agent?: string;
  readonly openMasters?: readonly string[];
  readonly hasTicket?: boolean;
}

const checks = ({ files = {}, agent = '', openMasters = [], hasTicket = false }: World): TransportChecks => ({
  isMasterOpen: async (path) => openMasters.includes(path),
  succeeds: async (program) => program === 'klist' && hasTicket,
  agentKeys: async () => agent,
  readText: async (file) => files[file],
});

const key = '/home/me/.ssh/id_ed25519';
// Of no host: a key as known_hosts has it.
const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fs8V0y1Ck0r5bqJvVYJZ0p0mJg1y2Y0c0c2cY6mYt';

describe('the transport', () => {
  it.each<[string, { readonly [name: string]: string }, World, string]>([
    [
      'a certificate of its own',
      { certificatefile: '~/c.pub' },
      { files: { '/home/me/c.pub': 'x' } },
      'the certificate /home/me/c.pub',
    ],
    ['a certificate beside a key', {}, { files: { [`${key}-cert.pub`]: 'x' } }, `the certificate ${key}-cert.pub`],
    [
      'a security key',
      { identityfile: '~/k' },
      { files: { '/home/me/k.pub': 'sk-ssh-ed25519@openssh.com AA' } },
      'the security key /home/me/k',
    ],
    [
      'a security key of the agent',
      {},
      { agent: 'ssh-rsa AA a\nsk-ssh-ed25519@openssh.com AA b\n' },
      'a key of the agent (sk-ssh-ed25519@openssh.com)',
    ],
    [
      'a certificate of the agent',
      {},
      { agent: 'ssh-ed25519-cert-v01@openssh.com AA b\n' },
      'a key of the agent (ssh-ed25519-cert-v01@openssh.com)',
    ],
    ['a smart card', { pkcs11provider: '/lib/p11.so' }, {}, 'a smart card (PKCS11Provider /lib/p11.so)'],
    ['host-based login', { hostbasedauthentication: 'yes' }, {}, 'HostbasedAuthentication'],
    [
      'GSSAPI with a ticket',
      { gssapiauthentication: 'yes' },
      { hasTicket: true },
      'GSSAPIAuthentication, with a Kerberos ticket',
    ],
    [
      'an open ControlPath',
      { controlpath: '/c', controlpersist: '600' },
      { openMasters: ['/c'] },
      'ControlPath /c has an open connection',
    ],
    [
      'a host certificate',
      {},
      { files: { '/home/me/.ssh/known_hosts': `@cert-authority *.example.org ${hostKey}\n` } },
      'the host certificate of me@hpc.example.org:22',
    ],
  ])('is ssh for %s', async (_, options, world, reason) => {
    expect(await chooseTransport('auto', target(options), checks(world))).toMatchObject({ kind: 'openssh', reason });
    expect(await chooseTransport(undefined, target({}, target(options)), checks(world))).toMatchObject(
      options.controlpath ? { kind: 'ssh2' } : { kind: 'openssh' },
    );
    expect(await chooseTransport('ssh2', target(options), checks(world))).toEqual({ kind: 'ssh2' });
    expect(await chooseTransport('auto', target(options), checks(world), 'win32')).toEqual({ kind: 'ssh2' });
  });

  it.each<[string, { readonly [name: string]: string }, World]>([
    ['keys and passwords', {}, { files: { [`${key}.pub`]: 'ssh-ed25519 AA' }, agent: 'ssh-ed25519 AA me\n' }],
    ['GSSAPI without a ticket', { gssapiauthentication: 'yes' }, {}],
    ['a ticket without GSSAPI', { gssapiauthentication: 'no' }, { hasTicket: true }],
    [
      'an open ControlPath that a terminal waits for',
      { controlpath: '/c', controlpersist: 'no' },
      { openMasters: ['/c'] },
    ],
    ['a ControlPath that nobody has open', { controlpath: '/c' }, {}],
    ['options that are none', { controlpath: 'none', pkcs11provider: 'none', certificatefile: 'none' }, {}],
    [
      'keys of the agent that are for other hosts',
      { identitiesonly: 'yes' },
      { agent: 'sk-ssh-ed25519@openssh.com AA b\n' },
    ],
    [
      'certificates where keys are not to be used',
      { pubkeyauthentication: 'no' },
      { files: { [`${key}-cert.pub`]: 'x' } },
    ],
    [
      'a host whose own key is known',
      {},
      { files: { '/home/me/.ssh/known_hosts': `@cert-authority * ${hostKey}\nhpc.example.org ${hostKey}\n` } },
    ],
  ])("is Vigil's own client for %s", async (_, options, world) => {
    expect(await chooseTransport('auto', target(options), checks(world))).toEqual({ kind: 'ssh2' });
    expect(await chooseTransport('openssh', target(options), checks(world))).toMatchObject({ kind: 'openssh' });
  });

  it('is an open ControlPath, whoever waits for it, where ssh is wished for', async () => {
    const options = { controlpath: '/c', controlpersist: 'no' };
    expect(await chooseTransport('openssh', target(options), checks({ openMasters: ['/c'] }))).toMatchObject({
      userControlPath: '/c',
    });
  });

  it('says why Windows cannot have it', async () => {
    await expect(chooseTransport('openssh', target(), checks({}), 'win32')).rejects.toMatchObject({
      reason: 'configuration',
      message: expect.stringMatching(/^hpc cannot be connected to by the ssh program: on Windows .* Set "transport"/),
    });
  });
});

describe('what ssh asks', () => {
  const read = (prompt: string, from: SshTarget = target(), hint = '') =>
    readPrompt({ prompt, hint }, from, { instructions: '', isRetry: false });
  const behind = target({}, target({ hostname: 'way' }));

  it.each([
    ["Enter passphrase for key '/home/me/k': ", { kind: 'passphrase', question: 'Passphrase for the key /home/me/k:' }],
    [
      "me@hpc.example.org's password: ",
      { kind: 'password', question: 'Password of me@hpc.example.org:22:', isJumpHost: false },
    ],
    ['(me@hpc.example.org) Password: ', { kind: 'keyboard-interactive', question: 'Password:', isJumpHost: false }],
    ['(me@hpc.example.org) Token for me\nCode: ', { question: 'Token for me\nCode:' }],
    ['Password: ', { kind: 'keyboard-interactive', question: 'Password:', isJumpHost: false }],
    [
      'Enter PIN for ECDSA-SK key k: ',
      { kind: 'keyboard-interactive', question: 'Enter PIN for ECDSA-SK key k:', secret: true },
    ],
  ])('%j is an input', (text, prompt) => {
    expect(read(text)).toMatchObject({ kind: 'input', prompt });
  });

  it.each([
    ["me@way's password: ", true],
    ["me@hpc.example.org's password: ", false],
    ["ME@HPC.example.org's password: ", false],
    ['(me@way) Password: ', true],
    ['Password: ', true],
    ["other@hpc.example.org's password: ", true],
  ])('%j may come from a host on the way: %s', (text, isJumpHost) => {
    expect(read(text, behind)).toMatchObject({ prompt: { isJumpHost } });
  });

  it('does not tell two hosts apart that have one name', () => {
    const twice = target({}, target());
    expect(read("me@hpc.example.org's password: ", twice)).toMatchObject({ prompt: { isJumpHost: true } });
  });

  it('is a host key, with where and what', () => {
    const text = `The authenticity of host '[hpc.example.org]:2222 ([10.0.0.1]:2222)' can't be established.
ED25519 key fingerprint is SHA256:abc/def+g.
This key is not known by any other names.
Are you sure you want to continue connecting (yes/no/[fingerprint])? `;
    expect(read(text)).toEqual({
      kind: 'host-key',
      prompt: {
        cluster: 'hpc',
        host: 'hpc.example.org',
        port: 2222,
        keyType: 'ED25519',
        fingerprint: 'SHA256:abc/def+g',
      },
    });
    expect(read(text.replaceAll('[hpc.example.org]:2222', 'hpc'))).toMatchObject({ prompt: { host: 'hpc', port: 22 } });
  });

  it('is a question of yes or no, or only something to be done', () => {
    expect(read('Accept updated hostkeys? (yes/no): ')).toMatchObject({ kind: 'confirm', prompt: { secret: false } });
    expect(read('Allow use of key k?', target(), 'confirm')).toMatchObject({ kind: 'confirm' });
    expect(read('Confirm user presence for key k', target(), 'none')).toEqual({
      kind: 'tell',
      message: 'hpc: Confirm user presence for key k',
    });
  });

  it('is shown without control characters', () => {
    expect(read('(me@hpc.example.org) \u001b[31mPass\u202eword: ')).toMatchObject({
      prompt: { question: '[31mPassword:' },
    });
  });
});

describe('what ssh says when it does not connect', () => {
  it.each([
    ['ssh: Could not resolve hostname x: Name or service not known', 'unknown-host'],
    ['ssh: connect to host x port 22: Connection refused', 'refused'],
    ['ssh: connect to host x port 22: Connection timed out', 'timeout'],
    ['Connection timed out during banner exchange', 'timeout'],
    ['ssh: connect to host x port 22: No route to host', 'unreachable'],
    ['me@x: Permission denied (publickey,gssapi-with-mic).', 'authentication'],
    ['Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures', 'authentication'],
    ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.', 'host-key'],
    ['No ED25519 host key is known for x and you have requested strict checking.', 'host-key'],
    ['/c: line 3: Bad configuration option: nosuch', 'configuration'],
    ['kex_exchange_identification: Connection closed by remote host', 'closed'],
    ['', 'closed'],
  ])('%j', (stderr, reason) => {
    const error = openSshFailure(
      'hpc',
      'me@x:22',
      `Authenticated to way ([10.0.0.1]:22) using "publickey".\n${stderr}`,
      255,
    );
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(/^hpc: ssh could not connect to me@x:22: /);
    expect(error.message).not.toContain('Authenticated');
  });

  it('tells what the server accepted', () => {
    const stderr =
      'Authenticated using "publickey" with partial success.\nAuthenticated to x ([10.0.0.1]:22) using "keyboard-interactive".\n';
    expect(authenticationSteps(stderr)).toEqual(['publickey', 'keyboard-interactive']);
  });
});
