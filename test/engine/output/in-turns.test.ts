import { describe, expect, it } from 'vitest';
import { inTurns, maxBytesPerSecond, type TurnListener } from '../../../engine/output/in-turns.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes at most `portion` bytes at once and writes down what it is told. */
function recorder(portion: number, room?: Promise<void>): { seen: string[]; listener: TurnListener } {
  const seen: string[] = [];
  const listener: TurnListener = {
    onData(bytes) {
      const taken = Math.min(portion, bytes.length);
      seen.push(Buffer.from(bytes.subarray(0, taken)).toString());
      return { taken, room };
    },
    onRestart: () => void seen.push('restart'),
    onCaughtUp: (size) => void seen.push(`caught up ${size}`),
    onProblem: (problem) => void seen.push(problem),
  };
  return { seen, listener };
}

describe('in turns', () => {
  it('deals at once with what is done in one portion', () => {
    const { seen, listener } = recorder(10);
    const turns = inTurns(new FakeClock(), listener);
    expect(turns.onData(0, Buffer.from('abc'))).toBeUndefined();
    turns.onCaughtUp(3);
    expect(seen).toEqual(['abc', 'caught up 3']);
  });

  it('keeps the order of all that comes while it is busy', async () => {
    const { seen, listener } = recorder(2);
    const turns = inTurns(new FakeClock(), listener);
    const first = turns.onData(0, Buffer.from('abcde'));
    turns.onCaughtUp(5);
    turns.onRestart('truncated', 0);
    const second = turns.onData(0, Buffer.from('xyz'));
    turns.onProblem('gone');
    expect(seen).toEqual(['ab']);
    await first;
    expect(seen).not.toContain('z');
    await second;
    await nextTurn();
    expect(seen).toEqual(['ab', 'cd', 'e', 'caught up 5', 'restart', 'xy', 'z', 'gone']);
  });

  it('tells a failure to who brought the bytes, and goes on with what comes next', async () => {
    const { seen, listener } = recorder(1);
    const turns = inTurns(new FakeClock(), {
      ...listener,
      onData: (bytes) => {
        if (bytes.length === 1) throw new Error('no');
        return listener.onData(bytes);
      },
    });
    await expect(turns.onData(0, Buffer.from('ab'))).rejects.toThrow('no');
    turns.onCaughtUp(2);
    await nextTurn();
    expect(seen).toEqual(['a', 'caught up 2']);
  });

  it('lets others have their turn between portions, and other files theirs', async () => {
    const seen: string[] = [];
    const recorders = ['a', 'b'].map((name) => {
      const { listener } = recorder(1);
      return inTurns(new FakeClock(), {
        ...listener,
        onData: (bytes) => {
          seen.push(name);
          return listener.onData(bytes);
        },
      });
    });
    await Promise.all(recorders.map((turns) => turns.onData(0, Buffer.from('12345'))));
    expect(seen.join('')).toBe('ababababab');
  });

  it('waits until there is room', async () => {
    let make = () => {};
    const room = new Promise<void>((resolve) => {
      make = resolve;
    });
    const { seen, listener } = recorder(1, room);
    void inTurns(new FakeClock(), listener).onData(0, Buffer.from('ab'));
    await nextTurn();
    expect(seen).toEqual(['a']);
    make();
    await nextTurn();
    await nextTurn();
    expect(seen).toEqual(['a', 'b']);
  });

  it('takes no more in a second than is bounded', async () => {
    const clock = new FakeClock();
    const chunk = new Uint8Array(maxBytesPerSecond / 4);
    let taken = 0;
    const turns = inTurns(clock, {
      ...recorder(0).listener,
      onData: (bytes) => {
        taken += bytes.length;
        return { taken: bytes.length, room: undefined };
      },
    });
    void (async () => {
      for (let count = 0; count < 20; count++) await turns.onData(0, chunk);
    })();
    for (let second = 1; second <= 5; second++) {
      await flushPromises();
      expect(taken).toBe(second * maxBytesPerSecond);
      await clock.advance(1);
      await nextTurn();
    }
    expect(taken).toBe(5 * maxBytesPerSecond);
  });
});
