/** When a notification is tried again, and when it is given up. */
import { type ActionHost, type ActionResult, failed, TryLaterError } from './action.ts';

/** Seconds between tries: over in about 40 minutes. */
const waitSeconds = [2, 8, 30, 120, 600, 900, 900] as const;
/** Who wishes for more than that is asked then all the same. */
const longestWaitSeconds = 3600;

/** What may pass by itself: throws `TryLaterError`, or is a failure once it was tried often enough. */
export function tryAgain(host: ActionHost, problem: string, wishedSeconds = 0): ActionResult {
  const wait = waitSeconds[host.attempt];
  if (wait === undefined) return failed(`${problem} (tried ${host.attempt + 1} times)`);
  throw new TryLaterError(problem, Math.min(longestWaitSeconds, Math.max(wait, wishedSeconds)) * 1000);
}
