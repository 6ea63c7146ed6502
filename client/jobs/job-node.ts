/** Jobs as rows of the jobs tree. */
import type { JobComponent, JobInfo, OtherEngine, Staleness, Timestamp, WatcherInfo } from '../../engine/protocol.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
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
    ...(tasks ? { spoken: `${label}, array of ${tasks.length} tasks: ${stateCountWords(countStates(tasks))}` } : {}),
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
    start ? `starts about ${clockTime(job.expectedStart ?? 0, now).replace(/:\d\d$/, '')}` : undefined,
    where,
    underCluster ? undefined : job.cluster,
    told,
    job.followedBy && !isEnded(job) ? `followed by ${job.followedBy.host}` : undefined,
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
  return asOf === undefined ? 'not told yet' : `told ${duration(Math.floor(now - asOf))} ago`;
}

/** How a job ended where the state alone does not tell. */
function endDetail(job: JobInfo): string | undefined {
  return job.state === 'failed' && job.status !== undefined ? describeStatus(job.status) : undefined;
}

function jobTooltip(job: JobInfo, now: Timestamp, tasks?: readonly JobInfo[]): string {
  const look = looks[job.state];
  const lines = [
    fieldLine('Cluster', job.cluster),
    fieldLine('State', look.words),
    tasks ? fieldLine('Tasks', stateCountWords(countStates(tasks))) : undefined,
    fieldLine('Reason', job.reason),
    job.reason === undefined ? undefined : fieldLine('Which means', explainReason(job.reason)),
    fieldLine('Not told', job.stale?.why),
    fieldLine('Followed by', job.followedBy && engineWords(job.followedBy)),
    fieldLine('Expected to start', job.expectedStart === undefined ? undefined : fullTime(job.expectedStart)),
    fieldLine('End', job.status === undefined ? undefined : describeStatus(job.status)),
    fieldLine('Submitted', fullTime(job.submitted)),
    fieldLine('Started', job.started === undefined ? undefined : fullTime(job.started)),
    fieldLine('Ended', job.ended === undefined ? undefined : fullTime(job.ended)),
    job.started === undefined ? undefined : fieldLine('Elapsed', duration(elapsedSeconds(job, now))),
    fieldLine('Time limit', job.timeLimitSeconds === undefined ? undefined : duration(job.timeLimitSeconds)),
    fieldLine('Resubmit of', job.resubmitOf),
    fieldLine('Partition', job.partition),
    fieldLine('Nodes', job.nodes),
    fieldLine('Directory', job.workdir),
    fieldLine('Output', job.stdoutPath),
    job.stderrPath === job.stdoutPath ? undefined : fieldLine('Error output', job.stderrPath),
    fieldLine('Script', job.scriptPath),
    ...Object.entries(job.memo ?? {}).map(([key, text]) => fieldLine(`Note ${key}`, text)),
    ...(job.components ?? []).map(componentLine),
    ...job.watchers.map(watcherLine),
  ];
  return `**Job ${inlineCode(job.jobId)}** ${inlineCode(job.name)}\n\n${joinLines(lines)}`;
}

const engineWords = ({ user, host, pid }: OtherEngine) => `the engine of ${user} on ${host} (pid ${pid})`;

function componentLine({ offset, state, partition, nodes }: JobComponent): string {
  const where = [partition, nodes].filter((part) => part !== undefined).map((part) => inlineCode(part));
  return `Component ${offset}: ${[looks[state].words, ...where].join(', ')}`;
}

function watcherLine(watcher: WatcherInfo): string {
  const { state, matchCount, triggerCount } = watcher;
  return `Watcher ${inlineCode(watcher.name)}: ${state}, ${count(matchCount, 'match', 'matches')}, ${count(triggerCount, 'trigger', 'triggers')}`;
}

function count(amount: number, one: string, many: string): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** What the context menu may offer: `job active began slurm file workdir stdout stderr`. */
function contextWords(job: JobInfo, scheduler: string | undefined): readonly string[] {
  const words = ['job', isEnded(job) ? 'ended' : 'active', job.state === 'pending' ? 'waits' : 'began'];
  if (scheduler !== undefined) words.push(scheduler);
  if (job.scriptPath !== undefined) words.push('file');
  if (job.workdir !== undefined) words.push('workdir');
  if (job.stdoutPath !== undefined) words.push('stdout');
  if (job.stderrPath !== undefined && job.stderrPath !== job.stdoutPath) words.push('stderr');
  return words;
}
