/** The connection to a cluster by the user's own ssh program: a ControlMaster of ours, or one that the user has open already. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import type { Logger } from '../logger.ts';
import { type AskpassRequest, startAskpass } from './askpass.ts';
import { CarriedConnection } from './carried-connection.ts';
import type { Carrier } from './command-channel.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { Deadline } from './deadline.ts';
import { openSshFailure } from './openssh-failure.ts';
import { Master, type MasterEnd } from './openssh-master.ts';
import { readPrompt } from './openssh-prompts.ts';
import { Sessions } from './openssh-sessions.ts';
import { type Prompter, promptText, withdrawnWith } from './prompter.ts';
import { showable } from './showable.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';

export interface OpenSshOptions {
  readonly target: SshTarget;
  /** The configuration file and what the settings say on top, as arguments; and the host to give ssh. */
  readonly configuration: readonly string[];
  readonly host: string;
  /** Why this way, for people. */
  readonly reason: string;
  /** A master of the user's that is open: no login is needed. */
  readonly userControlPath?: string;
  /** That only this user can enter: for sockets. */
  readonly directory: string;
  readonly environment: Environment;
  readonly nodeProgram: string;
  /** Default: `ssh`. */
  readonly program?: string;
}

/** ssh itself stops connecting after ConnectTimeout; what comes after that has so much more, not counting prompts. */
const loginGraceSeconds = 30;
/** unix(7) allows 107, macOS 103; ssh makes the socket under a temporary name first. */
const longestSocketPathBytes = 103;
const temporarySuffixBytes = 17;
/** From asking ssh to end to ending it. */
const endGraceMs = 1_500;

/** Rejects with ConnectionError, or with the reason of `signal`. Prompts are withdrawn when it settles. */
export async function openOpenSshConnection(
  options: OpenSshOptions,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const address = addressOf(options.target);
  if (options.userControlPath !== undefined) {
    log.info(`connected to ${address} through the open connection at ${options.userControlPath}`);
    return new CarriedConnection(userCarrier(options, options.userControlPath), log);
  }
  const attempt = new AbortController();
  try {
    const asking = withdrawnWith(prompter, AbortSignal.any([signal, attempt.signal]));
    const { master, controlPath } = await logIn(options, asking, log, signal);
    log.info(`connected to ${address} by ssh (${options.reason})`);
    return new CarriedConnection(masterCarrier(options, master, controlPath), log);
  } finally {
    attempt.abort();
  }
}

