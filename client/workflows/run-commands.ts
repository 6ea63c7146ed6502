/** What the commands about workflow runs do. */
import { userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { RunInfo, RunStatus } from '../../engine/protocol/workflows.ts';
import type { JsonValue } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { RunEventlogs } from '../documents/run-eventlogs.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { NodeSubject } from '../jobs/tree-node.ts';
import { plainLine } from '../text/plain-text.ts';
import type { GraphPanels } from './graph-panels.ts';
import { type OpenQuestion, openQuestions } from './questions.ts';
import { labelsOf, readFilter, runStatuses } from './run-filter.ts';
import { isOver, isRetriable } from './run-nodes.ts';
import type { RunsView } from './runs-view.ts';
import { tryWithKey } from './try-with-key.ts';
import { isWorkflowFile, runFileAddress, workflowAddress } from './workflow-address.ts';

function subjectOf(node: unknown): NodeSubject | undefined {
  const subject: unknown = Reflect.get(Object(node), 'subject');
  return typeof Reflect.get(Object(subject), 'kind') === 'string' ? (subject as NodeSubject) : undefined;
}

/** The run meant by a row or an id; else one that the person picks. */
async function chooseRun(
  engine: EngineClient,
  subject: unknown,
  placeHolder: string,
  wanted: (run: RunInfo) => boolean,
): Promise<RunInfo | undefined> {
  await engine.link.ensure();
  const named = subjectOf(subject);
  const id =
    typeof subject === 'string' ? subject : named?.kind === 'run' || named?.kind === 'step' ? named.run : undefined;
  if (id !== undefined) {
    const run = engine.runs.get(id);
    if (!run) throw new Error(l10n.t('Run {0} is not known (any more).', id));
    return run;
  }
  const choices = engine.runs.all
    .filter(wanted)
    .map((run) => ({ label: plainLine(run.name, 80), description: `${run.status} · ${run.id}`, run }));
  if (choices.length === 0) throw new Error(l10n.t('There is no such run.'));
  return (await vscode.window.showQuickPick(choices, { placeHolder, matchOnDescription: true }))?.run;
}

/** The graph of a run (a row, an id), of a workflow file (its address), or of the file in the editor; else a run is asked for. */
export async function showGraph(engine: EngineClient, graphs: GraphPanels, subject: unknown): Promise<void> {
  const edited = vscode.window.activeTextEditor?.document.uri;
  if (subject instanceof vscode.Uri) return graphs.showFile(workflowAddress(subject));
  if (subject === undefined && edited && isWorkflowFile(edited)) return graphs.showFile(edited);
  const run = await chooseRun(engine, subject, l10n.t('The run whose graph to show'), () => true);
  if (run) graphs.showRun(run);
}

export async function openRunEventlog(engine: EngineClient, logs: RunEventlogs, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, l10n.t('The run whose eventlog to open'), () => true);
  if (run) await logs.open(run);
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return l10n.t('No JSON: {0}', plainLine(error instanceof Error ? error.message : String(error), 200));
  }
}

export async function cancelRun(engine: EngineClient, subject: unknown, options: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, l10n.t('The run to cancel'), (one) => !isOver(one));
  if (!run) return;
  if (Reflect.get(Object(options), 'confirm') !== false) {
    const question = l10n.t(
      'Cancel the run of {0}? Its jobs are cancelled and its clean-up runs.',
      plainLine(run.name, 80),
    );
    const cancel = l10n.t('Cancel Run');
    if ((await vscode.window.showWarningMessage(question, { modal: true }, cancel)) !== cancel) return;
  }
  await engine.cancelRun(run.id, 'cancelled in VS Code');
}

/** What has not completed is done again, in the same run. */
export async function retryRun(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, l10n.t('The run to retry'), isRetriable);
  if (run) await engine.retryRun(run.id);
}

/** The step and what needs it are done again, too. */
export async function retryFromStep(engine: EngineClient, subject: unknown): Promise<void> {
  const named = subjectOf(subject);
  if (named?.kind === 'step') return engine.retryRun(named.run, named.step);
  const run = await chooseRun(engine, subject, l10n.t('The run to retry'), isOver);
  if (!run) return;
  const steps = run.steps.filter(({ isCleanup }) => !isCleanup);
  const choices = steps.map(({ key, verb, status }) => ({
    label: plainLine(key, 80),
    description: `${verb} · ${status}`,
    key,
  }));
  const choice = await vscode.window.showQuickPick(choices, { placeHolder: l10n.t('The step to begin with') });
  if (choice) await engine.retryRun(run.id, choice.key);
}

