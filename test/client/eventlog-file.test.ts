import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comparableText, describeLine, offsetWords, readEventlogFile } from '../../client/eventlogs/eventlog-file.ts';

const recordings = join(import.meta.dirname, '..', 'recordings', 'flux');
const recorded = (name: string) => readFileSync(join(recordings, name), 'utf8');

describe('an eventlog in a file', () => {
  it.each(globSync('*.ndjson', { cwd: recordings }).sort())(
    'as Flux wrote it has nothing wrong with it: %s',
    (name) => {
      const { events, problems } = readEventlogFile(recorded(name));
      expect(problems).toEqual([]);
      expect(events.length).toBeGreaterThan(0);
    },
  );

  it('has its problems told at their lines', () => {
    const lines = [
      '{"timestamp":1,"name":"submit"}',
      '{"timestamp":2,"name":"start"',
      '',
      '{"timestamp":0,"name":"x"}',
      '{"timestamp":3,"name":"clean"}',
    ];
    const { events, problems } = readEventlogFile(`${lines.join('\n')}\n`);
    expect(events.map(({ line, state }) => [line, state])).toEqual([
      [0, 'NEW'],
      [4, 'NEW'],
    ]);
    expect(problems).toEqual([
      { line: 1, message: expect.stringMatching(/^not JSON: /), isError: true },
      { line: 3, message: '"timestamp" must be a number of seconds greater than 0', isError: true },
      { line: 4, message: 'No valid transition: clean in state NEW', isError: false },
    ]);
  });

  it('says of each event what it means, when it was and how the job was then', () => {
    const file = readEventlogFile(recorded('success.eventlog.ndjson'));
    const alloc = file.events.find(({ event }) => event.name === 'alloc');
    const words = describeLine(file, alloc?.line ?? -1) ?? '';
    expect(words).toContain('The job has got its nodes.');
    expect(words).toMatch(/Since the first event: .*\+0\.\d{3} s/);
    expect(words).toMatch(/State then: .*RUN/);
    expect(describeLine(file, 999)).toBeUndefined();
  });

  it('can be laid beside another one: times count from the first event', () => {
    const events = readEventlogFile(recorded('success.eventlog.ndjson')).events.map(({ event }) => event);
    const later = events.map((event) => ({ ...event, timestamp: event.timestamp + 1000 }));
    expect(comparableText(later)).toBe(comparableText(events));
    expect(comparableText(events).split('\n')[0]).toMatch(/^ +\+0\.000 s {2}submit userid=/);
    expect(offsetWords(2, 1.5)).toBe('−0.500 s');
  });
});
