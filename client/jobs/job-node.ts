/** Jobs as rows of the jobs tree. */
import type { JobComponent, JobInfo, JobState, Staleness, Timestamp, WatcherInfo } from '../../engine/protocol.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { duration, fullTime } from '../text/time.ts';
import type { NodeIcon, TreeNode } from './tree-node.ts';
import { describeStatus } from './wait-status.ts';

interface StateLook {
  readonly words: string;
  readonly icon: NodeIcon;
  readonly ended: boolean;
}

const looks: { readonly [state in JobState]: StateLook } = {
  pending: { words: 'pending', icon: { id: 'clock', color: 'charts.yellow' }, ended: false },
  running: { words: 'running', icon: { id: 'play-circle', color: 'charts.blue' }, ended: false },
  suspended: { words: 'suspended', icon: { id: 'debug-pause', color: 'charts.orange' }, ended: false },
  completing: { words: 'completing', icon: { id: 'sync', color: 'charts.blue' }, ended: false },
  completed: { words: 'completed', icon: { id: 'pass', color: 'charts.green' }, ended: true },
  failed: { words: 'failed', icon: { id: 'error', color: 'charts.red' }, ended: true },
  cancelled: { words: 'cancelled', icon: { id: 'circle-slash', color: 'charts.orange' }, ended: true },
  timeout: { words: 'time limit reached', icon: { id: 'watch', color: 'charts.red' }, ended: true },
  out_of_memory: { words: 'out of memory', icon: { id: 'error', color: 'charts.red' }, ended: true },
  node_fail: { words: 'node failed', icon: { id: 'error', color: 'charts.red' }, ended: true },
  boot_fail: { words: 'node did not boot', icon: { id: 'error', color: 'charts.red' }, ended: true },
  deadline: { words: 'deadline passed', icon: { id: 'watch', color: 'charts.red' }, ended: true },
  preempted: { words: 'preempted', icon: { id: 'debug-step-over', color: 'charts.orange' }, ended: true },
  lost: { words: 'lost', icon: { id: 'question', color: 'charts.purple' }, ended: true },
};

export function isEnded(job: JobInfo): boolean {
  return looks[job.state].ended;
}

/** Newest first; jobs of the same second by key, so that the order never changes by itself. */
export function newestFirst(a: JobInfo, b: JobInfo): number {
  return b.submitted - a.submitted || b.key.localeCompare(a.key, 'en', { numeric: true });
}

/** The row of `job`; its events and array tasks are rows under it. */
export function jobNode(job: JobInfo, now: Timestamp): TreeNode {
  const look = looks[job.state];
  return {
    id: `job:${job.key}`,
    subject: { kind: 'job', job: job.key },
    label: plainLine(`${job.jobId} ${job.name}`, 120),
    description: jobDescription(job, now),
    icon: look.icon,
    tooltip: () => jobTooltip(job, now),
    contextValue: contextWords(job).join(' '),
    expansion: 'collapsed',
  };
}

/** `running · 3 min 5 s · node01`, `pending (Resources) · 12 s`, `failed (exit code 3) · 4 min`. */
function jobDescription(job: JobInfo, now: Timestamp): string {
  const look = looks[job.state];
  const detail = look.ended ? endDetail(job) : job.reason;
  const state = detail ? `${look.words} (${detail})` : look.words;
  const where = job.state === 'running' ? job.nodes : undefined;
  const elapsed = elapsedSeconds(job, now);
  const told = job.stale && !look.ended ? oldNews(job.stale, now) : undefined;
  return [state, duration(look.ended ? elapsed : Math.floor(elapsed)), where, told]
    .filter((part) => part !== undefined)
    .map((part) => plainLine(part, 80))
    .join(' · ');
}

/** `told 5 min ago`: what is shown may have changed since. */
export function oldNews({ asOf }: Staleness, now: Timestamp): string {
  return asOf === undefined ? 'not told yet' : `told ${duration(Math.floor(now - asOf))} ago`;
}

/** How a job ended where the state alone does not tell. */
function endDetail(job: JobInfo): string | undefined {
  return job.state === 'failed' && job.status !== undefined ? describeStatus(job.status) : undefined;
}

/** Of an ended job how long it ran, of a running one how long it has, of a waiting one how long it waits. */
function elapsedSeconds(job: JobInfo, now: Timestamp): number {
  const end = job.ended ?? now;
  return end - (job.started ?? job.submitted);
}

function jobTooltip(job: JobInfo, now: Timestamp): string {
  const look = looks[job.state];
  const lines = [
    fieldLine('Cluster', job.cluster),
    fieldLine('State', look.words),
    fieldLine('Reason', job.reason),
    fieldLine('Not told', job.stale?.why),
    fieldLine('Expected to start', job.expectedStart === undefined ? undefined : fullTime(job.expectedStart)),
    fieldLine('End', job.status === undefined ? undefined : describeStatus(job.status)),
    fieldLine('Submitted', fullTime(job.submitted)),
    fieldLine('Started', job.started === undefined ? undefined : fullTime(job.started)),
    fieldLine('Ended', job.ended === undefined ? undefined : fullTime(job.ended)),
    job.started === undefined ? undefined : fieldLine('Elapsed', duration(elapsedSeconds(job, now))),
    fieldLine('Partition', job.partition),
    fieldLine('Nodes', job.nodes),
    fieldLine('Directory', job.workdir),
    fieldLine('Output', job.stdoutPath),
    job.stderrPath === job.stdoutPath ? undefined : fieldLine('Error output', job.stderrPath),
    fieldLine('Script', job.scriptPath),
    ...(job.components ?? []).map(componentLine),
    ...job.watchers.map(watcherLine),
  ];
  return `**Job ${inlineCode(job.jobId)}** ${inlineCode(job.name)}\n\n${joinLines(lines)}`;
}

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

/** What the context menu may offer: `job active stdout stderr`. */
function contextWords(job: JobInfo): readonly string[] {
  const words = ['job', isEnded(job) ? 'ended' : 'active'];
  if (job.stdoutPath !== undefined) words.push('stdout');
  if (job.stderrPath !== undefined && job.stderrPath !== job.stdoutPath) words.push('stderr');
  return words;
}
