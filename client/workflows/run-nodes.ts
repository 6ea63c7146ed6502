/** Workflow runs as rows: run → its steps. Pure. */
import type { RunInfo, RunStatus, StepInfo, StepStatus } from '../../engine/protocol/workflows.ts';
import type { Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { NodeIcon, TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { runStates, stepStates } from '../text/state-words.ts';
import { duration, fullTime } from '../text/time.ts';

const runIcons: { readonly [status in RunStatus]: NodeIcon } = {
  pending: { id: 'clock', color: 'charts.yellow' },
  running: { id: 'play-circle', color: 'charts.blue' },
  sleeping: { id: 'watch', color: 'charts.yellow' },
  completed: { id: 'pass', color: 'charts.green' },
  failed: { id: 'error', color: 'charts.red' },
  cancelled: { id: 'circle-slash', color: 'charts.orange' },
};

const stepIcons: { readonly [status in StepStatus]: NodeIcon } = {
  pending: { id: 'circle-outline' },
  running: { id: 'play-circle', color: 'charts.blue' },
  waiting: { id: 'watch', color: 'charts.yellow' },
  retrying: { id: 'sync', color: 'charts.orange' },
  completed: { id: 'pass', color: 'charts.green' },
  failed: { id: 'error', color: 'charts.red' },
  skipped: { id: 'debug-step-over' },
};

export function isOver({ finished }: RunInfo): boolean {
  return finished !== undefined;
}

/** Something of it is left to do again. */
export function isRetriable({ status }: RunInfo): boolean {
  return status === 'failed' || status === 'cancelled';
}

export function runNode(run: RunInfo, now: Timestamp): TreeNode {
  return {
    id: `run:${run.id}`,
    subject: { kind: 'run', run: run.id },
    label: plainLine(run.name, 120),
    description: plainLine(runDescription(run, now), 160),
    icon: runIcons[run.status],
    tooltip: () => runTooltip(run),
    contextValue: `run ${isOver(run) ? 'over' : 'open'}${isRetriable(run) ? ' retriable' : ''}`,
    expansion: isOver(run) ? 'collapsed' : 'expanded',
  };
}

/** `sleeping: awaits approved:…, 2 d left`, `failed: step train: …`, `completed · 3 min 5 s`. */
export function runDescription(run: RunInfo, now: Timestamp): string {
  const elapsed = duration(Math.floor((run.finished ?? now) - run.created));
  if (isOver(run)) return [`${runStates[run.status]}${run.reason ? `: ${run.reason}` : ''}`, elapsed].join(' · ');
  if (run.schedule?.isWaiting) return l10n.t('pending: {0}', dueWords(run.schedule, now));
  const waiting = run.steps.filter(isWaiting);
  if (run.status !== 'sleeping' || waiting.length === 0) return `${runStates[run.status]} · ${elapsed}`;
  return l10n.t('sleeping: {0}', waiting.map((step) => waitWords(step, now)).join('; '));
}

/** `begins in 5 h, or on data.ready`. */
function dueWords({ at, events }: NonNullable<RunInfo['schedule']>, now: Timestamp): string {
  const time = at === undefined ? [] : [l10n.t('in {0}', duration(Math.max(0, Math.floor(at - now))))];
  const occasions = [...time, ...events.map((name) => l10n.t('on {0}', name))];
  return l10n.t(
    'begins {0}',
    occasions.reduce((list, one) => (list === '' ? one : l10n.t('{0}, or {1}', list, one)), ''),
  );
}

/** Also a step whose items run, some of which ask. */
export function isWaiting({ status, asks }: StepInfo): boolean {
  return status === 'waiting' || status === 'retrying' || asks !== undefined;
}

/** Of a step that `isWaiting`: `awaits converged:7, 2 h left`. */
export function waitWords({ status, waitsFor = '', waitsUntil, asks }: StepInfo, now: Timestamp): string {
  const left =
    waitsUntil === undefined ? '' : `, ${l10n.t('{0} left', duration(Math.max(0, Math.floor(waitsUntil - now))))}`;
  if (status === 'retrying')
    return l10n.t('tries again in {0}', duration(Math.max(0, Math.floor((waitsUntil ?? now) - now))));
  const [kind, name] = [waitsFor.slice(0, waitsFor.indexOf(':')), waitsFor.slice(waitsFor.indexOf(':') + 1)];
  if (asks)
    return `${asks.length === 1 ? l10n.t('asks: {0}', asks[0]?.text ?? '') : l10n.t('asks {0} questions', asks.length)}${left}`;
  if (kind === 'job') return `${l10n.t('waits for job {0}', name)}${left}`;
  if (kind === 'run') return `${l10n.t('waits for run {0}', name)}${left}`;
  return kind === 'sleep' ? `${l10n.t('sleeps')}${left}` : `${l10n.t('awaits {0}', name)}${left}`;
}

/** `3/5` items, `attempt 2`; undefined: the first attempt of a step that is done once. */
export function stepCount({ items, attempts }: StepInfo): string | undefined {
  if (items) return `${items.over}/${items.all}`;
  return attempts > 1 ? l10n.t('attempt {0}', attempts) : undefined;
}

function runTooltip(run: RunInfo): string {
  const params = Object.entries(run.params).map(([name, value]) =>
    fieldLine(l10n.t('Parameter {0}', name), JSON.stringify(value)),
  );
  const lines = [
    fieldLine(l10n.t('Status'), runStates[run.status]),
    fieldLine(l10n.t('Reason'), run.reason),
    fieldLine(
      l10n.t('File'),
      run.fileCluster === undefined ? run.file : l10n.t('{0} on {1}', run.file, run.fileCluster),
    ),
    fieldLine(l10n.t('Cluster'), run.cluster),
    fieldLine(l10n.t('Started'), fullTime(run.created)),
    fieldLine(l10n.t('Over'), run.finished === undefined ? undefined : fullTime(run.finished)),
    fieldLine(l10n.t('Parent'), run.parent),
    ...params,
    ...Object.entries(run.labels ?? {}).map(([name, value]) => fieldLine(l10n.t('Label {0}', name), value)),
  ];
  return `**${l10n.t('Run')}** ${inlineCode(run.id)}\n\n${joinLines(lines)}`;
}

export function stepNode(run: RunInfo, step: StepInfo, now: Timestamp): TreeNode {
  const { key, verb, status, detail, needs, waitsFor } = step;
  const words = isWaiting(step) ? waitWords(step, now) : [stepStates[status], detail].filter(Boolean).join(': ');
  const count = stepCount(step);
  const isAwaiting = status === 'waiting' && verb === 'await_event';
  const mark = step.asks ? ' asks' : isAwaiting ? ' awaits' : '';
  const job = /^job:(.*)$/.exec(waitsFor ?? '')?.[1];
  return {
    id: `run:${run.id}:${step.isCleanup ? 'cleanup' : 'step'}:${key}`,
    subject: { kind: 'step', run: run.id, step: key },
    label: plainLine(key, 80),
    description: plainLine([verb, words, count].filter((part) => part !== undefined).join(' · '), 160),
    icon: stepIcons[status],
    tooltip: () =>
      `**${l10n.t('Step')}** ${inlineCode(key)}\n\n${joinLines([
        fieldLine(l10n.t('Does'), verb),
        fieldLine(l10n.t('Status'), stepStates[status]),
        fieldLine(l10n.t('Detail'), detail),
        fieldLine(l10n.t('Waits for'), waitsFor),
        fieldLine(l10n.t('Needs'), needs.length > 0 ? needs.join(', ') : undefined),
        fieldLine(l10n.t('Job'), job),
      ])}`,
    contextValue: `step${mark}${isOver(run) && !step.isCleanup ? ' retriable' : ''}`,
    expansion: 'none',
  };
}
