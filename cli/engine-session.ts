/** A command's conversation with the engine, which may end and be followed by another one in the middle of it. */
import type { MessageConnection, NotificationType } from 'vscode-jsonrpc/node';
import type { EngineConnection } from '../engine/launch.ts';

/** Connects; `prepare` gets the connection before the engine can send anything. */
export type Connect = (prepare: (connection: MessageConnection) => void) => Promise<EngineConnection>;

/** By method. */
type Listeners = Map<string, Set<(params: never) => void>>;

/** Whoever replaces an engine by a newer one starts that first; we only follow. */
const giveWayMs = 1000;
const mostReconnections = 10;

export class EngineSession {
  readonly #connect: Connect;
  readonly #listeners: Listeners;
  readonly #onReconnected = new Set<() => void>();
  #engine: EngineConnection;
  #reconnecting: Promise<void> | undefined;
  #reconnections = 0;
  #pauses = 0;

  private constructor(connect: Connect, listeners: Listeners, engine: EngineConnection) {
    this.#connect = connect;
    this.#listeners = listeners;
    this.#engine = engine;
  }

  static async open(connect: Connect): Promise<EngineSession> {
    const listeners: Listeners = new Map();
    return new EngineSession(connect, listeners, await connect((connection) => distribute(connection, listeners)));
  }

  /** That of the moment. */
  get connection(): MessageConnection {
    return this.#engine.connection;
  }

  /** Of this engine and of those that follow it; as many listeners as there are parts of a command. */
  on<Params>(type: NotificationType<Params>, listener: (params: Params) => void): () => void {
    const all = this.#listeners.get(type.method) ?? new Set();
    this.#listeners.set(type.method, all.add(listener));
    return () => void all.delete(listener);
  }

  onReconnected(listener: () => void): () => void {
    this.#onReconnected.add(listener);
    return () => void this.#onReconnected.delete(listener);
  }

  /** To be called when `lost` ended: connects to the engine that comes next, or starts it. Once for all who ask. */
  async reconnect(lost: MessageConnection): Promise<void> {
    if (this.connection !== lost) return;
    this.#reconnecting ??= this.#next().finally(() => {
      this.#reconnecting = undefined;
    });
    await this.#reconnecting;
  }

  async #next(): Promise<void> {
    if (++this.#reconnections > mostReconnections) throw new Error('the engine ends again and again; see its log');
    await new Promise((resolve) => setTimeout(resolve, giveWayMs));
    this.#engine = await this.#connect((connection) => distribute(connection, this.#listeners));
    for (const listener of this.#onReconnected) listener();
  }

  /** Takes nothing more from the engine until `taken`: what is printed slowly must not pile up here. */
  pauseUntil(taken: Promise<void>): void {
    const engine = this.#engine;
    if (this.#pauses++ === 0) engine.pause();
    void taken.finally(() => {
      if (--this.#pauses === 0) engine.resume();
    });
  }

  dispose(): void {
    this.#engine.dispose();
  }
}

function distribute(connection: MessageConnection, listeners: Listeners): void {
  connection.onNotification((method, params) => {
    for (const listener of [...(listeners.get(method) ?? [])]) listener(params as never);
  });
  // Disposed, it rejects the requests that nobody will answer any more.
  connection.onClose(() => connection.dispose());
}
