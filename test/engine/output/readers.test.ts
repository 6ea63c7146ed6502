import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import type { RunningProcess } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { LocalReader } from '../../../engine/output/local-reader.ts';
import type { OutputReader } from '../../../engine/output/reader.ts';
import { RemoteReader } from '../../../engine/output/remote-reader.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-read-'));
  path = join(folder, 'job ü.out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Follows `path` and notes what is told. */
function follow(reader: OutputReader, offset = 0) {
  const seen = { text: '', offsets: [] as number[], restarts: 0, caughtUp: [] as number[], problems: [] as string[] };
  const handle = reader.follow(
    { path, offset },
    {
      onData(at, bytes) {
        seen.offsets.push(at);
        seen.text += Buffer.from(bytes).toString('latin1');
      },
      onRestart: () => {
        seen.restarts++;
      },
      onCaughtUp: (size) => void seen.caughtUp.push(size),
      onProblem: (problem) => void seen.problems.push(problem),
    },
  );
  return { seen, handle };
}

const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 20_000, interval: 20 });

const readers: [string, () => OutputReader][] = [
  ['files of this machine', () => new LocalReader(systemClock)],
  [
    'files over a connection',
    () => {
      const reader = new RemoteReader('here', systemClock, silentLogger);
      reader.attach(openLocalConnection('here'));
      return reader;
    },
  ],
  [
    'files that are polled',
    () => {
      const reader = new RemoteReader('here', systemClock, silentLogger, () => 1);
      reader.attach(openLocalConnection('here'));
      return reader;
    },
  ],
];

