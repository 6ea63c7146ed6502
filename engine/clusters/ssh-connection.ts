/** The connection to a cluster over SSH: commands on the channels of one ssh2 client. */
import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import type { Logger } from '../logger.ts';
import {
  type CommandOptions,
  type Connection,
  ConnectionError,
  defaultExecTimeoutMs,
  defaultMaxOutputBytes,
  type ExecOptions,
  type ExecResult,
  killGraceSeconds,
  OutputLimitError,
  type ProcessExit,
  type RunningProcess,
  type SpawnOptions,
} from './connection.ts';
import { LimitedBuffer } from './output-buffers.ts';
import type { Prompter } from './prompter.ts';
import { afterMark, guardedArgv, killArgv, MarkedOutput, remoteCommandLine } from './quoting.ts';
import { messageOf, showable } from './showable.ts';
import { SshChannels } from './ssh-channels.ts';
import { endSession, openSession, type SshSession } from './ssh-client.ts';
import { awaitEnd, awaitExit, awaitStart, type CommandPlace, keepStderr, outputOf } from './ssh-command.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';
import { Turns } from './turns.ts';

/**
 * sshd allows 10 sessions on a connection (MaxSessions) and frees their places late: with more than 5 commands at once,
 * one after the other, it was seen to refuse some.
 */
const commandsAtOnce = 5;
const startTimeoutMs = 60_000;
/** For ending the running commands, and then again for the other side to take notice. */
const closeTimeoutMs = 2_000;

/** Rejects with ConnectionError, or with the reason of `signal`. */
export async function openSshConnection(
  target: SshTarget,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  const session = await openSession(target, prompter, log, signal);
  log.info(`connected to ${addressOf(target)}${target.jump ? ` through ${addressOf(target.jump)}` : ''}`);
  return new SshConnection(session, target, log);
}

/** A command whose mark has come. */
interface StartedCommand {
  readonly channel: ClientChannel;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
}

class SshConnection implements Connection {
  readonly closed: Promise<ConnectionError | undefined>;
  readonly #session: SshSession;
  readonly #place: CommandPlace;
  readonly #log: Logger;
  readonly #channels: SshChannels;
  readonly #turns = new Turns(commandsAtOnce);
  /** Aborted, with the ConnectionError, when the connection ends: everything pending hangs on it. */
  readonly #ended = new AbortController();
  /** The outputs of all commands that have not ended: they know the process ids. */
  readonly #running = new Set<MarkedOutput>();
  #lastError: Error | undefined;
  #isClosing = false;

  constructor(session: SshSession, target: SshTarget, log: Logger) {
    this.#session = session;
    this.#place = { cluster: target.cluster, address: addressOf(target) };
    this.#log = log;
    this.#channels = new SshChannels({ ...this.#place, client: session.client, ended: this.#ended.signal, log });
    session.client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.closed = new Promise((settle) => {
      session.client.once('close', () => {
        const reason = this.#endReason();
        this.#ended.abort(reason);
        endSession(session);
        settle(this.#isClosing ? undefined : reason);
      });
    });
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { timeoutMs = defaultExecTimeoutMs } = options;
    const words = `${argv[0]} on ${this.#place.cluster} did not end within ${timeoutMs / 1000} s and was ended.`;
    return this.#within(timeoutMs, words, options.signal, (limit) => this.#execWithin(argv, options, limit));
  }

  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<RunningProcess> {
    const words = `${argv[0]} on ${this.#place.cluster} did not start within ${startTimeoutMs / 1000} s.`;
    const { channel, pid, exited } = await this.#within(startTimeoutMs, words, options.signal, (limit) =>
      this.#start(options.guarded ? guardedArgv(argv) : argv, options, limit.signal),
    );
    const kill = () => {
      channel.signal('TERM');
      channel.end();
      this.#endGroups([pid]);
    };
    const stopListening = () => options.signal?.removeEventListener('abort', kill);
    options.signal?.addEventListener('abort', kill, { once: true });
    exited.then(stopListening, stopListening);
    if (options.signal?.aborted) kill();
    return {
      stdout: outputOf(channel, exited),
      write: (text) => void channel.write(text),
      end: () => void channel.end(),
      exited,
      kill,
    };
  }

