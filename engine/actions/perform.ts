/** Performs actions by name. A name without an entry is recorded as failed, never passed over. */
import { ConnectionError } from '../clusters/connection.ts';
import { type ControlVerb, SchedulerUnavailableError } from '../schedulers/scheduler.ts';
import type { ActionIntent } from '../store/records.ts';
import { StoreFailure } from '../store/store-failure.ts';
import { type Action, type ActionHost, type ActionResult, done, failed, textParam } from './action.ts';
import { notifySlack, webhook } from './http.ts';
import { storeMetric } from './metric.ts';
import { resubmit } from './resubmit.ts';

const levels = ['info', 'warning', 'error'] as const;

const cancelJob: Action = async (intent, host) => {
  const signal = textParam(intent, 'signal');
  const reason = textParam(intent, 'reason');
  await host.cancel(signal, reason);
  return done(`${signal ? `sent ${signal} to` : 'cancelled'} job ${host.job.jobId}${reason ? `: ${reason}` : ''}`);
};

const signalJob: Action = async (intent, host) => {
  const signal = textParam(intent, 'signal') ?? 'TERM';
  await host.cancel(signal);
  return done(`sent ${signal} to job ${host.job.jobId}`);
};

const controlJob =
  (verb: ControlVerb, past: string): Action =>
  async (_intent, host) => {
    await host.control(verb);
    return done(`${past} job ${host.job.jobId}`);
  };

const updateJob: Action = async (intent, host) => {
  const { options } = intent.params;
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    return failed('options must be a map such as {"TimeLimit": "2:00:00"}');
  }
  const changes = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
  const odd = Object.keys(changes).find((name) => !/^[A-Za-z]+$/.test(name));
  if (odd !== undefined) return failed(`${odd} is not the name of a property of a job`);
  await host.update(changes);
  return done(`changed ${Object.keys(changes).join(', ')} of job ${host.job.jobId}`);
};

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
  host.notify({ level, message, job: host.job.key });
  return done(message);
};

/** What a person is told at most so often; what is held back stands in the result. */
const limited =
  (action: Action): Action =>
  (intent, host) =>
    host.mayNotify()
      ? action(intent, host)
      : done(`held back, too many notifications: ${textParam(intent, 'message') ?? intent.line}`);

const watcherState =
  (state: 'paused' | 'completed', verb: string): Action =>
  (intent, host) => {
    const name = textParam(intent, 'name') ?? intent.watcherName;
    return host.setWatcherState(name, state, `${verb} by ${intent.watcherName}`)
      ? done(`${verb} ${name}`)
      : failed(`no watcher is named ${name}`);
  };

const actions: { readonly [name: string]: Action } = {
  cancel_job: cancelJob,
  log_event: logEvent,
  notify: limited(notify),
  store_metric: storeMetric,
  resubmit,
  webhook,
  notify_slack: limited(notifySlack),
  signal_job: signalJob,
  hold_job: controlJob('hold', 'held'),
  release_job: controlJob('release', 'released'),
  requeue_job: controlJob('requeue', 'requeued'),
  update_job: updateJob,
  pause_watcher: watcherState('paused', 'paused'),
  stop_watcher: watcherState('completed', 'stopped'),
};

/** Actions that this engine performs. */
export const performedActions: readonly string[] = Object.keys(actions);

/** Nobody could be asked, or nothing be written down: that is no result yet. */
export function isPassing(error: unknown): error is Error {
  return ConnectionError.is(error) || error instanceof SchedulerUnavailableError || error instanceof StoreFailure;
}

/** What goes wrong is a failed result. Rejects only with what may pass (`isPassing`): that is no result yet. */
export async function perform(intent: ActionIntent, host: ActionHost): Promise<ActionResult> {
  const action = Object.hasOwn(actions, intent.action) ? actions[intent.action] : undefined;
  if (!action) return failed(`${intent.action} is recorded, but this version of Vigil does not perform it`);
  try {
    return await action(intent, host);
  } catch (error) {
    if (isPassing(error)) throw error;
    return failed(error instanceof Error ? error.message : String(error));
  }
}
