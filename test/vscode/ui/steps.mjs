/** Steps of a walk: each is timed, told, and kept as a screenshot. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

export class Steps {
  passed = 0;
  failed = 0;
  skipped = 0;
  #directory;
  #number = 0;
  /** The page to take a screenshot of. */
  page;

  constructor(directory) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Runs one step; resolves to what `work` does. A walk ends at the first that fails: the next ones stand on it. */
  async step(name, work) {
    const startedMs = Date.now();
    const file = `${String(++this.#number).padStart(2, '0')}-${name.replace(/\W+/g, '-')}.png`;
    try {
      const result = await work();
      this.passed += 1;
      console.log(`ok   ${name} (${Date.now() - startedMs} ms)`);
      return result;
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name} (${Date.now() - startedMs} ms)\n${error.stack}`);
      throw new Error(`stopped at: ${name}`, { cause: error });
    } finally {
      await this.page?.screenshot({ path: path.join(this.#directory, file) }).catch(() => undefined);
    }
  }

  skip(name, why) {
    this.skipped += 1;
    console.log(`skip ${name}: ${why}`);
  }

  /** The last line of the run. */
  summary() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}
