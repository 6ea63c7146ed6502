import { expect, it } from 'vitest';
import { tryWithKey } from '../../client/workflows/try-with-key.ts';
import { errorCodes } from '../../engine/protocol.ts';

it('asks again with the same key, and with another one the next time', async () => {
  const keys: string[] = [];
  const problems: string[] = [];
  const emit = (failures: number) =>
    tryWithKey(
      async (key) => {
        if (keys.push(key) <= failures) throw new Error(`lost\n${keys.length}`);
        return 'emitted';
      },
      async (problem) => problems.push(problem) < 3,
    );
  expect(await emit(2)).toBe('emitted');
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  expect(problems).toEqual(['lost 1', 'lost 2']);
  expect(await emit(9)).toBeUndefined();
  expect(keys).toHaveLength(4);
  expect(keys[3]).not.toBe(keys[0]);
});

it('asks nobody where it was refused for certain', async () => {
  const refusal = Object.assign(new Error('no such name'), { code: errorCodes.invalidInput });
  const asked: string[] = [];
  const ask = tryWithKey(
    () => Promise.reject(refusal),
    async (problem) => asked.push(problem) > 0,
  );
  await expect(ask).rejects.toBe(refusal);
  expect(asked).toEqual([]);
});
