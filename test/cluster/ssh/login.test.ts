/** Logging in to real sshds, in every way there is, and being refused. */
import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { type Connection, ConnectionError, type ConnectionFailure } from '../../../engine/clusters/connection.ts';
import type { Prompter } from '../../../engine/clusters/prompter.ts';
import { resolveSshTarget } from '../../../engine/clusters/ssh-config.ts';
import { openSshConnection } from '../../../engine/clusters/ssh-connection.ts';
import type { SshTarget } from '../../../engine/clusters/ssh-target.ts';
import { createLogger } from '../../../engine/logger.ts';
import {
  describeOnCluster,
  freshOneTimeCode,
  loginTarget,
  scriptedPrompter,
  site,
  temporaryFolder,
} from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const run = promisify(execFile);
const cleanups: (() => unknown)[] = [];
const logLines: string[] = [];
const log = createLogger((line) => void logLines.push(line));

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  const secrets = [site.password, site.passphrase, 'wrong-secret'];
  for (const secret of secrets) expect(logLines.join('\n')).not.toContain(secret);
  logLines.length = 0;
});

async function open(
  target: SshTarget,
  prompter: Prompter = scriptedPrompter(),
  signal = new AbortController().signal,
): Promise<Connection> {
  const connection = await openSshConnection(target, prompter, log, signal);
  cleanups.push(() => connection.close());
  return connection;
}

/** Opens, runs id(1), and answers who we are there. */
async function whoAmI(target: SshTarget, prompter?: Prompter): Promise<string> {
  const connection = await open(target, prompter);
  return (await connection.exec(['id', '-un'])).stdout.trim();
}

/** The error of a login that has to fail for `reason`. No secret may be in it. */
async function failure(
  reason: ConnectionFailure,
  target: SshTarget,
  prompter?: Prompter,
  signal?: AbortSignal,
): Promise<string> {
  const error = await open(target, prompter, signal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!ConnectionError.is(error)) throw new Error(`Expected a ConnectionError, got ${error}`);
  expect({ reason: error.reason, message: error.message }).toMatchObject({ reason });
  expect(error.message).not.toContain('wrong-secret');
  return error.message;
}

async function folder(): Promise<string> {
  const made = await temporaryFolder();
  cleanups.push(() => made.remove());
  return made.path;
}

const interactiveOnly = { identityFiles: [], methods: ['keyboard-interactive'] } as const;
const passwordOnly = { identityFiles: [], methods: ['password'] } as const;

describeOnCluster('keys', () => {
  it.each(['user_ed25519', 'user_rsa'])('logs in with %s and asks nothing', async (key) => {
    const prompter = scriptedPrompter();
    expect(await whoAmI(loginTarget({ identityFiles: [site.key(key)] }), prompter)).toBe(site.user);
    expect(prompter.prompts).toEqual([]);
  });

  it('asks for the passphrase of an encrypted key, again after a wrong one', async () => {
    const prompter = scriptedPrompter(['wrong-secret', site.passphrase]);
    expect(await whoAmI(loginTarget({ identityFiles: [site.key('user_encrypted')] }), prompter)).toBe(site.user);
    expect(prompter.prompts).toMatchObject([
      {
        cluster: 'test',
        kind: 'passphrase',
        secret: true,
        isRetry: false,
        question: `Passphrase for the key ${site.key('user_encrypted')}:`,
      },
      { kind: 'passphrase', isRetry: true },
    ]);
  });

  it('gives an encrypted key up after three wrong passphrases', async () => {
    const prompter = scriptedPrompter(['wrong-secret-1', 'wrong-secret-2', 'wrong-secret-3', 'never asked']);
    const message = await failure(
      'authentication',
      loginTarget({ identityFiles: [site.key('user_encrypted')], methods: ['publickey'] }),
      prompter,
    );
    expect(message).toContain('user_encrypted');
    expect(prompter.prompts).toHaveLength(3);
  });

  it('does not ask for the passphrase of a key that the server does not take', async () => {
    const path = join(await folder(), 'stranger');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'wrong-secret', '-f', path]);
    const prompter = scriptedPrompter();
    expect(await whoAmI(loginTarget({ identityFiles: [path, site.key('user_ed25519')] }), prompter)).toBe(site.user);
    expect(prompter.prompts).toEqual([]);
  });

  it('takes an encrypted key without its .pub file', async () => {
    const path = join(await folder(), 'alone');
    await writeFile(path, await readFile(site.key('user_encrypted')), { mode: 0o600 });
    const prompter = scriptedPrompter([site.passphrase]);
    expect(await whoAmI(loginTarget({ identityFiles: [path] }), prompter)).toBe(site.user);
    expect(prompter.prompts).toHaveLength(1);
  });

  it('takes an old PEM key that is encrypted', async () => {
    const path = join(await folder(), 'pem');
    await run('cp', [site.key('user_rsa'), path]);
    await run('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-P', '', '-N', 'wrong-secret', '-f', path]);
    expect(await whoAmI(loginTarget({ identityFiles: [path] }), scriptedPrompter(['wrong-secret']))).toBe(site.user);
  });

  it('says what was tried and what the server takes', async () => {
    const message = await failure(
      'authentication',
      loginTarget({ identityFiles: [site.key('user_stranger')], methods: ['publickey'] }),
    );
    expect(message).toContain(`tried: publickey (${site.key('user_stranger')})`);
    expect(message).toContain('the server takes: publickey,password,keyboard-interactive'.replaceAll(',', ', '));
  });
});

