/** Emits the events that a followed job prints, each once, within bounds. */
import { createHash } from 'node:crypto';
import { parsePrintedEvent } from '../events/printed-event.ts';
import type { EmittedEvent } from '../protocol/actions.ts';
import type { JsonValue } from '../protocol.ts';
import type { NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { OutputLine } from '../watch/lines.ts';
import type { JobLog } from './job-log.ts';
import type { Stretch } from './stretch.ts';

export interface PrintedEventsOptions {
  readonly store: Store;
  readonly log: JobLog;
  readonly now: () => number;
  readonly emit: (name: string, payload: JsonValue, key: string) => EmittedEvent;
}

/** Of one job: what comes after these is only output. */
const mostEvents = 1000;
/** Lines that are no events are told so often. */
const mostProblems = 10;

export class PrintedEvents {
  readonly #options: PrintedEventsOptions;
  #problems = 0;
  #toldOfLimit = false;

  constructor(options: PrintedEventsOptions) {
    this.#options = options;
  }

  /**
   * Emits what these lines hold; the entries for the log. A line that is read again (after a crash, or for watchers that came
   * later) is known by its place in the file and emits nothing more.
   */
  take(stretch: Stretch, lines: readonly OutputLine[]): NewEvent[] {
    return lines.flatMap((line) => this.#line(stretch, line));
  }

  #line(stretch: Stretch, line: OutputLine): NewEvent[] {
    const printed = parsePrintedEvent(line.text);
    if (!printed) return [];
    if (printed.problem !== undefined)
      return ++this.#problems > mostProblems
        ? []
        : [this.#warning(`line ${line.number} is no event: ${printed.problem}`)];
    const { store, log, now, emit } = this.#options;
    const place = [log.job.key, log.job.restarts, stretch.stream, line.endOffset, line.text];
    const key = createHash('sha256').update(JSON.stringify(place)).digest('hex');
    const known = store.events.byKey(key);
    if (known && store.hasLoggedEvent(log.job.key, known.seq)) return [];
    if (!known && store.events.countOf(log.job.key) >= mostEvents) {
      if (this.#toldOfLimit) return [];
      this.#toldOfLimit = true;
      return [this.#warning(`line ${line.number} and what follows emit no events: a job may print ${mostEvents}`)];
    }
    const { seq, duplicate } = emit(printed.name, printed.payload, key);
    const context = { name: printed.name, payload: printed.payload, event: seq, duplicate };
    return [{ timestamp: now(), name: 'event', context }];
  }

  #warning(message: string): NewEvent {
    return { timestamp: this.#options.now(), name: 'log', context: { level: 'warning', message } };
  }
}
