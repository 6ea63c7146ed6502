/** Performs actions by name. A name without an entry is recorded as failed, never passed over. */
import type { ActionIntent } from '../store/records.ts';
import { type Action, type ActionHost, type ActionResult, done, failed, textParam } from './action.ts';
import { storeMetric } from './metric.ts';
import { resubmit } from './resubmit.ts';

const levels = ['info', 'warning', 'error'] as const;

const cancelJob: Action = async (intent, host) => {
  const signal = textParam(intent, 'signal');
  const reason = textParam(intent, 'reason');
  await host.cancel(signal, reason);
  return done(`${signal ? `sent ${signal} to` : 'cancelled'} job ${host.job.jobId}${reason ? `: ${reason}` : ''}`);
};

const logEvent: Action = (intent) => {
  const message = textParam(intent, 'message') ?? intent.line;
  const level = textParam(intent, 'level') ?? 'info';
  return { ok: true, message: message || 'logged', events: [{ name: 'log', context: { watcher: intent.watcherName, level, message } }] };
};

const notify: Action = (intent, host) => {
  const level = levels.find((known) => known === textParam(intent, 'level')) ?? 'info';
  const message = textParam(intent, 'message') ?? `${intent.watcherName} matched in job ${host.job.jobId}`;
  host.notify({ level, message, job: host.job.key });
  return done(message);
};

const watcherState =
  (state: 'paused' | 'completed', verb: string): Action =>
  (intent, host) => {
    const name = textParam(intent, 'name') ?? intent.watcherName;
    return host.setWatcherState(name, state, `${verb} by ${intent.watcherName}`) ? done(`${verb} ${name}`) : failed(`no watcher is named ${name}`);
  };

const actions: { readonly [name: string]: Action } = {
  cancel_job: cancelJob,
  log_event: logEvent,
  notify,
  store_metric: storeMetric,
  resubmit,
  pause_watcher: watcherState('paused', 'paused'),
  stop_watcher: watcherState('completed', 'stopped'),
};

/** Actions that this engine performs. */
export const performedActions: readonly string[] = Object.keys(actions);

/** Never rejects: what goes wrong is a failed result. */
export async function perform(intent: ActionIntent, host: ActionHost): Promise<ActionResult> {
  const action = Object.hasOwn(actions, intent.action) ? actions[intent.action] : undefined;
  if (!action) return failed(`${intent.action} is recorded, but this version of Vigil does not perform it`);
  try {
    return await action(intent, host);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
