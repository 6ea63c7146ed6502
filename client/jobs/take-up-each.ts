/** Many jobs taken up one after the other: whatever becomes of one, the others are taken up. Pure. */

export interface TakingUp<Job, Key> {
  /** Rejects with what to do. */
  readonly takeUp: (job: Job) => Promise<Key>;
  /** Before each. */
  readonly onNext: (job: Job) => void;
  readonly isCancelled: () => boolean;
}

/** `refused`: what was said of those that could not be taken up. */
export async function takeUpEach<Job, Key>(
  jobs: readonly Job[],
  { takeUp, onNext, isCancelled }: TakingUp<Job, Key>,
): Promise<{ readonly taken: readonly Key[]; readonly refused: readonly string[] }> {
  const taken: Key[] = [];
  const refused: string[] = [];
  for (const job of jobs) {
    if (isCancelled()) break;
    onNext(job);
    try {
      taken.push(await takeUp(job));
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { taken, refused };
}
