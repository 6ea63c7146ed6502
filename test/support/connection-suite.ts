/** What every Connection does, whichever way it goes: run on this machine and on the sshds of the test cluster. */
import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type Connection,
  ConnectionError,
  OutputLimitError,
  type RunningProcess,
} from '../../engine/clusters/connection.ts';

export const hostileArguments = [
  "it's",
  '"',
  'a\nb',
  '$(touch /tmp/vigil-hostile)',
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
  ';exit 3',
  '&',
  '|',
  '>x',
];

/** Prints its arguments as JSON, in a way that no shell is involved in. */
const printArguments = ['python3', '-c', 'import json,sys; print(json.dumps(sys.argv[1:]))'];

/** A number of seconds to sleep that no other process has, so that it can be found in the list of processes. */
function uniqueSeconds(): string {
  return `${randomInt(100_000, 999_999)}.${randomInt(100_000, 999_999)}`;
}

/** Is there a process with `text` in its command line? The sshds of the test cluster run on this machine. */
export async function isRunning(text: string): Promise<boolean> {
  return new Promise((resolve) => execFile('pgrep', ['-f', '--', text], (error) => resolve(error === null)));
}

export async function readAll(process: RunningProcess): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdout) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Registers the tests; `open` gives a connection that is closed after its test. The cluster and this machine share their files. */
export function testConnection(open: () => Promise<Connection>, home: () => string): void {
  testResults(open, home);
  testStdinAndOutput(open);
  testEnding(open);
  testSpawn(open);
}

function testResults(open: () => Promise<Connection>, home: () => string): void {
  it('gives the status and both streams', async () => {
    const connection = await open();
    expect(await connection.exec(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('tells a signal from a status', async () => {
    const connection = await open();
    expect(await connection.exec(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ status: null, signal: 'SIGTERM' });
  });

  it('answers 127 for a program that is not there, 126 for one that cannot run, 125 for a folder that is not there', async () => {
    const connection = await open();
    expect(await connection.exec(['vigil-no-such-program'])).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('vigil-no-such-program: not found'),
    });
    expect(await connection.exec(['/etc/passwd'])).toMatchObject({
      status: 126,
      stderr: expect.stringContaining('/etc/passwd'),
    });
    expect(await connection.exec(['true'], { cwd: '/no/such/folder' })).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('/no/such/folder'),
    });
  });

  it('passes hostile arguments on as they are', async () => {
    const connection = await open();
    expect(JSON.parse((await connection.exec([...printArguments, ...hostileArguments])).stdout)).toEqual(
      hostileArguments,
    );
  });

  it('passes the environment and the folder on', async () => {
    const connection = await open();
    const argv = ['sh', '-c', 'printf "%s|" "$VIGIL_A"; pwd'];
    expect((await connection.exec(argv, { env: { VIGIL_A: "it's\n$HOME" }, cwd: '/' })).stdout).toBe("it's\n$HOME|/\n");
    for (const cwd of [undefined, '~', '.']) {
      expect((await connection.exec(['pwd'], { ...(cwd && { cwd }) })).stdout).toBe(`${home()}\n`);
    }
  });

  it('runs forty commands at once', async () => {
    const connection = await open();
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) => connection.exec(['echo', String(index)])),
    );
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  });
}