/** `subject`: the row of a step or of a run, a run's id; where it asks several questions, the person picks from them. */
export async function answerStep(engine: EngineClient, subject: unknown, approved: boolean): Promise<void> {
  await engine.link.ensure();
  const named = subjectOf(subject);
  const step = named?.kind === 'step' ? named.step : undefined;
  const id = typeof subject === 'string' ? subject : named && 'run' in named ? named.run : undefined;
  const open = engine.runs.all
    .filter((run) => id === undefined || run.id === id)
    .flatMap(openQuestions)
    .filter((question) => step === undefined || question.step === step);
  if (open.length === 0) throw new Error(l10n.t('No step asks for approval.'));
  const answered = step !== undefined && open.length === 1 ? open : await pickQuestions(open, approved);
  for (const { run, unit } of answered) await engine.approveStep(run.id, unit, approved, userInfo().username);
}

async function pickQuestions(open: readonly OpenQuestion[], approved: boolean): Promise<readonly OpenQuestion[]> {
  const choices = open.map((question) => ({
    label: plainLine(question.text, 200),
    description: plainLine(`${question.run.name} · ${question.unit}`, 120),
    question,
  }));
  const placeHolder = approved ? l10n.t('What to approve') : l10n.t('What to deny');
  const picked = await vscode.window.showQuickPick(choices, {
    placeHolder,
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return (picked ?? []).map(({ question }) => question);
}

/** `subject`: the row of a step that awaits an event, whose name is filled in. */
export async function emitEvent(engine: EngineClient, subject: unknown): Promise<void> {
  const name = await vscode.window.showInputBox({
    prompt: l10n.t('Name of the event, exact'),
    ignoreFocusOut: true,
    ...awaitedName(engine, subject),
  });
  if (!name) return;
  const payload = await vscode.window.showInputBox({
    prompt: l10n.t('Payload of {0}, as JSON', plainLine(name, 80)),
    value: 'null',
    ignoreFocusOut: true,
    validateInput: jsonProblem,
  });
  if (payload === undefined) return;
  const event = await tryWithKey(
    (key) => engine.emitEvent(name, JSON.parse(payload) as JsonValue, key),
    async (problem) => {
      const again = l10n.t('Try Again');
      const message = l10n.t('It is not certain that {0} was emitted: {1}', plainLine(name, 80), problem);
      return (await vscode.window.showErrorMessage(message, again)) === again;
    },
  );
  if (event?.duplicate)
    void vscode.window.showInformationMessage(
      l10n.t('{0} was emitted before: the first payload counts.', plainLine(name, 80)),
    );
}

function awaitedName(engine: EngineClient, subject: unknown): { readonly value?: string } {
  const named = subjectOf(subject);
  if (named?.kind !== 'step') return {};
  const step = engine.runs.get(named.run)?.steps.find(({ key }) => key === named.step);
  const name = /^event:(.*)$/s.exec(step?.waitsFor ?? '')?.[1];
  return name === undefined ? {} : { value: name };
}

export async function openWorkflowFile(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, l10n.t('The run whose file to open'), () => true);
  if (run) await vscode.window.showTextDocument(runFileAddress(run));
}

export async function copyRunId(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, l10n.t('The run whose id to copy'), () => true);
  if (run) await vscode.env.clipboard.writeText(run.id);
}

interface FilterItem extends vscode.QuickPickItem {
  readonly status?: RunStatus;
}

/** Argument: a `RunFilter`; with none the person is asked. */
export async function filterRuns(engine: EngineClient, view: RunsView, given: unknown): Promise<void> {
  if (Array.isArray(Reflect.get(Object(given), 'statuses'))) return view.setFilter(readFilter(given));
  const { statuses, labels } = view.filter;
  // Those that are chosen can be taken away, also when no run has them any more.
  const known = [...new Set([...labels, ...engine.runs.all.flatMap(labelsOf)])].sort();
  const items: FilterItem[] = [
    ...runStatuses.map((status) => ({ label: status, picked: statuses.includes(status), status })),
    ...known.map((label) => ({ label, description: l10n.t('label'), picked: labels.includes(label) })),
  ];
  const placeHolder = l10n.t('The runs to show; none chosen: all of them');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, canPickMany: true });
  if (!chosen) return;
  await view.setFilter({
    statuses: chosen.flatMap(({ status }) => status ?? []),
    labels: chosen.flatMap(({ status, label }) => (status === undefined ? [label] : [])),
  });
}
