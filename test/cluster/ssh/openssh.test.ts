/** The second transport: the user's own ssh program, on the real sshds. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { connectSsh } from '../../../engine/clusters/connect-ssh.ts';
import { type Connection, ConnectionError, type ConnectionFailure } from '../../../engine/clusters/connection.ts';
import type { Prompter } from '../../../engine/clusters/prompter.ts';
import { createLogger } from '../../../engine/logger.ts';
import type { ClusterSettings } from '../../../engine/protocol.ts';
import { hostileArguments, isRunning, readAll, testConnection } from '../../support/connection-suite.ts';
import {
  describeOnCluster,
  freshOneTimeCode,
  scriptedPrompter,
  site,
  temporaryFolder,
  until,
} from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const run = promisify(execFile);
/** A smart card made of software, of Debian's package softhsm2. */
const smartCard = '/usr/lib/softhsm/libsofthsm2.so';
const cleanups: (() => unknown)[] = [];
const logLines: string[] = [];
const log = createLogger((line) => void logLines.push(line));

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  for (const secret of [site.password, site.passphrase, 'wrong-secret'])
    expect(logLines.join('\n')).not.toContain(secret);
  logLines.length = 0;
});

async function folder(): Promise<string> {
  const made = await temporaryFolder();
  cleanups.push(() => made.remove());
  await chmod(made.path, 0o700);
  return made.path;
}

/** An SSH configuration: `options` for the host `here`, the login host unless they say otherwise. */
async function configuration(options: { readonly [name: string]: string | number } = {}, more = ''): Promise<string> {
  const all = {
    HostName: '127.0.0.1',
    Port: site.loginPort,
    User: site.user,
    IdentityFile: site.key('user_ed25519'),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: site.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    ...options,
  };
  const file = join(await folder(), 'config');
  const lines = Object.entries(all).map(([name, value]) => `  ${name} ${value}`);
  await writeFile(file, `${more}\nHost here\n${lines.join('\n')}\n`);
  return file;
}

interface Opening {
  readonly config?: string;
  readonly prompter?: Prompter;
  readonly signal?: AbortSignal;
  readonly transport?: ClusterSettings['transport'];
  readonly directory?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

async function open(opening: Opening = {}): Promise<Connection> {
  const { config = await configuration(), prompter = scriptedPrompter(), transport = 'openssh' } = opening;
  const { signal = new AbortController().signal, directory = await folder(), environment = process.env } = opening;
  const settings: ClusterSettings = { name: 'test', host: 'here', transport };
  const options = { settings, sshConfigFile: config, directory, environment, log };
  const connection = await connectSsh(options, prompter, signal);
  cleanups.push(() => connection.close());
  return connection;
}

async function whoAmI(opening: Opening): Promise<string> {
  return (await (await open(opening)).exec(['id', '-un'])).stdout.trim();
}

async function failure(reason: ConnectionFailure, opening: Opening): Promise<string> {
  const error = await open(opening).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!ConnectionError.is(error)) throw new Error(`Expected a ConnectionError, got ${error}`);
  expect({ reason: error.reason, message: error.message }).toMatchObject({ reason });
  expect(error.message).not.toContain('wrong-secret');
  return error.message;
}

/** Lets the user in with one more key, until the test ends. */
async function authorize(line: string): Promise<void> {
  const file = join(site.dir, 'ssh', 'authorized_keys', site.user);
  const before = await readFile(file, 'utf8');
  await writeFile(file, before + line);
  cleanups.push(() => writeFile(file, before));
}

