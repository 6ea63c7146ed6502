import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileUri, parseFileUri } from '../../client/documents/job-uri.ts';
import { sourceLinks } from '../../client/files/source-links.ts';
import { sourceTarget } from '../../client/files/source-target.ts';
import { job } from './builders.ts';

/** `path:line` or `path:line:column` of each link, and what of the text it covers. */
const linksOf = (text: string) =>
  sourceLinks(text).map(({ path, targetLine, targetColumn, line, start, end }) => [
    [path, targetLine, ...(targetColumn === undefined ? [] : [targetColumn])].join(':'),
    (text.split('\n')[line] ?? '').slice(start, end),
  ]);

describe('links of messages', () => {
  it.each([
    [
      '  File "/home/a b/train.py", line 12, in <module>',
      '/home/a b/train.py:12',
      'File "/home/a b/train.py", line 12',
    ],
    ['  File "train.py", line 3', 'train.py:3', 'File "train.py", line 3'],
    ['src/solve.c:12:5: error: expected', 'src/solve.c:12:5', 'src/solve.c:12:5'],
    ['[rank3] at ../lib/a.cpp:7.', '../lib/a.cpp:7', '../lib/a.cpp:7'],
    ['    at main (/opt/app/index.mjs:4:9)', '/opt/app/index.mjs:4:9', '/opt/app/index.mjs:4:9'],
    ['  --> src/main.rs:3:5', 'src/main.rs:3:5', 'src/main.rs:3:5'],
    [' [1] f @ ./run.jl:31', './run.jl:31', './run.jl:31'],
    ['kernel.cu(12): error: identifier', 'kernel.cu:12', 'kernel.cu(12)'],
    ['solve.f90(12,5): error #5082', 'solve.f90:12:5', 'solve.f90(12,5)'],
    ['At line 44 of file flow.f90 (unit = 10)', 'flow.f90:44', 'At line 44 of file flow.f90'],
    [
      '/var/spool/slurmd/job7/slurm_script: line 9: foo: command not found',
      '/var/spool/slurmd/job7/slurm_script:9',
      '/var/spool/slurmd/job7/slurm_script: line 9',
    ],
    ['~/src/solve.c:12:5: error: expected', '~/src/solve.c:12:5', '~/src/solve.c:12:5'],
    ['path=/data/x/Makefile:10', '/data/x/Makefile:10', '/data/x/Makefile:10'],
  ])('%s', (text, target, covered) => {
    expect(linksOf(`first\n${text}`)).toEqual([[target, covered]]);
  });

  it.each([
    '12:30:45 epoch 3/90:12 loss=3.5',
    'listening on http://node12.cluster:8080/x and node12.cluster:22',
    '  File "<stdin>", line 1, in <module>',
    'File "<frozen importlib._bootstrap>", line 241',
    'a.py:0 and ratio 3:4',
    `${'x'.repeat(2100)} a.py:3`,
  ])('none in %s', (text) => {
    expect(linksOf(text)).toEqual([]);
  });

  it('several in a line, none over another', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('a.py', ':', '3', '/', 'x', '(', ')', ' ', '"', 'File "', '", line 4', '\n', ': line '),
        ),
        (parts) => {
          const text = parts.join('');
          const lines = text.split('\n');
          let last = { line: 0, end: 0 };
          for (const { line, start, end } of sourceLinks(text)) {
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(lines[line]?.length ?? 0);
            if (line === last.line) expect(start).toBeGreaterThanOrEqual(last.end);
            last = { line, end };
          }
        },
      ),
    );
  });

  it('takes no longer for lines that are made to', () => {
    const hostile = [
      'a.'.repeat(999),
      '/a'.repeat(999),
      'File "'.repeat(300),
      'a/'.repeat(999),
      '(1'.repeat(999),
      '.c:'.repeat(600),
    ];
    const text = Array.from({ length: 300 }, () => hostile.join('\n')).join('\n');
    const begin = performance.now();
    sourceLinks(text);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('what a link opens', () => {
  const ran = job({ key: 'mycluster/7', cluster: 'mycluster', jobId: '7', workdir: '/home/me/run' });

  it('is read where the job ran, whatever path the output names', () => {
    const target = sourceTarget(ran, '../lib/a.py', undefined);
    expect(target).toEqual({ kind: 'document', path: '/home/me/lib/a.py', uri: fileUri(ran, '/home/me/lib/a.py') });
    expect(target?.kind === 'document' && parseFileUri(target.uri)).toEqual({
      job: 'mycluster/7',
      path: '/home/me/lib/a.py',
    });
  });

  it('is a file of this machine where the job ran here', () => {
    expect(sourceTarget(ran, 'a.py', '/home/me')).toEqual({ kind: 'here', path: '/home/me/run/a.py' });
    expect(sourceTarget(ran, '//host/share/a.py', '/home/me')).toEqual({ kind: 'here', path: '/host/share/a.py' });
  });

  it('is in the home directory where the output says so, and not above it', () => {
    expect(sourceTarget(ran, '~/lib/a.py', '/home/me')).toEqual({ kind: 'here', path: '/home/me/lib/a.py' });
    const target = sourceTarget(ran, '~/lib/../a.py', undefined);
    expect(target).toEqual({ kind: 'document', path: '~/a.py', uri: fileUri(ran, '~/a.py') });
    expect(sourceTarget(ran, '~/../../etc/x.sh', '/home/me')).toEqual({ kind: 'here', path: '/home/me/etc/x.sh' });
    expect(sourceTarget(ran, '~//../a.py', undefined)).toEqual(target);
    expect(fileUri(ran, '~/a.py').path).toBe('/mycluster/~/a.py');
    expect(sourceTarget({ ...ran, workdir: undefined as never }, '~/a.py', undefined)).toBeDefined();
  });

  it('is the script as submitted where the scheduler keeps its copy', () => {
    for (const path of ['/var/spool/slurmd/job00007/slurm_script', '/home/me/.local/state/vigil/local/7/script']) {
      expect(sourceTarget(ran, path, undefined)).toMatchObject({ kind: 'document', uri: { scheme: 'vigil-script' } });
    }
    expect(sourceTarget(ran, '/var/spool/slurmd/job8/slurm_script', undefined)).toMatchObject({
      uri: { scheme: 'vigil-file' },
    });
  });

  it('is nothing for a relative path where the folder is not known', () => {
    const { workdir: _, ...unknown } = ran;
    expect(sourceTarget(unknown, 'a.py', undefined)).toBeUndefined();
  });
});
