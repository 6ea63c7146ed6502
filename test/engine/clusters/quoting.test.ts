/** What goes into a command line arrives as it was, through real shells. */
import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterMark, findMark, quoteWord, remoteCommandLine } from '../../../engine/clusters/quoting.ts';

const mark = 'c0ffee';
const printArguments = ['node', '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--'];
/** Any text an argument can hold. Lone surrogates are left out: they have no bytes. */
const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));

function run(
  shell: readonly string[],
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const [program = 'sh', ...flags] = shell;
  const result = spawnSync(program, [...flags, '-c', remoteCommandLine({ argv, mark, ...options })]);
  const found = findMark(result.stdout, mark);
  return {
    status: result.status,
    stdout: result.stdout.subarray(found?.end ?? 0).toString(),
    stderr: afterMark(result.stderr, mark).toString(),
    pid: found?.pid,
  };
}

const shells = ['sh', 'bash', 'dash', 'zsh', 'tcsh', 'fish', 'ksh'].filter(
  (shell) => spawnSync(shell, ['-c', 'true']).status === 0,
);

describe('quoteWord', () => {
  it('keeps any text through sh', () => {
    fc.assert(
      fc.property(word, (text) => {
        expect(execFileSync('sh', ['-c', `printf %s ${quoteWord(text)}`]).toString()).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a NUL', () => {
    expect(() => quoteWord('a\0b')).toThrow('NUL');
  });
});

describe.each(shells)('remoteCommandLine in %s', (shell) => {
  const hostile = [
    "it's",
    '"',
    'a\nb',
    '$(touch /tmp/x)',
    '`id`',
    '\\',
    '\\0101',
    '!!',
    '',
    ' ',
    '-n',
    '*',
    '~',
    'é€\u{1F600}',
    '%s%n',
    '\t\r\n',
  ];

  it('passes hostile arguments on', () => {
    expect(JSON.parse(run([shell], [...printArguments, ...hostile]).stdout)).toEqual(hostile);
  });

  it('passes the environment and the folder on', () => {
    const argv = ['node', '-p', 'JSON.stringify([process.env.VIGIL_A, process.cwd()])'];
    expect(JSON.parse(run([shell], argv, { cwd: '/', env: { VIGIL_A: "it's\n$HOME" } }).stdout)).toEqual([
      "it's\n$HOME",
      '/',
    ]);
  });

  it('tells the id of the process that becomes the command', () => {
    const { pid, stdout } = run([shell], ['sh', '-c', 'echo $$']);
    expect(Number(stdout)).toBe(pid);
  });

  it('answers 127 for a program that is not there and 125 for a folder that is not there', () => {
    const missing = run([shell], ['vigil-no-such-program']);
    expect(missing).toMatchObject({
      status: 127,
      stderr: expect.stringMatching(/^[^\n]*vigil-no-such-program: not found\n$/),
    });
    expect(run([shell], ['true'], { cwd: '/no/such/folder' })).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('/no/such/folder'),
    });
  });
});

describe('remoteCommandLine', () => {
  it('passes any arguments on', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        expect(JSON.parse(run(['sh'], [...printArguments, ...words]).stdout)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });

  it('starts relative folders at the home directory', () => {
    const argv = ['pwd'];
    const home = process.env.HOME ?? '';
    for (const [cwd, expected] of [
      ['~', home],
      ['', home],
      ['~/.', home],
      ['.', home],
    ] as const) {
      expect(run(['sh'], argv, { cwd }).stdout.trim()).toBe(expected);
    }
  });

  it('refuses a variable whose name is not one', () => {
    expect(() => remoteCommandLine({ argv: ['true'], mark, env: { 'A=$(id);B': '1' } })).toThrow(
      'environment variable',
    );
  });
});

describe('findMark', () => {
  it('skips noise, also noise that looks like half a mark', () => {
    const noise = 'Welcome!\nc0ffee is served\nc0ff';
    expect(findMark(Buffer.from(`${noise}c0ffee 42\nout`), mark)).toEqual({ end: noise.length + 10, pid: 42 });
  });

  it('waits for the whole line', () => {
    expect(findMark(Buffer.from('c0ffee 4'), mark)).toBeUndefined();
  });
});
