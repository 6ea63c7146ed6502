/** The eventlog of a run, `run/ID`: what its records tell, each thing once, also after the engine died in between. */
import type { Clock } from '../clock.ts';
import { runKeyPrefix } from '../eventlog/log-names.ts';
import type { JobKey, JsonValue } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { NewEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { isEndRecord, parseRecordName, type RunRecord, triggerRecord } from './run-state.ts';
import { mapOf } from './unit-plan.ts';

export const runKey = (run: string): JobKey => `${runKeyPrefix}${run}`;

export interface RunLogDependencies {
  readonly store: Store;
  readonly publisher: Publisher;
  readonly clock: Clock;
}

export class RunLog {
  readonly #deps: RunLogDependencies;
  readonly #key: JobKey;
  /** What was logged already. */
  readonly #marks: Set<string>;

  constructor(run: string, deps: RunLogDependencies) {
    this.#deps = deps;
    this.#key = runKey(run);
    this.#marks = new Set(deps.store.eventlog(this.#key).map(({ context }) => String(context?.mark ?? '')));
  }

  /** `mark` tells what was logged: the same again is not. */
  add(name: string, timestamp: number, mark: string, context: { readonly [key: string]: JsonValue | undefined }): void {
    if (this.#marks.has(mark)) return;
    this.#marks.add(mark);
    const all: [string, JsonValue | undefined][] = Object.entries({ ...context, mark });
    const known = all.filter((pair): pair is [string, JsonValue] => pair[1] !== undefined);
    const event: NewEvent = { timestamp, name, context: Object.fromEntries(known) };
    const { store, publisher, clock } = this.#deps;
    publisher.eventlog(this.#key, store.append(this.#key, [event], clock.now()));
  }

  /** What a record says: that an attempt began, what it waits for, how it ended. */
  record(record: RunRecord): void {
    const { id, name, status, started, finished = started, output, error, signal, timeoutAt, data } = record;
    const named = parseRecordName(name);
    if (isEndRecord(name) && status === 'completed') this.add('end', finished, id, { ...mapOf(output) });
    if (name === triggerRecord && status === 'completed') this.add('trigger', finished, id, { ...mapOf(output) });
    if (!named) return;
    const { unit: step, attempt, part } = named;
    if (data.skipped === true) {
      if (status === 'completed') this.add('step.skip', finished, id, { step, why: data.why });
      return;
    }
    if (part === 'wait') this.add('step.wait', started, `${id}/begun`, { step, attempt, signal, until: timeoutAt });
    else this.add('step.start', started, `${id}/begun`, { step, attempt, cluster: data.cluster });
    if (status === 'completed')
      this.add('step.result', finished, `${id}/over`, { step, attempt, output: output ?? {} });
    if (status === 'failed')
      this.add('step.error', finished, `${id}/over`, { step, attempt, kind: error?.kind, message: error?.message });
  }
}
