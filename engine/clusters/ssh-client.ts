/** Opens an ssh2 client to a target: through its jump hosts, with its host key checked, logged in. */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Client, type ConnectConfig } from 'ssh2';
import type { Logger } from '../logger.ts';
import { Authentication } from './authentication.ts';
import { ConnectionError, type ConnectionFailure } from './connection.ts';
import { Deadline } from './deadline.ts';
import { HostKeyVerifier } from './host-keys.ts';
import type { Prompter } from './prompter.ts';
import { showable } from './showable.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';

export interface SshSession {
  readonly client: Client;
  /** What the client talks through. */
  readonly stream: Duplex;
  /** What the server accepted, in order. */
  readonly authentication: readonly string[];
  /** The jump host's session, to be ended after this one. */
  readonly jump?: SshSession;
}

export async function openSession(
  target: SshTarget,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<SshSession> {
  signal.throwIfAborted();
  const { jump: jumpTarget, proxyCommand } = target;
  if (!jumpTarget) {
    const openStream = () =>
      proxyCommand === undefined ? connectSocket(target) : runProxyCommand(proxyCommand, target, log);
    return logIn(target, openStream, prompter, log, signal);
  }
  const jump = await openSession(jumpTarget, prompter, log, signal);
  try {
    const openStream = () => forward(jump.client, target, jumpTarget, signal);
    return { ...(await logIn(target, openStream, prompter, log, signal)), jump };
  } catch (error) {
    endSession(jump);
    throw error;
  }
}

/** Ends the client and its jump hosts, at once. `client.destroy()` would not: it does nothing once `end()` was called. */
export function endSession({ client, stream, jump }: SshSession): void {
  client.end();
  stream.destroy();
  if (jump) endSession(jump);
}

function connectSocket({ host, port }: SshTarget): Duplex {
  return new Socket().setNoDelay().connect({ host, port });
}

function forward(client: Client, target: SshTarget, jump: SshTarget, signal: AbortSignal): Promise<Duplex> {
  const { cluster, host, port } = target;
  const through = `The jump host ${addressOf(jump)}`;
  return new Promise<Duplex>((succeed, fail) => {
    const onClose = () => settle(new ConnectionError('closed', cluster, `${through} broke the connection.`));
    const onAbort = () => settle(signal.reason);
    const timer = setTimeout(
      () =>
        settle(
          new ConnectionError(
            'timeout',
            cluster,
            `${through} did not reach ${host} port ${port} within ${target.connectTimeoutSeconds} s.`,
          ),
        ),
      target.connectTimeoutSeconds * 1000,
    );
    const settle = (reason: unknown, stream?: Duplex) => {
      clearTimeout(timer);
      client.removeListener('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (stream) succeed(stream);
      else fail(reason);
    };
    client.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
      const words = showable(error?.message.replace('(SSH) Channel open failure: ', '') ?? '');
      settle(
        error &&
          new ConnectionError('unreachable', cluster, `${through} cannot reach ${host} port ${port}: ${words}`, {
            cause: error,
          }),
        stream,
      );
    });
  });
}

/** The stdin and stdout of a ProxyCommand. */
function runProxyCommand(proxyCommand: string, { cluster }: SshTarget, log: Logger): Duplex {
  if (process.platform === 'win32') {
    throw new ConnectionError(
      'configuration',
      cluster,
      `ProxyCommand is not supported on Windows. Use ProxyJump for ${cluster} in the SSH configuration.`,
    );
  }
  const child = spawn('sh', ['-c', `exec ${proxyCommand}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.on('data', (chunk: Buffer) => log.warn(`ProxyCommand says: ${showable(chunk.toString())}`));
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.once('error', (error) => stream.destroy(error));
  child.once('exit', () => stream.destroy());
  stream.once('close', () => child.kill());
  return stream;
}

async function logIn(
  target: SshTarget,
  openStream: () => Duplex | Promise<Duplex>,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<SshSession> {
  const deadline = new Deadline(target.connectTimeoutSeconds * 1000);
  const patientPrompter = deadline.pausedDuring(prompter);
  const attempt = new LoginAttempt(target, signal);
  const verifier = await HostKeyVerifier.create(target, patientPrompter, log);
  const authentication = await Authentication.create({
    target,
    prompter: patientPrompter,
    patience: deadline.pausedDuringWork,
    log,
    onDeclined: (error) => attempt.fail(error),
  });
  signal.throwIfAborted();
  // Last: what happens to the stream before the client listens to it would be lost.
  const stream = await openStream();
  deadline.start(() =>
    attempt.fail(
      new ConnectionError(
        'timeout',
        target.cluster,
        `${addressOf(target)} did not answer within ${target.connectTimeoutSeconds} s. Check the network (a VPN?) and the host's name and port.`,
      ),
    ),
  );
  try {
    const client = await attempt.run(log, verifier, authentication, stream);
    return { client, stream, authentication: authentication.steps };
  } finally {
    deadline.stop();
  }
}

/** One ssh2 client until it is ready or has failed; the first reason counts, later ones follow from it. */
class LoginAttempt {
  readonly #client = new Client();
  readonly #target: SshTarget;
  readonly #signal: AbortSignal;
  #failure: ConnectionError | undefined;
  #onFailure: (error: unknown) => void = () => {};

  constructor(target: SshTarget, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
  }

  /** Fails the attempt for a reason that ssh2 does not know. */
  fail(error: ConnectionError): void {
    this.#failure ??= error;
    this.#onFailure(this.#failure);
  }

