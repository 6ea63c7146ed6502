/** What is to happen once, though its answer may be lost. Pure. */
import { randomUUID } from 'node:crypto';
import { errorCodes } from '../../engine/protocol.ts';
import { plainLine } from '../text/plain-text.ts';

/**
 * Asks with a key, and with the same key again as long as `askAgain`, which is told what went wrong, says so. `undefined`: it
 * was left at that.
 */
export async function tryWithKey<T>(
  ask: (key: string) => Promise<T>,
  askAgain: (problem: string) => Promise<boolean>,
): Promise<T | undefined> {
  const key = randomUUID();
  for (;;) {
    try {
      return await ask(key);
    } catch (error) {
      // That it was refused is certain.
      if (Reflect.get(Object(error), 'code') === errorCodes.invalidInput) throw error;
      const problem = plainLine(error instanceof Error ? error.message : String(error), 300);
      if (!(await askAgain(problem))) return undefined;
    }
  }
}
