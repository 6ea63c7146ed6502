/** What is shown of watchers that are tried on output. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawColumns } from '../../client/text/raw-columns.ts';
import { trialDetails, trialHover, trialLensText, trialNote, trialSummary } from '../../client/trials/trial-text.ts';
import type { TrialMatch, TrialResult, TrialWatcher } from '../../engine/protocol/trials.ts';
import { stripAnsi } from '../../engine/watch/lines.ts';

const match = (changes: Partial<TrialMatch> = {}): TrialMatch => ({
  watcher: 'loss',
  stream: 'stdout',
  line: 3,
  endOffset: 40,
  spans: [
    { name: '$0', start: 0, end: 9 },
    { name: 'loss', start: 5, end: 9 },
  ],
  triggers: false,
  actions: [],
  ...changes,
});
const firing = match({
  line: 120,
  triggers: true,
  actions: [{ name: 'cancel_job', params: { reason: 'loss 11.2' } }],
  condition: 'loss=11.2 > 10',
});
const watcher = (changes: Partial<TrialWatcher> = {}): TrialWatcher => ({
  name: 'loss',
  line: 1,
  matches: 3,
  triggers: 1,
  problems: [],
  atEnd: [],
  notes: [],
  ...changes,
});

describe('the lens', () => {
  it.each([
    [watcher(), [match(), firing], '$(beaker) 3 matches, would fire 1×, line 120'],
    [watcher({ matches: 1, triggers: 0 }), [match()], '$(beaker) 1 match, would not fire, line 3'],
    [watcher({ matches: 0, triggers: 0 }), [], '$(beaker) 0 matches'],
    [
      watcher({ triggers: 1, atEnd: [{ name: 'notify', params: {} }] }),
      [match()],
      '$(beaker) 3 matches, would not fire, at the end notify, line 3',
    ],
    [watcher({ problems: ['line 4: $(x) [a](command:b)'] }), [], '$(error) not tried: line 4: $ (x) [a] (command:b)'],
  ])('%#', (one, matches, wanted) => {
    expect(trialLensText(one, matches)).toBe(wanted);
  });

  it('looks at the matches of its watcher only', () => {
    expect(trialLensText(watcher({ name: 'other', matches: 0, triggers: 0 }), [firing])).toBe('$(beaker) 0 matches');
  });
});

describe('the hover', () => {
  const line = 'loss=11.2 [x](command:y)';
  const textOf = (start: number, end: number) => line.slice(start, end);

  it('says what would be done and with which values', () => {
    expect(trialHover(firing, textOf)).toBe(
      [
        'Watcher `loss` matches',
        '`loss` = `11.2`',
        '**Would fire** `cancel_job(reason="loss 11.2")`: `loss=11.2 > 10`',
      ].join('  \n'),
    );
  });

  it('says why nothing would be', () => {
    const { actions: _, ...rest } = firing;
    const why = { ...rest, actions: [], why: 'the condition is false', condition: 'loss=1 > 10' };
    expect(trialHover(why, textOf)).toContain('**Would not fire**: `the condition is false` – `loss=1 > 10`');
  });

  it('has what the job printed in code spans only', () => {
    const hostile = match({
      spans: [
        { name: '$0', start: 0, end: 9 },
        { name: '`x`', start: 10, end: line.length },
      ],
    });
    expect(trialHover(hostile, textOf)).toContain('`` `x` `` = `[x](command:y)`');
  });
});

it('a note behind a line is short and has no icons', () => {
  expect(trialNote(firing)).toBe('would fire cancel_job: loss=11.2 > 10');
  expect(trialNote({ ...firing, condition: `$(zap) ${'x'.repeat(500)}` })).toMatch(
    /^would fire cancel_job: \$ \(zap\) x+…$/,
  );
});

it('the status bar adds up, and its tooltip tells what is not shown', () => {
  const result: TrialResult = {
    watchers: [watcher(), watcher({ name: 'bad', matches: 0, triggers: 0, problems: ['line 2: no'] })],
    matches: [match(), firing],
    lines: 1234,
    bytes: 5,
    stopped: 'stopped after 5 s: the first 3.0 MB were looked at',
  };
  expect(trialSummary(result)).toBe('3 matches, would fire 1×, 1 not tried, stopped early');
  const details = trialDetails('train.sh', 'out.log', result);
  expect(details).toContain('`train.sh` tried on `out.log`, 1,234 lines. Nothing is performed.');
  expect(details).toContain('**Stopped after 5 s: the first 3.0 MB were looked at.**');
  expect(details).toContain('Marked are the first 2 matches of 3.');
});

describe('columns of a line with escape sequences', () => {
  it('are those of the characters that are left without them', () => {
    const raw = rawColumns('\u001b[31mloss\u001b[0m=11');
    expect([0, 3, 4, 7].map(raw)).toEqual([5, 8, 13, 16]);
  });

  it('are right for every line', () => {
    const piece = fc.oneof(
      fc.constantFrom('\u001b[31m', '\u001b[0;1m', '\u001b]0;t\u0007', '\u001bM'),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const line = pieces.join('');
        const raw = rawColumns(line);
        const stripped = stripAnsi(line);
        for (let column = 0; column < stripped.length; column++) expect(line[raw(column)]).toBe(stripped[column]);
      }),
    );
  });
});
