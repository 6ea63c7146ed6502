/** Remembering the last results of a pure function. */

/** The same function, with its last `most` results at hand; the one that was not asked for the longest is forgotten first. */
export function remember<Result>(work: (key: string) => Result, most: number): (key: string) => Result {
  const known = new Map<string, Result>();
  return (key) => {
    const isKnown = known.has(key);
    const found = isKnown ? (known.get(key) as Result) : work(key);
    known.delete(key);
    known.set(key, found);
    if (known.size > most) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    return found;
  };
}
