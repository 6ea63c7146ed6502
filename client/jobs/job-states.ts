/** The states of jobs as people see them: words, icons, and the kinds that filters and counts speak of. */
import type { JobInfo, JobState } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { NodeIcon } from './tree-node.ts';

export interface StateLook {
  readonly words: string;
  readonly icon: NodeIcon;
  readonly kind: StateKind;
}

/** What matters of a state in a crowd of jobs. */
export type StateKind = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** In the order in which they are shown; `sign`: for the bar of an array. */
export const stateKinds: { readonly [kind in StateKind]: { readonly words: string; readonly sign: string } } = {
  running: { words: l10n.t('running'), sign: '▶' },
  waiting: { words: l10n.t('waiting'), sign: '◷' },
  completed: { words: l10n.t('completed'), sign: '●' },
  failed: { words: l10n.t('failed'), sign: '✗' },
  cancelled: { words: l10n.t('cancelled'), sign: '⊘' },
};

const blue = 'charts.blue';
const orange = 'charts.orange';
const red = 'charts.red';

export const looks: { readonly [state in JobState]: StateLook } = {
  pending: { words: l10n.t('pending'), icon: { id: 'clock', color: 'charts.yellow' }, kind: 'waiting' },
  running: { words: l10n.t('running'), icon: { id: 'play-circle', color: blue }, kind: 'running' },
  suspended: { words: l10n.t('suspended'), icon: { id: 'debug-pause', color: orange }, kind: 'waiting' },
  completing: { words: l10n.t('completing'), icon: { id: 'sync', color: blue }, kind: 'running' },
  completed: { words: l10n.t('completed'), icon: { id: 'pass', color: 'charts.green' }, kind: 'completed' },
  failed: { words: l10n.t('failed'), icon: { id: 'error', color: red }, kind: 'failed' },
  cancelled: { words: l10n.t('cancelled'), icon: { id: 'circle-slash', color: orange }, kind: 'cancelled' },
  timeout: { words: l10n.t('time limit reached'), icon: { id: 'watch', color: red }, kind: 'failed' },
  out_of_memory: { words: l10n.t('out of memory'), icon: { id: 'error', color: red }, kind: 'failed' },
  node_fail: { words: l10n.t('node failed'), icon: { id: 'error', color: red }, kind: 'failed' },
  boot_fail: { words: l10n.t('node did not boot'), icon: { id: 'error', color: red }, kind: 'failed' },
  deadline: { words: l10n.t('deadline passed'), icon: { id: 'watch', color: red }, kind: 'failed' },
  preempted: { words: l10n.t('preempted'), icon: { id: 'debug-step-over', color: orange }, kind: 'cancelled' },
  lost: { words: l10n.t('lost'), icon: { id: 'question', color: 'charts.purple' }, kind: 'failed' },
};

export function kindOf(job: JobInfo): StateKind {
  return looks[job.state].kind;
}

export function isEnded(job: JobInfo): boolean {
  const { kind } = looks[job.state];
  return kind !== 'running' && kind !== 'waiting';
}

export type StateCounts = { readonly [kind in StateKind]: number };

export function countStates(jobs: Iterable<JobInfo>): StateCounts {
  const counts = { running: 0, waiting: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const job of jobs) counts[kindOf(job)]++;
  return counts;
}

const shownKinds = Object.keys(stateKinds) as StateKind[];

/** `▶30 ●12 ✗2`. */
export function stateBar(counts: StateCounts): string {
  const parts = shownKinds.filter((kind) => counts[kind] > 0);
  return parts.map((kind) => `${stateKinds[kind].sign}${counts[kind]}`).join(' ');
}

/** `30 running, 12 completed, 2 failed`: for tooltips, and for who cannot see the bar. */
export function stateCountWords(counts: StateCounts): string {
  const parts = shownKinds.filter((kind) => counts[kind] > 0);
  return parts.map((kind) => `${counts[kind]} ${stateKinds[kind].words}`).join(', ');
}
