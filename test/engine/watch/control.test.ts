import { describe, expect, it } from 'vitest';
import type { WatcherState, WatcherVerb } from '../../../engine/protocol.ts';
import { WatcherControlError } from '../../../engine/watch/control.ts';
import { JobWatch } from '../../../engine/watch/job-watch.ts';
import { LineScanner } from '../../../engine/watch/line-scanner.ts';
import { initialProgress, type WatcherProgress } from '../../../engine/watch/progress.ts';
import type { WatcherSpec } from '../../../language/watcher/spec.ts';
import { watcherSpec } from '../../support/builders.ts';

const facts = { jobId: '7', name: 'j', hostname: 'c', user: 'u', workdir: '/w', state: 'running', started: 0 };

function watchOf(fields: Partial<WatcherSpec>, progress: Partial<WatcherProgress> = {}): JobWatch {
  const spec = watcherSpec({ name: 'w', pattern: 'loss (?P<loss>\\d+)', ...fields });
  const starts = [{ spec, progress: { ...initialProgress(spec, 0), ...progress } }];
  return new JobWatch(starts, facts, { now: 0, oneFile: true });
}

const feed = (watch: JobWatch, text: string, now = 1) =>
  watch.feed('stdout', new LineScanner(watch).push(Buffer.from(text)), now);

describe('what a person may do', () => {
  const spent = { maxTriggers: 1 };
  it.each<[WatcherVerb, WatcherState, Partial<WatcherSpec>, WatcherState | 'refused']>([
    ['pause', 'active', {}, 'paused'],
    ['pause', 'paused', {}, 'refused'],
    ['pause', 'completed', {}, 'refused'],
    ['resume', 'paused', {}, 'active'],
    ['resume', 'disabled', {}, 'active'],
    ['resume', 'completed', {}, 'active'],
    ['resume', 'completed', spent, 'refused'],
    ['resume', 'active', {}, 'refused'],
    ['resume', 'static', {}, 'refused'],
    ['stop', 'active', {}, 'completed'],
    ['stop', 'paused', {}, 'completed'],
    ['stop', 'completed', {}, 'refused'],
    ['trigger', 'paused', {}, 'paused'],
    ['trigger', 'completed', {}, 'refused'],
    ['trigger', 'disabled', {}, 'refused'],
    ['trigger', 'static', {}, 'refused'],
  ])('%s: %s %j → %s', (verb, state, fields, after) => {
    const watch = watchOf(fields, { state, triggerCount: 1 });
    if (after === 'refused') {
      expect(() => watch.control('w', verb, 5)).toThrow(WatcherControlError);
      expect(watch.progress[0]?.state).toBe(state);
      return;
    }
    watch.control('w', verb, 5);
    expect(watch.progress[0]?.state).toBe(after);
  });

  it('says which watchers there are when one is not', () => {
    expect(() => watchOf({}).control('nobody', 'pause', 5)).toThrow('it has w');
  });

  it('triggers now, whatever condition and cooldown say, with what matched last', () => {
    const actions = [{ name: 'log_event', params: { message: 'loss $loss, $1' } } as const];
    const watch = watchOf({ condition: 'False', cooldownSeconds: 1000, actions });
    feed(watch, 'loss 7\n');
    const [effect] = watch.control('w', 'trigger', 5);
    expect(effect?.event.context).toMatchObject({ cause: 'manual', params: { message: 'loss 7, 7' } });
    expect(effect?.intent).toMatchObject({ trigger: 1 });
  });

  it('is shown as triggered until its actions have results', () => {
    const watch = watchOf({});
    feed(watch, 'loss 7\n');
    expect(watch.info[0]?.state).toBe('triggered');
    watch.actionWaits(0, 'log_event waits for the cluster: it is away');
    expect(watch.info[0]?.reason).toContain('waits for the cluster');
    watch.actionFinished(0, true, 2);
    expect(watch.info[0]).toMatchObject({ state: 'active', failures: 0 });
    expect(watch.info[0]?.reason).toBeUndefined();
  });

  it('lets what was paused count times anew', () => {
    const watch = watchOf({ silenceSeconds: 10 });
    watch.control('w', 'pause', 5);
    expect(watch.nextTick()).toBeUndefined();
    watch.control('w', 'resume', 100);
    expect(watch.nextTick()).toBe(110);
  });

  it('sees no line while it is paused', () => {
    const watch = watchOf({});
    watch.control('w', 'pause', 5);
    expect(feed(watch, 'loss 7\n')).toEqual([]);
  });
});

