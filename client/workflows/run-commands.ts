/** What the commands about workflow runs do. */
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RunInfo } from '../../engine/protocol/workflows.ts';
import type { JsonValue } from '../../engine/protocol.ts';
import type { RunEventlogs } from '../documents/run-eventlogs.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { NodeSubject } from '../jobs/tree-node.ts';
import { plainLine } from '../text/plain-text.ts';
import type { GraphPanels } from './graph-panels.ts';
import { askParams } from './param-form.ts';
import { type OpenQuestion, openQuestions } from './questions.ts';
import { isOver, isRetriable } from './run-nodes.ts';

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
    if (!run) throw new Error(`Run ${id} is not known (any more).`);
    return run;
  }
  const choices = engine.runs.all
    .filter(wanted)
    .map((run) => ({ label: plainLine(run.name, 80), description: `${run.status} · ${run.id}`, run }));
  if (choices.length === 0) throw new Error('There is no such run.');
  return (await vscode.window.showQuickPick(choices, { placeHolder, matchOnDescription: true }))?.run;
}

/**
 * Starts the workflow file in the editor, or that of `uri`. A form asks for its parameters, if it has any, their defaults
 * filled in; `given` asks for nothing. Answers with the run's id.
 */
export async function runWorkflow(
  { engine, extension }: { readonly engine: EngineClient; readonly extension: vscode.Uri },
  uri: unknown,
  given: unknown,
): Promise<string | undefined> {
  const address = workflowAddress(uri);
  const document = await vscode.workspace.openTextDocument(address);
  if (document.isDirty && !(await document.save())) return undefined;
  const [file, text] = [address.fsPath, document.getText()];
  const { params, name } = await engine.describeWorkflow(file, text);
  const ask = () => (Object.keys(params).length > 0 ? askParams(extension, name ?? basename(file), params) : {});
  const asked = isParams(given) ? given : await ask();
  if (!asked) return undefined;
  const run = await engine.startRun({ file, text, params: asked });
  void vscode.window.setStatusBarMessage(`$(play-circle) ${plainLine(run.name, 80)} runs`, 5000);
  return run.id;
}

function workflowAddress(uri: unknown): vscode.Uri {
  const address = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (!address || !isWorkflowFile(address)) throw new Error('Open a workflow file (*.vigil.yaml) first.');
  return address;
}

const isWorkflowFile = ({ path }: vscode.Uri) => /\.vigil\.ya?ml$/.test(path);

/** The graph of a run (a row, an id), of a workflow file (its address), or of the file in the editor; else a run is asked for. */
export async function showGraph(engine: EngineClient, graphs: GraphPanels, subject: unknown): Promise<void> {
  const edited = vscode.window.activeTextEditor?.document.uri;
  if (subject instanceof vscode.Uri) return graphs.showFile(workflowAddress(subject));
  if (subject === undefined && edited && isWorkflowFile(edited)) return graphs.showFile(edited);
  const run = await chooseRun(engine, subject, 'The run whose graph to show', () => true);
  if (run) graphs.showRun(run);
}

export async function openRunEventlog(engine: EngineClient, logs: RunEventlogs, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, 'The run whose eventlog to open', () => true);
  if (run) await logs.open(run);
}

function isParams(value: unknown): value is { readonly [name: string]: JsonValue } {
  // The editor's title passes a context of its own as second argument.
  return typeof value === 'object' && value !== null && !('groupId' in value) && !Array.isArray(value);
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `No JSON: ${plainLine(error instanceof Error ? error.message : String(error), 200)}`;
  }
}

export async function cancelRun(engine: EngineClient, subject: unknown, options: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, 'The run to cancel', (one) => !isOver(one));
  if (!run) return;
  if (Reflect.get(Object(options), 'confirm') !== false) {
    const question = `Cancel the run of ${plainLine(run.name, 80)}? Its jobs are cancelled and its clean-up runs.`;
    if ((await vscode.window.showWarningMessage(question, { modal: true }, 'Cancel Run')) !== 'Cancel Run') return;
  }
  await engine.cancelRun(run.id, 'cancelled in VS Code');
}

/** What has not completed is done again, in the same run. */
export async function retryRun(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, 'The run to retry', isRetriable);
  if (run) await engine.retryRun(run.id);
}

/** The step and what needs it are done again, too. */
export async function retryFromStep(engine: EngineClient, subject: unknown): Promise<void> {
  const named = subjectOf(subject);
  if (named?.kind === 'step') return engine.retryRun(named.run, named.step);
  const run = await chooseRun(engine, subject, 'The run to retry', isOver);
  if (!run) return;
  const steps = run.steps.filter(({ isCleanup }) => !isCleanup);
  const choices = steps.map(({ key, verb, status }) => ({
    label: plainLine(key, 80),
    description: `${verb} · ${status}`,
    key,
  }));
  const choice = await vscode.window.showQuickPick(choices, { placeHolder: 'The step to begin with' });
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
  if (open.length === 0) throw new Error('No step asks for approval.');
  const answered = step !== undefined && open.length === 1 ? open : await pickQuestions(open, approved);
  for (const { run, unit } of answered) await engine.approveStep(run.id, unit, approved, userInfo().username);
}

async function pickQuestions(open: readonly OpenQuestion[], approved: boolean): Promise<readonly OpenQuestion[]> {
  const choices = open.map((question) => ({
    label: plainLine(question.text, 200),
    description: plainLine(`${question.run.name} · ${question.unit}`, 120),
    question,
  }));
  const placeHolder = approved ? 'What to approve' : 'What to deny';
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
    prompt: 'Name of the event, exact',
    ignoreFocusOut: true,
    ...awaitedName(engine, subject),
  });
  if (!name) return;
  const payload = await vscode.window.showInputBox({
    prompt: `Payload of ${plainLine(name, 80)}, as JSON`,
    value: 'null',
    ignoreFocusOut: true,
    validateInput: jsonProblem,
  });
  if (payload === undefined) return;
  const event = await engine.emitEvent(name, JSON.parse(payload) as JsonValue);
  if (event.duplicate)
    void vscode.window.showInformationMessage(`${plainLine(name, 80)} was emitted before: the first payload counts.`);
}

function awaitedName(engine: EngineClient, subject: unknown): { readonly value?: string } {
  const named = subjectOf(subject);
  if (named?.kind !== 'step') return {};
  const step = engine.runs.get(named.run)?.steps.find(({ key }) => key === named.step);
  const name = /^event:(.*)$/s.exec(step?.waitsFor ?? '')?.[1];
  return name === undefined ? {} : { value: name };
}

export async function openWorkflowFile(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, 'The run whose file to open', () => true);
  if (run) await vscode.window.showTextDocument(vscode.Uri.file(run.file));
}

export async function copyRunId(engine: EngineClient, subject: unknown): Promise<void> {
  const run = await chooseRun(engine, subject, 'The run whose id to copy', () => true);
  if (run) await vscode.env.clipboard.writeText(run.id);
}
