import { describe, expect, it } from 'vitest';
import { orderCommands, readMemo, readUrgency } from '../../cli/job-orders.ts';

describe('urgencies', () => {
  it.each([
    ['hold', 0],
    ['default', 16],
    ['expedite', 31],
    ['8', 8],
  ])('%s', (word, urgency) => expect(readUrgency(word)).toBe(urgency));

  it.each(['32', '-1', 'soon', '', 'constructor'])('%s is none', (word) => expect(() => readUrgency(word)).toThrow());
});

describe('notes', () => {
  it('are pairs; an empty text takes one away', () => {
    expect(readMemo(['note=a=b', 'old='])).toEqual({ note: 'a=b', old: null });
  });

  it.each(['note', '=x'])('%s is no pair', (pair) => expect(() => readMemo([pair])).toThrow('is not KEY=VALUE'));
});

it('orders need what they are about', () => {
  expect(() => orderCommands.hold([])).toThrow('JOB is missing');
  expect(() => orderCommands.hold(['local/1', 'x'])).toThrow('one argument too many');
  expect(() => orderCommands.extend(['local/1', 'soon'])).toThrow('is a time such as');
  expect(() => orderCommands.raise(['local/1', '--severity=8'])).toThrow('0 (ends the job) to 7');
  expect(orderCommands.signal(['hpc/1', 'USR1']).cluster).toBe('hpc');
});