describeOnCluster('a connection by the ssh program', () => {
  testConnection(
    () => open(),
    () => site.home,
  );

  it('tells how it is connected, and leaves no file and no process behind', async () => {
    const directory = await folder();
    const connection = await open({ directory });
    expect(connection.info).toEqual({
      transport: 'openssh',
      reason: 'the setting vigil.clusters says so',
      authentication: ['publickey'],
    });
    expect(await isRunning(directory)).toBe(true);
    await connection.close();
    await until('ssh ended', async () => !(await isRunning(directory)));
    expect(await readdir(directory)).toEqual([]);
  });

  it('opens a channel later where sshd has no session left', async () => {
    const directory = await folder();
    const connection = await open({ directory });
    const [control = ''] = await readdir(directory);
    const held = Array.from({ length: 10 }, () =>
      spawn('ssh', ['-F', '/dev/null', '-S', join(directory, control), 'master', 'cat'], {
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
    cleanups.push(() => held.map((one) => one.kill()));
    await Promise.all(held.map((one) => new Promise((resolve) => one.stdin.write('x\n', resolve))));
    await Promise.all(held.slice(0, 1).map((one) => new Promise((resolve) => one.stdout.once('data', resolve))));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const late = connection.exec(['echo', 'at last']);
    await until('it was refused', () => logLines.some((line) => line.includes('no free session')));
    for (const one of held) one.stdin.end();
    expect(await late).toMatchObject({ status: 0, stdout: 'at last\n' });
  });

  it.each(['vigilcsh', 'vigilfish', 'vigilnoisy'])('runs commands for %s as they are', async (user) => {
    const connection = await open({ config: await configuration({ User: user }) });
    const argv = ['python3', '-c', 'import json,sys; print(json.dumps(sys.argv[1:]))', ...hostileArguments];
    const { stdout, status } = await connection.exec(argv);
    expect([JSON.parse(stdout), status]).toEqual([hostileArguments, 0]);
  });
});

describeOnCluster('logging in by the ssh program', () => {
  it('asks for a passphrase, again after a wrong one', async () => {
    const config = await configuration({
      IdentityFile: site.key('user_encrypted'),
      PreferredAuthentications: 'publickey',
    });
    const prompter = scriptedPrompter(['wrong-secret', site.passphrase]);
    expect(await whoAmI({ config, prompter })).toBe(site.user);
    const question = `Passphrase for the key ${site.key('user_encrypted')}:`;
    expect(prompter.prompts).toMatchObject([
      { kind: 'passphrase', question, isRetry: false, secret: true },
      { kind: 'passphrase', question, isRetry: true },
    ]);
  });

  it('asks for the password', async () => {
    const config = await configuration({ PreferredAuthentications: 'password' });
    const prompter = scriptedPrompter([site.password]);
    expect(await whoAmI({ config, prompter })).toBe(site.user);
    const address = `${site.user}@127.0.0.1:${site.loginPort}`;
    expect(prompter.prompts).toMatchObject([
      {
        cluster: 'test',
        kind: 'password',
        address,
        isJumpHost: false,
        question: `Password of ${address}:`,
        secret: true,
      },
    ]);
  });

  it('answers a key, a password and a one-time code, with what the server says', async () => {
    const prompter = scriptedPrompter([site.password, freshOneTimeCode]);
    const connection = await open({ config: await configuration({ Port: site.otpPort }), prompter });
    expect((await connection.exec(['id', '-un'])).stdout.trim()).toBe(site.user);
    expect(prompter.prompts).toMatchObject([
      {
        kind: 'keyboard-interactive',
        question: 'Password:',
        isJumpHost: false,
        instructions: expect.stringContaining('AUTHORIZED USERS ONLY'),
      },
      {
        kind: 'keyboard-interactive',
        question: expect.stringMatching(/Enrolled device: phone ending 42\nOne-time password/),
      },
    ]);
    expect(connection.info.authentication).toEqual(['publickey', 'keyboard-interactive']);
  });

  it('stops after wrong answers, and says what the server takes', async () => {
    const config = await configuration({ PreferredAuthentications: 'password' });
    const message = await failure('authentication', {
      config,
      prompter: scriptedPrompter(Array(9).fill('wrong-secret')),
    });
    expect(message).toMatch(
      /ssh could not connect to .*: .*Permission denied \(publickey,password,keyboard-interactive\)/,
    );
  });

  it('ends when a prompt is declined, at once', async () => {
    const config = await configuration({ PreferredAuthentications: 'password' });
    const prompter = scriptedPrompter([undefined, site.password]);
    expect(await failure('declined', { config, prompter })).toContain('was not answered');
    expect(prompter.prompts).toHaveLength(1);
  });

  it('takes its question back when it is stopped', async () => {
    const controller = new AbortController();
    let withdrawn: AbortSignal | undefined;
    const prompter: Prompter = {
      ...scriptedPrompter(),
      input: (_prompt, signal) => {
        withdrawn = signal;
        controller.abort(new ConnectionError('closed', 'test', 'test was stopped'));
        return new Promise(() => {});
      },
    };
    const directory = await folder();
    const config = await configuration({ PreferredAuthentications: 'password' });
    expect(await failure('closed', { config, prompter, signal: controller.signal, directory })).toBe(
      'test was stopped',
    );
    expect(withdrawn?.aborted).toBe(true);
    await until('ssh ended', async () => !(await isRunning(directory)));
  });

  it('asks for an unknown host key, and ssh saves it', async () => {
    const known = join(await folder(), 'known');
    const config = await configuration({ UserKnownHostsFile: known });
    const declined = scriptedPrompter();
    expect(await failure('declined', { config, prompter: declined })).toContain('nothing was saved');
    const prompter = scriptedPrompter([], true);
    expect(await whoAmI({ config, prompter })).toBe(site.user);
    const { stdout } = await run('ssh-keygen', ['-lf', site.key('host_login.pub')]);
    expect(prompter.hostKeys).toEqual([
      {
        cluster: 'test',
        host: '127.0.0.1',
        port: site.loginPort,
        keyType: 'ED25519',
        fingerprint: stdout.split(' ')[1],
      },
    ]);
    expect(await readFile(known, 'utf8')).toContain('ssh-ed25519');
  });

  it('refuses a changed host key', async () => {
    const config = await configuration({ UserKnownHostsFile: site.changedKnownHosts });
    expect(await failure('host-key', { config, prompter: scriptedPrompter([], true) })).toContain('administrators');
  });

  it('says when its folder has too long a name for sockets', async () => {
    expect(await failure('configuration', { directory: `/tmp/${'x'.repeat(80)}` })).toContain('VIGIL_RUNTIME_DIR');
  });

  it('tells an unknown host, a refused port and a broken configuration', async () => {
    await failure('unknown-host', { config: await configuration({ HostName: 'no-such-host.invalid' }) });
    await failure('refused', { config: await configuration({ Port: 1 }) });
    await failure('configuration', { config: await configuration({ NoSuchOption: 'yes' }) });
  });

  it('goes through a jump host, whose prompts are told apart', async () => {
    const way = `Host way\n  HostName 127.0.0.1\n  Port ${site.loginPort}\n  User vigilnoisy\n  PreferredAuthentications password\n  UserKnownHostsFile ${site.knownHosts}\n  GlobalKnownHostsFile /dev/null\n`;
    const config = await configuration({ HostName: '127.0.0.2', Port: site.innerPort, ProxyJump: 'way' }, way);
    const prompter = scriptedPrompter([site.password]);
    const connection = await open({ config, prompter });
    const { stdout } = await connection.exec(['sh', '-c', 'echo $SSH_CONNECTION']);
    expect(stdout.split(' ').slice(2)).toEqual(['127.0.0.2', `${site.innerPort}\n`]);
    expect(prompter.prompts).toMatchObject([{ kind: 'password', address: 'vigilnoisy@127.0.0.1', isJumpHost: true }]);
  });
});

describeOnCluster('what only the ssh program can do, by itself', () => {
  it('logs in with a certificate beside the key', async () => {
    const path = await folder();
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(path, 'ca')]);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(path, 'key')]);
    await run('ssh-keygen', ['-q', '-s', join(path, 'ca'), '-I', 'me', '-n', site.user, join(path, 'key.pub')]);
    await authorize(`cert-authority ${await readFile(join(path, 'ca.pub'), 'utf8')}`);
    const config = await configuration({ IdentityFile: join(path, 'key'), PreferredAuthentications: 'publickey' });
    const connection = await open({ config, transport: 'auto' });
    expect((await connection.exec(['id', '-un'])).stdout.trim()).toBe(site.user);
    expect(connection.info).toMatchObject({
      transport: 'openssh',
      reason: `the certificate ${join(path, 'key')}-cert.pub`,
    });
  });

  it('logs in with a Kerberos ticket, as long as there is one', async () => {
    const KRB5CCNAME = `FILE:${join(await folder(), 'tickets')}`;
    const environment = { ...process.env, KRB5_CONFIG: site.kerberosConfig, KRB5CCNAME };
    const config = await configuration({
      Port: site.kerberosPort,
      HostKeyAlias: `[127.0.0.1]:${site.loginPort}`,
      IdentityFile: 'none',
      GSSAPIAuthentication: 'yes',
    });
    const refused = await failure('authentication', { config, transport: 'auto', environment });
    expect(refused).toContain('gssapi-with-mic');
    const kinit = run('kinit', [site.user], { env: environment });
    kinit.child.stdin?.end(`${site.password}\n`);
    await kinit;
    const prompter = scriptedPrompter();
    const connection = await open({ config, transport: 'auto', environment, prompter });
    expect((await connection.exec(['id', '-un'])).stdout.trim()).toBe(site.user);
    expect(connection.info).toMatchObject({
      transport: 'openssh',
      reason: 'GSSAPIAuthentication, with a Kerberos ticket',
    });
    expect(prompter.prompts).toEqual([]);
  });

  it('logs in with a key of a smart card, whose PIN it asks for', async () => {
    const path = await folder();
    const environment = { ...process.env, SOFTHSM2_CONF: join(path, 'softhsm2.conf') };
    const inside = { cwd: path, env: environment };
    await mkdir(join(path, 'tokens'));
    await writeFile(environment.SOFTHSM2_CONF, `directories.tokendir = ${join(path, 'tokens')}\n`);
    const pin = ['--token', 'card', '--pin', '4711'];
    await run(
      'softhsm2-util',
      ['--init-token', '--free', '--label', 'card', '--pin', '4711', '--so-pin', '0815'],
      inside,
    );
    await run('openssl', ['genpkey', '-algorithm', 'RSA', '-out', 'key.pem'], inside);
    await run('softhsm2-util', ['--import', 'key.pem', '--label', 'key', '--id', '01', ...pin], inside);
    const { stdout: publicKeys } = await run('ssh-keygen', ['-D', smartCard], inside);
    await authorize(publicKeys);
    const config = await configuration({ IdentityFile: 'none', PKCS11Provider: smartCard, IdentitiesOnly: 'no' });
    const prompter = scriptedPrompter(['4711']);
    const connection = await open({ config, transport: 'auto', environment, prompter });
    expect((await connection.exec(['id', '-un'])).stdout.trim()).toBe(site.user);
    expect(connection.info).toMatchObject({
      transport: 'openssh',
      reason: `a smart card (PKCS11Provider ${smartCard})`,
    });
    expect(prompter.prompts).toMatchObject([{ question: expect.stringContaining('PIN'), secret: true }]);
  });

  it('uses the connection that the user has open, without a login, and leaves it open', async () => {
    const control = join(await folder(), 'user.ctl');
    const config = await configuration({ ControlPath: control, ControlMaster: 'auto', ControlPersist: 60 });
    const [prompter, second] = [scriptedPrompter(), scriptedPrompter()];
    const own = await open({ config, prompter, transport: 'auto' });
    expect(own.info).toMatchObject({ transport: 'ssh2' });
    const master = spawn('ssh', ['-F', config, '-o', 'ControlPersist=no', '-M', '-N', '-S', control, 'here'], {
      stdio: 'ignore',
    });
    cleanups.push(() => master.kill());
    await until('the master is open', async () => (await readdir(join(control, '..'))).includes('user.ctl'));
    // With nothing to log in with: only the open connection can do it.
    const bare = config.replace(/config$/, 'bare');
    await writeFile(bare, (await readFile(config, 'utf8')).replace(/IdentityFile .*/, 'IdentityFile none'));
    const connection = await open({ config: bare, prompter: second, transport: 'auto' });
    expect(connection.info).toMatchObject({
      transport: 'openssh',
      reason: `ControlPath ${control} has an open connection`,
    });
    expect((await connection.exec(['id', '-un'])).stdout.trim()).toBe(site.user);
    await connection.close();
    await run('ssh', ['-F', config, '-S', control, '-O', 'check', 'here']);
    const third = await open({ config: bare, transport: 'auto' });
    const pending = third.exec(['sleep', '600']).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    master.kill();
    expect(await third.closed).toMatchObject({ reason: 'closed' });
    expect(ConnectionError.is(await pending, 'closed')).toBe(true);
    expect([...prompter.prompts, ...second.prompts]).toEqual([]);
  });

  it('checks a host by its certificate', async () => {
    const path = await folder();
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(path, 'ca')]);
    const known = join(path, 'known');
    await writeFile(known, `@cert-authority * ${await readFile(join(path, 'ca.pub'), 'utf8')}`);
    const config = await configuration({ UserKnownHostsFile: known, StrictHostKeyChecking: 'yes' });
    // This site has no host certificates: it is ssh that says so.
    expect(await failure('host-key', { config, transport: 'auto' })).toMatch(
      /^ssh could not connect|^test: ssh could not/,
    );
  });
});

