/** What carries commands to a cluster, and the channel that one command talks through: by ssh2, or by the ssh program. */
import type { Duplex, Readable } from 'node:stream';
import type { ConnectionInfo } from '../protocol.ts';
import type { Tunnel } from './tunnel.ts';

/**
 * Reads the command's stdout, writes its stdin. Emits `exit` and then, when all output was taken, `close`, both with
 * (status, signalName); `close` without a status means that nobody told how the command ended.
 */
export interface CommandChannel extends Duplex {
  readonly stderr: Readable;
  /** Sends the command a signal (`TERM`), where this carrier can. */
  signal(name: string): void;
  /** Leaves the command. */
  close(): void;
}

/** There is no session left on the server (MaxSessions in sshd_config(5)); there will be one later. */
export class NoSessionError extends Error {}

/** The server has no such subsystem, or does not let us use it (`Subsystem` in sshd_config(5)). */
export class NoSubsystemError extends Error {}

/** A connection that is logged in. */
export interface Carrier {
  readonly cluster: string;
  /** `user@host:port`, for messages. */
  readonly address: string;
  readonly info: ConnectionInfo;
  /** The carrier tells statuses, but not signals: commands need a shell around them that makes one of the other. */
  readonly tellsSignals: boolean;
  /** Runs a command line. Rejects with NoSessionError, or with any other error when that will not become better. */
  openChannel(commandLine: string): Promise<CommandChannel>;
  /**
   * Starts a subsystem of the server (`sftp`). `hello` is what its client says first: the ssh program tells of an open channel
   * only when something comes back. Rejects with NoSubsystemError, NoSessionError, or as above.
   */
  openSubsystem(name: string, hello: Uint8Array): Promise<CommandChannel>;
  /** A TCP connection from the server to `host`, a name or an IPv4 address. Rejects with TunnelError, or as above. */
  openTunnel(host: string, port: number): Promise<Tunnel>;
  /** Calls `listener` once, when the connection has ended, with the last error there was. */
  onEnded(listener: (error: Error | undefined) => void): void;
  /** Ends it properly, which needs the other side. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
}
