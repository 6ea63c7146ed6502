/** What the engine can do on a cluster: run programs there. One implementation per way to get there (SSH, this machine). */
import type { Writable } from 'node:stream';
import type { ConnectionInfo } from '../protocol.ts';
import type { CommandChannel } from './command-channel.ts';
import type { Tunnel } from './tunnel.ts';

/** Why there is no connection. The first four and `timeout`, `closed` may pass by themselves; the others need a person. */
export type ConnectionFailure =
  | 'unknown-host'
  | 'unreachable'
  | 'refused'
  | 'timeout'
  | 'closed'
  | 'authentication'
  | 'host-key'
  | 'declined'
  | 'configuration';

/** A connection that cannot be had or was lost. The message says what failed, on which cluster, and what to do. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly reason: ConnectionFailure;
  readonly cluster: string;

  constructor(reason: ConnectionFailure, cluster: string, message: string, options?: ErrorOptions) {
    // An address does not tell which cluster it belongs to, and every window shows many.
    super(message.includes(cluster) ? message : `${cluster}: ${message}`, options);
    this.reason = reason;
    this.cluster = cluster;
  }

  static is(error: unknown, reason?: ConnectionFailure): error is ConnectionError {
    return error instanceof ConnectionError && (reason === undefined || error.reason === reason);
  }
}

/** A command printed more than `ExecOptions.maxOutputBytes`; it was ended. */
export class OutputLimitError extends Error {
  override readonly name = 'OutputLimitError';
}

/** Whose turn a command takes: of those who wait for a place, each kind has its turn, and none may have all places. */
export type Lane =
  | 'output'
  | 'scheduler'
  | 'request'
  /** Starting the commands of workflows, and asking what became of them. */
  | 'workflow'
  /** Files that go there: they may take hours, and others must not wait for them. */
  | 'upload'
  | 'check';

export interface CommandOptions {
  /** Default: `request`. */
  readonly lane?: Lane;
  /** `~`, absolute, or relative to the home directory (the default). */
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  /** Aborted: the command is ended and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ExecOptions extends CommandOptions {
  /** Default: empty. */
  readonly stdin?: string | Uint8Array;
  /** Default 60_000, counted from the call. Beyond it the command is ended and the call rejects ('timeout'). */
  readonly timeoutMs?: number;
  /** Of stdout and stderr each; default 16 MiB. Beyond it the command is ended and the call rejects (`OutputLimitError`). */
  readonly maxOutputBytes?: number;
  /** Told what the command prints on stdout as it comes. */
  readonly onStdout?: (bytes: Uint8Array) => void;
}

export interface ExecResult {
  /** 127: no such program; 126: it cannot be executed; 125: `cwd` cannot be entered (as env(1) -C); `null`: ended by a signal. */
  readonly status: number | null;
  /** E.g. `SIGTERM`. */
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions extends CommandOptions {
  /**
   * For a command that goes on when its stdin ends: on the cluster a shell waits beside it for the end of our stdin and
   * then ends the command's process group. The command's own stdin is empty. POSIX clusters only.
   */
  readonly guarded?: boolean;
}

export interface ProcessExit {
  readonly status: number | null;
  readonly signal?: string;
  /** The last 16 KiB. */
  readonly stderr: string;
}

export interface RunningProcess {
  /** What it prints; not read, the process waits. To be read once. Throws ConnectionError when the connection breaks. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Its stdin, for whoever writes so much that it may be full. */
  readonly stdin: Writable;
  write(text: string): void;
  /** Ends its stdin. */
  end(): void;
  /** Rejects with ConnectionError when the connection breaks first. */
  readonly exited: Promise<ProcessExit>;
  /** Ends its stdin and sends SIGTERM to its process group, 5 s later SIGKILL if need be. */
  kill(): void;
}

/**
 * `argv` is a program and its arguments, never shell text. Calls reject with ConnectionError when the connection (not
 * the command) fails. When the connection breaks, what runs on the cluster sees the end of its stdin and, at its next
 * output, SIGPIPE: a long-lived command must end on one of them, or be `guarded`.
 */
export interface Connection {
  readonly info: ConnectionInfo;
  /**
   * The command sees the end of its stdin only after all of `stdin` has arrived: broken off in the middle, it does not
   * start. It is ended when the connection breaks before it has ended.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Resolves once the command has started. */
  spawn(argv: readonly string[], options?: SpawnOptions): Promise<RunningProcess>;
  /**
   * A subsystem of the SSH server (`sftp`), whose client says `hello` first. Absent where no server is between. Rejects with
   * NoSubsystemError where the site has switched it off. Whoever opens it closes it.
   */
  subsystem?(name: string, hello: Uint8Array): Promise<CommandChannel>;
  /**
   * A TCP connection from the SSH server to `host`, as it knows that name. Absent where no server is between. Rejects with
   * TunnelError. Whoever opens it closes it.
   */
  tunnel?(host: string, port: number): Promise<Tunnel>;
  /** Settles when the connection ends: `undefined` after `close()`, else why it broke. */
  readonly closed: Promise<ConnectionError | undefined>;
  /** Ends all that runs, then the connection. */
  close(): Promise<void>;
}

export const defaultExecTimeoutMs = 60_000;
export const defaultMaxOutputBytes = 16 * 1024 * 1024;
/** How much of a spawned command's stderr is kept. */
export const keptStderrBytes = 16 * 1024;
/** From SIGTERM to SIGKILL. */
export const killGraceSeconds = 5;