describeOnCluster('the agent', () => {
  async function agentWith(...keys: string[]): Promise<string> {
    const socket = join(await folder(), 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => agent.kill());
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    for (const key of keys)
      await run('ssh-add', ['-q', site.key(key)], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    return socket;
  }

  it('logs in with a key that only the agent has', async () => {
    const agentSocket = await agentWith('user_stranger', 'user_rsa');
    expect(await whoAmI(loginTarget({ identityFiles: [], identitiesOnly: false, agentSocket }))).toBe(site.user);
  });

  it('leaves other keys of the agent alone with IdentitiesOnly', async () => {
    const agentSocket = await agentWith('user_ed25519');
    const target = loginTarget({
      identityFiles: [site.key('user_stranger')],
      identitiesOnly: true,
      agentSocket,
      methods: ['publickey'],
    });
    expect(await failure('authentication', target)).not.toContain('agent key');
  });

  it.each(['key', 'key.pub'])(
    'takes the key of the agent that %s names, of which only the public half is here',
    async (name) => {
      const agentSocket = await agentWith('user_stranger', 'user_ed25519');
      const path = await folder();
      await writeFile(join(path, 'key.pub'), await readFile(site.key('user_ed25519.pub')));
      const target = loginTarget({
        identityFiles: [join(path, name)],
        identitiesOnly: true,
        agentSocket,
        methods: ['publickey'],
      });
      const connection = await open(target);
      expect(connection.info).toEqual({ transport: 'ssh2', authentication: ['publickey (agent key user_ed25519)'] });
      await expect(open(loginTarget({ ...target, agentSocket: '/no/such/socket' }))).rejects.toThrow(
        'did not let us in',
      );
    },
  );

  it('saves the passphrase of a key that is in the agent', async () => {
    const agentSocket = await agentWith();
    const env = {
      ...process.env,
      SSH_AUTH_SOCK: agentSocket,
      SSH_ASKPASS: join(await folder(), 'ask'),
      SSH_ASKPASS_REQUIRE: 'force',
    };
    await writeFile(env.SSH_ASKPASS, `#!/bin/sh\necho '${site.passphrase}'\n`, { mode: 0o700 });
    await run('ssh-add', ['-q', site.key('user_encrypted')], { env });
    const prompter = scriptedPrompter();
    expect(await whoAmI(loginTarget({ identityFiles: [site.key('user_encrypted')], agentSocket }), prompter)).toBe(
      site.user,
    );
    expect(prompter.prompts).toEqual([]);
  });

  it('goes on without an agent that does not answer', async () => {
    expect(await whoAmI(loginTarget({ agentSocket: '/no/such/socket' }))).toBe(site.user);
  });

  it('takes the agent key as the first of two steps', async () => {
    const agentSocket = await agentWith('user_stranger', 'user_ed25519');
    const code = await freshOneTimeCode();
    const target = loginTarget({ port: site.otpPort, identityFiles: [], identitiesOnly: false, agentSocket });
    expect(await whoAmI(target, scriptedPrompter([site.password, code]))).toBe(site.user);
  });
});

describeOnCluster('passwords and prompts', () => {
  it('asks for the password', async () => {
    const prompter = scriptedPrompter([site.password]);
    expect(await whoAmI(loginTarget(passwordOnly), prompter)).toBe(site.user);
    expect(prompter.prompts).toMatchObject([
      {
        kind: 'password',
        secret: true,
        question: expect.stringContaining(`${site.user}@127.0.0.1`),
        isJumpHost: false,
      },
    ]);
  });

  it('asks again after a wrong password', async () => {
    const prompter = scriptedPrompter(['wrong-secret', site.password]);
    expect(await whoAmI(loginTarget(passwordOnly), prompter)).toBe(site.user);
    expect(prompter.prompts.map((one) => one.isRetry)).toEqual([false, true]);
  });

  it('stops after three wrong passwords', async () => {
    const prompter = scriptedPrompter(Array(9).fill('wrong-secret'));
    const message = await failure('authentication', loginTarget({ identityFiles: [] }), prompter);
    expect(message).toMatch(/did not let us in \(tried: keyboard-interactive; the server takes: .*password/);
    expect(prompter.prompts).toHaveLength(3);
  });

  it('answers keyboard-interactive prompts with the words of the server', async () => {
    const prompter = scriptedPrompter([site.password]);
    expect(await whoAmI(loginTarget(interactiveOnly), prompter)).toBe(site.user);
    expect(prompter.prompts).toMatchObject([
      { cluster: 'test', kind: 'keyboard-interactive', question: 'Password:', isRetry: false, secret: true },
    ]);
  });

  it('ends when a prompt is declined', async () => {
    const prompter = scriptedPrompter([undefined, site.password]);
    expect(await failure('declined', loginTarget({ identityFiles: [] }), prompter)).toContain('was not answered');
    expect(prompter.prompts).toHaveLength(1);
  });

  it('waits for a person longer than for a server', async () => {
    const slowly = () => new Promise<string>((resolve) => setTimeout(() => resolve(site.password), 7_000));
    const target = loginTarget({ ...passwordOnly, connectTimeoutSeconds: 5 });
    expect(await whoAmI(target, scriptedPrompter([slowly]))).toBe(site.user);
  });

  it('takes its question back when the server hangs up', async () => {
    const proxy = await startTcpProxy(site.loginPort);
    cleanups.push(() => proxy.close());
    let asked: AbortSignal | undefined;
    const prompter: Prompter = {
      ...scriptedPrompter(),
      input: (_prompt, signal) => {
        asked = signal;
        proxy.drop();
        return new Promise(() => {});
      },
    };
    const target = loginTarget({ ...passwordOnly, port: proxy.port, hostKeyAlias: `[127.0.0.1]:${site.loginPort}` });
    await failure('closed', target, prompter);
    expect(asked?.aborted).toBe(true);
  });

  it('ends at once when it is aborted during a prompt', async () => {
    const controller = new AbortController();
    const never = () => {
      controller.abort(new ConnectionError('closed', 'test', 'test was stopped'));
      return new Promise<string>(() => {});
    };
    expect(await failure('closed', loginTarget(passwordOnly), scriptedPrompter([never]), controller.signal)).toBe(
      'test was stopped',
    );
  });
});

describeOnCluster('a key and a one-time code', () => {
  const target = () => loginTarget({ port: site.otpPort });

  it('answers both prompts', async () => {
    const prompter = scriptedPrompter([site.password, freshOneTimeCode]);
    expect(await whoAmI(target(), prompter)).toBe(site.user);
    expect(prompter.prompts).toMatchObject([
      { kind: 'keyboard-interactive', question: 'Password:', secret: true },
      {
        kind: 'keyboard-interactive',
        question: expect.stringMatching(/^Enrolled device: phone ending 42\nOne-time password .*:$/),
      },
    ]);
    expect(logLines.join('\n')).toContain('AUTHORIZED USERS ONLY');
  });

  it('tells by which steps', async () => {
    const connection = await open(target(), scriptedPrompter([site.password, freshOneTimeCode]));
    const steps = [`publickey (${site.key('user_ed25519')})`, 'keyboard-interactive'];
    expect(connection.info).toEqual({ transport: 'ssh2', authentication: steps });
  });

  it('asks again after a wrong code', async () => {
    const prompter = scriptedPrompter([site.password, '000000', site.password, freshOneTimeCode]);
    expect(await whoAmI(target(), prompter)).toBe(site.user);
  });

  it('says that the key was taken when the code was not', async () => {
    const wrong = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? site.password : '000000'));
    const message = await failure('authentication', target(), scriptedPrompter(wrong));
    expect(message).toMatch(/accepted, but not enough: publickey; the server takes: keyboard-interactive/);
  });
});

