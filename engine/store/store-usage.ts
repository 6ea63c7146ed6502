/** How much the database takes, and what is left for it. */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreStatus } from '../protocol.ts';

/** Of the database at `path` with its write-ahead log. What the file system does not tell is left out. */
export function storeUsage(path: string): Omit<StoreStatus, 'problem'> {
  const bytes = [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return { path, bytes, freeBytes: bavail * bsize };
  } catch {
    // Not every file system tells, nor every platform.
    return { path, bytes };
  }
}
