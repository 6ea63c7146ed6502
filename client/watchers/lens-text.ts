/** What a lens over a watcher says about the job that its script became last: how often it matched, and when. */
import type { EventlogEntry, JobInfo, JobKey, Timestamp, WatcherInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { isEnded } from '../jobs/job-states.ts';
import { matchesInWords, triggersInWords } from '../text/counts.ts';
import { plainLine } from '../text/plain-text.ts';
import { watcherStates } from '../text/state-words.ts';
import { clockTime } from '../text/time.ts';

/** The jobs of one submission: a job, or an array with its tasks. */
export interface ScriptJobs {
  /** The job, or the array. */
  readonly head: JobInfo;
  readonly members: readonly JobInfo[];
}

/** The newest submission of the script at `path` of this machine, one that still runs before those that ended. */
export function jobsOfScript(jobs: Iterable<JobInfo>, path: string): ScriptJobs | undefined {
  const families = new Map<JobKey, JobInfo[]>();
  for (const job of jobs) {
    if (job.scriptPath !== path) continue;
    const key = job.arrayTask?.parent ?? job.key;
    families.set(key, [...(families.get(key) ?? []), job]);
  }
  const all = [...families].flatMap(([key, members]) => {
    const head = members.find((job) => job.key === key) ?? members[0];
    return head ? [{ head, members }] : [];
  });
  const isActive = ({ members }: ScriptJobs) => members.some((job) => !isEnded(job));
  return all.sort((a, b) => Number(isActive(b)) - Number(isActive(a)) || b.head.submitted - a.head.submitted)[0];
}

/** `lastMatch` where it is known; undefined: none of these jobs has a watcher of this name. */
export function watcherLensText(
  { head, members }: ScriptJobs,
  name: string,
  lastMatch: Timestamp | undefined,
  now: Timestamp,
): string | undefined {
  const watchers = members.flatMap((job) => job.watchers.filter((watcher) => watcher.name === name));
  if (watchers.length === 0) return undefined;
  const matches = sum(watchers, ({ matchCount }) => matchCount);
  const triggers = sum(watchers, ({ triggerCount }) => triggerCount);
  const states = [...new Set(watchers.map(({ state }) => state))];
  const [state] = states;
  const facts = [
    matches === 0 ? l10n.t('no match yet') : matchesInWords(matches),
    ...(triggers > 0 ? [triggersInWords(triggers)] : []),
    ...(matches > 0 && lastMatch !== undefined ? [l10n.t('last {0}', clockTime(lastMatch, now))] : []),
  ].join(', ');
  const shownState =
    states.length === 1 && state && state !== 'active' && state !== 'triggered' ? ` · ${watcherStates[state]}` : '';
  const id = plainLine(head.jobId, 40);
  const tasks = members.length - (members.includes(head) ? 1 : 0);
  const job = members.length > 1 ? l10n.t('job {0} ({1} tasks)', id, tasks) : l10n.t('job {0}', id);
  return `$(search) ${facts}${shownState} · ${job}`;
}

/** When the watcher matched last, as far as the log tells. */
export function lastMatchOf(log: readonly EventlogEntry[], name: string): Timestamp | undefined {
  return log.findLast((entry) => entry.name === 'watcher.match' && entry.context?.watcher === name)?.timestamp;
}

function sum(watchers: readonly WatcherInfo[], count: (watcher: WatcherInfo) => number): number {
  return watchers.reduce((total, watcher) => total + count(watcher), 0);
}
