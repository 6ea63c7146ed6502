import { describe, expect, it } from 'vitest';
import { coversEnd, JobWatch, type Stream } from '../../../engine/watch/job-watch.ts';
import { LineScanner } from '../../../engine/watch/line-scanner.ts';
import type { WatcherProgress } from '../../../engine/watch/progress.ts';
import type { WatchEffect } from '../../../engine/watch/trigger.ts';
import type { WatcherSpec } from '../../../language/watcher/spec.ts';
import { watcherSpec } from '../../support/builders.ts';

const job = {
  jobId: '7',
  name: 'train',
  hostname: 'cluster',
  user: 'me',
  workdir: '/w',
  state: 'running',
  started: 1000,
};

function watchOf(specs: readonly Partial<WatcherSpec>[], progress?: readonly WatcherProgress[]): JobWatch {
  const starts = specs.map((fields, index) => {
    const known = progress?.[index];
    return { spec: watcherSpec(fields), ...(known ? { progress: known } : {}) };
  });
  return new JobWatch(starts, job, { now: 1000, oneFile: false });
}

function feed(watch: JobWatch, text: string, now = 1010, stream: Stream = 'stdout'): WatchEffect[] {
  return watch.feed(stream, new LineScanner(watch).push(new TextEncoder().encode(text)), now);
}

const names = (effects: readonly WatchEffect[]) => effects.map(({ event }) => event.name);
const triggers = (effects: readonly WatchEffect[]) => effects.flatMap(({ intent }) => (intent ? [intent.trigger] : []));
const params = (effects: readonly WatchEffect[]) => effects.flatMap(({ intent }) => (intent ? [intent.params] : []));

const loss = { pattern: 'loss: ([\\d.]+)', captures: ['loss'], condition: 'float(loss) > 5.0' };

describe('matching', () => {
  it('logs each match with its condition, and acts when it holds', () => {
    const effects = feed(watchOf([loss]), 'epoch 1\nloss: 2.5\nloss: 7.5\n');
    expect(names(effects)).toEqual(['watcher.match', 'watcher.match', 'watcher.action']);
    expect(effects[0]?.event.context).toMatchObject({
      lineNumber: 2,
      captures: { loss: '2.5' },
      condition: false,
      stream: 'stdout',
    });
    expect(effects[1]?.event.context).toMatchObject({ line: 'loss: 7.5', condition: true });
  });

  it('counts a condition that raises as false, and says why', () => {
    const effects = feed(watchOf([{ ...loss, pattern: 'loss: (\\S+)' }]), 'loss: oops\n');
    expect(names(effects)).toEqual(['watcher.match']);
    expect(effects[0]?.event.context).toMatchObject({
      condition: false,
      error: "ValueError: could not convert string to float: 'oops'",
    });
  });

  it('gives a search up that takes too long: a failure of that watcher alone', () => {
    const watch = watchOf([
      { name: 'slow', pattern: '(?:\\w{0,70}x?){70}[!?]', maxFailures: 2 },
      { name: 'other', pattern: 'w$' },
    ]);
    const effects = feed(watch, `${'w'.repeat(60_000)}-!w\n`.repeat(3));
    const told = effects.map(({ event }) => [event.name, event.context?.watcher, event.context?.state]);
    expect(told.filter(([, name]) => name === 'slow')).toEqual([
      ['log', 'slow', undefined],
      ['log', 'slow', undefined],
      ['watcher.state', 'slow', 'disabled'],
    ]);
    expect(told.filter(([name, watcher]) => name === 'watcher.match' && watcher === 'other')).toHaveLength(3);
  });

  it('reads only its stream', () => {
    const watch = watchOf([
      { pattern: 'x', outputType: 'stderr' },
      { pattern: 'x', outputType: 'both' },
    ]);
    expect(
      feed(watch, 'x\n')
        .map(({ intent }) => intent?.watcher)
        .filter((one) => one !== undefined),
    ).toEqual([1]);
    expect(
      feed(watch, 'x\n', 1011, 'stderr')
        .map(({ intent }) => intent?.watcher)
        .filter((one) => one !== undefined),
    ).toEqual([0, 1]);
    expect(watch.streams).toEqual(['stdout', 'stderr']);
  });

  it('reads the one file there is when both streams go to it', () => {
    const watch = new JobWatch([{ spec: watcherSpec({ pattern: 'x', outputType: 'stderr' }) }], job, {
      now: 1000,
      oneFile: true,
    });
    expect(watch.streams).toEqual(['stdout']);
    expect(triggers(feed(watch, 'x\n'))).toEqual([1]);
  });
});

