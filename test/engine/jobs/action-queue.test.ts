import { beforeEach, expect, it } from 'vitest';
import { type ActionResult, TryLaterError } from '../../../engine/actions/action.ts';
import { ActionQueue } from '../../../engine/jobs/action-queue.ts';
import type { OpenIntent } from '../../../engine/store/action-table.ts';
import { actionIntent } from '../../support/action-host.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let broken: unknown[];

beforeEach(() => {
  clock = new FakeClock(1000);
  broken = [];
});

function queueOf(perform: () => Promise<ActionResult>): ActionQueue {
  return new ActionQueue({
    clock,
    perform,
    record: () => {},
    defer: (open, error) => ({ ...open, notBefore: clock.now() + error.waitMs / 1000 }),
    onWaiting: () => {},
    onBroken: (error) => void broken.push(error),
  });
}

const opens = (count: number): OpenIntent[] =>
  Array.from({ length: count }, (_, index) => ({ intent: actionIntent({ trigger: index }), attempts: 0, memo: {} }));

it('has no room while too many are to be tried later', async () => {
  let isBusy = true;
  const queue = queueOf(async () => {
    if (isBusy) throw new TryLaterError('busy', 5000);
    return { ok: true, message: 'done' };
  });
  queue.push(opens(1001));
  await queue.settled();
  let isFree = false;
  const room = queue.room()?.then(() => {
    isFree = true;
  });
  expect(room).toBeDefined();
  expect(isFree).toBe(false);
  isBusy = false;
  await clock.advance(5);
  await queue.settled();
  await room;
  expect(queue.room()).toBeUndefined();
  queue.stop();
});

it('tells of an error that no action may have, instead of doing nothing any more', async () => {
  const error = new TypeError('a mistake');
  const queue = queueOf(() => Promise.reject(error));
  queue.push(opens(1));
  await queue.settled();
  expect(broken).toEqual([error]);
});
