/** A connection whose commands run on the channels of a carrier: how they start, end and are ended, whoever carries them. */
import { randomBytes } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { ConnectionInfo } from '../protocol.ts';
import { awaitEnd, awaitExit, awaitStart, type CommandPlace, keepStderr, outputOf } from './channel-command.ts';
import { Channels } from './channels.ts';
import type { Carrier, CommandChannel } from './command-channel.ts';
import {
  type CommandOptions,
  type Connection,
  ConnectionError,
  defaultExecTimeoutMs,
  defaultMaxOutputBytes,
  type ExecOptions,
  type ExecResult,
  killGraceSeconds,
  type Lane,
  OutputLimitError,
  type ProcessExit,
  type RunningProcess,
  type SpawnOptions,
} from './connection.ts';
import { LimitedBuffer } from './output-buffers.ts';
import { afterMark, guardedArgv, killArgv, MarkedOutput, remoteCommandLine } from './quoting.ts';
import { messageOf, showable } from './showable.ts';
import type { Tunnel } from './tunnel.ts';
import { Turns } from './turns.ts';

/**
 * sshd allows 10 sessions on a connection (MaxSessions) and frees their places late: with more than 5 commands at once,
 * one after the other, it was seen to refuse some.
 */
const commandsAtOnce = 5;
/** The reader of output keeps one for good: with three for each lane, there is always one that comes free. */
const commandsPerLane = 3;
const startTimeoutMs = 60_000;
/** Somebody waits for it before a browser. */
const tunnelTimeoutMs = 20_000;
/** For ending the running commands, and then again for the other side to take notice. */
const closeTimeoutMs = 2_000;
/** Of what start-up files print. */
const maxNoiseBytes = 64 * 1024;

/** A command whose mark has come. */
interface StartedCommand {
  readonly channel: CommandChannel;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
}

export class CarriedConnection implements Connection {
  readonly closed: Promise<ConnectionError | undefined>;
  readonly #carrier: Carrier;
  readonly #place: CommandPlace;
  readonly #log: Logger;
  readonly #channels: Channels;
  readonly #turns = new Turns<Lane>(commandsAtOnce, commandsPerLane);
  /** Aborted, with the ConnectionError, when the connection ends: everything pending hangs on it. */
  readonly #ended = new AbortController();
  /** The outputs of all commands that have not ended: they know the process ids. */
  readonly #running = new Set<MarkedOutput>();
  #isClosing = false;

  constructor(carrier: Carrier, log: Logger) {
    this.#carrier = carrier;
    this.#place = { cluster: carrier.cluster, address: carrier.address };
    this.#log = log;
    this.#channels = new Channels({ carrier, ended: this.#ended.signal, log });
    this.closed = new Promise((settle) => {
      carrier.onEnded((error) => {
        const reason = this.#endReason(error);
        this.#ended.abort(reason);
        settle(this.#isClosing ? undefined : reason);
      });
    });
  }

  get info(): ConnectionInfo {
    return this.#carrier.info;
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
      stdin: channel,
      write: (text) => void channel.write(text),
      end: () => void channel.end(),
      exited,
      kill,
    };
  }

