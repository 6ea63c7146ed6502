import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePrintedEvent } from '../../../engine/events/printed-event.ts';

it.each([
  ['::event done', { name: 'done', payload: null }],
  ['::event done:7 {"a": [1, null]}', { name: 'done:7', payload: { a: [1, null] } }],
  ['::event\tdone  "text"', { name: 'done', payload: 'text' }],
  ['::event done {a}', { problem: expect.stringContaining('is not JSON') }],
  ['::event', { problem: 'an event needs a name' }],
  ['::eventual consistency', undefined],
  [' ::event done', undefined],
  ['echo ::event done', undefined],
])('%j', (line, expected) => {
  if (expected === undefined) expect(parsePrintedEvent(line)).toBeUndefined();
  else expect(parsePrintedEvent(line)).toEqual(expected);
});

it('takes any line without throwing, and gives no name with control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const printed = parsePrintedEvent(`::event ${text}`);
      if (printed && printed.problem === undefined) expect(printed.name).toMatch(/^[^\s\p{C}]{1,200}$/u);
    }),
  );
});
