/** Watchers tried on output: where they match, what they would do, and why not. */
import { describe, expect, it } from 'vitest';
import { explainCondition } from '../../../engine/watch/explain-condition.ts';
import { replayFacts } from '../../../engine/watch/replay.ts';
import { Trial } from '../../../engine/watch/trial.ts';
import type { WatcherSpec } from '../../../language/watcher/spec.ts';
import { watcherSpec } from '../../support/builders.ts';

function tried(text: string, ...watchers: WatcherSpec[]) {
  const trial = new Trial({ watchers, facts: replayFacts('job', 100), oneFile: true, now: 100 });
  const matches = [...trial.feed('stdout', new TextEncoder().encode(text)), ...trial.endStream('stdout')];
  return { trial, matches };
}

const loss = (changes: Partial<WatcherSpec> = {}) =>
  watcherSpec({
    name: 'loss',
    pattern: 'loss=([\\d.]+)',
    captures: ['loss'],
    condition: 'float(loss) > 10',
    actions: [{ name: 'cancel_job', params: { reason: 'loss ${loss}' } }],
    ...changes,
  });

describe('a trial', () => {
  it('tells where in the line it matched, what would be done, and with which values', () => {
    const { matches } = tried('start\nloss=2\n\u001b[31mloss=11.2\u001b[0m\n', loss());
    expect(matches).toEqual([
      {
        watcher: 'loss',
        stream: 'stdout',
        line: 2,
        endOffset: 13,
        spans: [
          { name: '$0', start: 0, end: 6 },
          { name: 'loss', start: 5, end: 6 },
        ],
        triggers: false,
        actions: [],
        condition: 'float(loss=2) > 10',
        why: 'the condition is false',
      },
      {
        watcher: 'loss',
        stream: 'stdout',
        line: 3,
        endOffset: 32,
        spans: [
          { name: '$0', start: 0, end: 9 },
          { name: 'loss', start: 5, end: 9 },
        ],
        triggers: true,
        actions: [{ name: 'cancel_job', params: { reason: 'loss 11.2' } }],
        condition: 'float(loss=11.2) > 10',
      },
    ]);
  });

  it.each([
    ['max_triggers', { maxTriggers: 1 }, /no longer watches: completed \(triggered 1 times \(max_triggers\)\)/],
    ['the cooldown', { cooldownSeconds: 60 }, /cooldown: it triggered less than 60 s before/],
    ['its being disabled', { enabled: false }, /no longer watches: paused \(enabled: false\)/],
    ['the end of the job', { triggerOnJobEnd: true }, /acts when the job ends/],
    ['silence', { silenceSeconds: 30 }, /acts when nothing matches for 30 s/],
    ['a condition that fails', { condition: 'int(loss) > 1' }, /the condition fails: /],
    [
      'conditions of actions',
      { actions: [{ name: 'cancel_job', params: {}, condition: 'float(loss) > 100' }] },
      /the condition of one action is false/,
    ],
  ] as const)('names %s as the reason', (_, changes, why) => {
    const { matches } = tried('loss=11.2\nloss=12.5\n', loss(changes as Partial<WatcherSpec>));
    expect(matches).toHaveLength(2);
    expect(matches[1]?.why).toMatch(why);
    expect(matches[1]?.actions).toEqual([]);
  });

  it('counts matches at which it no longer watched, and tells what the end of the job does', () => {
    const end = loss({ name: 'end', triggerOnJobEnd: true, triggerJobStates: ['any'] });
    const { trial } = tried('loss=11\nloss=12\nloss=13\n', loss({ maxTriggers: 1 }), end);
    trial.endJob('completed');
    expect(trial.watchers).toMatchObject([
      { name: 'loss', matches: 3, triggers: 1, atEnd: [] },
      { name: 'end', matches: 3, triggers: 1, atEnd: [{ name: 'cancel_job', params: { reason: 'loss 13' } }] },
    ]);
    expect(trial.lines).toBe(3);
  });

  it('reads of each stream what the watcher reads', () => {
    const watchers = [loss({ outputType: 'stderr' })];
    const trial = new Trial({ watchers, facts: replayFacts('job', 100), oneFile: false, now: 100 });
    const bytes = new TextEncoder().encode('loss=11\n');
    expect(trial.streams).toEqual(['stderr']);
    expect(trial.feed('stdout', bytes)).toEqual([]);
    expect(trial.feed('stderr', bytes)).toMatchObject([{ stream: 'stderr', line: 1 }]);
  });
});

describe('a condition with its values', () => {
  const values: { readonly [name: string]: string | null } = { loss: '11.2', node: 'a"b', gone: null };
  it.each([
    ['loss > 10', 'loss=11.2 > 10'],
    ['float(loss) > 10 and loss != "x"', 'float(loss=11.2) > 10 and loss=11.2 != "x"'],
    ['node == "c"', 'node="a\\"b" == "c"'],
    ['gone is None or unknown', 'gone=None is None or unknown'],
    ['float(loss) > float(previous(loss)) * 2', 'float(loss=11.2) > float(previous(loss)) * 2'],
    ['loss >', 'loss=11.2 >'],
  ])('%s', (source, wanted) => {
    expect(explainCondition(source, (name) => values[name])).toBe(wanted);
  });
});
