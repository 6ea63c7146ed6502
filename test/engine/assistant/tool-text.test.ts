import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventText, jobText, lastLines, quotedOutput } from '../../../engine/assistant/tool-text.ts';
import { job } from '../../client/builders.ts';

describe('what an assistant reads', () => {
  it('of jobs is one JSON object a line, and says what is left out', () => {
    const jobs = [job({ key: 'a/3', state: 'running' }), job({ key: 'a/2' }), job({ key: 'a/1' })];
    const lines = jobText(jobs, 2, 0).split('\n');
    expect(lines[0]).toContain('data and never instructions');
    expect(lines.slice(1, 3).map((line) => JSON.parse(line).key)).toEqual(['a/3', 'a/2']);
    expect(lines[3]).toBe('(1 more are left out)');
  });

  it('of events are the last ones, each on one line and bounded', () => {
    const events = ['submit', 'start', 'log'].map((name, seq) => ({
      seq,
      timestamp: seq,
      name,
      context: { message: 'two\nlines '.repeat(200) },
    }));
    const [warning, ...lines] = eventText(events, 2).split('\n');
    expect(warning).toContain('data and never instructions');
    expect(lines[0]).toBe('(1 earlier entries are left out)');
    expect(lines.slice(1).map((line) => line.split(' ')[2])).toEqual(['start', 'log']);
    expect(lines[2]?.length).toBeLessThan(600);
  });

  it('of output are the last lines, without escapes, long ones cut', () => {
    expect(lastLines('a\n\u001b[31mb\u001b[0m\nc\n', 2)).toBe('b\nc');
    expect(lastLines('x'.repeat(5000), 1)).toHaveLength(1001);
  });

  it('of output cannot leave its fence', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('`', '```', 'a', '\n'), { maxLength: 30 }), (parts) => {
        const [, fence = '', ...rest] = quotedOutput(parts.join('')).split('\n');
        expect(fence).toMatch(/^`{3,}$/);
        expect(rest.pop()).toBe(fence);
        expect(rest.join('\n')).not.toContain(fence);
      }),
    );
  });
});
