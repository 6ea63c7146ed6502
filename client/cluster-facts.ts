/**
 * Gives the language server what the cluster in use says of its partitions and accounts. It only asks for clusters that are
 * connected already: nothing here connects or prompts.
 */
import type { Disposable } from 'vscode-jsonrpc';
import type { ClusterInfo } from '../engine/protocol.ts';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { JobStore } from './engine/job-store.ts';

export interface FactsFeedOptions {
  readonly store: Pick<JobStore, 'clusters' | 'onChange'>;
  /** The cluster that was submitted to last, if any. */
  readonly lastUsed: () => string | undefined;
  /** `null`: it is not connected (any more), or has nothing to tell. */
  readonly ask: (cluster: string) => Promise<ClusterFacts | null>;
  /** `null`: there is no cluster in use. */
  readonly send: (facts: ClusterFacts | null) => void;
  readonly log: { warn(message: string): void };
}

export class FactsFeed {
  readonly #options: FactsFeedOptions;
  readonly #listener: Disposable;
  #cluster: string | undefined;
  /** `gathered` of what was sent last. */
  #sent: number | undefined;
  #disposed = false;

  constructor(options: FactsFeedOptions) {
    this.#options = options;
    this.#listener = options.store.onChange((change) => {
      if (change.kind === 'all' || change.kind === 'cluster') this.#update();
    });
    this.#update();
  }

  /** To be called when the facts may be old, or another cluster was chosen; the engine keeps them for some minutes. */
  refresh(): void {
    this.#update();
    if (this.#cluster !== undefined) void this.#ask(this.#cluster);
  }

  dispose(): void {
    this.#disposed = true;
    this.#listener.dispose();
  }

  #update(): void {
    const { store, lastUsed, send } = this.#options;
    const cluster = clusterInUse([...store.clusters.values()], lastUsed());
    if (cluster === this.#cluster) return;
    this.#cluster = cluster;
    // What the last one said must not be taken for this one's word.
    this.#sent = undefined;
    send(null);
    if (cluster !== undefined) void this.#ask(cluster);
  }

  async #ask(cluster: string): Promise<void> {
    const { ask, send, log } = this.#options;
    try {
      const facts = await ask(cluster);
      if (this.#disposed || this.#cluster !== cluster || !facts || facts.gathered === this.#sent) return;
      this.#sent = facts.gathered;
      send(facts);
    } catch (error) {
      log.warn(`partitions and accounts of ${cluster}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The one that was used last if it is connected, else the only one that is. */
export function clusterInUse(clusters: readonly ClusterInfo[], lastUsed: string | undefined): string | undefined {
  const connected = clusters.filter(({ state, scheduler }) => state === 'connected' && scheduler !== 'local');
  const used = connected.find(({ name }) => name === lastUsed);
  if (used) return used.name;
  return connected.length === 1 ? connected[0]?.name : undefined;
}
