import { beforeEach, expect, it, vi } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { FluxFollowers } from '../../../engine/schedulers/flux-followers.ts';

/** A fake of `flux job eventlog -F`: the test says what it prints and how it ends. */
class FakeFollower {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly exited: Promise<{ status: number | null; signal: string | null; stderr: string }>;
  isKilled = false;
  #push: (chunk: string | undefined) => void = () => {};
  #exit: (end: { status: number | null; signal: string | null; stderr: string }) => void = () => {};

  constructor() {
    const chunks = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#push = (chunk) =>
          chunk === undefined ? controller.close() : controller.enqueue(new TextEncoder().encode(chunk));
      },
    });
    this.stdout = chunks as unknown as AsyncIterable<Uint8Array>;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  print(text: string): void {
    this.#push(text);
  }

  end(status: number | null, stderr = ''): void {
    this.#push(undefined);
    this.#exit({ status, signal: status === null ? 'TERM' : null, stderr });
  }

  kill(): void {
    this.isKilled = true;
    this.end(null);
  }
}

let running: Map<string, FakeFollower>;
let heard: number;
let followers: FluxFollowers;
let refusal: unknown;
beforeEach(() => {
  running = new Map();
  heard = 0;
  refusal = undefined;
  const connection = {
    spawn: async (argv: readonly string[]) => {
      if (refusal) throw refusal;
      const follower = new FakeFollower();
      running.set(argv.join(' ').replace('flux job eventlog -F -f json ', ''), follower);
      return follower;
    },
  } as unknown as Connection;
  followers = new FluxFollowers({
    cluster: 'c',
    connection: async () => connection,
    environment: {},
    log: silentLogger,
    onEvent: () => heard++,
  });
});
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const follow = async (...ids: string[]) => {
  followers.follow(ids);
  await turn();
};
const line = (name: string) => `{"timestamp":1.5,"name":"${name}"}\n`;

it('follows the newest two, and leaves those that newer ones displace', async () => {
  await follow('fm8fb1uh', 'f4vYcmef');
  expect([...running.keys()].sort()).toEqual(['f4vYcmef', 'fm8fb1uh']);
  await follow('fm8fb1uh', 'f4vYcmef', 'fZerFZPd');
  expect([...running].map(([id, { isKilled }]) => [id, isKilled]).sort()).toEqual([
    ['f4vYcmef', true],
    ['fZerFZPd', false],
    ['fm8fb1uh', false],
  ]);
});

it('takes events as they come, however lines are cut', async () => {
  await follow('f4vYcmef');
  const [first, second] = [line('submit'), line('depend')];
  running.get('f4vYcmef')?.print(first + second.slice(0, 10));
  await turn();
  expect(followers.eventsOf('f4vYcmef').map(({ name }) => name)).toEqual(['submit']);
  running.get('f4vYcmef')?.print(second.slice(10));
  await turn();
  expect(followers.eventsOf('f4vYcmef').map(({ name }) => name)).toEqual(['submit', 'depend']);
  expect(heard).toBe(2);
});

it('keeps the log of a job that is over until it is asked for others', async () => {
  await follow('f4vYcmef');
  running.get('f4vYcmef')?.print(line('clean'));
  running.get('f4vYcmef')?.end(0);
  await turn();
  expect(followers.eventsOf('f4vYcmef')).toHaveLength(1);
  await follow();
  expect(followers.eventsOf('f4vYcmef')).toEqual([]);
});

it('gives up after three that failed in a row, not for a connection that broke', async () => {
  refusal = new ConnectionError('closed', 'c', 'down');
  for (let time = 0; time < 5; time++) await follow('f4vYcmef');
  refusal = undefined;
  for (let time = 0; time < 5; time++) {
    await follow('f4vYcmef');
    running.get('f4vYcmef')?.end(1, 'flux-job: permission denied');
    await turn();
    running.delete('f4vYcmef');
  }
  const started = vi.fn();
  running.set = started;
  await follow('f4vYcmef');
  expect(started).not.toHaveBeenCalled();
});

it('ends all when it is not wanted any more', async () => {
  await follow('f4vYcmef', 'fm8fb1uh');
  followers.dispose();
  expect([...running.values()].every(({ isKilled }) => isKilled)).toBe(true);
});
