/** Performs actions by name: each within its budget, and none of a job from a workspace that is not trusted. */
import { ConnectionError } from '../clusters/connection.ts';
import { SchedulerUnavailableError } from '../schedulers/scheduler.ts';
import type { ActionIntent } from '../store/records.ts';
import { StoreFailure } from '../store/store-failure.ts';
import { type Action, type ActionHost, type ActionResult, done, failed, TryLaterError, textParam } from './action.ts';
import { budgeted, told } from './budget.ts';
import { notifyEmail } from './email.ts';
import { emitEvent } from './emit.ts';
import { notifySlack, webhook } from './http.ts';
import { storeMetric } from './metric.ts';
import { resubmit } from './resubmit.ts';
import { runCommand } from './run-command.ts';
import { cancelJob, controlJob, signalJob, updateJob } from './scheduler-verbs.ts';
import { submit } from './submit.ts';

const levels = ['info', 'warning', 'error'] as const;

const logEvent: Action = (intent) => {
  const message = textParam(intent, 'message') ?? intent.line;
  const level = textParam(intent, 'level') ?? 'info';
  return {
    ok: true,
    message: message || 'logged',
    events: [{ name: 'log', context: { watcher: intent.watcherName, level, message } }],
  };
};

const notify: Action = (intent, host) => {
  const wished = textParam(intent, 'level');
  const level = wished === 'critical' ? 'error' : (levels.find((known) => known === wished) ?? 'info');
  const message = textParam(intent, 'message') ?? `${intent.watcherName} matched in job ${host.job.jobId}`;
  host.notify({ level, message, job: host.job.key, watcher: intent.watcherName });
  return done(message);
};

const pauseWatcher: Action = (intent, host) => {
  const name = textParam(intent, 'name') ?? intent.watcherName;
  const seconds = intent.params.duration === undefined ? undefined : Number(intent.params.duration);
  if (seconds !== undefined && !(seconds > 0)) return failed(`duration must be more than 0 s, not ${seconds} s`);
  const span = seconds === undefined ? '' : ` for ${seconds} s`;
  return host.pauseWatcher(name, `paused${span} by ${intent.watcherName}`, seconds)
    ? done(`paused ${name}${span}`)
    : failed(`no watcher is named ${name}`);
};

const stopWatcher: Action = (intent, host) => {
  const name = textParam(intent, 'name') ?? intent.watcherName;
  return host.stopWatcher(name, `stopped by ${intent.watcherName}`)
    ? done(`stopped ${name}`)
    : failed(`no watcher is named ${name}`);
};

const actions: { readonly [name: string]: Action } = {
  cancel_job: cancelJob,
  log_event: logEvent,
  notify: told(notify),
  notify_email: told(notifyEmail),
  notify_slack: told(notifySlack),
  webhook: told(webhook),
  run_command: runCommand,
  store_metric: storeMetric,
  emit_event: emitEvent,
  resubmit: budgeted(resubmit),
  submit: budgeted(submit),
  signal_job: budgeted(signalJob),
  hold_job: budgeted(controlJob('hold', 'held')),
  release_job: budgeted(controlJob('release', 'released')),
  requeue_job: budgeted(controlJob('requeue', 'requeued')),
  update_job: budgeted(updateJob),
  pause_watcher: pauseWatcher,
  stop_watcher: stopWatcher,
};

/** Actions that this engine performs. */
export const performedActions: readonly string[] = Object.keys(actions);

/** They touch nothing but the job's own records. */
const harmless: ReadonlySet<string> = new Set(['log_event', 'store_metric', 'pause_watcher', 'stop_watcher']);

/** How long an action waits for the database, e.g. while a backup locks it. */
const storeWaitMs = 5_000;

/**
 * What goes wrong is a failed result. Rejects only when there is no result yet: nobody could be asked (`ConnectionError`,
 * `SchedulerUnavailableError`), or it is to be tried later (`TryLaterError`).
 */
export async function perform(intent: ActionIntent, host: ActionHost): Promise<ActionResult> {
  const action = Object.hasOwn(actions, intent.action) ? actions[intent.action] : undefined;
  if (!action) return failed(`there is no action ${intent.action} in this version of Vigil`);
  if (host.job.untrusted && !harmless.has(intent.action))
    return failed(`${intent.action} is only recorded: the job was submitted from a workspace that is not trusted`);
  try {
    return await action(intent, host);
  } catch (error) {
    if (ConnectionError.is(error) || error instanceof SchedulerUnavailableError || error instanceof TryLaterError)
      throw error;
    if (error instanceof StoreFailure) throw new TryLaterError(error.message, storeWaitMs);
    return failed(error instanceof Error ? error.message : String(error));
  }
}
