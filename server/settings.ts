/** The settings that the language server acts on, asked of the client. */
import type { Connection } from 'vscode-languageserver';

export interface Settings {
  /** `vigil.maxWatchersPerJob`. */
  readonly maxWatchers: number;
}

export const defaultSettings: Settings = { maxWatchers: 10 };

/** What the client has set; the default where that makes no sense or the client cannot tell. */
export async function readSettings(connection: Connection): Promise<Settings> {
  try {
    const maxWatchers: unknown = await connection.workspace.getConfiguration('vigil.maxWatchersPerJob');
    const valid = typeof maxWatchers === 'number' && Number.isInteger(maxWatchers) && maxWatchers >= 1;
    return valid ? { maxWatchers } : defaultSettings;
  } catch (error) {
    connection.console.warn(`Cannot read the settings, going on with the defaults: ${String(error)}`);
    return defaultSettings;
  }
}
