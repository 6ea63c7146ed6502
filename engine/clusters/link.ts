/** Keeps one cluster connected: one connection for all who ask, reopened after a drop while somebody needs it. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { ClusterState, ConnectionInfo, Timestamp } from '../protocol.ts';
import { type Connection, ConnectionError, type ConnectionFailure } from './connection.ts';
import { type Disturbance, watchNetwork } from './network.ts';
import { messageOf } from './showable.ts';

export interface ClusterLinkOptions {
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<Connection>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onState: (state: ClusterState, report: LinkReport) => void;
  /** Seconds until a dropped connection is opened again; doubled with each failure, up to `longestSeconds`. */
  readonly backOff?: () => BackOff;
  readonly watchNetwork?: (onDisturbed: (what: Disturbance) => void) => () => void;
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number;
}

/** What goes with a state. */
export interface LinkReport {
  /** Why it is offline and what to do. */
  readonly detail?: string;
  /** Offline: when it is tried again by itself. */
  readonly nextAttempt?: Timestamp;
  /** Connected: how. */
  readonly connection?: ConnectionInfo;
}

export interface BackOff {
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

const defaultBackOff: BackOff = { firstSeconds: 1, longestSeconds: 60 };
/** How long a connection that may be dead has to prove that it is not. */
const proofMs = 10_000;
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
  /** Looking at the network, while there is a connection or a next attempt. */
  #endWatch: (() => void) | undefined;

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
   * Until the result is called, a dropped connection is reopened by itself: after 1 s, 2 s, 4 s … 60 s (`backOff`),
   * less up to a quarter at random. Failures that need a person (a password, a host key) wait for the next `connection()`.
   */
  hold(): () => void {
    const holder = Symbol(this.#options.name);
    this.#holders.add(holder);
    return () => {
      this.#holders.delete(holder);
      if (this.#holders.size === 0) this.#stopRetrying();
      this.#watchIfNeeded();
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
    this.#watchIfNeeded();
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
    this.#setState('connected', { connection: connection.info });
    this.#watchIfNeeded();
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
    else this.#setState('idle', reason && { detail: reason.message });
    this.#watchIfNeeded();
  }

  #failed(error: ConnectionError): void {
    this.#attempt = undefined;
    this.#failuresInARow += 1;
    this.#options.log.warn(error.message);
    if (this.#holders.size > 0 && retriedFailures.has(error.reason)) this.#retryLater(error.message);
    else this.#setState('offline', { detail: error.message });
    this.#watchIfNeeded();
  }

  #retryLater(detail: string | undefined): void {
    const { clock, random = Math.random, backOff } = this.#options;
    const { firstSeconds, longestSeconds } = backOff?.() ?? defaultBackOff;
    const backOffSeconds = Math.min(longestSeconds, firstSeconds * 2 ** (this.#failuresInARow - 1));
    const delaySeconds = backOffSeconds * (1 - random() / 4);
    this.#stopRetrying();
    this.#cancelRetry = clock.setTimeout(() => this.#retryNow(), delaySeconds * 1000);
    this.#setState('offline', { ...(detail && { detail }), nextAttempt: clock.now() + delaySeconds });
  }

  #retryNow(): void {
    this.#stopRetrying();
    this.#attempt ??= this.#startAttempt();
  }

  // The network

  #watchIfNeeded(): void {
    const isNeeded = this.#open !== undefined || this.#cancelRetry !== undefined;
    if (!isNeeded) {
      this.#endWatch?.();
      this.#endWatch = undefined;
    } else if (!this.#endWatch) {
      const { clock, watchNetwork: watch } = this.#options;
      const onDisturbed = (what: Disturbance) => this.#onDisturbed(what);
      this.#endWatch = watch ? watch(onDisturbed) : watchNetwork({ clock, onDisturbed });
    }
  }

  /** What was lost is tried at once; what is open has to prove it. Keep-alives would take a minute to tell. */
  #onDisturbed(what: Disturbance): void {
    if (this.#open) void this.#prove(this.#open, what);
    else if (this.#cancelRetry) {
      this.#failuresInARow = 0;
      this.#retryNow();
    }
  }

  async #prove(connection: Connection, what: Disturbance): Promise<void> {
    const { name } = this.#options;
    try {
      // On a lane of its own: long commands of others must not make a good connection look dead.
      await connection.exec(['true'], { timeoutMs: proofMs, lane: 'check' });
    } catch (cause) {
      if (this.#open !== connection) return;
      const why = what === 'slept' ? 'this computer slept' : 'the network of this computer changed';
      this.#failuresInARow = 0;
      this.#dropped(
        connection,
        new ConnectionError('closed', name, `The connection to ${name} does not answer any more after ${why}.`, {
          cause,
        }),
      );
      // It is dead: closing it properly takes a while, and nobody has to wait for that.
      connection.close().catch((error: unknown) => this.#options.log.debug(`closing: ${messageOf(error)}`));
    }
  }

  #stopRetrying(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #setState(state: ClusterState, report: LinkReport = {}): void {
    this.#state = state;
    this.#options.onState(state, report);
  }

  #asConnectionError(cause: unknown): ConnectionError {
    if (ConnectionError.is(cause)) return cause;
    const { name } = this.#options;
    const words = messageOf(cause);
    return new ConnectionError('configuration', name, `Cannot connect to ${name}: ${words}`, { cause });
  }
}
