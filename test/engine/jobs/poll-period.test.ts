import { describe, expect, it } from 'vitest';
import { pollPeriod } from '../../../engine/jobs/poll-period.ts';

const situation = { now: 1000, lastChange: 0, watched: false, idleLooks: 0, minSeconds: 1 };

describe('the poll period', () => {
  it.each([
    ['just after a change', { lastChange: 995 }, 2],
    ['a while after a change that somebody watches', { lastChange: 950, watched: true }, 2],
    ['a while after a change that nobody watches', { lastChange: 950 }, 15],
    ['normally', {}, 15],
    ['when nothing changes', { idleLooks: 9 }, 30],
    ['when nothing changes for long', { idleLooks: 100 }, 120],
    ['never below what the site wishes', { lastChange: 999, minSeconds: 30 }, 30],
  ])('%s', (_, fields, seconds) => expect(pollPeriod({ ...situation, ...fields })).toBe(seconds));
});
