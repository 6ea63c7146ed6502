import { describe, expect, it } from 'vitest';
import {
  bearsFailure,
  type NeedState,
  triggerRules,
  triggerVerdict,
} from '../../../language/workflow/trigger-rules.ts';

/** Ends of two needs, and what each rule makes of them: `+` starts, `s` is skipped, `b` is blocked. In the order of `triggerRules`. */
const table: readonly (readonly [needs: string, verdicts: string])[] = [
  //         all_success all_failed all_done one_success one_failed none_failed none_skipped
  ['completed completed', '+ s + + s + +'],
  ['completed failed', 'b s + + + b +'],
  ['completed skipped', 's s + + s + s'],
  ['completed blocked', 'b s + + + b +'],
  ['failed failed', 'b + + b + b +'],
  ['failed skipped', 'b s + b + b s'],
  ['failed blocked', 'b + + b + b +'],
  ['skipped skipped', 's s + s s + s'],
  ['skipped blocked', 'b s + b + b s'],
  ['blocked blocked', 'b + + b + b +'],
];

const signs = { start: '+', skip: 's', block: 'b' } as const;

describe('trigger rules', () => {
  it.each(table)('%s', (needs, verdicts) => {
    for (const states of [needs.split(' '), needs.split(' ').toReversed()]) {
      const got = triggerRules.map((rule) => signs[triggerVerdict(rule, states as NeedState[])]);
      expect(got.join(' ')).toBe(verdicts);
    }
  });

  it('mean by "any" at least one, not exactly one', () => {
    expect(triggerVerdict('one_success', ['completed', 'completed', 'completed'])).toBe('start');
    expect(triggerVerdict('one_failed', ['failed', 'failed', 'completed'])).toBe('start');
  });

  it('let a step start that needs nothing', () => {
    for (const rule of triggerRules) expect(triggerVerdict(rule, [])).toBe('start');
  });

  it('bear failures where some ends with a failure start the step', () => {
    const some: readonly NeedState[][] = [['failed'], ['failed', 'completed']];
    for (const rule of triggerRules)
      expect(bearsFailure(rule), rule).toBe(some.some((needs) => triggerVerdict(rule, needs) === 'start'));
    expect(bearsFailure(undefined)).toBe(false);
  });
});
