/** On a database that engines share: tells it that this one is alive, and learns which others are not. */
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { PostgresDatabase } from './store/postgres-database.ts';
import { PostgresError, takenOver } from './store/postgres-failure.ts';

export interface EngineLeaseOptions {
  readonly database: PostgresDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  /** These engines have ended or died. */
  readonly onEnded: (engines: readonly string[]) => void;
  /** Others took this one for dead, and may have taken what it had: it is a new engine now, which has nothing. */
  readonly onLost: () => void;
  /** Alive, as of now: what nobody has may be taken. */
  readonly onBeat: () => void;
}

/** Times that an engine tells of itself while its lease lasts: all but one may be lost on the way. */
const beats = 6;

export class EngineLease {
  readonly #options: EngineLeaseOptions;
  #cancel = () => {};
  #stopped = false;
  #problem: string | undefined;

  constructor(options: EngineLeaseOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, database } = this.#options;
    this.#cancel = clock.setTimeout(
      () => {
        this.#beat();
        if (!this.#stopped) this.start();
      },
      (database.address.leaseSeconds * 1000) / beats,
    );
  }

  #beat(): void {
    const { database, log, onEnded, onBeat } = this.#options;
    try {
      const ended = database.heartbeat();
      if (this.#problem !== undefined) log.info('the database answers again');
      this.#problem = undefined;
      if (ended.length > 0) {
        log.info(`engines that were not heard of any more: ${ended.join(', ')}`);
        onEnded(ended);
      }
      onBeat();
    } catch (error) {
      const failure = database.failure(error);
      if (!failure) throw error;
      if (this.#problem !== failure.message) log.warn(failure.message);
      this.#problem = failure.message;
      if (error instanceof PostgresError && error.code === takenOver) this.#begin();
    }
  }

  #begin(): void {
    const { database, log, onLost } = this.#options;
    try {
      onLost();
      database.register();
    } catch (error) {
      // The next beat finds that it is registered nowhere, and comes here again.
      const failure = database.failure(error);
      if (!failure) throw error;
      log.warn(failure.message);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}
