/** The records of a run that is claimed: each is stored first, then known and told. */
import type { JsonValue } from '../protocol.ts';
import type { Failure, JsonMap, RunRecord, RunState } from './run-state.ts';
import { noTimeout, type Owner, type RunStore } from './run-store.ts';

/** Every method rejects when the lease is somebody else's by now, or the store is gone. */
export class RunRecords {
  readonly state: RunState;
  readonly #store: RunStore;
  readonly #owner: Owner;
  readonly #onRecord: (record: RunRecord) => void;

  constructor(state: RunState, store: RunStore, owner: Owner, onRecord: (record: RunRecord) => void) {
    this.state = state;
    this.#store = store;
    this.#owner = owner;
    this.#onRecord = onRecord;
  }

  /** What was stored before. */
  async read(): Promise<void> {
    for (const record of await this.#store.records(this.#owner.workflowRunId)) this.#keep(record);
  }

  async begin(record: Parameters<RunStore['begin']>[1]): Promise<RunRecord> {
    return this.#keep(await this.#store.begin(this.#owner, record));
  }

  async complete(id: string, output: JsonValue): Promise<RunRecord> {
    return this.#keep(await this.#store.complete(this.#owner, id, output));
  }

  async fail(id: string, failure: Failure): Promise<RunRecord> {
    return this.#keep(await this.#store.fail(this.#owner, id, failure));
  }

  /** Stores a record that is begun and over at once; one that was begun before is gone on with. */
  async settle(name: string, data: JsonMap, output: () => JsonValue): Promise<RunRecord> {
    const record = this.state.record(name) ?? (await this.begin({ name, data }));
    return record.status === 'running' ? await this.complete(record.id, output()) : record;
  }

  /** Leaves the run until something wakes it, or until then, in seconds since the epoch. */
  async sleep(until: number = noTimeout): Promise<void> {
    await this.#store.backend.sleepWorkflowRun({ ...this.#owner, availableAt: new Date(until * 1000) });
  }

  async finish(outcome: 'completed' | 'failed' | 'cancelled', reason: string): Promise<void> {
    const { backend } = this.#store;
    if (outcome === 'completed') await backend.completeWorkflowRun({ ...this.#owner, output: null });
    else if (outcome === 'cancelled') await backend.cancelWorkflowRun({ workflowRunId: this.#owner.workflowRunId });
    else {
      const retryPolicy = {
        initialInterval: '1s',
        backoffCoefficient: 1,
        maximumInterval: '1s',
        maximumAttempts: 1,
      } as const;
      await backend.failWorkflowRun({ ...this.#owner, error: { name: 'failed', message: reason }, retryPolicy });
    }
  }

  #keep(record: RunRecord): RunRecord {
    this.state.add(record);
    this.#onRecord(record);
    return record;
  }
}
