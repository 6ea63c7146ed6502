import { describe, expect, it } from 'vitest';
import { eventlogFormatter } from '../../cli/format-eventlog.ts';
import type { JsonValue } from '../../engine/protocol.ts';
import { fluxRecording } from '../support/recordings.ts';

const entry = (timestamp: number, name: string, context?: { [key: string]: JsonValue }) => ({
  seq: 0,
  timestamp,
  observed: timestamp,
  name,
  ...(context ? { context } : {}),
});
/** The entries of a real log, from its text form with raw times. */
const recorded = fluxRecording('eventlog-text')
  .stdout.trim()
  .split('\n')
  .map((line) => {
    const [timestamp = '', name = '', ...pairs] = line.split(' ');
    const context = Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), JSON.parse(pair.slice(pair.indexOf('=') + 1))]),
    );
    return entry(Number(timestamp), name, pairs.length > 0 ? context : undefined);
  });

/** Its times are told to a microsecond there, and rounded otherwise in the other forms. */
const withoutMicroseconds = (text: string) => text.replace(/\d(Z?\]?) /g, '$1 ');

describe('eventlogs as flux-job prints them', () => {
  it.each([
    ['raw', 'eventlog-text'],
    ['offset', 'eventlog-offset'],
    ['iso', 'eventlog-iso'],
    ['human', 'eventlog-human'],
  ] as const)('%s', (time, recording) => {
    const text = recorded.map(eventlogFormatter({ format: 'text', time })).map((line) => `${line}\n`);
    expect(withoutMicroseconds(text.join(''))).toBe(withoutMicroseconds(fluxRecording(recording).stdout));
  });

  it('json: RFC 18, no context where it is empty', () => {
    const print = eventlogFormatter({ format: 'json', time: 'raw' });
    const entries = [entry(1616789213.11403, 'submit', { userid: 1001 }), entry(1616789214.5, 'clean')];
    expect(entries.map(print)).toEqual([
      '{"timestamp":1616789213.11403,"name":"submit","context":{"userid":1001}}',
      '{"timestamp":1616789214.5,"name":"clean"}',
    ]);
  });

  it('lets no value steer the terminal', () => {
    const text = eventlogFormatter({ format: 'text', time: 'raw' })(
      entry(1, 'log', { message: '\u001b[31m\u009b2J\u202ered\n' }),
    );
    expect(text).toBe('1.000000 log message="\\u001b[31m\\u009b2J\\u202ered\\n"');
  });
});
