/** The workflow runs as the engine last told them. */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { RunInfo } from '../../engine/protocol/workflows.ts';

export class RunList {
  readonly #runs = new Map<string, RunInfo>();
  readonly #changes = new Emitter<RunInfo | undefined>();

  /** The run that changed, or undefined: all of them. */
  readonly onChange: Event<RunInfo | undefined> = this.#changes.event;

  replaceAll(runs: readonly RunInfo[]): void {
    this.#runs.clear();
    for (const run of runs) this.#runs.set(run.id, run);
    this.#changes.fire(undefined);
  }

  set(run: RunInfo): void {
    this.#runs.set(run.id, run);
    this.#changes.fire(run);
  }

  forget(id: string): void {
    if (this.#runs.delete(id)) this.#changes.fire(undefined);
  }

  get(id: string): RunInfo | undefined {
    return this.#runs.get(id);
  }

  /** The newest first. */
  get all(): readonly RunInfo[] {
    return [...this.#runs.values()].sort((a, b) => b.created - a.created || b.id.localeCompare(a.id));
  }

  dispose(): void {
    this.#changes.dispose();
  }
}