  /** Beside the places of commands, for which sshd has room: files that somebody looks at must not hold up jobs. */
  subsystem(name: string, hello: Uint8Array): Promise<CommandChannel> {
    const words = `${name} on ${this.#place.cluster} did not start within ${startTimeoutMs / 1000} s.`;
    return this.#within(startTimeoutMs, words, undefined, ({ signal }) =>
      this.#channels.openSubsystem(name, hello, signal),
    );
  }

  tunnel(host: string, port: number): Promise<Tunnel> {
    const words = `${host}:${port} did not answer ${this.#place.cluster} within ${tunnelTimeoutMs / 1000} s: the node may be down, or a firewall between it and the login node.`;
    return this.#within(tunnelTimeoutMs, words, undefined, ({ signal }) =>
      this.#channels.openTunnel(host, port, signal),
    );
  }

  async close(): Promise<void> {
    if (!this.#ended.signal.aborted) {
      this.#isClosing = true;
      const pids = [...this.#running].flatMap(({ pid }) => pid ?? []);
      this.#ended.abort(this.#endReason());
      if (pids.length > 0) await this.#endGroupsBeforeClosing(pids);
      this.#carrier.end();
    }
    // A peer that no longer answers would never confirm the end.
    const timer = setTimeout(() => this.#carrier.destroy(), closeTimeoutMs);
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
    const { maxOutputBytes = defaultMaxOutputBytes, cwd, env, lane = 'request' } = options;
    const stdin = Buffer.from(options.stdin ?? '');
    const mark = newMark();
    const { tellsSignals } = this.#carrier;
    const commandLine = remoteCommandLine({ argv, cwd, env, mark, stdinBytes: stdin.length, tellsSignals });
    const giveBack = await this.#turns.take(lane, limit.signal);
    const output = new MarkedOutput(mark);
    try {
      const channel = await this.#channels.open(commandLine, limit.signal);
      this.#running.add(output);
      const words = `${argv[0]} on ${this.#place.cluster} printed more than ${maxOutputBytes} bytes and was ended.`;
      const onLimit = () => limit.abort(new OutputLimitError(words));
      const [stdout, stderr] = [new LimitedBuffer(maxOutputBytes, onLimit), new LimitedBuffer(maxOutputBytes, onLimit)];
      channel.on('data', (chunk: Buffer) => {
        const printed = output.take(chunk);
        stdout.add(printed);
        options.onStdout?.(printed);
      });
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      // Not ended: as long as it is open, the command may run.
      channel.write(stdin);
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
  async #start(argv: readonly string[], options: CommandOptions, limit: AbortSignal): Promise<StartedCommand> {
    const { cwd, env, lane = 'request' } = options;
    const mark = newMark();
    const commandLine = remoteCommandLine({ argv, cwd, env, mark, tellsSignals: this.#carrier.tellsSignals });
    const giveBack = await this.#turns.take(lane, limit);
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
  #abandon(channel: CommandChannel, pid: number | undefined): void {
    if (this.#ended.signal.aborted) return;
    channel.resume();
    // The end of its stdin: what hangs on it ends by itself.
    channel.end();
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
      // After its marks it prints nothing, and needs no connection any more; before, it would die of a broken pipe.
      const mark = newMark();
      await hasStarted(await this.#channels.open(killCommandLine(pids, mark), limit), mark, limit);
    } catch (error) {
      this.#log.warn(`could not end the commands on ${this.#place.cluster} before disconnecting: ${messageOf(error)}`);
    }
  }

  #endReason(error?: Error): ConnectionError {
    const { cluster, address } = this.#place;
    const where = `The connection to ${cluster} (${address})`;
    if (this.#isClosing) return this.#error('closed', `${where} was closed.`);
    const words = error ? `: ${showable(error.message)}` : ' by the other side';
    return this.#error('closed', `${where} broke${words}.`, error);
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

function killCommandLine(pids: readonly number[], mark = newMark()): string {
  return remoteCommandLine({ argv: killArgv(pids, killGraceSeconds), mark });
}

/** Resolves when the mark has come on stderr, the last thing that is printed before a command runs. */
function hasStarted(channel: CommandChannel, mark: string, limit: AbortSignal): Promise<void> {
  return new Promise((succeed, fail) => {
    let received = '';
    channel.resume();
    channel.stderr.on('data', (chunk: Buffer) => {
      received = (received + chunk.toString('latin1')).slice(-maxNoiseBytes);
      if (received.includes(mark)) succeed();
    });
    channel.once('close', () => succeed());
    limit.addEventListener('abort', () => fail(limit.reason), { once: true });
  });
}

function newMark(): string {
  return `vigil${randomBytes(12).toString('hex')}`;
}
