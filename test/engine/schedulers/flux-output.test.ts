import { beforeEach, expect, it } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { readPart } from '../../../engine/output/read-part.ts';
import type { FollowListener, OutputReader } from '../../../engine/output/reader.ts';
import { FluxOutput, kvsPath, parseKvsPath } from '../../../engine/schedulers/flux-output.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A fake of `flux job eventlog -p output`: it prints what the log has, and with `-F` what is added, until it is closed. */
class FakeLog {
  readonly lines: string[] = [];
  isThere = true;
  isOver = false;
  /** `-F` or nothing, of each program that was started. */
  readonly started: string[] = [];
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  add(stream: string, text: string): void {
    const line = `${JSON.stringify({ timestamp: 1, name: 'data', context: { stream, rank: '0', data: text } })}\n`;
    this.lines.push(line);
    for (const stream of this.#streams) stream.enqueue(Buffer.from(line));
  }

  end(error?: Error): void {
    for (const stream of this.#streams) error ? stream.error(error) : stream.close();
    this.#streams.clear();
  }

  readonly connection = async () => {
    return {
      spawn: async (argv: readonly string[], { signal }: { readonly signal?: AbortSignal } = {}) => {
        signal?.throwIfAborted();
        const follows = argv.includes('-F');
        this.started.push(follows ? '-F' : '');
        let own: ReadableStreamDefaultController<Uint8Array> | undefined;
        const stdout = new ReadableStream<Uint8Array>({
          start: (controller) => {
            own = controller;
            if (this.isThere) for (const line of this.lines) controller.enqueue(Buffer.from(line));
            if (follows && this.isThere && !this.isOver) this.#streams.add(controller);
            else controller.close();
          },
        });
        const close = () => own && this.#streams.delete(own) && own.close();
        signal?.addEventListener('abort', close);
        return {
          stdout,
          exited: Promise.resolve(
            this.isThere
              ? { status: 0, stderr: '' }
              : { status: 1, stderr: 'flux-job: eventlog path output not found\n' },
          ),
          kill: close,
        };
      },
    } as unknown as Connection;
  };
}

const files: OutputReader = {
  follow: () => {
    throw new Error('a file');
  },
  dispose: () => {},
};

let log: FakeLog;
let clock: FakeClock;
let output: FluxOutput;
beforeEach(async () => {
  log = new FakeLog();
  clock = new FakeClock();
  output = new FluxOutput({
    cluster: 'c',
    environment: {},
    clock,
    log: silentLogger,
    files,
  });
  output.attach(await log.connection());
});
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

/** What a follower is told, as words. */
function listen(path = kvsPath('f1', 'stdout'), offset = 0, more: Partial<FollowListener> = {}) {
  const told: string[] = [];
  const follow = output.follow(
    { path, offset },
    {
      onData: (at, bytes) => void told.push(`${at} ${Buffer.from(bytes).toString()}`),
      onCaughtUp: (size) => told.push(`all ${size}`),
      onProblem: (problem) => told.push(problem),
      onRestart: () => told.push('restart'),
      ...more,
    },
  );
  return { told, follow };
}

it('leaves files to the reader of files', () => {
  expect(parseKvsPath('/home/me/flux-kvs:f1/stdout')).toBeUndefined();
  expect(() => listen('/home/me/out')).toThrow('a file');
});

it('is the bytes of one stream, from where it was left, live', async () => {
  log.add('stdout', 'one\n');
  log.add('stderr', 'warn\n');
  const { told } = listen(undefined, 2);
  await turn();
  expect(told.filter((word) => !word.startsWith('all'))).toEqual(['2 e\n']);
  log.add('stdout', 'two\nthr');
  log.add('stdout', 'ee\n');
  await turn();
  expect(told.filter((word) => !word.startsWith('all')).slice(1)).toEqual(['4 two\nthr', '11 ee\n']);
  expect(told.at(-1)).toBe('all 14');
  expect(log.started).toEqual(['', '-F']);
});

it('has an end that can be asked for alone', async () => {
  log.add('stdout', 'one\n');
  log.add('stdout', 'two\n');
  const part = await readPart(
    output,
    { path: kvsPath('f1', 'stdout'), offset: -6, maxBytes: 100 },
    AbortSignal.timeout(5000),
  );
  expect([part.offset, Buffer.from(part.bytes).toString(), part.isEnd]).toEqual([2, 'e\ntwo\n', true]);
});

it('waits for an output log that is not there yet, and says so once', async () => {
  log.isThere = false;
  const { told } = listen();
  await turn();
  await clock.advance(1);
  await turn();
  expect(told).toEqual(['the output of job f1 cannot be read from Flux: eventlog path output not found']);
  log.isThere = true;
  log.add('stdout', 'x\n');
  await clock.advance(2);
  await turn();
  expect(told.slice(1, 3)).toEqual(['0 x\n', 'all 2']);
});

it('goes on where a broken connection left it, once the cluster is connected again', async () => {
  log.add('stdout', 'one\n');
  const { told } = listen();
  await turn();
  log.end(new ConnectionError('closed', 'c', 'the connection broke.'));
  log.add('stdout', 'two\n');
  const started = log.started.length;
  await clock.advance(60);
  await turn();
  // Followers open no connection.
  expect(log.started).toHaveLength(started);
  output.attach(await log.connection());
  await turn();
  expect(told.filter((word) => !word.startsWith('all'))).toEqual(['0 one\n', '4 two\n']);
});

it('looks once more when it is asked, also while it follows, and tells when all was delivered', async () => {
  log.add('stdout', 'one\n');
  const { told, follow } = listen();
  await turn();
  told.length = 0;
  follow.check();
  await turn();
  expect(told[0]).toBe('all 4');
  expect(log.started).toEqual(['', '-F', '', '-F']);
  log.isOver = true;
  follow.check();
  await turn();
  follow.check();
  await turn();
  expect(told.at(-1)).toBe('all 4');
  follow.stop();
});

it('follows one, and reads the others again from time to time', async () => {
  const first = listen();
  await turn();
  const second = listen(kvsPath('f2', 'stdout'));
  await turn();
  expect(log.started.filter((option) => option === '-F')).toHaveLength(1);
  log.add('stdout', 'x\n');
  await turn();
  expect(second.told).not.toContain('0 x\n');
  await clock.advance(10);
  await turn();
  expect(second.told).toContain('0 x\n');
  // The place is free again.
  first.follow.stop();
  await clock.advance(10);
  await turn();
  expect(log.started.filter((option) => option === '-F')).toHaveLength(2);
});

it('waits for who takes the bytes, and gives nothing to who has stopped', async () => {
  log.add('stdout', 'one\n');
  log.add('stdout', 'two\n');
  const told: string[] = [];
  let goOn = () => {};
  const { follow } = listen(undefined, 0, {
    onData: (_at, bytes) => {
      told.push(Buffer.from(bytes).toString());
      return new Promise((resolve) => {
        goOn = resolve;
      });
    },
  });
  await turn();
  expect(told).toEqual(['one\n']);
  follow.stop();
  goOn();
  await turn();
  expect(told).toEqual(['one\n']);
});

it('goes on in the middle of what is repeated', async () => {
  const context = { stream: 'stdout', rank: '0', data: 'ab\n', repeat: 4 };
  log.lines.push(`${JSON.stringify({ timestamp: 1, name: 'data', context })}\n`);
  const { told } = listen(undefined, 7);
  await turn();
  expect(told.slice(0, 2)).toEqual(['7 b\nab\n', 'all 12']);
});

it('ends what it reads when nobody listens any more', async () => {
  const { follow } = listen();
  follow.stop();
  await turn();
  expect(log.started).not.toContain('-F');
});
