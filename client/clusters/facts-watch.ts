/** What clusters say of themselves, for the view: asked only while it is visible, and seldom. */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { ClusterInfo } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';

export interface FactsWatchOptions {
  readonly clusters: () => Iterable<ClusterInfo>;
  /** @param maxAgeSeconds how old an answer that the engine has may be; absent: some minutes. */
  readonly ask: (cluster: string, maxAgeSeconds?: number) => Promise<ClusterFacts | null>;
  readonly isVisible: () => boolean;
}

export class FactsWatch {
  readonly facts = new Map<string, ClusterFacts>();
  readonly problems = new Map<string, string>();
  /** Those that were asked and have nothing to tell. */
  readonly silent = new Set<string>();
  readonly #options: FactsWatchOptions;
  readonly #asking = new Set<string>();
  readonly #changes = new Emitter<string>();

  /** The name of a cluster that was asked. */
  readonly onChange: Event<string> = this.#changes.event;

  constructor(options: FactsWatchOptions) {
    this.#options = options;
  }

  /** Asks all that are connected; what is not old the engine knows without asking the scheduler. */
  async update(maxAgeSeconds?: number): Promise<void> {
    if (!this.#options.isVisible()) return;
    const connected = [...this.#options.clusters()].filter(hasFacts);
    await Promise.all(connected.map(({ name }) => this.#ask(name, maxAgeSeconds)));
  }

  /** One that has just connected. */
  clusterChanged(cluster: ClusterInfo): void {
    if (this.#options.isVisible() && hasFacts(cluster) && !this.facts.has(cluster.name)) void this.#ask(cluster.name);
    // What it said before the connection was lost is not what it says now.
    if (cluster.state === 'idle' || cluster.state === 'offline') this.#forget(cluster.name);
  }

  #forget(cluster: string): void {
    this.facts.delete(cluster);
    this.problems.delete(cluster);
    this.silent.delete(cluster);
  }

  async #ask(cluster: string, maxAgeSeconds?: number): Promise<void> {
    if (this.#asking.has(cluster)) return;
    this.#asking.add(cluster);
    try {
      const facts = await this.#options.ask(cluster, maxAgeSeconds);
      this.problems.delete(cluster);
      if (facts) this.facts.set(cluster, facts);
      else this.silent.add(cluster);
    } catch (error) {
      this.problems.set(cluster, error instanceof Error ? error.message : String(error));
    } finally {
      this.#asking.delete(cluster);
    }
    this.#changes.fire(cluster);
  }

  dispose(): void {
    this.#changes.dispose();
  }
}

function hasFacts({ state, scheduler }: ClusterInfo): boolean {
  return state === 'connected' && scheduler === 'slurm';
}
