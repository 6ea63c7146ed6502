/**
 * How far a run is, folded from what is stored of it. A step is made of units (one, or one for each item of `foreach`), a
 * unit of attempts, an attempt of an act (what it does) and a wait (what it then waits for); each is one stored record. Pure.
 */
import type { JsonValue } from '../protocol.ts';

/** One record of the store (a step attempt of OpenWorkflow), as it is needed here. */
export interface RunRecord {
  readonly id: string;
  /** See `recordName`. */
  readonly name: string;
  readonly status: 'running' | 'completed' | 'failed';
  /** Seconds since the epoch. */
  readonly started: number;
  readonly finished?: number;
  /** What was decided when it began: filled in, so that going on decides nothing anew. */
  readonly data: JsonMap;
  readonly output?: JsonValue;
  readonly error?: Failure;
  /** Of a wait. */
  readonly signal?: string;
  readonly timeoutAt?: number;
}

export type JsonMap = { readonly [key: string]: JsonValue };

/** Why an attempt failed; `kind` is a word of `retry.on`. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
}

/** The kind of a failure after which a step is not tried again by itself: what it did may have been done. */
export const unknownOutcome = 'unknown_outcome';

export interface UnitRef {
  readonly step: string;
  /** Of `foreach`, from 0. */
  readonly item?: number;
}

export interface UnitState {
  /** Begun so far. */
  readonly attempts: number;
  /** Of the latest attempt. */
  readonly act?: RunRecord;
  readonly wait?: RunRecord;
  /** When the first attempt began. */
  readonly started?: number;
  readonly skipped: boolean;
}

/** Records that belong to the run itself. */
export const endRecord = '#end';
export const stopRecord = '#stop';
export const controlRecord = '#control';

export const itemsRecord = (step: string) => `${step}/items`;

export function recordName({ step, item }: UnitRef, attempt: number, part: 'act' | 'wait'): string {
  return `${unitName({ step, ...(item === undefined ? {} : { item }) })}/${attempt}/${part}`;
}

/** `train`, `sweep[3]`. */
export function unitName({ step, item }: UnitRef): string {
  return item === undefined ? step : `${step}[${item}]`;
}

const unitPattern = /^(\w+(?:\[\d+\])?)\/(\d+)\/(act|wait)$/;

/** What `recordName` put together. */
export function parseRecordName(name: string): { unit: string; attempt: number; part: 'act' | 'wait' } | undefined {
  const match = unitPattern.exec(name);
  return match
    ? { unit: match[1] ?? '', attempt: Number(match[2]), part: match[3] === 'act' ? 'act' : 'wait' }
    : undefined;
}

const untouched: UnitState = { attempts: 0, skipped: false };

/** Takes in records as they are read and written. */
export class RunState {
  readonly #units = new Map<string, UnitState>();
  readonly #records = new Map<string, RunRecord>();

  constructor(records: Iterable<RunRecord> = []) {
    for (const record of records) this.add(record);
  }

  /** A record, or what has become of one. */
  add(record: RunRecord): void {
    this.#records.set(record.name, record);
    const named = parseRecordName(record.name);
    if (!named) return;
    const before = this.#units.get(named.unit) ?? untouched;
    const started = Math.min(before.started ?? record.started, record.started);
    // The store orders by time, to a millisecond: an earlier attempt may come after a later one.
    if (named.attempt < before.attempts) {
      this.#units.set(named.unit, { ...before, started });
      return;
    }
    const { act, wait } = named.attempt > before.attempts ? {} : before;
    const parts = named.part === 'act' ? { act: record, ...(wait && { wait }) } : { ...(act && { act }), wait: record };
    const skipped = named.part === 'act' ? record.data.skipped === true : before.skipped;
    this.#units.set(named.unit, { attempts: named.attempt, started, skipped, ...parts });
  }

  get records(): readonly RunRecord[] {
    return [...this.#records.values()];
  }

  record(name: string): RunRecord | undefined {
    return this.#records.get(name);
  }

  unit(ref: UnitRef): UnitState {
    return this.#units.get(unitName(ref)) ?? untouched;
  }

  /** The list of a `foreach`, once it was worked out. */
  items(step: string): readonly JsonValue[] | undefined {
    const record = this.#records.get(itemsRecord(step));
    return record?.status === 'completed' && Array.isArray(record.output) ? record.output : undefined;
  }

  /** How the steps ended, once that is decided. */
  get end(): RunRecord | undefined {
    return this.#records.get(endRecord);
  }

  get stop(): RunRecord | undefined {
    return this.#records.get(stopRecord);
  }
}
