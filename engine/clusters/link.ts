/** Keeps one cluster connected: one connection for all who ask, reopened after a drop while somebody needs it. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { ClusterState } from '../protocol.ts';
import { type Connection, ConnectionError, type ConnectionFailure } from './connection.ts';
import { messageOf } from './showable.ts';

export interface ClusterLinkOptions {
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<Connection>;
  readonly clock: Clock;
  readonly log: Logger;
  /** `detail`: why it is offline and what to do. */
  readonly onState: (state: ClusterState, detail?: string) => void;
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number;
}

const firstDelaySeconds = 1;
const longestDelaySeconds = 60;
/** A connection that lasted this long was a good one: the delays start over. */
const goodConnectionSeconds = 60;
/** These pass by themselves; asking again after the others would repeat a prompt that was just answered wrongly. */
const retriedFailures: ReadonlySet<ConnectionFailure> = new Set([
  'unknown-host',
  'unreachable',
  'refused',
  'timeout',
  'closed',
]);

export class ClusterLink {
  readonly #options: ClusterLinkOptions;
  readonly #holders = new Set<symbol>();
  readonly #listeners = new Set<(connection: Connection) => void>();
  #state: ClusterState = 'idle';
  #open: Connection | undefined;
  #attempt: { readonly result: Promise<Connection>; readonly controller: AbortController } | undefined;
  #cancelRetry: (() => void) | undefined;
  #failuresInARow = 0;
  #connectedAt = 0;

  constructor(options: ClusterLinkOptions) {
    this.#options = options;
  }

  get state(): ClusterState {
    return this.#state;
  }

  /** The open connection, or a new one. One attempt at a time, however many ask. Rejects with ConnectionError. */
  connection(): Promise<Connection> {
    if (this.#open) return Promise.resolve(this.#open);
    this.#attempt ??= this.#startAttempt();
    return this.#attempt.result;
  }

  /**
   * Until the result is called, a dropped connection is reopened by itself: after 1 s, 2 s, 4 s … 60 s, less up to a
   * quarter at random. Failures that need a person (a password, a host key) wait for the next `connection()`.
   */
  hold(): () => void {
    const holder = Symbol(this.#options.name);
    this.#holders.add(holder);
    return () => {
      this.#holders.delete(holder);
      if (this.#holders.size === 0) this.#stopRetrying();
    };
  }

  /** Calls `listener` at each connect from now on; the result ends that. */
  onConnected(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Disconnects, and stays so until `connection()` is called again. */
  async close(): Promise<void> {
    this.#stopRetrying();
    this.#failuresInARow = 0;
    const [attempt, connection] = [this.#attempt, this.#open];
    this.#attempt = undefined;
    this.#open = undefined;
    this.#setState('idle');
    attempt?.controller.abort(
      new ConnectionError('closed', this.#options.name, `Connecting to ${this.#options.name} was stopped.`),
    );
    await attempt?.result.catch(() => {}); // Its callers are told; here it only has to be over.
    await connection?.close();
  }

  #startAttempt(): { result: Promise<Connection>; controller: AbortController } {
    this.#stopRetrying();
    const controller = new AbortController();
    this.#setState('connecting');
    const result = this.#options.open(controller.signal).then(
      async (connection) => {
        if (controller.signal.aborted) {
          await connection.close();
          throw controller.signal.reason;
        }
        this.#connected(connection);
        return connection;
      },
      (cause: unknown) => {
        const error = this.#asConnectionError(cause);
        if (!controller.signal.aborted) this.#failed(error);
        throw error;
      },
    );
    result.catch(() => {}); // An attempt of the link's own has no other caller; #failed has told of it.
    return { result, controller };
  }

  #connected(connection: Connection): void {
    this.#attempt = undefined;
    this.#open = connection;
    this.#connectedAt = this.#options.clock.now();
    this.#setState('connected');
    void connection.closed.then((reason) => this.#dropped(connection, reason));
    for (const listener of this.#listeners) this.#notify(listener, connection);
  }

  #notify(listener: (connection: Connection) => void, connection: Connection): void {
    try {
      listener(connection);
    } catch (error) {
      this.#options.log.error(
        `a listener of a new connection failed: ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
  }

  #dropped(connection: Connection, reason: ConnectionError | undefined): void {
    if (this.#open !== connection) return; // closed on purpose
    this.#open = undefined;
    if (this.#options.clock.now() - this.#connectedAt >= goodConnectionSeconds) this.#failuresInARow = 0;
    this.#failuresInARow += 1;
    if (reason) this.#options.log.warn(reason.message);
    if (this.#holders.size > 0) this.#retryLater(reason?.message);
    else this.#setState('idle', reason?.message);
  }

  #failed(error: ConnectionError): void {
    this.#attempt = undefined;
    this.#failuresInARow += 1;
    this.#options.log.warn(error.message);
    if (this.#holders.size > 0 && retriedFailures.has(error.reason)) this.#retryLater(error.message);
    else this.#setState('offline', error.message);
  }

  #retryLater(detail: string | undefined): void {
    const random = this.#options.random ?? Math.random;
    const backOffSeconds = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** (this.#failuresInARow - 1));
    const delaySeconds = backOffSeconds * (1 - random() / 4);
    this.#setState('offline', detail);
    this.#cancelRetry = this.#options.clock.setTimeout(() => {
      this.#cancelRetry = undefined;
      this.#attempt ??= this.#startAttempt();
    }, delaySeconds * 1000);
  }

  #stopRetrying(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #setState(state: ClusterState, detail?: string): void {
    this.#state = state;
    this.#options.onState(state, detail);
  }

  #asConnectionError(cause: unknown): ConnectionError {
    if (ConnectionError.is(cause)) return cause;
    const { name } = this.#options;
    const words = messageOf(cause);
    return new ConnectionError('configuration', name, `Cannot connect to ${name}: ${words}`, { cause });
  }
}