describe('limits', () => {
  it('is completed after max_triggers', () => {
    const watch = watchOf([{ pattern: 'x', maxTriggers: 2 }]);
    const effects = feed(watch, 'x\nx\nx\n');
    expect(triggers(effects)).toEqual([1, 2]);
    expect(effects.at(-1)?.event).toMatchObject({ name: 'watcher.state', context: { state: 'completed' } });
  });

  it('records matches in the cooldown, and does not act on them', () => {
    const watch = watchOf([{ pattern: 'x', cooldownSeconds: 60 }]);
    expect(triggers(feed(watch, 'x\n', 1010))).toEqual([1]);
    expect(names(feed(watch, 'x\n', 1069))).toEqual(['watcher.match']);
    expect(triggers(feed(watch, 'x\n', 1070))).toEqual([2]);
  });

  it('is disabled after max_failures in a row', () => {
    const watch = watchOf([{ pattern: 'x', maxFailures: 2 }]);
    expect(watch.actionFinished(0, false, 1)).toEqual([]);
    expect(watch.actionFinished(0, true, 2)).toEqual([]);
    expect(watch.actionFinished(0, false, 3)).toEqual([]);
    expect(watch.actionFinished(0, false, 4)[0]?.event.context).toMatchObject({ state: 'disabled' });
    expect(feed(watch, 'x\n')).toEqual([]);
  });

  it('counts resubmits down', () => {
    const watch = watchOf([{ remainingResubmits: 1 }]);
    expect([watch.takeResubmit(0), watch.takeResubmit(0)]).toEqual([true, false]);
  });
});

describe('time', () => {
  it('repeats its actions in timer mode, and matches no more', () => {
    const watch = watchOf([{ pattern: 'x', timerMode: true, timerIntervalSeconds: 30 }]);
    expect(triggers(feed(watch, 'x\n', 1010))).toEqual([1]);
    expect(watch.nextTick()).toBe(1040);
    expect(triggers(watch.tick(1039))).toEqual([]);
    expect(triggers(watch.tick(1040))).toEqual([2]);
    expect(triggers(feed(watch, 'x\n', 1050))).toEqual([]);
    expect(triggers(watch.tick(1070))).toEqual([3]);
  });

  it('notices silence, and hears again', () => {
    const watch = watchOf([{ silenceSeconds: 60 }]);
    expect(watch.nextTick()).toBe(1060);
    feed(watch, 'anything\n', 1050);
    expect([watch.isSilent(1060), triggers(watch.silence(1060))]).toEqual([false, []]);
    expect([watch.isSilent(1110), triggers(watch.silence(1110))]).toEqual([true, [1]]);
    expect(watch.nextTick()).toBe(1170);
  });

  it('counts as heard only what matches, where silence has a pattern', () => {
    const watch = watchOf([{ pattern: 'step', silenceSeconds: 60 }]);
    feed(watch, 'warning\n', 1050);
    expect(watch.nextTick()).toBe(1060);
    expect(triggers(feed(watch, 'step 1\n', 1055))).toEqual([]);
    expect(watch.nextTick()).toBe(1115);
  });
});

describe('the end of the job', () => {
  const ended = (endState: string) => ({ ...job, state: endState, endState });

  it('acts once, with what was captured', () => {
    const watch = watchOf([
      {
        pattern: 'saved (\\S+)',
        captures: ['file'],
        triggerOnJobEnd: true,
        actions: [{ name: 'log_event', params: { message: '${file} ${job_end_state}' } }],
      },
    ]);
    expect(names(feed(watch, 'saved a\nsaved b\n'))).toEqual(['watcher.match', 'watcher.match']);
    const effects = watch.jobEnded(ended('timeout'), 2000);
    expect(params(effects)).toEqual([{ message: 'b timeout' }]);
    expect(watch.info[0]?.state).toBe('completed');
    expect(triggers(watch.jobEnded(ended('timeout'), 2001))).toEqual([]);
  });

  it('does not act in other states', () => {
    const watch = watchOf([{ triggerOnJobEnd: true, triggerJobStates: ['timeout'] }]);
    expect(triggers(watch.jobEnded(ended('completed'), 2000))).toEqual([]);
  });

  it.each([
    [['completed', 'failed', 'timeout'], 'out_of_memory', true],
    [['completed', 'failed', 'timeout'], 'cancelled', false],
    [['failed'], 'timeout', false],
    [['failed'], 'node_fail', true],
    [['out_of_memory'], 'failed', false],
    [['any'], 'cancelled', true],
  ])('%j covers %s: %s', (states, end, expected) => expect(coversEnd(states, end)).toBe(expected));
});

