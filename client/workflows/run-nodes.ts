/** Workflow runs as rows: run → its steps. Pure. */
import type { RunInfo, RunStatus, StepInfo, StepStatus } from '../../engine/protocol/workflows.ts';
import type { Timestamp } from '../../engine/protocol.ts';
import type { NodeIcon, TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
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
  if (isOver(run)) return [`${run.status}${run.reason ? `: ${run.reason}` : ''}`, elapsed].join(' · ');
  if (run.schedule?.isWaiting) return `pending: ${dueWords(run.schedule, now)}`;
  const waiting = run.steps.filter(isWaiting);
  if (run.status !== 'sleeping' || waiting.length === 0) return `${run.status} · ${elapsed}`;
  return `sleeping: ${waiting.map((step) => waitWords(step, now)).join('; ')}`;
}

/** `begins in 5 h, or on data.ready`. */
function dueWords({ at, events }: NonNullable<RunInfo['schedule']>, now: Timestamp): string {
  const time = at === undefined ? [] : [`in ${duration(Math.max(0, Math.floor(at - now)))}`];
  return `begins ${[...time, ...events.map((name) => `on ${name}`)].join(', or ')}`;
}

/** Also a step whose items run, some of which ask. */
export function isWaiting({ status, asks }: StepInfo): boolean {
  return status === 'waiting' || status === 'retrying' || asks !== undefined;
}

/** Of a step that `isWaiting`: `awaits converged:7, 2 h left`. */
export function waitWords({ status, waitsFor = '', waitsUntil, asks }: StepInfo, now: Timestamp): string {
  const left = waitsUntil === undefined ? '' : `, ${duration(Math.max(0, Math.floor(waitsUntil - now)))} left`;
  if (status === 'retrying') return `tries again in ${duration(Math.max(0, Math.floor((waitsUntil ?? now) - now)))}`;
  const [kind, name] = [waitsFor.slice(0, waitsFor.indexOf(':')), waitsFor.slice(waitsFor.indexOf(':') + 1)];
  if (asks) return `${asks.length === 1 ? `asks: ${asks[0]?.text}` : `asks ${asks.length} questions`}${left}`;
  if (kind === 'job') return `waits for job ${name}${left}`;
  if (kind === 'run') return `waits for run ${name}${left}`;
  return kind === 'sleep' ? `sleeps${left}` : `awaits ${name}${left}`;
}

/** `3/5` items, `attempt 2`; undefined: the first attempt of a step that is done once. */
export function stepCount({ items, attempts }: StepInfo): string | undefined {
  if (items) return `${items.over}/${items.all}`;
  return attempts > 1 ? `attempt ${attempts}` : undefined;
}

function runTooltip(run: RunInfo): string {
  const params = Object.entries(run.params).map(([name, value]) =>
    fieldLine(`Parameter ${name}`, JSON.stringify(value)),
  );
  const lines = [
    fieldLine('Status', run.status),
    fieldLine('Reason', run.reason),
    fieldLine('File', run.file),
    fieldLine('Cluster', run.cluster),
    fieldLine('Started', fullTime(run.created)),
    fieldLine('Over', run.finished === undefined ? undefined : fullTime(run.finished)),
    fieldLine('Parent', run.parent),
    ...params,
    ...Object.entries(run.labels ?? {}).map(([name, value]) => fieldLine(`Label ${name}`, value)),
  ];
  return `**Run** ${inlineCode(run.id)}\n\n${joinLines(lines)}`;
}

export function stepNode(run: RunInfo, step: StepInfo, now: Timestamp): TreeNode {
  const { key, verb, status, detail, needs, waitsFor } = step;
  const words = isWaiting(step) ? waitWords(step, now) : [status, detail].filter(Boolean).join(': ');
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
      `**Step** ${inlineCode(key)}\n\n${joinLines([
        fieldLine('Does', verb),
        fieldLine('Status', status),
        fieldLine('Detail', detail),
        fieldLine('Waits for', waitsFor),
        fieldLine('Needs', needs.length > 0 ? needs.join(', ') : undefined),
        fieldLine('Job', job),
      ])}`,
    contextValue: `step${mark}${isOver(run) && !step.isCleanup ? ' retriable' : ''}`,
    expansion: 'none',
  };
}
