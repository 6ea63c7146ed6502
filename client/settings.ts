/** The settings `vigil.*`: their names, defaults and how they reach the engine. package.json is kept in step by a test. */

import { defaultAllowedCommands, type EmailTls, type RunCommandPolicy } from '../engine/protocol/actions.ts';
import type { JobEndPolicy, NotificationLevel } from '../engine/protocol/notifications.ts';
import type { ClusterSettings, EngineSettings } from '../engine/protocol.ts';

/** Key after `vigil.` → default, as package.json declares it. */
export const settingDefaults = {
  clusters: [] as readonly ClusterSettings[],
  sshConfigFile: '~/.ssh/config',
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
  'notifications.desktop': false,
  'email.server': '',
  'email.port': 0,
  'email.tls': 'auto',
  'email.user': '',
  'email.from': '',
  'email.to': '',
  'slack.webhook': '',
  'workflows.keepDays': 0,
  store: '',
  reconnectSeconds: 1,
  longestReconnectSeconds: 60,
  'jobs.followElsewhere': true,
  'submit.testFirst': true,
  'submit.upload': [] as readonly string[],
  'output.keepMebibytes': 4,
  'inlayHints.enabled': true,
  'watcherLenses.enabled': true,
  'diagnostics.severity': {},
} as const;

export type SettingKey = keyof typeof settingDefaults;

/** Reads one setting; `undefined` when it is not set at all. */
export type ReadSetting = (key: SettingKey) => unknown;

/** What the engine is told. A value of the wrong type (settings.json is written by hand) gives way to the default. */
export function engineSettings(read: ReadSetting): EngineSettings {
  return {
    clusters: clusterSettings(read('clusters')),
    sshConfigFile: nonEmptyString(read('sshConfigFile')) ?? settingDefaults.sshConfigFile,
    minPollSeconds: numberWithin(read('minPollSeconds'), 1, 3600) ?? settingDefaults.minPollSeconds,
    maxWatchersPerJob: numberWithin(read('maxWatchersPerJob'), 1, 1000) ?? settingDefaults.maxWatchersPerJob,
    'actions.runCommand': oneOf(runCommandPolicies, read('actions.runCommand')) ?? 'allowlist',
    'actions.allowedCommands': texts(read('actions.allowedCommands')) ?? settingDefaults['actions.allowedCommands'],
    'actions.notificationsPerHour':
      numberWithin(read('actions.notificationsPerHour'), 0, 100_000) ?? settingDefaults['actions.notificationsPerHour'],
    'actions.perMinute': numberWithin(read('actions.perMinute'), 1, 100_000) ?? settingDefaults['actions.perMinute'],
    'actions.cancelGraceSeconds': numberWithin(read('actions.cancelGraceSeconds'), 0, 3600) ?? 0,
    'notifications.level': oneOf(notificationLevels, read('notifications.level')) ?? 'info',
    'notifications.jobEnd': oneOf(jobEndPolicies, read('notifications.jobEnd')) ?? 'all',
    'notifications.quietHours': nonEmptyString(read('notifications.quietHours')) ?? '',
    'notifications.digestOver':
      numberWithin(read('notifications.digestOver'), 1, 100) ?? settingDefaults['notifications.digestOver'],
    'email.server': nonEmptyString(read('email.server')) ?? '',
    'email.port': numberWithin(read('email.port'), 0, 65_535) ?? 0,
    'email.tls': oneOf(emailTls, read('email.tls')) ?? 'auto',
    'email.user': nonEmptyString(read('email.user')) ?? '',
    'email.from': nonEmptyString(read('email.from')) ?? '',
    'email.to': nonEmptyString(read('email.to')) ?? '',
    'workflows.keepDays': numberWithin(read('workflows.keepDays'), 0, 36_500) ?? 0,
    store: nonEmptyString(read('store')) ?? '',
    reconnectSeconds: numberWithin(read('reconnectSeconds'), 0.01, 3600) ?? settingDefaults.reconnectSeconds,
    longestReconnectSeconds:
      numberWithin(read('longestReconnectSeconds'), 0.01, 86_400) ?? settingDefaults.longestReconnectSeconds,
  };
}

const runCommandPolicies: readonly RunCommandPolicy[] = ['allowlist', 'ask', 'any', 'never'];
const notificationLevels: readonly NotificationLevel[] = ['info', 'warning', 'error', 'off'];
const jobEndPolicies: readonly JobEndPolicy[] = ['all', 'failures', 'none'];
const emailTls: readonly EmailTls[] = ['auto', 'starttls', 'implicit', 'none'];

/** How many bytes of a job's output a document shows at most. */
export function outputKeepBytes(read: ReadSetting): number {
  return (numberWithin(read('output.keepMebibytes'), 1, 32) ?? settingDefaults['output.keepMebibytes']) * 1024 * 1024;
}

/** The items of `vigil.clusters` that name a cluster. */
export function clusterSettings(value: unknown): readonly ClusterSettings[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is ClusterSettings => nonEmptyString(item?.name) !== undefined);
}

function oneOf<Value extends string>(values: readonly Value[], written: unknown): Value | undefined {
  return values.find((value) => value === written);
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;
}

function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function numberWithin(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : undefined;
}
