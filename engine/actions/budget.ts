/** How much watchers may do and tell: counted once an action, however often it is tried. */
import { type Action, type ActionHost, done, TryLaterError, textParam } from './action.ts';

/** How long an action waits when watchers did too much on its cluster: so long the first time, then longer. */
const budgetWaitMs = 5_000;
const longestBudgetWaitMs = 60_000;

/** For what is done on the cluster: throws `TryLaterError` when too much is done there at once. */
export function payFor(host: ActionHost): void {
  if (host.memo.paid === true) return;
  if (!host.mayAct()) {
    const waitMs = Math.min(longestBudgetWaitMs, budgetWaitMs * (host.attempt + 1));
    throw new TryLaterError('watchers do too much on this cluster at once', waitMs);
  }
  host.remember({ paid: true });
}

export const budgeted =
  (action: Action): Action =>
  (intent, host) => {
    payFor(host);
    return action(intent, host);
  };

/** What somebody is told, at most so often: what is held back stands in the result. */
export const told =
  (action: Action): Action =>
  (intent, host) => {
    if (host.memo.told !== true) {
      if (!host.mayNotify())
        return done(`held back, too many notifications: ${textParam(intent, 'message') ?? intent.line}`);
      host.remember({ told: true });
    }
    return action(intent, host);
  };
