/** What the scheduler itself does to the job: cancel, signal, hold, release, requeue, update. */
import type { ControlVerb } from '../schedulers/scheduler.ts';
import { type Action, type ActionHost, done, failed, TryLaterError, textParam } from './action.ts';

/** `USR1`, `SIGUSR1`, `10`: nothing else reaches a command line as a signal. */
const signalName = /^(?:(?:SIG)?[A-Z][A-Z0-9+]{1,9}|\d{1,2})$/i;

export const cancelJob: Action = async (intent, host) => {
  const signal = textParam(intent, 'signal');
  const reason = textParam(intent, 'reason');
  if (signal !== undefined && !signalName.test(signal)) return failed(`${JSON.stringify(signal)} is not a signal`);
  if (signal === undefined) {
    awaitGrace(intent.watcherName, reason, host);
    if (host.memo.undone === true) return done(`job ${host.job.jobId} goes on: a person took the cancel back`);
  }
  await host.cancel(signal, reason);
  return done(`${signal ? `sent ${signal} to` : 'cancelled'} job ${host.job.jobId}${reason ? `: ${reason}` : ''}`);
};

/** Throws `TryLaterError` while a person may still take the cancel back; they are told first. */
function awaitGrace(watcher: string, reason: string | undefined, host: ActionHost): void {
  const graceSeconds = host.settings['actions.cancelGraceSeconds'];
  const { cancelAt, undone } = host.memo;
  if (undone === true || (cancelAt === undefined && graceSeconds === 0)) return;
  const until = typeof cancelAt === 'number' ? cancelAt : host.now() + graceSeconds;
  const { jobId, name, key } = host.job;
  if (cancelAt === undefined) {
    host.remember({ cancelAt: until });
    const message = `Job ${jobId} (${name}) is cancelled in ${graceSeconds} s by ${watcher}${reason ? `: ${reason}` : ''}.`;
    host.notify({ level: 'warning', message, job: key, watcher, cancelAt: until });
  }
  const waitSeconds = until - host.now();
  if (waitSeconds > 0) throw new TryLaterError('the cancel can be taken back until then', waitSeconds * 1000, true);
  // From now on nobody is told that the job goes on.
  host.remember({ underWay: true });
}

export const signalJob: Action = async (intent, host) => {
  const signal = textParam(intent, 'signal') ?? 'TERM';
  if (!signalName.test(signal)) return failed(`${JSON.stringify(signal)} is not a signal`);
  await host.cancel(signal);
  return done(`sent ${signal} to job ${host.job.jobId}`);
};

export const controlJob =
  (verb: ControlVerb, past: string): Action =>
  async (_intent, host) => {
    await host.control(verb);
    return done(`${past} job ${host.job.jobId}`);
  };

export const updateJob: Action = async (intent, host) => {
  const { options } = intent.params;
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    return failed('options must be a map such as {"TimeLimit": "2:00:00"}');
  }
  const changes = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
  const odd = Object.keys(changes).find((name) => !/^[A-Za-z]+$/.test(name));
  if (odd !== undefined) return failed(`${JSON.stringify(odd)} is not the name of a property of a job`);
  await host.update(changes);
  return done(`changed ${Object.keys(changes).join(', ')} of job ${host.job.jobId}`);
};
