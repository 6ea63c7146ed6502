/** Places taken in fair order, and the time limit that waits for people. */
import { describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../engine/clusters/deadline.ts';
import { LimitedBuffer, TailBuffer } from '../../../engine/clusters/output-buffers.ts';
import { Turns } from '../../../engine/clusters/turns.ts';
import { flushPromises } from '../../support/fake-clock.ts';

const never = new AbortController().signal;

describe('Turns', () => {
  it('lets so many in, the others in the order they came', async () => {
    const turns = new Turns(2);
    const order: string[] = [];
    const enter = async (name: string) => {
      const leave = await turns.take('a', never);
      order.push(name);
      return leave;
    };
    const [a, b] = await Promise.all([enter('a'), enter('b')]);
    void enter('c');
    void enter('d');
    await flushPromises();
    expect(order).toEqual(['a', 'b']);
    a();
    a();
    await flushPromises();
    expect(order).toEqual(['a', 'b', 'c']);
    b();
    await flushPromises();
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives each lane its turn, however many wait in one', async () => {
    const turns = new Turns(1);
    const order: string[] = [];
    let leave = await turns.take('first', never);
    const enter = async (lane: string) => {
      const leaveNow = await turns.take(lane, never);
      order.push(lane);
      leave = leaveNow;
    };
    for (const lane of ['many', 'many', 'many', 'few', 'other', 'few']) void enter(lane);
    for (let count = 0; count < 6; count++) {
      leave();
      await flushPromises();
    }
    expect(order).toEqual(['many', 'few', 'other', 'many', 'few', 'many']);
  });

  it('lets no lane have all places', async () => {
    const turns = new Turns(5, 3);
    const entered: string[] = [];
    const leave: (() => void)[] = [];
    for (const lane of ['long', 'long', 'long', 'long', 'long', 'short', 'short', 'short'])
      void turns.take(lane, never).then((one) => {
        entered.push(lane);
        leave.push(one);
      });
    await flushPromises();
    expect(entered).toEqual(['long', 'long', 'long', 'short', 'short']);
    leave[3]?.();
    await flushPromises();
    expect(entered.at(-1)).toBe('short');
    leave[0]?.();
    await flushPromises();
    expect(entered.at(-1)).toBe('long');
  });

  it('forgets who gives up waiting', async () => {
    const turns = new Turns(1);
    const leave = await turns.take('a', never);
    const controller = new AbortController();
    const waiting = expect(turns.take('a', controller.signal)).rejects.toThrow('no more');
    const next = turns.take('a', never);
    controller.abort(new Error('no more'));
    await waiting;
    leave();
    expect(await next).toBeTypeOf('function');
    await expect(turns.take('a', controller.signal)).rejects.toThrow('no more');
  });
});

describe('Deadline', () => {
  it('stands still during prompts and starts over after them', async () => {
    vi.useFakeTimers();
    try {
      const deadline = new Deadline(1_000);
      const onExpired = vi.fn();
      let answer: (text: string) => void = () => {};
      const prompter = deadline.pausedDuring({
        input: () => new Promise((resolve) => (answer = resolve)),
        confirmHostKey: async () => true,
        tell: () => {},
      });
      deadline.start(onExpired);
      await vi.advanceTimersByTimeAsync(900);
      const asked = prompter.input({
        cluster: 'c',
        kind: 'password',
        address: '',
        question: '',
        isJumpHost: false,
        isRetry: false,
        secret: true,
      });
      await vi.advanceTimersByTimeAsync(60_000);
      answer('x');
      expect(await asked).toBe('x');
      await vi.advanceTimersByTimeAsync(900);
      expect(onExpired).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(200);
      expect(onExpired).toHaveBeenCalledOnce();
      deadline.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('output buffers', () => {
  it('tell once when there is too much', () => {
    const onLimit = vi.fn();
    const buffer = new LimitedBuffer(5, onLimit);
    buffer.add(Buffer.from('12345'));
    expect([buffer.bytes().toString(), onLimit.mock.calls.length]).toEqual(['12345', 0]);
    buffer.add(Buffer.from('6'));
    buffer.add(Buffer.from('7'));
    expect([buffer.bytes().toString(), onLimit.mock.calls.length]).toEqual(['', 1]);
  });

  it('keep the last bytes', () => {
    const tail = new TailBuffer(4);
    for (const text of ['ab', 'cd', 'ef']) tail.add(Buffer.from(text));
    expect(tail.bytes().toString()).toBe('cdef');
  });
});
