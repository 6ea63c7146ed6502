/**
 * The engine for a program that is asked now and then: connected at the first question, and kept, since an engine with a client
 * keeps the logins of its clusters; connected anew when it has ended meanwhile.
 */
import { ConnectionError, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { errorCodes } from '../../engine/protocol.ts';
import type { EngineSession } from '../engine-session.ts';

/** Asks the engine, once more when it ends before it has answered: what may not happen twice has a key. */
export type AskEngine = <Answer>(ask: (session: EngineSession) => Promise<Answer>) => Promise<Answer>;

export class EngineOnDemand {
  readonly #open: () => Promise<EngineSession>;
  #opening: Promise<EngineSession> | undefined;
  #session: EngineSession | undefined;

  constructor(open: () => Promise<EngineSession>) {
    this.#open = open;
  }

  /** Rejects when no engine can be started, and with what `ask` rejects. */
  readonly ask: AskEngine = async (ask) => {
    const session = await this.#get();
    try {
      return await ask(session);
    } catch (error) {
      if (!hasEnded(error)) throw error;
      this.#forget(session);
      return ask(await this.#get());
    }
  };

  async dispose(): Promise<void> {
    const session = await this.#opening?.catch(() => undefined);
    session?.dispose();
  }

  #get(): Promise<EngineSession> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<EngineSession> {
    try {
      this.#session = await this.#open();
      return this.#session;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** Another question may have found out first, and have the next one. */
  #forget(session: EngineSession): void {
    session.dispose();
    if (this.#session === session) this.#opening = this.#session = undefined;
  }
}

function hasEnded(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  const codes: readonly number[] = [
    errorCodes.engineEnds,
    ErrorCodes.PendingResponseRejected,
    ErrorCodes.MessageWriteError,
  ];
  return error instanceof ResponseError && codes.includes(error.code);
}
