/** What the engine's log says about one cluster. */
import { open } from 'node:fs/promises';

const readBytes = 512 * 1024;
const mostLines = 1000;

/** Lines of the log's end that are about `cluster`. Rejects when the file cannot be read. */
export async function readLogOfCluster(file: string, cluster: string): Promise<readonly string[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - readBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first one may have lost its beginning.
    return linesOfCluster(start === 0 ? lines : lines.slice(1), cluster);
  } finally {
    await handle.close();
  }
}

/** `TIME LEVEL CLUSTER: …` and `TIME LEVEL CLUSTER/PART: …` (see logger.ts). */
export function linesOfCluster(lines: readonly string[], cluster: string): readonly string[] {
  return lines
    .filter((line) => {
      const scoped = /^\S+ \w+\s+(.*)$/.exec(line)?.[1];
      return scoped?.startsWith(`${cluster}: `) || scoped?.startsWith(`${cluster}/`);
    })
    .slice(-mostLines);
}