describe('a pause that an action has asked for', () => {
  const matches = (watch: JobWatch, now: number) =>
    feed(watch, 'loss 7\n', now).filter(({ event }) => event.name === 'watcher.match').length;

  it('ends by itself when its time is over', () => {
    const watch = watchOf({});
    watch.pause('w', 'paused for 600 s by other', 5, 605);
    expect(watch.info[0]).toMatchObject({ state: 'paused', reason: 'paused for 600 s by other' });
    expect([matches(watch, 604), watch.nextTick(), watch.tick(604)]).toEqual([0, 605, []]);
    expect(watch.tick(605).map(({ event }) => event.context)).toEqual([
      { watcher: 'w', state: 'active', reason: 'its pause is over' },
    ]);
    expect([matches(watch, 606), watch.nextTick()]).toEqual([1, undefined]);
  });

  it('is over for a line that comes later, whatever timer is late', () => {
    const watch = watchOf({});
    watch.pause('w', 'paused', 5, 605);
    expect(matches(watch, 700)).toBe(1);
  });

  it('outlives an engine', () => {
    const before = watchOf({});
    before.pause('w', 'paused', 5, 605);
    const after = watchOf({}, JSON.parse(JSON.stringify(before.progress[0])));
    expect([matches(after, 604), matches(after, 605)]).toEqual([0, 1]);
  });

  it('has no end of its own once a person has resumed and paused again', () => {
    const watch = watchOf({});
    watch.pause('w', 'paused', 5, 605);
    watch.control('w', 'resume', 10);
    watch.control('w', 'pause', 20);
    expect([matches(watch, 700), watch.nextTick()]).toEqual([0, undefined]);
  });

  it.each<WatcherState>(['completed', 'disabled', 'static'])('does not wake a watcher that is %s', (state) => {
    const watch = watchOf({}, { state });
    expect(watch.pause('w', 'paused', 5, 605)).toEqual([]);
    expect([watch.progress[0]?.state, watch.tick(700)]).toEqual([state, []]);
  });
});

describe('editing', () => {
  it('exchanges what is looked for and keeps what was counted', () => {
    const watch = watchOf({});
    feed(watch, 'loss 7\n');
    watch.edit('w', watcherSpec({ name: 'other', pattern: 'accuracy (?P<accuracy>\\d+)' }), 5);
    expect(feed(watch, 'loss 8\naccuracy 90\n', 6).map(({ event }) => event.context?.captures ?? event.name)).toEqual([
      { accuracy: '90' },
      'watcher.action',
    ]);
    expect(watch.info[0]).toMatchObject({ name: 'w', matchCount: 2, triggerCount: 2, captures: { accuracy: '90' } });
  });

  it('lets go on what had triggered as often as it might', () => {
    const watch = watchOf({ maxTriggers: 1 });
    feed(watch, 'loss 7\n');
    expect(() => watch.control('w', 'resume', 5)).toThrow('Edit it');
    watch.edit('w', watcherSpec({ name: 'w', pattern: 'loss', maxTriggers: 2 }), 5);
    watch.control('w', 'resume', 5);
    expect(feed(watch, 'loss 8\n', 6).filter(({ intent }) => intent)).toHaveLength(1);
  });
});

describe('newcomers', () => {
  it('see the lines that come again, which the others do not', () => {
    const watch = watchOf({});
    const text = 'loss 1\nloss 2\n';
    feed(watch, text);
    const spec = watcherSpec({ name: 'late', pattern: 'loss' });
    watch.add([{ spec }], 5);
    watch.readAgain('stdout', text.length, new Set(['late']));
    feed(watch, `${text}loss 3\n`, 6);
    expect(watch.info.map(({ name, matchCount }) => [name, matchCount])).toEqual([
      ['w', 3],
      ['late', 3],
    ]);
  });

  it('skip nothing of a file that begins anew', () => {
    const watch = watchOf({});
    watch.readAgain('stdout', 1000, new Set());
    expect(feed(watch, 'loss 1\n')).toEqual([]);
    watch.beginsAnew('stdout');
    expect(feed(watch, 'loss 1\n')).toHaveLength(2);
  });
});
