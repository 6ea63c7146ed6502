/** The connection to this very machine: child processes, with the same results as over SSH, and no shell in between. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Environment } from '../environment.ts';
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
import { guardedArgv } from './quoting.ts';

/**
 * `cluster`: its name, for messages; `environment`: what commands inherit, and jobs by `sbatch`. There is nothing to
 * open: this never fails.
 */
export function openLocalConnection(cluster: string, environment: Environment = process.env): Connection {
  return new LocalConnection(cluster, environment);
}

type Child = ChildProcessWithoutNullStreams;
/** A command that could not be started: what a shell would have said. */
interface NotStarted {
  readonly status: number;
  readonly stderr: string;
}

class LocalConnection implements Connection {
  readonly info = { transport: 'local' } as const;
  readonly closed: Promise<undefined>;
  readonly #cluster: string;
  readonly #environment: Environment;
  #settleClosed: () => void = () => {};
  readonly #running = new Map<Child, (reason: ConnectionError) => void>();
  #isClosed = false;

  constructor(cluster: string, environment: Environment) {
    this.#cluster = cluster;
    this.#environment = environment;
    this.closed = new Promise((settle) => {
      this.#settleClosed = () => settle(undefined);
    });
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const child = await this.#start(argv, options);
    if ('status' in child) return { ...child, stdout: '' };
    const { timeoutMs = defaultExecTimeoutMs, maxOutputBytes = defaultMaxOutputBytes, signal } = options;
    return new Promise<ExecResult>((succeed, fail) => {
      const settle = (then: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#running.delete(child);
        then();
      };
      const abandon = (reason: unknown) => {
        endGroup(child);
        settle(() => fail(reason));
      };
      const onAbort = () => abandon(signal?.reason);
      const onLimit = () =>
        abandon(new OutputLimitError(`${this.#name(argv)} printed more than ${maxOutputBytes} bytes and was ended.`));
      const onTimeout = () =>
        abandon(
          new ConnectionError(
            'timeout',
            this.#cluster,
            `${this.#name(argv)} did not end within ${timeoutMs / 1000} s and was ended.`,
          ),
        );
      const timer = setTimeout(onTimeout, timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#running.set(child, abandon);
      const stdout = new LimitedBuffer(maxOutputBytes, onLimit);
      const stderr = new LimitedBuffer(maxOutputBytes, onLimit);
      child.stdout.on('data', (chunk: Buffer) => {
        stdout.add(chunk);
        options.onStdout?.(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      child.once('close', (status, signalName) =>
        settle(() =>
          succeed({
            ...ending(status, signalName),
            stdout: stdout.bytes().toString(),
            stderr: stderr.bytes().toString(),
          }),
        ),
      );
      child.stdin.end(options.stdin ?? '');
    });
  }

  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<RunningProcess> {
    const isGuarded = options.guarded === true && process.platform !== 'win32';
    const child = await this.#start(isGuarded ? guardedArgv(argv) : argv, options);
    if ('status' in child) return endedProcess(child);
    const kill = () => {
      child.stdin.end();
      endGroup(child);
    };
    options.signal?.addEventListener('abort', kill, { once: true });
    const stderr = new TailBuffer(keptStderrBytes);
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    const exited = new Promise<ProcessExit>((succeed, fail) => {
      this.#running.set(child, (reason) => {
        kill();
        fail(reason);
      });
      child.once('exit', (status, signalName) => {
        this.#running.delete(child);
        options.signal?.removeEventListener('abort', kill);
        succeed({ ...ending(status, signalName), stderr: stderr.bytes().toString() });
      });
    });
    exited.catch(() => {}); // A caller that only reads stdout is not to blame for a rejection nobody awaits.
    return {
      stdout: child.stdout,
      stdin: child.stdin,
      write: (text) => void child.stdin.write(text),
      end: () => void child.stdin.end(),
      exited,
      kill,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [child, abandon] of this.#running) {
      this.#running.delete(child);
      abandon(this.#closedError());
    }
    this.#settleClosed();
  }

  async #start(argv: readonly string[], { cwd = '~', env, signal }: CommandOptions): Promise<Child | NotStarted> {
    if (this.#isClosed) throw this.#closedError();
    signal?.throwIfAborted();
    const [program, ...args] = argv;
    if (program === undefined) throw new Error('A command needs a program.');
    const folder = resolve(homedir(), cwd.replace(/^~(?=\/|$)/, '.'));
    // Without this look a missing folder would be reported as a missing program.
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) return { status: 125, stderr: `cannot enter ${folder}: no such folder, or no permission\n` };
    // A process group of its own (not on Windows, which has none): what the command started ends with it.
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...this.#environment, ...env },
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.stdin.on('error', () => {}); // EPIPE: the command ended without reading its input, as it may.
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((settle) => {
      child.once('spawn', () => settle(undefined));
      child.once('error', settle);
    });
    if (!failure) {
      // Closed or aborted meanwhile: nobody knew of the child yet.
      if (!this.#isClosed && !signal?.aborted) return child;
      endGroup(child);
      throw this.#isClosed ? this.#closedError() : signal?.reason;
    }
    return failure.code === 'ENOENT'
      ? { status: 127, stderr: `${program}: not found\n` }
      : { status: 126, stderr: `${program}: cannot be executed (${failure.code ?? failure.message})\n` };
  }

  #name(argv: readonly string[]): string {
    return `${argv[0]} on ${this.#cluster}`;
  }

  #closedError(): ConnectionError {
    return new ConnectionError('closed', this.#cluster, `The connection to ${this.#cluster} was closed.`);
  }
}

function ending(status: number | null, signalName: NodeJS.Signals | null): { status: number | null; signal?: string } {
  return signalName === null ? { status } : { status, signal: signalName };
}

/** SIGTERM for the command and what it started, SIGKILL for what is left of it after the grace period. */
function endGroup(child: Child): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }).on('error', () => child.kill());
    return;
  }
  if (signalGroup(pid, 'SIGTERM')) setTimeout(() => signalGroup(pid, 'SIGKILL'), killGraceSeconds * 1000).unref();
}

/** False: nothing of the group is left. */
function signalGroup(pid: number, signalName: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signalName);
  } catch {
    return false;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function endedProcess({ status, stderr }: NotStarted): RunningProcess {
  return {
    stdout: nothing(),
    stdin: new PassThrough().resume(),
    write: () => {},
    end: () => {},
    exited: Promise.resolve({ status, stderr }),
    kill: () => {},
  };
}
