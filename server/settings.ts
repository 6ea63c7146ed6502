/** The settings that the language server acts on, asked of the client. */
import type { Connection } from 'vscode-languageserver';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { CommandPolicy } from '../language/lint/action-lints.ts';
import { readSeverities, type Severities } from '../language/problem/severities.ts';

export interface Settings {
  /** `vigil.maxWatchersPerJob`. */
  readonly maxWatchers: number;
  /** `vigil.inlayHints.enabled`. */
  readonly inlayHints: boolean;
  /** `vigil.diagnostics.severity`. */
  readonly severities: Severities;
  /** `vigil.actions.runCommand` and `vigil.actions.allowedCommands`; absent where the client has no such settings. */
  readonly commandPolicy?: CommandPolicy;
  /** No setting: what the client told of its cluster (`vigil/clusterFacts`). */
  readonly facts?: ClusterFacts;
}

export const defaultSettings: Settings = { maxWatchers: 10, inlayHints: true, severities: {} };

/** What the client has set; the default where that makes no sense or the client cannot tell. */
export async function readSettings(connection: Connection): Promise<Settings> {
  try {
    const [maxWatchers, inlayHints, severity, runCommand, allowedCommands]: unknown[] =
      await connection.workspace.getConfiguration([
        { section: 'vigil.maxWatchersPerJob' },
        { section: 'vigil.inlayHints.enabled' },
        { section: 'vigil.diagnostics.severity' },
        { section: 'vigil.actions.runCommand' },
        { section: 'vigil.actions.allowedCommands' },
      ]);
    const isCount = typeof maxWatchers === 'number' && Number.isInteger(maxWatchers) && maxWatchers >= 1;
    const { severities, invalid } = readSeverities(severity);
    for (const words of invalid) connection.console.warn(`vigil.diagnostics.severity: ${words}`);
    const commandPolicy = readCommandPolicy(runCommand, allowedCommands);
    return {
      severities,
      ...(commandPolicy && { commandPolicy }),
      maxWatchers: isCount ? maxWatchers : defaultSettings.maxWatchers,
      inlayHints: typeof inlayHints === 'boolean' ? inlayHints : defaultSettings.inlayHints,
    };
  } catch (error) {
    connection.console.warn(`Cannot read the settings, going on with the defaults: ${String(error)}`);
    return defaultSettings;
  }
}

function readCommandPolicy(runCommand: unknown, allowed: unknown): CommandPolicy | undefined {
  const policies = ['allowlist', 'ask', 'any', 'never'] as const;
  const policy = policies.find((each) => each === runCommand);
  if (!policy || !Array.isArray(allowed)) return undefined;
  return { runCommand: policy, allowedCommands: allowed.filter((each) => typeof each === 'string') };
}