async function logIn(
  options: OpenSshOptions,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<{ readonly master: Master; readonly controlPath: string }> {
  const { target, directory, nodeProgram, environment, program = 'ssh' } = options;
  const id = randomBytes(6).toString('hex');
  const controlPath = join(directory, `${id}.ctl`);
  if (Buffer.byteLength(controlPath) + temporarySuffixBytes > longestSocketPathBytes) {
    const words = `The folder ${directory} has too long a name for the sockets of ssh: set VIGIL_RUNTIME_DIR to a shorter one where the engine is started.`;
    throw new ConnectionError('configuration', target.cluster, words);
  }
  const stop = new AbortController();
  const deadline = new Deadline((target.connectTimeoutSeconds + loginGraceSeconds) * 1000);
  const answers = new Answers(target, deadline.pausedDuring(prompter), log, (error) => stop.abort(error));
  const askpass = await startAskpass({
    directory,
    id,
    nodeProgram,
    answer: (request, gone) => answers.answer(request, gone),
  });
  const { configuration, host } = options;
  const { connectTimeoutSeconds, keepAliveSeconds, keepAliveCount } = target;
  const master = new Master({
    program,
    configuration,
    host,
    controlPath,
    environment: { ...environment, ...askpass.environment },
    connectTimeoutSeconds,
    keepAliveSeconds,
    keepAliveCount,
  });
  answers.listenTo(master);
  const limit = AbortSignal.any([signal, stop.signal]);
  const words = `${addressOf(target)} did not let us in within ${target.connectTimeoutSeconds + loginGraceSeconds} s. Check the network (a VPN?) and the SSH configuration.`;
  deadline.start(() => stop.abort(new ConnectionError('timeout', target.cluster, words)));
  try {
    if (await master.isReady(limit)) return { master, controlPath };
    limit.throwIfAborted();
    const { stderr, status } = await master.ended;
    throw answers.refusal ?? openSshFailure(target.cluster, addressOf(target), stderr, status);
  } catch (error) {
    master.destroy();
    throw error;
  } finally {
    deadline.stop();
    await askpass.close();
  }
}

/** Answers what ssh asks during one attempt. */
class Answers {
  readonly #target: SshTarget;
  readonly #prompter: Prompter;
  readonly #log: Logger;
  readonly #onDeclined: (error: ConnectionError) => void;
  readonly #asked = new Set<string>();
  #master: Master | undefined;
  #seen = '';
  refusal: ConnectionError | undefined;

  constructor(target: SshTarget, prompter: Prompter, log: Logger, onDeclined: (error: ConnectionError) => void) {
    this.#target = target;
    this.#prompter = prompter;
    this.#log = log;
    this.#onDeclined = onDeclined;
  }

  listenTo(master: Master): void {
    this.#master = master;
  }

  async answer(request: AskpassRequest, gone: AbortSignal): Promise<string | undefined> {
    const asked = readPrompt(request, this.#target, {
      instructions: this.#wordsSinceLastPrompt(),
      isRetry: this.#asked.has(request.prompt),
    });
    this.#asked.add(request.prompt);
    switch (asked.kind) {
      case 'tell':
        this.#prompter.tell(asked.message);
        // ssh ends its helper when it is done.
        return new Promise((resolve) => gone.addEventListener('abort', () => resolve(undefined), { once: true }));
      case 'host-key': {
        const { host, keyType, fingerprint } = asked.prompt;
        if (await this.#prompter.confirmHostKey(asked.prompt, gone)) return 'yes';
        return this.#decline(`the host key of ${host} (${keyType} ${fingerprint}) was not accepted; nothing was saved`);
      }
      case 'confirm': {
        const answer = await this.#prompter.input(asked.prompt, gone);
        return answer !== undefined && /^y(es)?$/i.test(answer.trim()) ? 'yes' : undefined;
      }
      case 'input': {
        const answer = await this.#prompter.input(asked.prompt, gone);
        const last = promptText(asked.prompt).split('\n').at(-1);
        return answer ?? this.#decline(`“${last}” was not answered`);
      }
    }
  }

  /** What the server says above its questions ssh prints before it asks. */
  #wordsSinceLastPrompt(): string {
    const all = this.#master?.stderr ?? '';
    const fresh = all.startsWith(this.#seen) ? all.slice(this.#seen.length) : all;
    this.#seen = all;
    return fresh
      .split('\n')
      .filter((line) => !/^(Authenticated |Warning: Permanently added|Permission denied, please try again)/.test(line))
      .join('\n');
  }

  #decline(why: string): undefined {
    const words = `Not connected to ${addressOf(this.#target)}: ${why}. Connect again to be asked again.`;
    this.refusal = new ConnectionError('declined', this.#target.cluster, words);
    this.#log.debug(showable(words));
    this.#onDeclined(this.refusal);
    return undefined;
  }
}

function masterCarrier(options: OpenSshOptions, master: Master, controlPath: string): Carrier {
  const sessions = new Sessions(options, controlPath, () => lastRefusal(master.stderr));
  const { authentication } = master;
  return {
    ...common(options, sessions),
    info: { transport: 'openssh', reason: options.reason, authentication },
    onEnded: (listener) => {
      void master.ended.then((end) => {
        sessions.end();
        listener(reasonOf(end));
      });
    },
    end: () => {
      master.end();
      setTimeout(() => master.destroy(), endGraceMs).unref();
    },
    destroy: () => master.destroy(),
  };
}

function reasonOf({ stderr }: MasterEnd): Error | undefined {
  const last = stderr
    .trim()
    .split('\n')
    .filter((line) => !/^(Authenticated|Transferred|Bytes per second|channel \d+)/.test(line))
    .at(-1);
  return last ? new Error(last) : undefined;
}

/** Why the server opened no channel: ssh(1) tells it only where the connection is held. */
function lastRefusal(stderr: string): string | undefined {
  return stderr.match(/(?<=^channel \d+: open failed: ).*/gm)?.at(-1);
}

/** A master that is not ours: we only leave it. An idle connection to its socket ends with it. */
function userCarrier(options: OpenSshOptions, controlPath: string): Carrier {
  const sessions = new Sessions(options, controlPath);
  const lifeline = connect(controlPath);
  let problem: Error | undefined;
  lifeline.on('error', (error) => {
    problem = error;
  });
  lifeline.resume();
  const leave = () => {
    sessions.end();
    lifeline.destroy();
  };
  return {
    ...common(options, sessions),
    info: { transport: 'openssh', reason: options.reason, authentication: ['the connection that was open already'] },
    onEnded: (listener) => {
      lifeline.once('close', () => {
        sessions.end();
        listener(problem ?? new Error('the ssh that held it has ended'));
      });
    },
    end: leave,
    destroy: leave,
  };
}

function common({ target }: OpenSshOptions, sessions: Sessions) {
  return {
    cluster: target.cluster,
    address: addressOf(target),
    tellsSignals: false,
    openChannel: (commandLine: string) => sessions.open(commandLine),
    openSubsystem: (name: string, hello: Uint8Array) => sessions.openSubsystem(name, hello),
    openTunnel: (host: string, port: number) => sessions.openTunnel(host, port),
  };
}
