/** The engine's settings where no client has told any. The extension's manifest has the same defaults (a test compares them). */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultAllowedCommands } from './protocol/actions.ts';
import type { ClusterSettings, EngineSettings } from './protocol.ts';

export const defaultSettings: EngineSettings = {
  clusters: [],
  sshConfigFile: join(homedir(), '.ssh', 'config'),
  minPollSeconds: 2,
  maxWatchersPerJob: 10,
  'actions.runCommand': 'allowlist',
  'actions.allowedCommands': defaultAllowedCommands,
  'actions.notificationsPerHour': 30,
  'actions.perMinute': 60,
  'actions.cancelGraceSeconds': 0,
  'notifications.level': 'info',
  'notifications.jobEnd': 'all',
  'notifications.quietHours': '',
  'notifications.digestOver': 3,
  'email.server': '',
  'email.port': 0,
  'email.tls': 'auto',
  'email.user': '',
  'email.from': '',
  'email.to': '',
  'workflows.keepDays': 0,
  store: '',
  reconnectSeconds: 1,
  longestReconnectSeconds: 60,
};

/** Where output is polled and nobody says how often. */
const defaultPollSeconds = 10;

/** Seconds between two questions for the output of a cluster; `undefined`: it is streamed. */
export function pollSeconds(settings: ClusterSettings | undefined): number | undefined {
  if (settings?.output !== 'poll') return undefined;
  const { pollSeconds: wished } = settings;
  return typeof wished === 'number' && wished >= 1 ? wished : defaultPollSeconds;
}
