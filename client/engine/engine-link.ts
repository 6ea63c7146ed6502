/** Keeps the connection to the engine: opens it when somebody needs it, opens it again when the engine dies, gives up with a reason. */
import { Emitter, type Event, type MessageConnection } from 'vscode-jsonrpc/node';
import type { InitializeResult } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

export interface EngineConnection {
  readonly connection: MessageConnection;
  readonly info: InitializeResult;
  dispose(): void;
}

export type LinkState =
  /** Not connected, and nobody needed it yet. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly info: InitializeResult }
  /** It was lost and is tried again by itself. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  /** It was tried often enough; a person has to say when to try again. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface EngineLinkOptions {
  /**
   * Connects to the engine that runs, or starts one; `undefined`: none runs and none was to be started. Calls `register`
   * before the engine can send anything (on more than one connection, when an old engine hands over to a new one).
   */
  readonly connect: (
    startIfAbsent: boolean,
    register: (connection: MessageConnection) => void,
  ) => Promise<EngineConnection | undefined>;
  /** Registers handlers of what the engine sends. */
  readonly register: (connection: MessageConnection) => void;
  /** Asks for the present state, once the connection stands. */
  readonly load: (connection: MessageConnection) => Promise<void>;
  /** Pauses before the attempts after a loss. */
  readonly retryDelaysMs: readonly number[];
  /** A connection that lasted this long makes the next loss count as the first again. */
  readonly stableAfterMs: number;
  readonly log: { info(message: string): void; warn(message: string): void };
}

export const defaultRetryDelaysMs: readonly number[] = [500, 2_000, 5_000, 15_000];

export class EngineLink {
  readonly #options: EngineLinkOptions;
  readonly #states = new Emitter<LinkState>();
  #state: LinkState = { kind: 'idle' };
  #current: EngineConnection | undefined;
  #opening: Promise<MessageConnection | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #losses = 0;
  #connectedAtMs = 0;
  #disposed = false;

  readonly onState: Event<LinkState> = this.#states.event;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The connection; starts the engine if need be. Rejects with why that is not possible. */
  async ensure(): Promise<MessageConnection> {
    const connection = await this.#open(true);
    if (!connection) throw new Error(l10n.t('The Vigil engine could not be started.'));
    return connection;
  }

  /** Connects if an engine runs already; never starts one. */
  async attach(): Promise<MessageConnection | undefined> {
    return this.#open(false);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#current?.dispose();
    this.#states.dispose();
  }

  #open(startIfAbsent: boolean): Promise<MessageConnection | undefined> {
    if (this.#current) return Promise.resolve(this.#current.connection);
    if (this.#disposed) return Promise.reject(new Error(l10n.t('Vigil is shutting down.')));
    const earlier = this.#opening;
    // An attempt that only looks for an engine does not serve somebody who needs one.
    if (earlier !== undefined)
      return startIfAbsent ? earlier.then((connection) => connection ?? this.#open(true)) : earlier;
    clearTimeout(this.#timer);
    this.#opening = this.#connectOnce(startIfAbsent).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connectOnce(startIfAbsent: boolean): Promise<MessageConnection | undefined> {
    if (startIfAbsent) this.#setState({ kind: 'connecting' });
    let opened: EngineConnection | undefined;
    try {
      opened = await this.#options.connect(startIfAbsent, this.#options.register);
      if (!opened) return undefined;
      const { connection, info } = opened;
      const closed = new Promise<never>((_, reject) => {
        connection.onClose(() => reject(new Error(l10n.t('The Vigil engine closed the connection at once.'))));
      });
      await Promise.race([this.#options.load(connection), closed]);
      closed.catch(() => this.#lost(connection));
      this.#current = opened;
      this.#connectedAtMs = Date.now();
      this.#options.log.info(`connected to engine ${info.version}, process ${info.pid}`);
      this.#setState({ kind: 'connected', info });
      return connection;
    } catch (error) {
      opened?.dispose();
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(`no engine: ${reason}`);
      if (this.#losses > 0) this.#retry(reason);
      else this.#setState({ kind: 'failed', reason });
      throw error;
    }
  }

  #lost(connection: MessageConnection): void {
    if (this.#disposed || this.#current?.connection !== connection) return;
    // Requests that still wait for an answer are rejected by this.
    this.#current.dispose();
    this.#current = undefined;
    if (Date.now() - this.#connectedAtMs >= this.#options.stableAfterMs) this.#losses = 0;
    this.#retry(l10n.t('The engine stopped.'));
  }

  #retry(reason: string): void {
    const delayMs = this.#options.retryDelaysMs[this.#losses];
    if (delayMs === undefined) {
      this.#losses = 0;
      this.#setState({ kind: 'failed', reason });
      return;
    }
    this.#losses += 1;
    this.#options.log.warn(`${reason} Attempt ${this.#losses} in ${delayMs} ms.`);
    this.#setState({ kind: 'waiting', attempt: this.#losses, delayMs, reason });
    this.#timer = setTimeout(() => {
      // A failure has become the state, and the next attempt, by the time this rejects.
      this.#open(true).catch(() => undefined);
    }, delayMs);
  }

  #setState(state: LinkState): void {
    if (this.#disposed) return;
    this.#state = state;
    this.#states.fire(state);
  }
}
