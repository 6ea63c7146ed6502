/** The connection to a cluster over SSH: commands on the channels of one ssh2 client. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { Logger } from '../logger.ts';
import { showable } from './authentication.ts';
import {
  type CommandOptions,
  type Connection,
  ConnectionError,
  defaultExecTimeoutMs,
  defaultMaxOutputBytes,
  type ExecOptions,
  type ExecResult,
  keptStderrBytes,
  killGraceSeconds,
  OutputLimitError,
  type ProcessExit,
  type RunningProcess,
  type SpawnOptions,
} from './connection.ts';
import { LimitedBuffer, TailBuffer } from './output-buffers.ts';
import type { Prompter } from './prompter.ts';
import { afterMark, guardedArgv, killArgv, MarkedOutput, remoteCommandLine } from './quoting.ts';
import { endSession, openSession, type SshSession } from './ssh-client.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';
import { Turns } from './turns.ts';

/**
 * sshd allows 10 sessions on a connection (MaxSessions) and frees their places late: with more than 5 commands at once,
 * one after the other, it was seen to refuse some.
 */
const commandsAtOnce = 5;
const startTimeoutMs = 60_000;
/** For what ends the running commands before the connection is closed. */
const closeTimeoutMs = 2_000;
/** What a command printed on stderr may arrive a little after its exit status. */
const stderrGraceMs = 2_000;

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
  readonly #target: SshTarget;
  readonly #log: Logger;
  readonly #turns = new Turns(commandsAtOnce);
  /** Aborted, with the ConnectionError, when the connection ends: everything pending hangs on it. */
  readonly #ended = new AbortController();
  /** The outputs of all commands that have not ended: they know the process ids. */
  readonly #running = new Set<MarkedOutput>();
  #lastError: Error | undefined;
  #isClosing = false;

  constructor(session: SshSession, target: SshTarget, log: Logger) {
    this.#session = session;
    this.#target = target;
    this.#log = log;
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
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(
        this.#error(
          'timeout',
          `${argv[0]} on ${this.#target.cluster} did not end within ${timeoutMs / 1000} s and was ended.`,
        ),
      );
    }, timeoutMs);
    try {
      return await this.#execWithin(argv, options, limit);
    } finally {
      clearTimeout(timer);
    }
  }

  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<RunningProcess> {
    const { channel, pid, exited } = await this.#start(options.guarded ? guardedArgv(argv) : argv, options);
    const kill = () => {
      channel.signal('TERM');
      channel.end();
      this.#endGroups([pid]);
    };
    options.signal?.addEventListener('abort', kill, { once: true });
    const stopListening = () => options.signal?.removeEventListener('abort', kill);
    exited.then(stopListening, stopListening); // Also for a caller who only reads stdout: it is told there when this rejects.
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
      const pids = this.#runningPids();
      this.#ended.abort(this.#endReason());
      if (pids.length > 0) await this.#endGroupsBeforeClosing(pids);
      this.#session.client.end();
    }
    // A peer that no longer answers would never confirm the end.
    const timer = setTimeout(() => endSession(this.#session), closeTimeoutMs);
    await this.closed;
    clearTimeout(timer);
  }

  #runningPids(): readonly number[] {
    return [...this.#running].flatMap(({ pid }) => pid ?? []);
  }

  async #endGroupsBeforeClosing(pids: readonly number[]): Promise<void> {
    const limit = AbortSignal.timeout(closeTimeoutMs);
    try {
      // Once its mark has come it runs, and needs no connection any more.
      await firstData(await this.#openChannel(this.#killCommandLine(pids), limit), limit);
    } catch (error) {
      this.#log.warn(
        `could not end the commands on ${this.#target.cluster} before disconnecting: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #execWithin(argv: readonly string[], options: ExecOptions, limit: AbortController): Promise<ExecResult> {
    const { maxOutputBytes = defaultMaxOutputBytes } = options;
    const mark = newMark();
    const commandLine = remoteCommandLine({ argv, cwd: options.cwd, env: options.env, mark });
    const signal = AbortSignal.any([limit.signal, this.#ended.signal, ...(options.signal ? [options.signal] : [])]);
    const giveBack = await this.#turns.take(signal);
    const start = new MarkedOutput(mark);
    let onAbort = () => {};
    try {
      const channel = await this.#openChannel(commandLine, signal);
      this.#running.add(start);
      const onLimit = () =>
        limit.abort(
          new OutputLimitError(
            `${argv[0]} on ${this.#target.cluster} printed more than ${maxOutputBytes} bytes and was ended.`,
          ),
        );
      const [stdout, stderr] = [new LimitedBuffer(maxOutputBytes, onLimit), new LimitedBuffer(maxOutputBytes, onLimit)];
      channel.on('data', (chunk: Buffer) => stdout.add(start.take(chunk)));
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      const ending = await new Promise<Ending>((succeed, fail) => {
        onAbort = () => {
          this.#abandon(channel, start.pid);
          fail(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        channel.once('close', (status?: number | null, signalName?: string) => succeed(endingOf(status, signalName)));
        channel.end(options.stdin ?? '');
      });
      const words = afterMark(stderr.bytes(), mark).toString();
      this.#checkStarted(start, ending, words);
      return { ...ending, status: ending.status ?? null, stdout: stdout.bytes().toString(), stderr: words };
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#running.delete(start);
      giveBack();
    }
  }

  /** Starts a command that the caller keeps; resolves when its mark has come. */
  async #start(argv: readonly string[], { cwd, env, signal }: CommandOptions): Promise<StartedCommand> {
    const mark = newMark();
    const commandLine = remoteCommandLine({ argv, cwd, env, mark });
    const timeout = new AbortController();
    const timer = setTimeout(
      () =>
        timeout.abort(
          this.#error(
            'timeout',
            `${argv[0]} on ${this.#target.cluster} did not start within ${startTimeoutMs / 1000} s.`,
          ),
        ),
      startTimeoutMs,
    );
    const limit = AbortSignal.any([timeout.signal, this.#ended.signal, ...(signal ? [signal] : [])]);
    const start = new MarkedOutput(mark);
    let release = () => {};
    try {
      const giveBack = await this.#turns.take(limit);
      release = () => {
        this.#running.delete(start);
        giveBack();
      };
      const channel = await this.#openChannel(commandLine, limit);
      this.#running.add(start);
      const stderr = new TailBuffer(keptStderrBytes);
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      // Listening from the start: the exit status may come together with the mark.
      const exited = this.#exit(channel).then(
        (ending): ProcessExit => ({ ...ending, stderr: afterMark(stderr.bytes(), mark).toString() }),
      );
      exited.then(release, release);
      const pid = await this.#awaitMark(channel, start, stderr, limit);
      return { channel, pid, exited };
    } catch (error) {
      release();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads up to the mark and leaves the rest to whoever reads next. */
  #awaitMark(channel: ClientChannel, start: MarkedOutput, stderr: TailBuffer, limit: AbortSignal): Promise<number> {
    return new Promise<number>((succeed, fail) => {
      const stop = () => {
        channel.removeListener('data', onData);
        channel.removeListener('close', onClose);
        limit.removeEventListener('abort', onAbort);
        channel.pause();
      };
      const onData = (chunk: Buffer) => {
        const rest = start.take(chunk);
        if (start.pid === undefined) return;
        stop();
        if (rest.length > 0) channel.unshift(rest);
        succeed(start.pid);
      };
      const onClose = (status?: number | null, signalName?: string) => {
        stop();
        try {
          this.#checkStarted(start, endingOf(status, signalName), stderr.bytes().toString());
        } catch (error) {
          fail(error);
        }
      };
      const onAbort = () => {
        stop();
        this.#abandon(channel, start.pid);
        fail(limit.reason);
      };
      channel.on('data', onData);
      channel.once('close', onClose);
      limit.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Throws for a channel that closed although its command never started, or did not end. */
  #checkStarted(start: MarkedOutput, { status, signal }: Ending, stderr: string): void {
    const { cluster } = this.#target;
    if (status === undefined)
      throw this.#error('closed', `${cluster} ended a command without saying how; the connection is breaking.`);
    if (start.pid !== undefined) return;
    const words = showable(`${start.before.toString()}\n${stderr}`) || 'nothing';
    const how = signal ?? `status ${status}`;
    throw this.#error(
      'configuration',
      `The login shell on ${addressOf(this.#target)} does not run commands (${how}). It says: ${words.slice(-600)}`,
    );
  }

  #exit(channel: ClientChannel): Promise<{ status: number | null; signal?: string }> {
    const { signal: ended } = this.#ended;
    return new Promise((succeed, fail) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (then: () => void) => {
        clearTimeout(timer);
        ended.removeEventListener('abort', onEnded);
        then();
      };
      const onEnded = () => settle(() => fail(ended.reason));
      const onExit = (status?: number | null, signalName?: string) => {
        const ending = endingOf(status, signalName);
        const done = () => settle(() => succeed({ ...ending, status: ending.status ?? null }));
        timer = setTimeout(done, stderrGraceMs);
        if (channel.stderr.readableEnded) done();
        else channel.stderr.once('end', done);
      };
      const onClose = () =>
        settle(() =>
          fail(
            this.#error(
              'closed',
              `${this.#target.cluster} ended a command without saying how; the connection is breaking.`,
            ),
          ),
        );
      channel.once('exit', (...ending: [number | null, string?]) => {
        channel.removeListener('close', onClose);
        onExit(...ending);
      });
      channel.once('close', onClose);
      ended.addEventListener('abort', onEnded, { once: true });
      if (ended.aborted) onEnded();
    });
  }

  /** A channel on which `commandLine` runs. A refusal for want of places passes: it is tried again until `signal`. */
  async #openChannel(commandLine: string, signal: AbortSignal): Promise<ClientChannel> {
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
      const opened = await this.#tryOpenChannel(commandLine, signal);
      if (!(opened instanceof Error)) return opened;
      signal.throwIfAborted();
      if (!/open failed/.test(opened.message)) throw this.#channelError(opened);
      this.#log.debug(`no free session on ${this.#target.cluster}, trying again in ${pauseMs} ms`);
      // The sleep's own AbortError says nothing; the signal's reason does.
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #tryOpenChannel(commandLine: string, signal: AbortSignal): Promise<ClientChannel | Error> {
    return new Promise((settle, fail) => {
      if (signal.aborted) return fail(signal.reason);
      const onAbort = () => fail(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const onOpened = (error: Error | undefined, channel: ClientChannel) => {
        signal.removeEventListener('abort', onAbort);
        channel?.on('error', (channelError: Error) => this.#log.debug(`channel: ${channelError.message}`));
        if (!error && signal.aborted) channel.close();
        settle(error ?? channel);
      };
      try {
        this.#session.client.exec(commandLine, onOpened);
      } catch (error) {
        signal.removeEventListener('abort', onAbort);
        settle(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #channelError(error: Error): ConnectionError {
    if (this.#ended.signal.aborted) return this.#ended.signal.reason;
    // What ssh2 says when there is no connection any more, but its 'close' has not come yet.
    if (/^(Not connected|No response from server|Channel open failure)/.test(error.message)) return this.#endReason();
    return this.#error(
      'configuration',
      `${addressOf(this.#target)} does not let commands be run: ${showable(error.message)}`,
      error,
    );
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
    this.#openChannel(this.#killCommandLine(pids), limit).then(
      (channel) => channel.resume().end(),
      (error: unknown) =>
        this.#log.warn(
          `could not end a command on ${this.#target.cluster}: ${error instanceof Error ? error.message : String(error)}`,
        ),
    );
  }

  #killCommandLine(pids: readonly number[]): string {
    return remoteCommandLine({ argv: killArgv(pids, killGraceSeconds), mark: newMark() });
  }

  #endReason(): ConnectionError {
    const where = `The connection to ${this.#target.cluster} (${addressOf(this.#target)})`;
    if (this.#isClosing) return this.#error('closed', `${where} was closed.`);
    const words = this.#lastError ? `: ${showable(this.#lastError.message)}` : ' by the other side';
    return this.#error('closed', `${where} broke${words}.`, this.#lastError);
  }

  #error(reason: ConnectionError['reason'], message: string, cause?: Error): ConnectionError {
    return new ConnectionError(reason, this.#target.cluster, message, cause && { cause });
  }
}

/** `status` is `undefined` where the server closed the channel without telling how the command ended. */
interface Ending {
  readonly status: number | null | undefined;
  readonly signal?: string;
}

function endingOf(status: number | null | undefined, signalName: string | undefined): Ending {
  return signalName === undefined ? { status } : { status, signal: signalName };
}

async function* outputOf(channel: ClientChannel, exited: Promise<ProcessExit>): AsyncGenerator<Uint8Array> {
  // Leaving the loop early is not to close the channel: the command may still be written to.
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) yield chunk;
  await exited; // rejects when the output ended because the connection broke
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
