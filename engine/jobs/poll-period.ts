/** How long to wait between two looks at a cluster's jobs: often while things change, seldom while they do not. Pure. */
import type { Timestamp } from '../protocol.ts';

export interface PollSituation {
  readonly now: Timestamp;
  /** Of a submission, a cancellation, or a transition of a job. */
  readonly lastChange: Timestamp;
  /** Does somebody look (is a client attached)? */
  readonly watched: boolean;
  /** Looks in a row, at the normal period, that brought nothing new, or failed. */
  readonly idleLooks: number;
  /** The site's wish: a hard floor. */
  readonly minSeconds: number;
}

const eagerSeconds = 2;
const normalSeconds = 15;
const mostSeconds = 120;
/** After a submission, and after a change that somebody watches. */
const eagerForSeconds = 60;
/** Looks at the normal period before it begins to double. */
const patience = 8;

/** Something changed lately: it is looked often, and that nothing new comes says nothing yet. */
export function isFresh({ now, lastChange, watched }: Pick<PollSituation, 'now' | 'lastChange' | 'watched'>): boolean {
  return now - lastChange < (watched ? eagerForSeconds : eagerForSeconds / 4);
}

/** Seconds until the next look. */
export function pollPeriod(situation: PollSituation): number {
  const { idleLooks, minSeconds } = situation;
  const fresh = isFresh(situation);
  const idle = Math.max(0, idleLooks - patience);
  const period = fresh ? eagerSeconds : Math.min(mostSeconds, normalSeconds * 2 ** idle);
  return Math.max(minSeconds, period);
}