function testStdinAndOutput(open: () => Promise<Connection>): void {
  it('passes stdin on to the byte, and ends it', async () => {
    const connection = await open();
    const stdin = randomBytes(3_000_000);
    const { stdout } = await connection.exec(['base64', '-w0'], { stdin });
    expect(Buffer.from(stdout, 'base64').equals(stdin)).toBe(true);
    expect((await connection.exec(['cat'])).stdout).toBe('');
  });

  it('does not mind a command that leaves its stdin unread', async () => {
    const connection = await open();
    expect(await connection.exec(['true'], { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ status: 0 });
    expect(await connection.exec(['echo', 'still here'])).toMatchObject({ stdout: 'still here\n' });
  });

  it('keeps characters whole in big outputs', async () => {
    const connection = await open();
    const { stdout } = await connection.exec([
      'python3',
      '-c',
      'import sys; sys.stdout.buffer.write("€".encode() * 2000000)',
    ]);
    expect(stdout === '€'.repeat(2_000_000)).toBe(true);
  });

  it('ends a command that prints too much', async () => {
    const connection = await open();
    const seconds = uniqueSeconds();
    const flood = connection.exec(['sh', '-c', `yes & sleep ${seconds}`], { maxOutputBytes: 1_000_000 });
    await expect(flood).rejects.toThrow(OutputLimitError);
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(false);
  });
}

function testEnding(open: () => Promise<Connection>): void {
  it('ends a command that takes too long, with what it started', async () => {
    const connection = await open();
    const [inner, outer] = [uniqueSeconds(), uniqueSeconds()];
    const error = await connection
      .exec(['sh', '-c', `sleep ${inner} & sleep ${outer}`], { timeoutMs: 1_500 })
      .catch((thrown: unknown) => thrown);
    expect(ConnectionError.is(error, 'timeout')).toBe(true);
    await expect
      .poll(async () => (await isRunning(inner)) || (await isRunning(outer)), { timeout: 60_000 })
      .toBe(false);
    expect(await connection.exec(['echo', 'still here'])).toMatchObject({ stdout: 'still here\n' });
  });

  it('ends one that ignores SIGTERM, too', async () => {
    const connection = await open();
    const seconds = uniqueSeconds();
    const stubborn = connection.exec(['sh', '-c', `trap "" TERM; sleep ${seconds}`], { timeoutMs: 1_000 });
    await expect(stubborn).rejects.toThrow('did not end within 1 s');
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(false);
  });

  it('ends a command when asked to', async () => {
    const connection = await open();
    const seconds = uniqueSeconds();
    const controller = new AbortController();
    const running = connection.exec(['sleep', seconds], { signal: controller.signal });
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(true);
    controller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(false);
  });

  it('ends everything when it is closed', async () => {
    const connection = await open();
    const seconds = uniqueSeconds();
    const running = await connection.spawn(['sleep', seconds]);
    const pending = connection.exec(['sleep', seconds]).catch((error: unknown) => error);
    await connection.close();
    expect(await connection.closed).toBeUndefined();
    expect(ConnectionError.is(await pending, 'closed')).toBe(true);
    await expect(running.exited).rejects.toThrow('closed');
    await expect(connection.exec(['true'])).rejects.toThrow('closed');
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(false);
  });
}

function testSpawn(open: () => Promise<Connection>): void {
  it('talks with a running command', async () => {
    const connection = await open();
    const process = await connection.spawn([
      'sh',
      '-c',
      'while read -r line; do echo "<$line>"; done; echo bye >&2; exit 4',
    ]);
    process.write('one\n');
    process.write('zwei €\n');
    process.end();
    expect((await readAll(process)).toString()).toBe('<one>\n<zwei €>\n');
    expect(await process.exited).toEqual({ status: 4, stderr: 'bye\n' });
  });

  it('lets a command wait whose output is not read', async () => {
    const connection = await open();
    const tag = `vigil-${uniqueSeconds()}`;
    const process = await connection.spawn(['sh', '-c', 'head -c 30000000 /dev/zero; echo done >&2', tag]);
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // long enough for 30 MB, if nothing held them up
    expect(await isRunning(tag)).toBe(true);
    expect((await readAll(process)).length).toBe(30_000_000);
    expect(await process.exited).toEqual({ status: 0, stderr: 'done\n' });
  });

  it('kills a command, with what it started', async () => {
    const connection = await open();
    const [inner, outer] = [uniqueSeconds(), uniqueSeconds()];
    const process = await connection.spawn(['sh', '-c', `sleep ${inner} & sleep ${outer}`]);
    await expect.poll(() => isRunning(inner), { timeout: 60_000 }).toBe(true);
    process.kill();
    expect(await process.exited).toMatchObject({ status: null, signal: 'SIGTERM' });
    await expect
      .poll(async () => (await isRunning(inner)) || (await isRunning(outer)), { timeout: 60_000 })
      .toBe(false);
  });

  it('guards a command that does not end with its stdin', async () => {
    const connection = await open();
    const seconds = uniqueSeconds();
    const process = await connection.spawn(['sleep', seconds], { guarded: true });
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(true);
    process.end();
    await process.exited;
    await expect.poll(() => isRunning(seconds), { timeout: 60_000 }).toBe(false);
  });

  it('gives the status and the output of a guarded command', async () => {
    const connection = await open();
    const process = await connection.spawn(['sh', '-c', 'echo out; cat; exit 5'], { guarded: true });
    expect((await readAll(process)).toString()).toBe('out\n');
    expect(await process.exited).toMatchObject({ status: 5 });
  });

  it('answers 127 for a program that is not there', async () => {
    const connection = await open();
    const process = await connection.spawn(['vigil-no-such-program']);
    expect((await readAll(process)).toString()).toBe('');
    expect(await process.exited).toMatchObject({ status: 127, stderr: expect.stringContaining('not found') });
  });

  it('keeps the end of a long stderr', async () => {
    const connection = await open();
    const process = await connection.spawn(['sh', '-c', 'yes | head -c 100000 >&2; echo the end >&2']);
    await readAll(process);
    const { stderr } = await process.exited;
    expect(stderr).toHaveLength(16 * 1024);
    expect(stderr.endsWith('the end\n')).toBe(true);
  });
}