describeOnCluster('jump hosts', () => {
  it('goes through the login host, as ssh -G says', async () => {
    const connection = await open(await resolveSshTarget('inner', site.sshConfig));
    const { stdout } = await connection.exec(['sh', '-c', 'echo $SSH_CONNECTION']);
    expect(stdout.split(' ').slice(2)).toEqual(['127.0.0.2', `${site.innerPort}\n`]);
  });

  it('goes there by our own reading of the configuration, too', async () => {
    expect(await whoAmI(await resolveSshTarget('inner', site.sshConfig, { sshProgram: undefined }))).toBe(site.user);
  });

  it('says which prompts are of a host on the way', async () => {
    const resolved = await resolveSshTarget('inner', site.sshConfig);
    expect([resolved.isJumpHost, resolved.jump?.isJumpHost]).toEqual([undefined, true]);
    const prompter = scriptedPrompter([site.password]);
    const jump = { ...loginTarget({ ...passwordOnly, user: 'vigilnoisy' }), isJumpHost: true };
    expect(await whoAmI(loginTarget({ host: '127.0.0.2', port: site.innerPort, jump }), prompter)).toBe(site.user);
    const address = `vigilnoisy@127.0.0.1:${site.loginPort}`;
    expect(prompter.prompts).toMatchObject([{ cluster: 'test', kind: 'password', address, isJumpHost: true }]);
  });

  it('says when the jump host cannot reach the target', async () => {
    const message = await failure('unreachable', loginTarget({ port: 1, jump: loginTarget() }));
    expect(message).toMatch(/The jump host .*127\.0\.0\.1:\d+ cannot reach 127\.0\.0\.1 port 1: Connection refused/);
  });

  it('checks the host key of each hop', async () => {
    const jump = loginTarget({ userKnownHostsFiles: [site.changedKnownHosts] });
    expect(await failure('host-key', loginTarget({ host: '127.0.0.2', port: site.innerPort, jump }))).toContain(
      'has changed',
    );
  });

  it('runs a ProxyCommand', async () => {
    const proxyCommand = `ssh -F ${site.sshConfig} -W 127.0.0.2:${site.innerPort} login`;
    expect(await whoAmI(loginTarget({ host: '127.0.0.2', port: site.innerPort, proxyCommand }))).toBe(site.user);
  });
});

