/** `resubmit(modifications, cancel_original, delay)`: the stored script once more, as a job of the same lineage, once. */
import { RefusalError } from '../schedulers/scheduler.ts';
import type { ActionIntent } from '../store/records.ts';
import { type Action, type ActionHost, type ActionResult, done, failed, TryLaterError } from './action.ts';
import { readModifications } from './modifications.ts';
import { printedIn } from './plain-word.ts';
import { renderScript } from './render-script.ts';

/** Refusals that pass when other jobs end or the site is well again: sbatch's words for limits and for trouble. */
const passing =
  /limit|temporar|try again|unavailable|too many|resources? (?:busy|temporarily)|not (?:currently )?accepting|maintenance|slurmdbd|socket|queue is full/i;
const firstWaitMs = 60_000;
const longestWaitMs = 30 * 60_000;
/** A day and more of tries. */
const mostTries = 60;

export const resubmit: Action = async (intent, host) => {
  const cancels = (intent.params.cancel_original ?? intent.params.cancel_previous ?? true) === true;
  const rendered = renderScript(host.script(), host.captureNames, intent.captures);
  if (typeof rendered === 'string') return failed(`not resubmitted: ${rendered}`);
  const written = new Map(Object.entries(intent.written?.modifications ?? {}));
  const isPrinted = (key: string) => printedIn(written.get(key), intent, host).size > 0;
  const modifications = await readModifications(intent.params.modifications ?? {}, host, isPrinted);
  if (typeof modifications === 'string') return failed(`not resubmitted: ${modifications}`);
  if (!host.takeResubmit()) return failed('not resubmitted: no resubmits remain (remaining_resubmits)');
  await waitFirst(intent, host, cancels);
  const { options, env } = modifications;
  let key: string;
  try {
    key = await host.resubmit({ key: host.key, script: rendered.text, options, env });
  } catch (error) {
    return refused(error, host);
  }
  if (cancels) await host.cancel(undefined, `resubmitted as ${key}`);
  return done([`resubmitted as ${key}`, ...modifications.notes].join('; '));
};

/** The original ends at once, its successor begins after the delay: also when another engine has to see to that. */
async function waitFirst(intent: ActionIntent, host: ActionHost, cancels: boolean): Promise<void> {
  const seconds = Number(intent.params.delay ?? 0);
  if (!(seconds > 0) || host.memo.delayed === true) return;
  if (cancels) await host.cancel(undefined, `to be resubmitted in ${seconds} s`);
  host.remember({ delayed: true });
  throw new TryLaterError(`resubmitted in ${seconds} s`, seconds * 1000);
}

/** What may pass is tried again until it succeeds; what is wrong stays wrong. */
function refused(error: unknown, host: ActionHost): ActionResult {
  if (!(error instanceof RefusalError) || !passing.test(error.words)) throw error;
  if (host.attempt >= mostTries) return failed(`${error.message} (tried ${host.attempt + 1} times)`);
  throw new TryLaterError(error.message, Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(host.attempt, 10)));
}
