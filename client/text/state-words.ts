/** The states of clusters, watchers, runs and steps, as people read them; those of jobs are in jobs/job-states.ts. */
import type { RunStatus, StepStatus } from '../../engine/protocol/workflows.ts';
import type { ClusterInfo, WatcherState } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

export const clusterStates: { readonly [state in ClusterInfo['state']]: string } = {
  idle: l10n.t('idle'),
  connecting: l10n.t('connecting'),
  connected: l10n.t('connected'),
  offline: l10n.t('offline'),
};

export const watcherStates: { readonly [state in WatcherState]: string } = {
  active: l10n.t('active'),
  triggered: l10n.t('triggered'),
  paused: l10n.t('paused'),
  completed: l10n.t('completed'),
  disabled: l10n.t('disabled'),
  static: l10n.t('static'),
};

export const runStates: { readonly [status in RunStatus]: string } = {
  pending: l10n.t('pending'),
  running: l10n.t('running'),
  sleeping: l10n.t('sleeping'),
  completed: l10n.t('completed'),
  failed: l10n.t('failed'),
  cancelled: l10n.t('cancelled'),
};

export const stepStates: { readonly [status in StepStatus]: string } = {
  pending: l10n.t('pending'),
  running: l10n.t('running'),
  waiting: l10n.t('waiting'),
  retrying: l10n.t('retrying'),
  completed: l10n.t('completed'),
  failed: l10n.t('failed'),
  skipped: l10n.t('skipped'),
};
