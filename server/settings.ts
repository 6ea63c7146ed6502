/** The settings that the language server acts on, asked of the client. */
import type { Connection } from 'vscode-languageserver';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';

export interface Settings {
  /** `vigil.maxWatchersPerJob`. */
  readonly maxWatchers: number;
  /** `vigil.inlayHints.enabled`. */
  readonly inlayHints: boolean;
  /** No setting: what the client told of its cluster (`vigil/clusterFacts`). */
  readonly facts?: ClusterFacts;
}

export const defaultSettings: Settings = { maxWatchers: 10, inlayHints: true };

/** What the client has set; the default where that makes no sense or the client cannot tell. */
export async function readSettings(connection: Connection): Promise<Settings> {
  try {
    const [maxWatchers, inlayHints]: unknown[] = await connection.workspace.getConfiguration([
      { section: 'vigil.maxWatchersPerJob' },
      { section: 'vigil.inlayHints.enabled' },
    ]);
    const isCount = typeof maxWatchers === 'number' && Number.isInteger(maxWatchers) && maxWatchers >= 1;
    return {
      maxWatchers: isCount ? maxWatchers : defaultSettings.maxWatchers,
      inlayHints: typeof inlayHints === 'boolean' ? inlayHints : defaultSettings.inlayHints,
    };
  } catch (error) {
    connection.console.warn(`Cannot read the settings, going on with the defaults: ${String(error)}`);
    return defaultSettings;
  }
}
