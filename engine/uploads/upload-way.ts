/** A way in which files can go to a cluster; `uploads.ts` takes the first that goes. */
import type { Connection, ExecOptions, ExecResult } from '../clusters/connection.ts';
import type { LocalFile } from './listed-files.ts';

export interface UploadOptions {
  readonly connection: Connection;
  /** Its name, for messages. */
  readonly cluster: string;
  /** Of this machine. */
  readonly folder: string;
  readonly files: readonly LocalFile[];
  /** On the cluster: absolute, `~`, or below it as `~/…`; it is made. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Each time that some more has arrived. */
  readonly onProgress: (sent: UploadCount) => void;
}

export interface UploadCount {
  readonly files: number;
  /** Of the files as they are here, however few crossed the network. */
  readonly bytes: number;
}

export interface UploadOutcome {
  readonly sent: UploadCount;
  /** They were there already, with the same size and time. */
  readonly unchanged: number;
}

export interface UploadWay {
  readonly name: 'rsync' | 'tar' | 'SFTP';
  /** Why this way does not go; `undefined`: it may. Rejects with `ConnectionError`. */
  whyNot(connection: Connection): Promise<string | undefined>;
  /**
   * A file is there whole or not at all, nothing else is deleted, and links stay links. What is under way is removed when that ends
   * early, if need be after the call has rejected; it stays beside its place only where the cluster cannot remove it any more.
   * Rejects with `WayError`, `ConnectionError`, the signal's reason, or with what the cluster says.
   */
  send(options: UploadOptions): Promise<UploadOutcome>;
}

/** Nothing is wrong with the files, but with this way to send them. */
export class WayError extends Error {
  override readonly name = 'WayError';
  /** It will not go with this connection, whatever the files; otherwise it is tried again for the next ones. */
  readonly isLasting: boolean;

  constructor(
    message: string,
    { isLasting = false, ...options }: ErrorOptions & { readonly isLasting?: boolean } = {},
  ) {
    super(message, options);
    this.isLasting = isLasting;
  }
}

const commandTimeoutMs = 10 * 60_000;

interface TargetCommand {
  readonly stdin?: string | Uint8Array;
  /** Default: the target. */
  readonly cwd?: string;
  /** Of the program, for messages; default: the first word. */
  readonly name?: string;
}

/** Commands in the target, for the ways that need them. */
export class TargetFolder {
  readonly #options: Pick<UploadOptions, 'connection' | 'target' | 'signal'>;

  constructor(options: Pick<UploadOptions, 'connection' | 'target' | 'signal'>) {
    this.#options = options;
  }

  async make(): Promise<void> {
    const { target } = this.#options;
    if (target === '~') return;
    const path = target.startsWith('~/') ? target.slice(2) : target;
    await this.run(['mkdir', '-p', '--', path], { cwd: '~' });
  }

  /** Rejects with what the command says when it fails, with WayError where there is none. */
  async run(argv: readonly string[], command: TargetCommand = {}): Promise<void> {
    const { name = argv[0], cwd = this.#options.target } = command;
    const { status, stderr } = await this.exec(argv, command);
    if (status === 127) throw new WayError(`there is no ${name} on the cluster`, { isLasting: true });
    if (status !== 0) throw new Error(`${name} in ${cwd} on the cluster failed: ${stderr.trim().slice(0, 2000)}`);
  }

  exec(argv: readonly string[], { stdin, cwd = this.#options.target }: TargetCommand = {}): Promise<ExecResult> {
    const { connection, signal } = this.#options;
    const options: ExecOptions = {
      cwd,
      signal,
      lane: 'upload',
      timeoutMs: commandTimeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    };
    return connection.exec(argv, options);
  }
}
