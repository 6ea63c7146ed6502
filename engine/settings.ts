/** The engine's settings where no client has told any. The extension's manifest has the same defaults (a test compares them). */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineSettings } from './protocol.ts';

export const defaultSettings: EngineSettings = {
  clusters: [],
  sshConfigFile: join(homedir(), '.ssh', 'config'),
  minPollSeconds: 2,
  maxWatchersPerJob: 10,
};
