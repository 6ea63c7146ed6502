import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent, parseEvent, parseEventlog } from '../../../engine/eventlog/rfc18.ts';

const recordings = join(import.meta.dirname, '..', '..', 'recordings', 'flux');

describe('eventlogs as RFC 18 writes them', () => {
  it('reads every recorded log without a complaint, and writes it as it was', () => {
    const files = globSync('*.ndjson', { cwd: recordings });
    expect(files.length).toBeGreaterThan(60);
    for (const file of files) {
      const text = readFileSync(join(recordings, file), 'utf8');
      const { events, problems } = parseEventlog(text);
      expect(problems, file).toEqual([]);
      const written = events.map((event) => `${formatEvent(event)}\n`).join('');
      // Python writes an empty context, which RFC 18 leaves open, and numbers such as 0.0.
      const normal = (log: string) => log.split('\n').map((line) => line && JSON.stringify(JSON.parse(line)));
      expect(normal(written), file).toEqual(normal(text.replaceAll(',"context":{}', '')));
    }
  });

  it.each([
    ['{', /^not JSON/],
    ['[1]', /an event is a JSON object/],
    ['null', /an event is a JSON object/],
    ['{"name":"a"}', /"timestamp"/],
    ['{"timestamp":0,"name":"a"}', /greater than 0/],
    ['{"timestamp":-1,"name":"a"}', /greater than 0/],
    ['{"timestamp":1e999,"name":"a"}', /"timestamp"/],
    ['{"timestamp":1}', /"name"/],
    ['{"timestamp":1,"name":""}', /"name"/],
    ['{"timestamp":1,"name":"a","context":[]}', /"context"/],
    ['{"timestamp":1,"name":"a","context":null}', /"context"/],
  ])('says what is wrong with %s', (line, problem) => {
    expect(parseEvent(line)).toMatch(problem);
  });

  it('reads what it can of a damaged log', () => {
    const { events, problems } = parseEventlog('{"timestamp":1,"name":"a"}\n\nnonsense\r\n{"timestamp":2,"name":"b"}');
    expect(events.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(problems.map(({ line }) => line)).toEqual([2]);
  });

  it('keeps any context, on one line', () => {
    const context = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 4e9, noNaN: true }),
        fc.string({ minLength: 1 }),
        context,
        (timestamp, name, value) => {
          const event = { timestamp, name, context: JSON.parse(JSON.stringify(value)) };
          const line = formatEvent(event);
          expect(line).not.toMatch(/[\n\r]/);
          expect(parseEvent(line)).toEqual(event);
        },
      ),
    );
  });
});
