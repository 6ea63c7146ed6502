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

/** A retry of the run in place: what is done again, and so what of the records before it no longer counts. */
export interface RetryMark {
  /** Seconds since the epoch. */
  readonly at: number;
  /** Units that are done again, by name, with the attempts that each had. */
  readonly units: { readonly [unit: string]: number };
  /** Steps that are done anew with all their items: the list of a `foreach` is worked out again. */
  readonly whole: readonly string[];
}

export interface UnitState {
  /** Begun so far. */
  readonly attempts: number;
  /** The first that counts since the run was last retried: those before it are history. */
  readonly first: number;
  /** Of the latest attempt. */
  readonly act?: RunRecord;
  readonly wait?: RunRecord;
  readonly skipped: boolean;
}

/** Records that belong to the run itself. */
export const controlRecord = '#control';
/** Of a run of a schedule: what it waits for before its steps, and the run that waits next. */
export const triggerRecord = '#trigger';
export const nextRecord = '#next';
const endName = '#end';

/** How the steps ended, for the first time or after the n-th retry. */
export function isEndRecord(name: string): boolean {
  return name === endName || name.startsWith(`${endName}/`);
}

const numbered = (name: string, retries: number) => (retries === 0 ? name : `${name}/${retries}`);

export function recordName({ step, item }: UnitRef, attempt: number, part: 'act' | 'wait'): string {
  return `${unitName({ step, ...(item === undefined ? {} : { item }) })}/${attempt}/${part}`;
}

/** `train`, `sweep[3]`. */
export function unitName({ step, item }: UnitRef): string {
  return item === undefined ? step : `${step}[${item}]`;
}

/** What `unitName` put together. */
export function unitRef(name: string): UnitRef {
  const [, step = name, item] = /^(\w+)\[(\d+)\]$/.exec(name) ?? [];
  return { step, ...(item === undefined ? {} : { item: Number(item) }) };
}

const unitPattern = /^(\w+(?:\[\d+\])?)\/(\d+)\/(act|wait)$/;

/** What `recordName` put together. */
export function parseRecordName(name: string): { unit: string; attempt: number; part: 'act' | 'wait' } | undefined {
  const match = unitPattern.exec(name);
  return match
    ? { unit: match[1] ?? '', attempt: Number(match[2]), part: match[3] === 'act' ? 'act' : 'wait' }
    : undefined;
}

type Attempt = Omit<UnitState, 'first'>;
const untouched: Attempt = { attempts: 0, skipped: false };

/** Takes in records as they are read and written. */
export class RunState {
  readonly #units = new Map<string, Attempt>();
  readonly #records = new Map<string, RunRecord>();
  readonly #retries: readonly RetryMark[];

  constructor(records: Iterable<RunRecord> = [], retries: readonly RetryMark[] = []) {
    this.#retries = retries;
    for (const record of records) this.add(record);
  }

  /** A record, or what has become of one. */
  add(record: RunRecord): void {
    this.#records.set(record.name, record);
    const named = parseRecordName(record.name);
    if (!named) return;
    const before = this.#units.get(named.unit) ?? untouched;
    // The store orders by time, to a millisecond: an earlier attempt may come after a later one.
    if (named.attempt < before.attempts) return;
    const { act, wait, skipped: wasSkipped } = named.attempt > before.attempts ? untouched : before;
    const parts = named.part === 'act' ? { act: record, ...(wait && { wait }) } : { ...(act && { act }), wait: record };
    const skipped = named.part === 'act' ? record.data.skipped === true : wasSkipped;
    this.#units.set(named.unit, { attempts: named.attempt, skipped, ...parts });
  }

  get records(): readonly RunRecord[] {
    return [...this.#records.values()];
  }

  record(name: string): RunRecord | undefined {
    return this.#records.get(name);
  }

  unit(ref: UnitRef): UnitState {
    return this.unitNamed(unitName(ref));
  }

  unitNamed(name: string): UnitState {
    const known = this.#units.get(name) ?? untouched;
    const before = this.#retries.findLast(({ units }) => Object.hasOwn(units, name))?.units[name] ?? 0;
    // An attempt of before the retry is neither running nor over any more.
    return known.attempts > before
      ? { ...known, first: before + 1 }
      : { attempts: known.attempts, first: before + 1, skipped: false };
  }

  /** Name of the record of a `foreach`'s list. */
  itemsRecord(step: string): string {
    return numbered(`${step}/items`, this.#retries.filter(({ whole }) => whole.includes(step)).length);
  }

  /** The list of a `foreach`, once it was worked out. */
  items(step: string): readonly JsonValue[] | undefined {
    const record = this.#records.get(this.itemsRecord(step));
    return record?.status === 'completed' && Array.isArray(record.output) ? record.output : undefined;
  }

  /** Units that have begun at some time. */
  get unitNames(): readonly string[] {
    return [...this.#units.keys()];
  }

  get endRecord(): string {
    return numbered(endName, this.#retries.length);
  }

  get stopRecord(): string {
    return numbered('#stop', this.#retries.length);
  }

  /** How the steps ended, once that is decided. */
  get end(): RunRecord | undefined {
    return this.#records.get(this.endRecord);
  }

  get stop(): RunRecord | undefined {
    return this.#records.get(this.stopRecord);
  }
}