describeOnCluster('a connection by the ssh program that breaks', () => {
  async function throughProxy() {
    const proxy = await startTcpProxy(site.loginPort);
    cleanups.push(() => proxy.close());
    const config = await configuration({
      Port: proxy.port,
      HostKeyAlias: `[127.0.0.1]:${site.loginPort}`,
      ServerAliveInterval: 1,
      ServerAliveCountMax: 2,
    });
    return { proxy, config };
  }

  it('fails everything that is pending, and ends what runs there', async () => {
    const { proxy, config } = await throughProxy();
    const connection = await open({ config });
    const process = await connection.spawn(['cat']);
    const reading = readAll(process).catch((error: unknown) => error);
    const seconds = `${700_000 + (Date.now() % 100_000)}.5`;
    const pending = connection.exec(['sleep', seconds]).catch((error: unknown) => error);
    await until('it runs', () => isRunning(seconds));
    proxy.drop();
    expect(await connection.closed).toMatchObject({ reason: 'closed', message: expect.stringContaining('broke') });
    for (const error of await Promise.all([reading, process.exited.catch((thrown: unknown) => thrown), pending]))
      expect(ConnectionError.is(error, 'closed')).toBe(true);
    await expect(connection.exec(['true'])).rejects.toThrow(ConnectionError);
    await until('the command ended', async () => !(await isRunning(seconds)));
  });

  it('notices a link that is dead without a sign', async () => {
    const { proxy, config } = await throughProxy();
    const connection = await open({ config });
    proxy.freeze();
    expect(await connection.closed).toMatchObject({ reason: 'closed' });
  });
});
