/** Jobs as rows of the jobs tree. */
import type { JobComponent, JobInfo, OtherEngine, Staleness, Timestamp, WatcherInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { matchesInWords, triggersInWords } from '../text/counts.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { watcherStates } from '../text/state-words.ts';
import { clockTime, duration, fullTime, timeOfLimit } from '../text/time.ts';
import { elapsedSeconds } from './arrangement.ts';
import { countStates, isEnded, looks, stateBar, stateCountWords } from './job-states.ts';
import { explainReason } from './pending-reason.ts';
import type { TreeNode } from './tree-node.ts';
import { describeStatus } from './wait-status.ts';

/** What stands around the row: it need not be said again. */
export interface RowContext {
  readonly now: Timestamp;
  /** The row stands under its cluster. */
  readonly underCluster: boolean;
  /** Of its cluster, where that is known. */
  readonly scheduler?: string | undefined;
  /** Of an array: its tasks that are known. */
  readonly tasks?: readonly JobInfo[];
}

/** The row of `job`; its watchers, events and array tasks are rows under it. */
export function jobNode(job: JobInfo, context: RowContext): TreeNode {
  const { now, tasks } = context;
  const look = looks[job.state];
  const label = plainLine(`${job.jobId} ${job.name}`, 120);
  return {
    id: `job:${job.key}`,
    subject: { kind: 'job', job: job.key },
    label,
    description: jobDescription(job, context),
    icon: look.icon,
    tooltip: () => jobTooltip(job, now, tasks),
    contextValue: contextWords(job, context.scheduler).join(' '),
    expansion: 'collapsed',
    ...(tasks
      ? { spoken: l10n.t('{0}, array of {1} tasks: {2}', label, tasks.length, stateCountWords(countStates(tasks))) }
      : {}),
  };
}

/** `running · 1:12 of 4:00 h · node01`, `pending: waits for other jobs (Dependency) · 12 s`, `failed (exit code 3) · 4 min`. */
function jobDescription(job: JobInfo, { now, underCluster, tasks }: RowContext): string {
  const words = tasks ? stateBar(countStates(tasks)) : stateWords(job);
  const told = job.stale && !isEnded(job) ? oldNews(job.stale, now) : undefined;
  const where = job.state === 'running' && !tasks ? job.nodes : undefined;
  const start = job.state === 'pending' && job.expectedStart !== undefined && job.expectedStart > now;
  return [
    job.memo?.note === undefined ? undefined : `“${job.memo.note}”`,
    words,
    timeWords(job, now),
    start ? l10n.t('starts about {0}', clockTime(job.expectedStart ?? 0, now).replace(/:\d\d$/, '')) : undefined,
    where,
    underCluster ? undefined : job.cluster,
    told,
    job.followedBy && !isEnded(job) ? l10n.t('followed by {0}', job.followedBy.host) : undefined,
  ]
    .filter((part) => part !== undefined)
    .map((part) => plainLine(part, 120))
    .join(' · ');
}

function stateWords(job: JobInfo): string {
  const { words } = looks[job.state];
  if (isEnded(job)) {
    const detail = endDetail(job);
    return detail ? `${words} (${detail})` : words;
  }
  if (job.reason === undefined) return words;
  const plain = explainReason(job.reason);
  return plain === undefined ? `${words} (${job.reason})` : `${words}: ${plain} (${/^\w+/.exec(job.reason)?.[0]})`;
}

/** How long; of what runs and has a limit, of how much. */
function timeWords(job: JobInfo, now: Timestamp): string {
  const elapsed = elapsedSeconds(job, now);
  if (isEnded(job)) return duration(elapsed);
  const { started, timeLimitSeconds } = job;
  if (started !== undefined && timeLimitSeconds !== undefined) return timeOfLimit(elapsed, timeLimitSeconds);
  return duration(Math.floor(elapsed));
}

/** `told 5 min ago`: what is shown may have changed since. */
export function oldNews({ asOf }: Staleness, now: Timestamp): string {
  return asOf === undefined ? l10n.t('not told yet') : l10n.t('told {0} ago', duration(Math.floor(now - asOf)));
}

/** How a job ended where the state alone does not tell. */
function endDetail(job: JobInfo): string | undefined {
  return job.state === 'failed' && job.status !== undefined ? describeStatus(job.status) : undefined;
}

function jobTooltip(job: JobInfo, now: Timestamp, tasks?: readonly JobInfo[]): string {
  const look = looks[job.state];
  const lines = [
    fieldLine(l10n.t('Cluster'), job.cluster),
    fieldLine(l10n.t('State'), look.words),
    tasks ? fieldLine(l10n.t('Tasks'), stateCountWords(countStates(tasks))) : undefined,
    fieldLine(l10n.t('Reason'), job.reason),
    job.reason === undefined ? undefined : fieldLine(l10n.t('Which means'), explainReason(job.reason)),
    fieldLine(l10n.t('Not told'), job.stale?.why),
    fieldLine(l10n.t('Followed by'), job.followedBy && engineWords(job.followedBy)),
    fieldLine(l10n.t('Expected to start'), job.expectedStart === undefined ? undefined : fullTime(job.expectedStart)),
    fieldLine(l10n.t('End'), job.status === undefined ? undefined : describeStatus(job.status)),
    fieldLine(l10n.t('Submitted'), fullTime(job.submitted)),
    fieldLine(l10n.t('Started'), job.started === undefined ? undefined : fullTime(job.started)),
    fieldLine(l10n.t('Ended'), job.ended === undefined ? undefined : fullTime(job.ended)),
    job.started === undefined ? undefined : fieldLine(l10n.t('Elapsed'), duration(elapsedSeconds(job, now))),
    fieldLine(l10n.t('Time limit'), job.timeLimitSeconds === undefined ? undefined : duration(job.timeLimitSeconds)),
    fieldLine(l10n.t('Resubmit of'), job.resubmitOf),
    fieldLine(l10n.t('Partition'), job.partition),
    fieldLine(l10n.t('Nodes'), job.nodes),
    fieldLine(l10n.t('Directory'), job.workdir),
    fieldLine(l10n.t('Output'), job.stdoutPath),
    job.stderrPath === job.stdoutPath ? undefined : fieldLine(l10n.t('Error output'), job.stderrPath),
    fieldLine(l10n.t('Script'), job.scriptPath),
    ...Object.entries(job.memo ?? {}).map(([key, text]) => fieldLine(l10n.t('Note {0}', key), text)),
    ...(job.components ?? []).map(componentLine),
    ...job.watchers.map(watcherLine),
  ];
  return `**${l10n.t('Job {0}', inlineCode(job.jobId))}** ${inlineCode(job.name)}\n\n${joinLines(lines)}`;
}

const engineWords = ({ user, host, pid }: OtherEngine) => l10n.t('the engine of {0} on {1} (pid {2})', user, host, pid);

function componentLine({ offset, state, partition, nodes }: JobComponent): string {
  const where = [partition, nodes].filter((part) => part !== undefined).map((part) => inlineCode(part));
  return `${l10n.t('Component {0}', offset)}: ${[looks[state].words, ...where].join(', ')}`;
}

function watcherLine(watcher: WatcherInfo): string {
  const { state, matchCount, triggerCount } = watcher;
  const counts = `${matchesInWords(matchCount)}, ${triggersInWords(triggerCount)}`;
  return `${l10n.t('Watcher {0}', inlineCode(watcher.name))}: ${watcherStates[state]}, ${counts}`;
}

/** What the context menu may offer: `job active began slurm file workdir stdout stderr`. */
function contextWords(job: JobInfo, scheduler: string | undefined): readonly string[] {
  const words = ['job', isEnded(job) ? 'ended' : 'active', job.state === 'pending' ? 'waits' : 'began'];
  if (scheduler !== undefined) words.push(scheduler);
  if (job.scriptPath !== undefined) words.push('file');
  if (job.isArray) words.push('array');
  if (job.workdir !== undefined) words.push('workdir');
  if (job.stdoutPath !== undefined) words.push('stdout');
  if (job.stderrPath !== undefined && job.stderrPath !== job.stdoutPath) words.push('stderr');
  return words;
}