describe.each(readers)('following %s', (_, create) => {
  let reader: OutputReader;
  beforeEach(() => {
    reader = create();
  });
  afterEach(() => reader.dispose());

  it('delivers what is there, then what comes', async () => {
    writeFileSync(path, 'one\n');
    const { seen } = follow(reader);
    await soon(() => expect(seen.caughtUp).toEqual([4]));
    appendFileSync(path, 'two\n');
    await soon(() => expect(seen.text).toBe('one\ntwo\n'));
    await soon(() => expect(seen.caughtUp.at(-1)).toBe(8));
  });

  it('begins at an offset', async () => {
    writeFileSync(path, '0123456789');
    const { seen } = follow(reader, 6);
    await soon(() => expect(seen.text).toBe('6789'));
    expect(seen.offsets).toEqual([6]);
  });

  it('begins so many bytes before the end', async () => {
    writeFileSync(path, '0123456789');
    const [last, all] = [follow(reader, -3), follow(reader, -100)];
    await soon(() => expect(last.seen.caughtUp).toEqual([10]));
    await soon(() => expect(all.seen.text).toBe('0123456789'));
    expect([last.seen.text, last.seen.offsets]).toEqual(['789', [7]]);
    appendFileSync(path, 'x');
    await soon(() => expect(last.seen.text).toBe('789x'));
  });

  it('reads megabytes to the byte', async () => {
    const all = Buffer.from(Array.from({ length: 3_000_000 }, (__, index) => index % 251));
    writeFileSync(path, all);
    const { seen } = follow(reader);
    await soon(() => expect(seen.caughtUp).toEqual([all.length]));
    expect(Buffer.from(seen.text, 'latin1').equals(all)).toBe(true);
  });

  it('waits for a file that is not there yet, and says so once', async () => {
    const { seen } = follow(reader);
    await soon(() => expect(seen.problems).toEqual([`${path} does not exist (yet)`]));
    writeFileSync(path, 'late');
    await soon(() => expect(seen.text).toBe('late'));
    expect(seen.problems).toHaveLength(1);
  });

  it('starts again when the file is truncated', async () => {
    writeFileSync(path, 'a long first text');
    const { seen } = follow(reader);
    await soon(() => expect(seen.text).toBe('a long first text'));
    truncateSync(path, 0);
    await soon(() => expect(seen.restarts).toBe(1));
    appendFileSync(path, 'new');
    await soon(() => expect(seen.text).toBe('a long first textnew'));
  });

  it('starts again when the file is replaced by a longer one', async () => {
    writeFileSync(path, 'old');
    const { seen } = follow(reader);
    await soon(() => expect(seen.text).toBe('old'));
    writeFileSync(`${path}.new`, 'longer than before');
    renameSync(`${path}.new`, path);
    await soon(() => expect(seen.text).toBe('oldlonger than before'));
    expect(seen.restarts).toBe(1);
  });

  it('starts again when the file is rewritten in place, as long as before', async () => {
    writeFileSync(path, 'run 0\n');
    const { seen } = follow(reader);
    await soon(() => expect(seen.text).toBe('run 0\n'));
    writeFileSync(path, 'run 1\n');
    await soon(() => expect(seen.text).toBe('run 0\nrun 1\n'));
    expect(seen.restarts).toBe(1);
  });

  it('answers a check after what was written before it', async () => {
    writeFileSync(path, 'x');
    const { seen, handle } = follow(reader);
    await soon(() => expect(seen.caughtUp).toEqual([1]));
    appendFileSync(path, 'yz');
    handle.check();
    await soon(() => expect(seen.caughtUp.at(-1)).toBe(3));
    const answers = seen.caughtUp.length;
    handle.check();
    await soon(() => expect(seen.caughtUp.length).toBeGreaterThan(answers));
  });

  it('is silent after the stop', async () => {
    writeFileSync(path, 'x');
    const { seen, handle } = follow(reader);
    await soon(() => expect(seen.text).toBe('x'));
    handle.stop();
    const other = follow(reader);
    appendFileSync(path, 'more');
    await soon(() => expect(other.seen.text).toBe('xmore'));
    expect(seen.text).toBe('x');
  });

  it('reads no further than a listener takes, and holds up no other file', async () => {
    writeFileSync(path, Buffer.alloc(8_000_000, 'x'));
    const other = join(folder, 'other');
    writeFileSync(other, 'other');
    const release: (() => void)[] = [];
    let [received, isFree] = [0, false];
    const ignore = { onRestart() {}, onCaughtUp() {}, onProblem() {} };
    const onData = (_at: number, bytes: Uint8Array) => {
      received += bytes.length;
      return isFree ? Promise.resolve() : new Promise<void>((resolve) => void release.push(resolve));
    };
    reader.follow({ path, offset: 0 }, { ...ignore, onData });
    await soon(() => expect(received).toBeGreaterThan(0));
    let seen = '';
    reader.follow(
      { path: other, offset: 0 },
      {
        ...ignore,
        onData: (_at, bytes) => {
          seen += Buffer.from(bytes).toString();
        },
      },
    );
    await soon(() => expect(seen).toBe('other'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(received).toBeLessThan(2_000_000);
    isFree = true;
    for (const take of release) take();
    await soon(() => expect(received).toBe(8_000_000));
  });

  it.skipIf(process.platform === 'win32')('says that a pipe is no file, and does not wait for its writer', async () => {
    execFileSync('mkfifo', [path]);
    const { seen } = follow(reader);
    await soon(() =>
      expect(seen.problems).toEqual([`${path} is a pipe or a device, not a file: it cannot be followed`]),
    );
  });

  it.skipIf(process.platform === 'win32')('takes /dev/null for an empty file', async () => {
    const caughtUp: number[] = [];
    const problems: string[] = [];
    reader.follow(
      { path: '/dev/null', offset: 0 },
      {
        onData() {},
        onRestart() {},
        onCaughtUp: (size) => void caughtUp.push(size),
        onProblem: (one) => void problems.push(one),
      },
    );
    await soon(() => expect(caughtUp).toEqual([0]));
    expect(problems).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('says that a file may not be read', async () => {
    writeFileSync(path, 'secret');
    chmodSync(path, 0o000);
    const { seen } = follow(reader);
    await soon(() => expect(seen.problems).toEqual([`${path} may not be read by you`]));
  });
});

describe('a connection that breaks', () => {
  it('goes on at the byte on the next one', async () => {
    writeFileSync(path, 'before\n');
    const first = openLocalConnection('here');
    const reader = new RemoteReader('here', systemClock, silentLogger);
    reader.attach(first);
    const { seen } = follow(reader);
    await soon(() => expect(seen.text).toBe('before\n'));
    await first.close();
    appendFileSync(path, 'meanwhile\n');
    reader.attach(openLocalConnection('here'));
    await soon(() => expect(seen.text).toBe('before\nmeanwhile\n'));
    expect(seen.offsets).toEqual([0, 7]);
    reader.dispose();
  });

  it('starts the program again when only that was ended', async () => {
    writeFileSync(path, 'before\n');
    const reader = new RemoteReader('here', systemClock, silentLogger);
    const connection = openLocalConnection('here');
    const started: RunningProcess[] = [];
    reader.attach({
      ...connection,
      exec: (argv, options) => connection.exec(argv, options),
      close: () => connection.close(),
      spawn: async (argv, options) => {
        const process = await connection.spawn(argv, options);
        started.push(process);
        return process;
      },
    });
    const { seen } = follow(reader);
    await soon(() => expect(seen.text).toBe('before\n'));
    started[0]?.kill();
    appendFileSync(path, 'after\n');
    await soon(() => expect(seen.text).toBe('before\nafter\n'));
    expect(started).toHaveLength(2);
    expect(seen.problems).toEqual([expect.stringContaining('the output reader on here ended')]);
    reader.dispose();
  });
});
