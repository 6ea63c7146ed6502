/** Goes through a whole file, one bounded search after the other, until it is searched, enough is found, or nobody waits. */
import type { FoundLine, SearchOutputResult, SearchPlace } from '../../engine/protocol/files.ts';

export interface Searched {
  readonly path: string;
  readonly found: readonly FoundLine[];
  /** Bytes that were searched. */
  readonly bytes: number;
  /** Of the file. */
  readonly size: number;
  /** Why it was not searched to its end. */
  readonly stopped?: 'enough' | 'cancelled';
}

export interface WholeSearch {
  readonly ask: (from: SearchPlace, maxLines: number) => Promise<SearchOutputResult>;
  readonly maxLines: number;
  readonly isCancelled: () => boolean;
  /** `increment`: per cent of the file since the last time. */
  readonly onProgress: (searched: Searched, increment: number) => void;
}

/** `undefined`: cancelled before anything was searched. Rejects as `ask` does. */
export async function searchWhole({
  ask,
  maxLines,
  isCancelled,
  onProgress,
}: WholeSearch): Promise<Searched | undefined> {
  const found: FoundLine[] = [];
  let from: SearchPlace = { offset: 0, line: 1 };
  let searched: Searched | undefined;
  for (;;) {
    let part: SearchOutputResult;
    try {
      part = await ask(from, maxLines - found.length);
    } catch (error) {
      // What was found before is worth showing.
      if (isCancelled()) return searched && { ...searched, stopped: 'cancelled' };
      throw error;
    }
    const { path, size, next } = part;
    found.push(...part.found);
    searched = { path, found, size, bytes: next?.offset ?? size };
    if (!next) return searched;
    if (found.length >= maxLines) return { ...searched, stopped: 'enough' };
    if (isCancelled()) return { ...searched, stopped: 'cancelled' };
    onProgress(searched, ((next.offset - from.offset) / Math.max(1, size)) * 100);
    from = next;
  }
}