describeOnCluster('host keys', () => {
  async function knownHosts(text: string): Promise<string> {
    const path = join(await folder(), 'ssh', 'known_hosts');
    if (text !== '') {
      await run('mkdir', [join(path, '..')]);
      await writeFile(path, text);
    }
    return path;
  }

  it('asks once for an unknown key, shows its fingerprint, and knows it from then on', async () => {
    const file = await knownHosts('');
    const first = scriptedPrompter([], true);
    expect(await whoAmI(loginTarget({ userKnownHostsFiles: [file] }), first)).toBe(site.user);
    const { stdout } = await run('ssh-keygen', ['-lf', site.key('host_login.pub')]);
    expect(first.hostKeys).toEqual([
      {
        cluster: 'test',
        host: '127.0.0.1',
        port: site.loginPort,
        keyType: 'ssh-ed25519',
        fingerprint: stdout.split(' ')[1],
      },
    ]);
    const second = scriptedPrompter();
    expect(await whoAmI(loginTarget({ userKnownHostsFiles: [file], unknownHostKeys: 'refuse' }), second)).toBe(
      site.user,
    );
    expect(second.hostKeys).toEqual([]);
    await run('ssh', [
      '-F',
      site.sshConfig,
      '-o',
      `UserKnownHostsFile=${file}`,
      '-o',
      'StrictHostKeyChecking=yes',
      'login',
      'true',
    ]);
  });

  it('keeps nothing of a key that was declined', async () => {
    const file = await knownHosts('');
    expect(await failure('declined', loginTarget({ userKnownHostsFiles: [file] }))).toContain('nothing was saved');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('appends hashed names that ssh finds, after a file without a last line break', async () => {
    const file = await knownHosts('# mine');
    await whoAmI(loginTarget({ userKnownHostsFiles: [file], unknownHostKeys: 'accept', hashKnownHosts: true }));
    expect(await readFile(file, 'utf8')).toMatch(/^# mine\n\|1\|[^ ]+ ssh-ed25519 \S+\n$/);
    const { stdout } = await run('ssh-keygen', ['-F', `[127.0.0.1]:${site.loginPort}`, '-f', file]);
    expect(stdout).toContain('line 2');
  });

  it('refuses a changed key, names the file and the line, and asks nothing', async () => {
    const prompter = scriptedPrompter([], true);
    const message = await failure(
      'host-key',
      loginTarget({ userKnownHostsFiles: [site.changedKnownHosts], unknownHostKeys: 'accept' }),
      prompter,
    );
    expect(message).toContain(`${site.changedKnownHosts}, line 1: ssh-ed25519 SHA256:`);
    expect(message).toContain(`ssh-keygen -f '${site.changedKnownHosts}' -R '[127.0.0.1]:${site.loginPort}'`);
    expect(prompter.hostKeys).toEqual([]);
  });

  it('asks the server for the kind of key that is known', async () => {
    const [type, key] = (await readFile(site.key('host_login_rsa.pub'), 'utf8')).split(' ');
    const file = await knownHosts(`[127.0.0.1]:${site.loginPort} ${type} ${key}\n`);
    expect(await whoAmI(loginTarget({ userKnownHostsFiles: [file], unknownHostKeys: 'refuse' }))).toBe(site.user);
  });

  it('refuses an unknown key without asking where the configuration is strict', async () => {
    const prompter = scriptedPrompter([], true);
    const file = await knownHosts('');
    expect(
      await failure('host-key', loginTarget({ userKnownHostsFiles: [file], unknownHostKeys: 'refuse' }), prompter),
    ).toContain('not known');
    expect(prompter.hostKeys).toEqual([]);
  });

  it('refuses a revoked key', async () => {
    const [type, key] = (await readFile(site.key('host_login.pub'), 'utf8')).split(' ');
    const file = await knownHosts(`@revoked * ${type} ${key}\n`);
    expect(await failure('host-key', loginTarget({ userKnownHostsFiles: [file, site.knownHosts] }))).toContain(
      'revoked',
    );
  });
});

describeOnCluster('servers that are not there', () => {
  it('tells a refused port', async () => {
    expect(await failure('refused', loginTarget({ port: 1 }))).toMatch(/127\.0\.0\.1:1 refused the connection/);
  });

  it('tells an unknown host', async () => {
    expect(await failure('unknown-host', loginTarget({ host: 'no-such-host.invalid' }))).toContain(
      '“no-such-host.invalid”',
    );
  });

  it('ends by itself when the server says nothing', async () => {
    const server: Server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await failure('timeout', loginTarget({ port, connectTimeoutSeconds: 1 }))).toContain(
      'did not answer within 1 s',
    );
  });

  it('tells a server that does not speak SSH', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await failure('closed', loginTarget({ port }))).toMatch(/closed the connection before login/);
  });
});