describe('scope', () => {
  it('puts variables into parameters', () => {
    const watch = watchOf([
      {
        ...loss,
        name: 'w',
        actions: [
          {
            name: 'notify',
            params: {
              message: '$0|$1|${loss}|$JOB_ID|${HOSTNAME}|${WATCHER}|${TRIGGER_COUNT}|${nope}',
              list: ['${loss}'],
            },
          },
        ],
      },
    ]);
    expect(params(feed(watch, 'loss: 9.5\n'))).toEqual([
      { message: 'loss: 9.5|9.5|9.5|7|cluster|w|1|${nope}', list: ['9.5'] },
    ]);
  });

  it.each([
    ['previous["loss"] is None', [true, false, false]],
    ['len(history("loss", n=2)) == 2', [false, true, true]],
    ['mean("loss", 2) > 4', [false, false, true]],
    ['match_count == 3 and elapsed == 10.0', [false, false, true]],
    ['trigger_count == 0 and job_name == "train"', [true, false, false]],
  ])('%s', (condition, expected) => {
    const effects = feed(watchOf([{ ...loss, condition }]), 'loss: 1\nloss: 2\nloss: 8\n');
    expect(
      effects.filter(({ event }) => event.name === 'watcher.match').map(({ event }) => event.context?.condition),
    ).toEqual(expected);
  });

  it('gives None to a capture whose group takes no part, whatever it had before', () => {
    const watch = watchOf([{ pattern: 'loss(?:=(?P<loss>\\d+))?', captures: [], condition: 'loss is None' }]);
    const matches = feed(watch, 'loss=5\nloss\n').filter(({ event }) => event.name === 'watcher.match');
    expect(matches.map(({ event }) => [event.context?.condition, event.context?.captures])).toEqual([
      [false, { loss: '5' }],
      [true, {}],
    ]);
  });

  it('puts nothing in the place of a capture without a value, and keeps the last ones for the end', () => {
    const message = '[${v}|${w}|${w:-none}]';
    const spec = {
      pattern: 'v=(?P<v>\\d+)|w=(?P<w>\\d+)',
      actions: [{ name: 'log_event', params: { message } }],
    } as const;
    expect(params(feed(watchOf([spec]), 'v=1\n'))).toEqual([{ message: '[1||none]' }]);
    const atEnd = watchOf([{ ...spec, triggerOnJobEnd: true }]);
    feed(atEnd, 'v=1\nw=2\n');
    const ended = { ...job, state: 'completed', endState: 'completed' };
    expect(params(atEnd.jobEnded(ended, 2000))).toEqual([{ message: '[1|2|2]' }]);
  });

  it('asks the condition of an action after that of the watcher', () => {
    const watch = watchOf([
      {
        ...loss,
        actions: [
          { name: 'cancel_job', params: {}, condition: 'float(loss) > 50' },
          { name: 'notify', params: {} },
        ],
      },
    ]);
    expect(feed(watch, 'loss: 9\n').flatMap(({ intent }) => intent?.action ?? [])).toEqual(['notify']);
    expect(feed(watch, 'loss: 90\n').flatMap(({ intent }) => intent?.action ?? [])).toEqual(['cancel_job', 'notify']);
  });
});

it('goes on from stored progress', () => {
  const first = watchOf([{ ...loss, maxTriggers: 2 }]);
  feed(first, 'loss: 9\n');
  const stored = JSON.parse(JSON.stringify(first.progress)) as WatcherProgress[];
  const second = watchOf([{ ...loss, maxTriggers: 2 }], stored);
  expect(triggers(feed(second, 'loss: 9\nloss: 9\n'))).toEqual([2]);
});
