/** When a step starts, told from how the steps that it needs have ended. Pure. */

export const triggerRules = [
  'all_success',
  'all_failed',
  'all_done',
  'one_success',
  'one_failed',
  'none_failed',
  'none_skipped',
] as const;

export type TriggerRule = (typeof triggerRules)[number];

/** `blocked`: it was not started because of a failure before it, and so counts as failed. */
export type NeedState = 'completed' | 'failed' | 'skipped' | 'blocked';

/** Rules that a failure need not keep from starting their step. */
const looksAtFailures: ReadonlySet<TriggerRule> = new Set([
  'all_failed',
  'all_done',
  'one_success',
  'one_failed',
  'none_skipped',
]);

/** May a step with this rule start although one that it needs has failed? */
export function bearsFailure(rule: TriggerRule | undefined): boolean {
  return rule !== undefined && looksAtFailures.has(rule);
}

const hasFailed = (state: NeedState) => state === 'failed' || state === 'blocked';

/** "any": at least one. A step that needs nothing starts, whatever the rule. */
const holds: { readonly [rule in TriggerRule]: (needs: readonly NeedState[]) => boolean } = {
  all_success: (needs) => needs.every((state) => state === 'completed'),
  all_failed: (needs) => needs.every(hasFailed),
  all_done: () => true,
  one_success: (needs) => needs.some((state) => state === 'completed'),
  one_failed: (needs) => needs.some(hasFailed),
  none_failed: (needs) => !needs.some(hasFailed),
  none_skipped: (needs) => !needs.includes('skipped'),
};

/** Rules that want successes: where they do not hold because of a failure, what comes after is blocked, not skipped. */
const wantsSuccess: ReadonlySet<TriggerRule> = new Set(['all_success', 'one_success', 'none_failed']);

/** All needs are over: the step is started, skipped, or blocked by a failure. */
export function triggerVerdict(rule: TriggerRule, needs: readonly NeedState[]): 'start' | 'skip' | 'block' {
  if (needs.length === 0 || holds[rule](needs)) return 'start';
  return wantsSuccess.has(rule) && needs.some(hasFailed) ? 'block' : 'skip';
}
