/** Whether the database can be written, and how people hear of it. */
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { StoreStatus } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import type { Store } from './store/store.ts';

export interface StoreHealthDependencies {
  readonly store: Pick<Store, 'onHealth'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Pick<Publisher, 'notification'>;
  /** It can be written again. */
  readonly onWell: () => void;
}

export class StoreHealth {
  readonly #deps: StoreHealthDependencies;
  #problem: StoreStatus['problem'];

  constructor(deps: StoreHealthDependencies) {
    this.#deps = deps;
    deps.store.onHealth((why) => this.#changed(why));
  }

  /** Why it cannot be written, since when. */
  get problem(): StoreStatus['problem'] {
    return this.#problem;
  }

  /** Clients hear of it: nothing that happens now can be written down. */
  #changed(why: string | undefined): void {
    const { clock, log, publisher, onWell } = this.#deps;
    this.#problem = why === undefined ? undefined : { since: this.#problem?.since ?? clock.now(), why };
    if (why === undefined) {
      log.info('the database can be written again');
      onWell();
      publisher.notification({ level: 'info', message: 'The database can be written again: watching goes on.' });
      return;
    }
    log.error(why);
    const message = `${why} Nothing that was written down is lost; watchers and actions wait until it can be written again.`;
    publisher.notification({ level: 'error', message });
  }
}
