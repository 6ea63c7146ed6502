/** Runs and workflow files as graphs. Pure. */
import type { RunInfo, StepInfo, WorkflowDescription } from '../../engine/protocol/workflows.ts';
import type { Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { layoutGraph } from '../../webview/graph-layout.ts';
import type { GraphStepView, GraphView } from '../../webview/messages.ts';
import { plainLine } from '../text/plain-text.ts';
import { stepStates } from '../text/state-words.ts';
import { isWaiting, runDescription, stepCount, waitWords } from './run-nodes.ts';

/** A run, with how far its steps are. */
export function runGraph(run: RunInfo, now: Timestamp): GraphView {
  return {
    title: plainLine(run.name, 120),
    status: plainLine(runDescription(run, now), 300),
    steps: run.steps.map((step) => stepView(step, now, true)),
    layout: layoutGraph(run.steps),
  };
}

/** A workflow file, none of whose steps has begun. */
export function fileGraph(fileName: string, { name, steps }: WorkflowDescription, now: Timestamp): GraphView {
  const count = steps.length === 1 ? l10n.t('1 step') : l10n.t('{0} steps', steps.length);
  return {
    title: plainLine(name ?? fileName, 120),
    status: `${plainLine(fileName, 120)} · ${count}`,
    steps: steps.map((step) => stepView(step, now, false)),
    layout: layoutGraph(steps),
  };
}

/** The graph as it was, with what is wrong with the file now. */
export function brokenGraph(before: GraphView | undefined, fileName: string, problem: string): GraphView {
  const empty = { title: plainLine(fileName, 120), steps: [], layout: layoutGraph([]) };
  return { ...(before ?? empty), status: plainLine(problem, 500) };
}

function stepView(step: StepInfo, now: Timestamp, isRun: boolean): GraphStepView {
  const { key, verb, status, needs, detail, isCleanup } = step;
  const waits = isWaiting(step) ? waitWords(step, now) : undefined;
  const how = isRun ? (waits ?? [stepStates[status], detail].filter(Boolean).join(': ')) : undefined;
  const told = isRun && status !== 'pending' ? stepStates[status] : undefined;
  const count = stepCount(step);
  const line = (parts: readonly (string | undefined)[], most: number) =>
    plainLine(parts.filter((part) => part !== undefined).join(' · '), most);
  const details = [
    [key, verb, ...(isCleanup ? [l10n.t('clean-up')] : [])].join(', '),
    ...(how === undefined ? [] : [line([how, count], 400)]),
    ...(needs.length > 0 ? [l10n.t('needs {0}', needs.join(', '))] : []),
  ];
  return {
    key,
    verb,
    state: status,
    // What is awaited tells what is done.
    words: status !== 'retrying' && waits ? line([waits, count], 120) : line([verb, waits ?? told, count], 120),
    details: details.map((text) => plainLine(text, 500)),
    asks: isRun && step.asks !== undefined,
    needs,
    isCleanup,
  };
}
