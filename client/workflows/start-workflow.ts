/** Has a workflow file run: now, or whenever it says so under `on`. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RunInfo, StartRunParams } from '../../engine/protocol/workflows.ts';
import type { JsonValue } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { FormView } from '../../webview/messages.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { askParams } from './param-form.ts';
import { tryWithKey } from './try-with-key.ts';
import { savedWorkflow } from './workflow-address.ts';

export interface WorkflowStarter {
  readonly engine: EngineClient;
  readonly extension: vscode.Uri;
}

type Params = { readonly [name: string]: JsonValue };

/**
 * Starts the workflow file in the editor, or that of `uri`. A form asks for its parameters, if it has any, their defaults
 * filled in; `given` asks for nothing. Answers with the run's id.
 */
export async function runWorkflow(starter: WorkflowStarter, uri: unknown, given: unknown): Promise<string | undefined> {
  const wanted = await readWorkflow(starter, uri, given, (name) => ({
    verb: l10n.t('Run'),
    title: l10n.t('Run {0}', name),
  }));
  if (!wanted) return undefined;
  const run = await startOnce(starter.engine, wanted);
  if (!run) return undefined;
  void vscode.window.setStatusBarMessage(`$(play-circle) ${l10n.t('{0} runs', plainLine(run.name, 80))}`, 5000);
  return run.id;
}

/** Likewise; answers with the id of the run that waits. */
export async function scheduleWorkflow(
  starter: WorkflowStarter,
  uri: unknown,
  given: unknown,
): Promise<string | undefined> {
  const wanted = await readWorkflow(starter, uri, given, (name) => ({
    verb: l10n.t('Schedule'),
    title: l10n.t('Schedule {0}', name),
  }));
  if (!wanted) return undefined;
  const run = await startOnce(starter.engine, { ...wanted, isScheduled: true });
  if (!run) return undefined;
  const words = l10n.t('{0} is scheduled: cancel the run that waits to end that', plainLine(run.name, 80));
  void vscode.window.setStatusBarMessage(`$(calendar) ${words}`, 8000);
  return run.id;
}

/** Also where the answer is lost, and the person has it tried again. `undefined`: it was left at that. */
function startOnce(engine: EngineClient, wanted: StartRunParams): Promise<RunInfo | undefined> {
  return tryWithKey(
    (key) => engine.startRun({ ...wanted, key }),
    async (problem) => {
      const again = l10n.t('Try Again');
      const message = l10n.t('It is not certain that {0} was started: {1}', basename(wanted.file), problem);
      return (await vscode.window.showErrorMessage(message, again)) === again;
    },
  );
}

/** `undefined`: the person thought better of it. */
async function readWorkflow(
  { engine, extension }: WorkflowStarter,
  uri: unknown,
  given: unknown,
  words: (workflow: string) => Pick<FormView, 'verb' | 'title'>,
): Promise<StartRunParams | undefined> {
  const saved = await savedWorkflow(uri);
  if (!saved) return undefined;
  const { where } = saved;
  const text = saved.document.getText();
  const { params: defaults, name } = await engine.describeWorkflow(where, text);
  const ask = () =>
    Object.keys(defaults).length > 0 ? askParams(extension, words(name ?? basename(where.file)), defaults) : {};
  const params = isParams(given) ? given : await ask();
  return params && { ...where, text, params };
}

function isParams(value: unknown): value is Params {
  // The editor's title passes a context of its own as second argument.
  return typeof value === 'object' && value !== null && !('groupId' in value) && !Array.isArray(value);
}