  async run(log: Logger, verifier: HostKeyVerifier, authentication: Authentication, stream: Duplex): Promise<Client> {
    const client = this.#client;
    const onAbort = () => this.#onFailure(this.#signal.reason);
    try {
      return await new Promise<Client>((succeed, fail) => {
        this.#onFailure = fail;
        if (this.#failure) return fail(this.#failure);
        if (this.#signal.aborted) return fail(this.#signal.reason);
        this.#signal.addEventListener('abort', onAbort, { once: true });
        client.once('ready', () => succeed(client));
        client.on('error', (error) => this.#onError(error, authentication, log));
        client.once('close', () =>
          this.fail(
            this.#error('closed', 'closed the connection while logging in; perhaps the answers took too long.'),
          ),
        );
        client.on('banner', (text) => log.info(`${addressOf(this.#target)} says: ${showable(text)}`));
        client.on('change password', () =>
          this.fail(this.#error('authentication', 'wants a new password. Log in there once with ssh and change it.')),
        );
        client.connect(this.#config(verifier, authentication, stream));
      });
    } catch (error) {
      client.end();
      stream.destroy();
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      this.#onFailure = () => {};
      client.removeAllListeners();
      client.on('error', (error) => log.debug(`ssh: ${error.message}`)); // An EventEmitter without one would throw.
    }
  }

  #config(verifier: HostKeyVerifier, authentication: Authentication, stream: Duplex): ConnectConfig {
    const { host, port, user, keepAliveSeconds, keepAliveCount } = this.#target;
    return {
      host,
      port,
      username: user,
      sock: stream,
      readyTimeout: 0, // Deadline takes its place: it does not run while a person is typing.
      keepaliveInterval: keepAliveSeconds * 1000,
      keepaliveCountMax: keepAliveCount,
      algorithms: { serverHostKey: preferring(verifier.knownKeyTypes) },
      hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
        verifier.verify(key).then(
          (problem) => {
            if (problem) this.fail(problem);
            verify(problem === undefined);
          },
          (error: unknown) => this.#onFailure(error),
        );
      },
      authHandler: (offered, isPartial, next) => {
        authentication.next(offered, isPartial).then(
          // @types/ssh2 leaves out `false`, by which ssh2's documentation means: nothing left to try.
          (method) => (method ? next(method) : this.fail(authentication.failure())),
          (error: unknown) => this.#onFailure(error),
        );
      },
    };
  }

  #onError(error: Error & { level?: string; code?: unknown }, authentication: Authentication, log: Logger): void {
    if (error.level === 'agent') {
      // One key that could not be used; ssh2 goes on with the next method.
      log.info(`${addressOf(this.#target)}: a key could not be used: ${error.message}`);
    } else if (error.code === 14 || (error.code === 2 && /authentication/i.test(error.message))) {
      // RFC 4253, 11.1: no more methods; sshd's "Too many authentication failures" is a protocol error.
      this.fail(authentication.failure(showable(error.message)));
    } else {
      const [reason, words] = describe(error);
      this.fail(this.#error(reason, words, error));
    }
  }

  #error(reason: ConnectionFailure, words: string, cause?: Error): ConnectionError {
    const { cluster } = this.#target;
    const message =
      reason === 'unknown-host'
        ? `${words} Correct the host name of ${cluster}.`.replace('%h', this.#target.host)
        : `${addressOf(this.#target)} ${words}`;
    return new ConnectionError(reason, cluster, message, cause && { cause });
  }
}

/** Why a socket or the handshake failed, and what follows the server's address in the message about it. */
function describe(error: Error & { level?: string; code?: unknown }): readonly [ConnectionFailure, string] {
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return ['unknown-host', 'There is no host “%h”, or the name service does not answer.'];
    case 'ECONNREFUSED':
      return [
        'refused',
        'refused the connection: no SSH server listens there. Check the port, or whether the host is up.',
      ];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'EADDRNOTAVAIL':
      return ['unreachable', `cannot be reached (${error.code}). Check the network (a VPN?).`];
    case 'ECONNRESET':
    case 'EPIPE':
      return ['closed', 'closed the connection before login.'];
  }
  if (error.level === 'client-timeout') return ['timeout', 'stopped answering.'];
  if (/before handshake/.test(error.message))
    return ['closed', 'closed the connection before login; is an SSH server listening on that port?'];
  if (error.level === 'handshake' || error.level === 'protocol')
    return [
      'configuration',
      `does not speak SSH as we do: ${showable(error.message)}. If ssh itself connects, set "transport": "openssh" for it in the setting vigil.clusters.`,
    ];
  return ['closed', `ended the connection: ${showable(error.message)}`];
}

type ServerHostKeys = NonNullable<NonNullable<ConnectConfig['algorithms']>['serverHostKey']>;

/** ssh2's own list with the known types first. By patterns: naming one that this Node cannot do would be an error. */
function preferring(keyTypes: readonly string[]): ServerHostKeys {
  const patterns = keyTypes
    .filter((type) => type !== 'ssh-dss')
    .map((type) =>
      type === 'ssh-rsa' ? /^(rsa-sha2-\d+|ssh-rsa)$/ : new RegExp(`^${type.replace(/[^\w-]/g, '\\$&')}$`),
    );
  // In this order: first taken out, then put in front. ssh2 documents patterns, @types/ssh2 does not.
  return { append: [], remove: patterns, prepend: patterns } as unknown as ServerHostKeys;
}
