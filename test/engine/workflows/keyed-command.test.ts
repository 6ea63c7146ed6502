import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { runKeyedCommand } from '../../../engine/workflows/keyed-command.ts';

let folder: string;
let connection: Connection;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-keyed-'));
  connection = openLocalConnection('local', { ...process.env, XDG_STATE_HOME: join(folder, 'state') });
});
afterEach(async () => {
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

const dir = (key = 'k') => join(folder, 'state/vigil/runs', key);
const run = (command: string, timeoutSeconds?: number, signal = new AbortController().signal) =>
  runKeyedCommand(
    async () => connection,
    {
      key: 'k',
      cluster: 'local',
      command,
      env: {},
      workdir: folder,
      ...(timeoutSeconds ? { timeoutSeconds } : {}),
    },
    signal,
  );

/** A command that another machine with the same home began. */
function begunElsewhere(beatSecondsAgo: number) {
  mkdirSync(join(dir(), 'begun'), { recursive: true });
  writeFileSync(join(dir(), 'pid'), '999999999\nelsewhere 0000\n');
  writeFileSync(join(dir(), 'beat'), '');
  const at = Date.now() / 1000 - beatSecondsAgo;
  utimesSync(join(dir(), 'beat'), at, at);
}

describe.skipIf(process.platform === 'win32')('a command with a key', () => {
  it('runs once, however many ask at the same time, and later', async () => {
    const ends = await Promise.all([1, 2, 3, 4].map(() => run('echo once >> count; sleep 0.3; echo said; exit 3')));
    expect(ends).toEqual(ends.map(() => ({ exitCode: 3, stdout: 'said' })));
    expect(await run('echo once >> count')).toEqual(ends[0]);
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('once\n');
  });

  it('is not said to be dead while it lives on another machine', async () => {
    begunElsewhere(20);
    setTimeout(() => {
      writeFileSync(join(dir(), 'out'), 'from there\n');
      writeFileSync(join(dir(), 'status'), '0\n');
    }, 1500);
    expect(await run('touch again')).toEqual({ exitCode: 0, stdout: 'from there' });
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('is dead when its heartbeat has stopped, and is not run again', async () => {
    begunElsewhere(120);
    expect(await run('touch again')).toEqual({ exitCode: 137, stdout: expect.stringContaining('killed') });
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('tells its machine, and keeps its files to itself, with the umask of the user for the command', async () => {
    const before = process.umask(0o022);
    try {
      await run('echo a > made');
    } finally {
      process.umask(before);
    }
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(dir(), 'pid'), 'utf8')).toContain(hostname());
    expect(statSync(dir()).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir())) expect(statSync(join(dir(), name)).mode & 0o077, name).toBe(0);
  });

  it('holds no channel while it runs', async () => {
    let open = 0;
    const exec = connection.exec.bind(connection);
    vi.spyOn(connection, 'exec').mockImplementation(async (...args) => {
      open++;
      return exec(...args).finally(() => open--);
    });
    const ended = run('sleep 3');
    await vi.waitFor(() => expect(open).toBe(1));
    await vi.waitFor(() => expect(open).toBe(0), { timeout: 2500, interval: 20 });
    expect(existsSync(join(dir(), 'status'))).toBe(false);
    expect(await ended).toEqual({ exitCode: 0, stdout: '' });
  }, 15_000);

  it('ends with all that it began when its time is up, also for who asks later', async () => {
    expect(await run('(sleep 4; touch late) & sleep 60', 1)).toBe('timeout');
    expect(await run('touch late', 1)).toBe('timeout');
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(existsSync(join(folder, 'late'))).toBe(false);
  }, 20_000);

  it('is ended by who cancels it, and never begins afterwards', async () => {
    const cancel = new AbortController();
    const ended = run('echo $$ > pid; sleep 60', undefined, cancel.signal);
    await vi.waitFor(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d\n/), 5000);
    cancel.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 5000);
    expect(await run('touch again')).toMatchObject({ exitCode: 143 });
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('is ended when the cluster is back, where it is away as somebody cancels', async () => {
    const cancel = new AbortController();
    let looks = 0;
    const away = () => new ConnectionError('closed', 'local', 'the connection is down');
    // It is seen once, and cancelled while the cluster is away.
    const connect = async () => {
      looks++;
      if (looks === 2) cancel.abort(new Error('cancelled'));
      if (looks === 2 || looks === 3) throw away();
      return connection;
    };
    const command = { key: 'k', cluster: 'local', command: 'sleep 60', env: {}, workdir: folder };
    await expect(runKeyedCommand(connect, command, cancel.signal)).rejects.toThrow('cancelled');
    expect(readFileSync(join(dir(), 'status'), 'utf8')).toBe('143\n');
  }, 30_000);

  it('is ended by its own heartbeat where another machine cancels it', async () => {
    const cancel = new AbortController();
    const ended = run('trap "" TERM; echo $$ > pid; sleep 60; sleep 60', undefined, cancel.signal);
    await vi.waitFor(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d\n/), 5000);
    const [process1 = ''] = readFileSync(join(dir(), 'pid'), 'utf8').split('\n');
    writeFileSync(join(dir(), 'pid'), `${process1}\nelsewhere 0000\n`);
    cancel.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).not.toThrow();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 20_000, interval: 200 });
    expect(readFileSync(join(dir(), 'status'), 'utf8')).toBe('143\n');
  }, 30_000);

  it('forgets what ended 30 days ago, and nothing that has not ended', async () => {
    const at = Date.now() / 1000 - 40 * 86_400;
    for (const key of ['ended', 'unended']) mkdirSync(dir(key), { recursive: true });
    writeFileSync(join(dir('ended'), 'status'), '0\n');
    utimesSync(join(dir('ended'), 'status'), at, at);
    utimesSync(dir('unended'), at, at);
    await run('true');
    expect([existsSync(dir('ended')), existsSync(dir('unended'))]).toEqual([false, true]);
  });
});
