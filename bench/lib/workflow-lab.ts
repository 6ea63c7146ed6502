/** The engine's workflow runs with no engine around them: on the files of a state folder, with effects that do nothing. */
import { join } from 'node:path';
import { systemClock } from '../../engine/clock.ts';
import { EmittedEvents } from '../../engine/events/emitted-events.ts';
import { silentLogger } from '../../engine/logger.ts';
import { type Stores, sqliteStores } from '../../engine/open-stores.ts';
import type { Store } from '../../engine/store/store.ts';
import { openWorkflows, type Workflows } from '../../engine/workflows/open-workflows.ts';
import { placedTexts } from '../../engine/workflows/placed-texts.ts';

export interface Lab {
  readonly store: Store;
  readonly workflows: Workflows;
  readonly events: EmittedEvents;
  /** Notifications so far: what the steps of the benches do. */
  notified(): number;
  /** Runs that are no longer worked on since they sleep. */
  slept(): number;
  dispose(): Promise<void>;
}

/** On SQLite. */
export function openLab(stateFolder: string): Lab {
  const files = { database: join(stateFolder, 'vigil.db'), runsDatabase: join(stateFolder, 'runs.db') };
  return labOn(sqliteStores(files));
}

/** `clock`: of waiting, not of the store. */
export function labOn(
  { store, runs }: Pick<Stores, 'store' | 'runs'>,
  clock = systemClock,
  log = silentLogger,
  readText = placedTexts(() => Promise.reject(new Error('there are no clusters here'))),
): Lab {
  let [notified, slept] = [0, 0];
  const none = () => {};
  const publisher = {
    cluster: none,
    job: none,
    eventlog: none,
    forgotten: none,
    emitted: none,
    notification: () => void notified++,
  };
  const events = new EmittedEvents({ store, clock, publisher });
  const noJobs = () => Promise.reject(new Error('there are no jobs here'));
  const workflows = openWorkflows({
    runs,
    store,
    publisher,
    clock,
    log,
    keepDays: () => 0,
    onRun: ({ status }) => {
      if (status === 'sleeping') slept++;
    },
    effects: {
      events,
      readText,
      submit: noJobs,
      cancelJob: noJobs,
      connect: noJobs,
      isHere: noJobs,
      schedulerOf: noJobs,
      notify: publisher.notification,
      isPassing: () => false,
    },
  });
  return {
    store,
    workflows,
    events,
    notified: () => notified,
    slept: () => slept,
    async dispose() {
      await workflows.dispose();
      store.close();
    },
  };
}
