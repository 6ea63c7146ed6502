/** What goes into a command line arrives as it was, through real shells. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterMark, killArgv, MarkedOutput, quoteWord, remoteCommandLine } from '../../../engine/clusters/quoting.ts';

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
  const output = new MarkedOutput(mark);
  const stdout = output.take(result.stdout).toString();
  return { status: result.status, stdout, stderr: afterMark(result.stderr, mark).toString(), pid: output.pid };
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

describe('MarkedOutput', () => {
  it('drops noise before the mark, also noise that looks like half a mark', () => {
    const output = new MarkedOutput(mark);
    const text = Buffer.from('Welcome!\nc0ffee is served\nc0ffc0ffee 42\nout c0ffee 43\n');
    expect(output.take(text).toString()).toBe('out c0ffee 43\n');
    expect(output.pid).toBe(42);
  });

  it('does not mind where chunks end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (sizes) => {
        const output = new MarkedOutput(mark);
        const text = Buffer.from('noise\nc0ffee 4711\nwhat the command prints');
        let own = '';
        for (let start = 0, turn = 0; start < text.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          own += output.take(text.subarray(start, start + size)).toString();
          start += size;
        }
        expect([output.pid, own]).toEqual([4711, 'what the command prints']);
      }),
    );
  });

  it('keeps the end of endless noise', () => {
    const output = new MarkedOutput(mark);
    for (let round = 0; round < 100; round++) expect(output.take(Buffer.from('x'.repeat(10_000)))).toHaveLength(0);
    expect(output.before.length).toBeLessThan(100_000);
    expect(output.pid).toBeUndefined();
  });
});

describe('killArgv', () => {
  it('leaves other processes alone and ends with those it should kill', () => {
    const [program = '', ...args] = killArgv([999_999_999], 60);
    const startedMs = Date.now();
    expect(spawnSync(program, args).status).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(30_000);
  });
});

describe('input that is counted', () => {
  /** As sshd does: a process group of its own, and a stdin that stays open. */
  function start(argv: readonly string[], stdinBytes: number, tellsSignals = true) {
    const commandLine = remoteCommandLine({ argv, mark, stdinBytes, tellsSignals });
    const child = spawn('sh', ['-c', commandLine], { detached: true });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise<{ status: number | null; signal: string | null; stdout: string }>((resolve) => {
      child.once('close', (status, signal) => {
        resolve({ status, signal, stdout: new MarkedOutput(mark).take(Buffer.concat(chunks)).toString() });
      });
    });
    return { child, ended };
  }

  it.each([true, false])(
    'reaches the command whole, and then ends, though ours stays open (exec: %s)',
    async (tells) => {
      const text = 'line\n'.repeat(20_000);
      const { child, ended } = start(['wc', '-c'], text.length, tells);
      child.stdin.write(text);
      expect(await ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\s*100000\n$/) });
      child.stdin.end();
    },
  );

  it('is empty where there is none', async () => {
    const { child, ended } = start(['cat'], 0);
    expect(await ended).toMatchObject({ status: 0, stdout: '' });
    child.stdin.end();
  });

  it('does not start a command with a part of it', async () => {
    const { child, ended } = start(['cat'], 1_000);
    child.stdin.end('#!/bin/bash\nrm -rf "$SCRATCH/');
    expect(await ended).toMatchObject({ status: 125, stdout: '' });
  });

  it.each([0, 5])('ends the command when ours ends before it (%i bytes)', async (bytes) => {
    const { child, ended } = start(['sleep', '300'], bytes);
    child.stdin.write('12345'.slice(0, bytes));
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.stdin.end();
    expect(await ended).toMatchObject({ status: null, signal: 'SIGTERM' });
  });

  it('leaves alone what a command that has ended left running', async () => {
    const { child, ended } = start(['sh', '-c', 'sleep 3 >/dev/null 2>&1 & echo $!'], 0);
    const pid = Number((await ended).stdout);
    child.stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.kill(pid, 0)).toBe(true);
  });

  it('turns a signal into a status where nobody would tell of it', async () => {
    const { child, ended } = start(['sh', '-c', 'kill -TERM $$'], 0, false);
    expect(await ended).toMatchObject({ status: 143 });
    child.stdin.end();
  });
});