  async close(): Promise<void> {
    if (!this.#ended.signal.aborted) {
      this.#isClosing = true;
      const pids = [...this.#running].flatMap(({ pid }) => pid ?? []);
      this.#ended.abort(this.#endReason());
      if (pids.length > 0) await this.#endGroupsBeforeClosing(pids);
      this.#session.client.end();
    }
    // A peer that no longer answers would never confirm the end.
    const timer = setTimeout(() => endSession(this.#session), closeTimeoutMs);
    await this.closed;
    clearTimeout(timer);
  }

  /** Runs `work` with what ends it early: the time limit, the connection's end, the caller's signal. */
  async #within<T>(
    timeoutMs: number,
    timeoutWords: string,
    signal: AbortSignal | undefined,
    work: (limit: Limit) => Promise<T>,
  ): Promise<T> {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(this.#error('timeout', timeoutWords)), timeoutMs);
    const signals = [own.signal, this.#ended.signal, ...(signal ? [signal] : [])];
    try {
      return await work({ signal: AbortSignal.any(signals), abort: (reason) => own.abort(reason) });
    } finally {
      clearTimeout(timer);
    }
  }

  async #execWithin(argv: readonly string[], options: ExecOptions, limit: Limit): Promise<ExecResult> {
    const { maxOutputBytes = defaultMaxOutputBytes, stdin = '', cwd, env } = options;
    const mark = newMark();
    const commandLine = remoteCommandLine({ argv, cwd, env, mark });
    const giveBack = await this.#turns.take(limit.signal);
    const output = new MarkedOutput(mark);
    try {
      const channel = await this.#channels.open(commandLine, limit.signal);
      this.#running.add(output);
      const words = `${argv[0]} on ${this.#place.cluster} printed more than ${maxOutputBytes} bytes and was ended.`;
      const onLimit = () => limit.abort(new OutputLimitError(words));
      const [stdout, stderr] = [new LimitedBuffer(maxOutputBytes, onLimit), new LimitedBuffer(maxOutputBytes, onLimit)];
      channel.on('data', (chunk: Buffer) => stdout.add(output.take(chunk)));
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      channel.end(stdin);
      const ending = await awaitEnd(channel, output, () => stderr.bytes(), this.#place, limit.signal).catch(
        (error: unknown) => {
          if (limit.signal.aborted) this.#abandon(channel, output.pid);
          throw error;
        },
      );
      return { ...ending, stdout: stdout.bytes().toString(), stderr: afterMark(stderr.bytes(), mark).toString() };
    } finally {
      this.#running.delete(output);
      giveBack();
    }
  }

  /** Starts a command that the caller keeps; resolves when its mark has come. */
  async #start(argv: readonly string[], { cwd, env }: CommandOptions, limit: AbortSignal): Promise<StartedCommand> {
    const mark = newMark();
    const commandLine = remoteCommandLine({ argv, cwd, env, mark });
    const giveBack = await this.#turns.take(limit);
    const output = new MarkedOutput(mark);
    const release = () => {
      this.#running.delete(output);
      giveBack();
    };
    try {
      const channel = await this.#channels.open(commandLine, limit);
      this.#running.add(output);
      const stderr = keepStderr(channel);
      // Listening from the start: the exit status may come together with the mark.
      const exited = awaitExit(channel, stderr, mark, this.#place, this.#ended.signal);
      exited.then(release, release);
      const pid = await awaitStart(channel, output, stderr, this.#place, limit).catch((error: unknown) => {
        if (limit.aborted) this.#abandon(channel, output.pid);
        throw error;
      });
      return { channel, pid, exited };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends a command whose result nobody waits for any more. */
  #abandon(channel: ClientChannel, pid: number | undefined): void {
    if (this.#ended.signal.aborted) return;
    channel.resume();
    if (pid !== undefined) this.#endGroups([pid]);
    else channel.close();
  }

  /** Without waiting its turn: the running commands may hold all places, and sshd has some more. */
  #endGroups(pids: readonly number[]): void {
    if (this.#ended.signal.aborted) return;
    const limit = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(startTimeoutMs)]);
    this.#channels.open(killCommandLine(pids), limit).then(
      (channel) => channel.resume().end(),
      (error: unknown) => this.#log.warn(`could not end a command on ${this.#place.cluster}: ${messageOf(error)}`),
    );
  }

  async #endGroupsBeforeClosing(pids: readonly number[]): Promise<void> {
    const limit = AbortSignal.timeout(closeTimeoutMs);
    try {
      // Once its mark has come it runs, and needs no connection any more.
      await firstData(await this.#channels.open(killCommandLine(pids), limit), limit);
    } catch (error) {
      this.#log.warn(`could not end the commands on ${this.#place.cluster} before disconnecting: ${messageOf(error)}`);
    }
  }

  #endReason(): ConnectionError {
    const { cluster, address } = this.#place;
    const where = `The connection to ${cluster} (${address})`;
    if (this.#isClosing) return this.#error('closed', `${where} was closed.`);
    const words = this.#lastError ? `: ${showable(this.#lastError.message)}` : ' by the other side';
    return this.#error('closed', `${where} broke${words}.`, this.#lastError);
  }

  #error(reason: ConnectionError['reason'], message: string, cause?: Error): ConnectionError {
    return new ConnectionError(reason, this.#place.cluster, message, cause && { cause });
  }
}

/** What ends a piece of work early. */
interface Limit {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

function killCommandLine(pids: readonly number[]): string {
  return remoteCommandLine({ argv: killArgv(pids, killGraceSeconds), mark: newMark() });
}

function firstData(channel: ClientChannel, limit: AbortSignal): Promise<void> {
  return new Promise((succeed, fail) => {
    channel.once('data', () => succeed());
    channel.once('close', () => succeed());
    limit.addEventListener('abort', () => fail(limit.reason), { once: true });
  });
}

function newMark(): string {
  return `vigil${randomBytes(12).toString('hex')}`;
}
