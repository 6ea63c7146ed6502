/** The durable events that workflows await: emitting them once, listing them, hearing of new ones. */
import type { Clock } from '../clock.ts';
import type { EmittedEvent } from '../protocol/actions.ts';
import type { JsonValue } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { Store } from '../store/store.ts';

export interface Emit {
  readonly name: string;
  /** Default: null. */
  readonly payload?: JsonValue;
  /** A job's key, `run/ID`, `cli`, `vscode`. */
  readonly source: string;
  /** Makes it happen once, however often it is asked for. */
  readonly key?: string;
  /** By the engine itself: names that decide over runs are its own. */
  readonly isOwn?: boolean;
}

export class InvalidEventError extends Error {}

const longestName = 200;
const longestPayload = 64 * 1024;

export class EmittedEvents {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #publisher: Publisher;
  readonly #listeners = new Set<(event: EmittedEvent) => void>();

  constructor({ store, clock, publisher }: { store: Store; clock: Clock; publisher: Publisher }) {
    this.#store = store;
    this.#clock = clock;
    this.#publisher = publisher;
  }

  /**
   * Stores the event, then tells of it; the first of a name wins, later ones are duplicates. Throws `InvalidEventError`
   * for a name or a payload that cannot be one. Within a transaction of the store, listeners hear of what may yet be
   * rolled back: call it outside of one.
   */
  emit({ name, payload = null, source, key, isOwn = false }: Emit): EmittedEvent {
    const problem = isOwn ? undefined : eventProblem(name, payload);
    if (problem) throw new InvalidEventError(problem);
    const { event, isNew } = this.#store.transaction(() =>
      this.#store.events.add({
        name,
        payload,
        source,
        emitted: this.#clock.now(),
        ...(key === undefined ? {} : { key }),
      }),
    );
    if (!isNew) return event;
    this.#publisher.emitted(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  /** The event of this name, if it was emitted. */
  find(name: string): EmittedEvent | undefined {
    return this.#store.events.first(name);
  }

  /** With duplicates, the oldest first; `from`: the least `seq`. */
  list(wanted: { readonly name?: string; readonly from?: number } = {}): readonly EmittedEvent[] {
    return this.#store.events.list(wanted);
  }

  /** The number of the last one, whichever engine emitted it; 0: there is none. */
  lastSeq(): number {
    return this.#store.events.lastSeq();
  }

  /** Calls back for each emit from now on, duplicates too. The result ends it. */
  onEmitted(listener: (event: EmittedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Answers of people, and the end of a run: what a job prints must not be able to say them. */
const ownNames = /^(?:approved|cancel):/;

/** Why this cannot be an event. */
export function eventProblem(name: string, payload: JsonValue): string | undefined {
  if (name === '') return 'an event needs a name';
  if (name.length > longestName) return `the name of an event has at most ${longestName} characters`;
  if (/[\s\p{C}]/u.test(name)) return 'the name of an event holds no white space and no control characters';
  if (ownNames.test(name)) return `the name ${name} is kept for what people decide about runs`;
  if (JSON.stringify(payload).length > longestPayload) return `the payload of event ${name} is longer than 64 KiB`;
  return undefined;
}
