/** A command on a cluster as a process of the ssh program on this machine: its stdin and stdout are the command's. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { constants } from 'node:os';
import { Duplex, PassThrough } from 'node:stream';
import { type CommandChannel, NoSessionError, NoSubsystemError } from './command-channel.ts';
import { tunnelIsOpen } from './openssh-master.ts';
import { showable } from './showable.ts';
import { type Tunnel, TunnelError } from './tunnel.ts';

const keptWords = 4_000;
/** ssh(1), EXIT STATUS: the command's own, or 255 if an error occurred. */
const sshError = 255;

/**
 * Resolves once the command, or a login shell, printed something or ended: ssh(1) does not tell that a channel is open.
 * `isConnected`: does the connection stand? `hello`: it is a subsystem, whose client says that first. Rejects with NoSessionError
 * where the server has no session left, with NoSubsystemError where it does not start the subsystem.
 */
export function openProcessChannel(
  child: ChildProcessWithoutNullStreams,
  isConnected: () => Promise<boolean>,
  hello?: Uint8Array,
): Promise<CommandChannel> {
  const channel = new ProcessChannel(child, isConnected);
  if (hello) child.stdin.write(hello);
  return new Promise((succeed, fail) => {
    child.once('error', fail);
    child.stdout.once('readable', () => {
      // At the end of the stream, too, when nothing was printed: then `close` decides.
      if (child.stdout.readableLength > 0) succeed(channel.start());
    });
    child.once('close', (status) => {
      const refused = /session request failed|Session open refused|channel open failed/i.exec(channel.words)?.[0];
      if (status === sshError && refused) fail(new NoSessionError(refused));
      // Of a subsystem that the server refuses ssh(1) says nothing at all.
      else if (status === sshError && hello)
        void isConnected().then((is) => fail(is ? new NoSubsystemError('refused') : new Error('Not connected')));
      else succeed(channel.start());
    });
  });
}

/**
 * A TCP connection that `ssh -W` holds; resolves once it stands. Rejects with TunnelError where the server opens none: `why`
 * knows more of that than the process itself.
 */
export function openProcessTunnel(
  child: ChildProcessWithoutNullStreams,
  isConnected: () => Promise<boolean>,
  why: () => string | undefined,
): Promise<Tunnel> {
  const channel = new ProcessChannel(child, isConnected);
  return new Promise((succeed, fail) => {
    let isOpen = false;
    child.once('error', fail);
    child.stderr.on('data', () => {
      if (isOpen || !tunnelIsOpen.test(channel.words)) return;
      isOpen = true;
      succeed(channel.start());
    });
    child.once('close', () => {
      if (isOpen) return;
      void isConnected().then((is) => {
        const words = why() ?? /Stdio forwarding request failed: (.*)/i.exec(channel.words)?.[1] ?? channel.words;
        fail(is ? new TunnelError(showable(words)) : new Error('Not connected'));
      });
    });
  });
}

class ProcessChannel extends Duplex implements CommandChannel {
  readonly stderr = new PassThrough();
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #isConnected: () => Promise<boolean>;
  readonly #stderrEnded: Promise<void>;
  #words = '';
  #ended: Promise<void>;
  #isStarted = false;

  constructor(child: ChildProcessWithoutNullStreams, isConnected: () => Promise<boolean>) {
    super({ emitClose: false, autoDestroy: false });
    this.#child = child;
    this.#isConnected = isConnected;
    child.stdin.on('error', () => {}); // EPIPE: the command ended without reading its input, as it may.
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#words.length < keptWords) this.#words += chunk.toString();
      this.stderr.write(chunk);
    });
    this.#stderrEnded = new Promise((resolve) => {
      child.stderr.once('end', () => {
        this.stderr.end();
        resolve();
      });
    });
    this.#ended = new Promise((resolve) => {
      this.once('end', resolve);
    });
    child.once('exit', (status, signalName) => void this.#finish(status, signalName));
  }

  /** The beginning of stderr. */
  get words(): string {
    return this.#words;
  }

  start(): this {
    if (this.#isStarted) return this;
    this.#isStarted = true;
    const { stdout } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.once('end', () => this.push(null));
    if (stdout.readableEnded) this.push(null);
    return this;
  }

  override _read(): void {
    if (this.#isStarted) this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, encoding, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
    if (this.#child.stdin.destroyed) done();
  }

  /** ssh(1) has no way to send one: whoever ends a command does it by its process id. */
  signal(): void {}

  close(): void {
    this.#child.stdin.destroy();
    this.#child.kill();
  }

  async #finish(code: number | null, signalName: NodeJS.Signals | null): Promise<void> {
    const ending = await this.#ending(code, signalName);
    this.emit('exit', ...ending);
    await Promise.all([this.#ended, this.#stderrEnded]);
    this.emit('close', ...ending);
  }

  async #ending(
    code: number | null,
    signalName: NodeJS.Signals | null,
  ): Promise<readonly [status?: number | null, signal?: string]> {
    // The process here was ended, which says nothing of the command there.
    if (code === null || signalName !== null) return [];
    if (code === sshError) return (await this.#isConnected()) ? [code] : [];
    const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
    return code > 128 && name !== undefined ? [null, name] : [code];
  }
}
