/** Which lines of an output the eventlog speaks of, and what it says about them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isLine,
  linesBefore,
  type WatchedLine,
  watchedHover,
  watchedLines,
  watchedNote,
} from '../../client/documents/watched-lines.ts';
import { entry } from './builders.ts';

const at = (number: number, text: string): WatchedLine => ({
  watcher: 'w',
  stream: 'stdout',
  number,
  text,
  time: 0,
  captures: {},
  actions: [],
});

describe('watched lines', () => {
  const match = (seq: number, watcher: string, lineNumber: number) =>
    entry(seq, 'watcher.match', {
      watcher,
      lineNumber,
      line: `line ${lineNumber}`,
      stream: 'stdout',
      captures: { n: '1' },
    });
  const action = (seq: number, watcher: string, trigger: number, cause = 'match') =>
    entry(seq, 'watcher.action', { watcher, action: 'notify', params: { message: 'm' }, trigger, position: 0, cause });
  const result = (seq: number, watcher: string, trigger: number, ok: boolean) =>
    entry(seq, 'watcher.result', { watcher, action: 'notify', trigger, position: 0, ok, message: 'sent' });

  it('have the actions that they caused, with the results that came later', () => {
    const log = [
      match(0, 'a', 3),
      match(1, 'b', 3),
      action(2, 'a', 1),
      match(3, 'a', 5),
      action(4, 'a', 2),
      action(5, 'a', 3, 'timer'),
      result(6, 'a', 1, true),
      result(7, 'a', 2, false),
    ];
    const lines = watchedLines(log, 10);
    expect(
      lines.map(({ watcher, number, actions }) => [watcher, number, actions.map(({ result: r }) => r?.ok)]),
    ).toEqual([
      ['a', 3, [true]],
      ['b', 3, []],
      ['a', 5, [false]],
    ]);
    expect(watchedLines(log, 1).map(({ number }) => number)).toEqual([5]);
    expect(lines.map(watchedNote)).toEqual(['notify', undefined, 'notify failed']);
  });

  it('say in a hover what was done, with nothing of the output as markup', () => {
    const [line] = watchedLines([match(0, 'a', 3), action(1, 'a', 1), result(2, 'a', 1, true)], 10);
    const hover = line ? watchedHover({ ...line, captures: { n: '[x](command:y)' } }) : '';
    expect(hover).toMatch(/^Watcher `a` matched at 2026-11-21 /);
    expect(hover).toContain('`n` = `[x](command:y)`');
    expect(hover).toContain('**`notify(message="m")`** – done: `sent`');
  });

  it('say that a condition was false or failed', () => {
    expect(watchedHover({ ...at(1, 'x'), condition: false })).toContain('The condition was false.');
    expect(watchedHover({ ...at(1, 'x'), condition: false, error: 'no number' })).toContain(
      'Condition failed: `no number`',
    );
  });
});

describe('the place of lines in a document', () => {
  it('is found by their texts, also where some come more than once', () => {
    const lines = ['same', 'epoch 8', 'same', 'epoch 9', 'same'];
    expect(linesBefore(lines, [at(107, 'same'), at(108, 'epoch 9'), at(109, 'same')])).toBe(104);
  });

  it('is none where no text agrees', () => {
    expect(linesBefore(['a', 'b'], [at(1, 'c')])).toBeUndefined();
    expect(linesBefore(['a'], [])).toBeUndefined();
  });

  it('is found in every part of every output', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 60, max: 200 }), (from, count) => {
        const all = Array.from({ length: count }, (_, index) => `step ${index}`);
        const watched = all.flatMap((text, index) => (index % 7 === 0 ? [at(index + 1, text)] : []));
        expect(linesBefore(all.slice(from), watched)).toBe(from);
      }),
    );
  });

  it('does not depend on escape sequences', () => {
    expect(isLine('\u001b[1mx\u001b[0m y', at(1, 'x y'))).toBe(true);
    expect(isLine('other', at(1, 'x y'))).toBe(false);
  });
});
