/** One engine a user: a lock that ends with the process that holds it, however that ends. */
import { DatabaseSync } from 'node:sqlite';

/** Takes the lock at `path`, or returns `undefined` when another process holds it. `release` is for a clean end. */
export function takeLock(path: string): { release(): void } | undefined {
  // SQLite's file locks are the operating system's: they are gone with their process, which no pid file is.
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw error;
  }
}
