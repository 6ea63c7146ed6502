/** Patterns made of lines of output. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../language/pattern/compile.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { patternOfLine, watcherOfLine } from '../../language/watcher/pattern-of-line.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import { askPython, pythonVersion } from './python.ts';

const table = [
  [
    'epoch 12/90 loss: 0.345',
    'epoch\\s+(?P<epoch>\\d+)/\\d+\\s+loss:\\s+(?P<loss>[-+\\d.eE]+)',
    'epoch 3/90 loss: 1e-5',
  ],
  [
    '2026-11-21T12:03:04.5Z step=7',
    '\\d+-\\d+-\\d+T\\d+:\\d+:\\d+\\.\\d+Z\\s+step=(?P<step>\\d+)',
    '2027-01-02T03:04:05.1Z step=100',
  ],
  ['[12:03:04] done (ok)', '\\[\\d+:\\d+:\\d+\\]\\s+done\\s+\\(ok\\)', '[01:00:59] done (ok)'],
  [
    'CUDA error at 0x7f3a: out of memory',
    'CUDA\\s+error\\s+at\\s+0x[0-9a-fA-F]+:\\s+out\\s+of\\s+memory',
    'CUDA error at 0xdead: out of memory',
  ],
  ['saved /scratch/me/run/model.pt', 'saved\\s+\\S+', 'saved /scratch/you/x'],
  ['commit 3f2a9c1d on node017', 'commit\\s+[0-9a-f-]+\\s+on\\s+node\\d+', 'commit aaaaaa1 on node3'],
  [
    'slurmstepd: error: Detected 1 oom-kill event(s)',
    'slurmstepd:\\s+error:\\s+Detected\\s+(?P<detected>\\d+)\\s+oom-kill\\s+event\\(s\\)',
    'slurmstepd: error: Detected 12 oom-kill event(s)',
  ],
  ['line 4 in 5', 'line\\s+(?P<line_value>\\d+)\\s+in\\s+(?P<in_value>\\d+)', 'line 9 in 9'],
  ['E = -1.25e+03 eV', 'E\\s+=\\s+(?P<e>[-+\\d.eE]+)\\s+eV', 'E = 3 eV'],
] as const;

describe('a pattern for lines like one', () => {
  it.each(table)('%s', (line, pattern, other) => {
    expect(patternOfLine(line)?.pattern).toBe(pattern);
    const compiled = compilePattern(pattern).pattern;
    expect(compiled?.search(line)).toBeDefined();
    expect(compiled?.search(other)).toBeDefined();
  });

  it.each(['', '   ', '12.5', '====', '--- 3 ---'])('is none of "%s"', (line) => {
    expect(patternOfLine(line)).toBeUndefined();
  });

  const word = fc.oneof(
    fc.constantFrom(
      'loss',
      'epoch=',
      '/a/b/c',
      '0xff',
      '12:30:00',
      '2026-01-02',
      '1e-5',
      '[',
      '\\',
      '"',
      "'",
      '$x',
      '(?P<',
      'deadbeef1',
      '#',
      'ü',
      '\u{1f600}',
      '\t',
    ),
    fc.double().map(String),
    fc.integer().map(String),
    fc.string({ maxLength: 8, unit: 'binary' }),
  );
  const anyLine = fc
    .array(word, { maxLength: 40 })
    .chain((words) => fc.constantFrom('', ' ', '=').map((glue) => words.join(glue).replace(/[\r\n\u001b]/g, '')));

  it('matches the line that it was made of', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const found = patternOfLine(line);
        if (!found) return;
        const { pattern, problems } = compilePattern(found.pattern);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(pattern?.search(line)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it.skipIf(!pythonVersion())('means the same to Python', () => {
    const lines = [...table.map(([line]) => line), ...fc.sample(anyLine, { numRuns: 300, seed: 7 })];
    const cases = lines.flatMap((line) => {
      const found = patternOfLine(line);
      return found ? [[found.pattern, line]] : [];
    });
    expect(cases.length).toBeGreaterThan(100);
    const program =
      'import json,re,sys; print(json.dumps([re.search(p, l) is not None for p, l in json.load(sys.stdin)]))';
    expect(askPython(program, cases)).toEqual(cases.map(() => true));
  });

  it('stays short for a long line', () => {
    const found = patternOfLine(`error ${'word '.repeat(200)}`);
    expect(found?.pattern.length).toBeLessThan(400);
  });
});

describe('a watcher for lines like one', () => {
  it('is written behind those that are there, under a name that is free', () => {
    const script =
      '#!/bin/bash\n#SBATCH --time=5\n#WATCHER name="loss" pattern="x" action=log_event(message="m")\necho\n';
    const made = watcherOfLine(script, 'loss=0.5 "quoted"');
    expect(made?.name).toBe('loss-2');
    const text = script.slice(0, made?.edit.span.start) + made?.edit.newText + script.slice(made?.edit.span.end);
    expect(bindWatchers(parseScript(text)).map(({ name, actions }) => [name, actions[0]?.params])).toEqual([
      ['loss', { message: 'm' }],
      ['loss-2', { message: 'loss=${loss}' }],
    ]);
  });

  it('is a script by itself', () => {
    const made = watcherOfLine('', 'segmentation fault');
    expect(made?.edit.newText).toBe(
      '#WATCHER name="segmentation" pattern="segmentation\\s+fault" action=notify(message="${LINE}")\n',
    );
  });

  it('is never one that means something else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (line) => {
        const made = watcherOfLine('#!/bin/bash\n', line);
        if (!made) return;
        const specs = bindWatchers(parseScript(`#!/bin/bash${made.edit.newText}\n`));
        expect(specs.map(({ pattern }) => pattern)).toEqual([made.pattern]);
      }),
    );
  });
});
