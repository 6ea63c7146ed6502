/** Tries the watchers of a script on output: marked in the output while they are being written, or as a report. Nothing is performed. */
import * as vscode from 'vscode';
import type { ReplaySource } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { outputScheme, parseJobUri } from '../documents/job-uri.ts';
import type { OutputDocuments } from '../documents/output-documents.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Trials } from '../trials/trials.ts';
import { chooseOutput, jobName } from './choose-output.ts';
import { chooseScript, hasWatchers } from './choose-script.ts';
import type { ReplayDocuments } from './replay-documents.ts';
import { replayReport } from './replay-report.ts';

/** What trying needs. */
export interface TryServices {
  readonly engine: EngineClient;
  readonly outputs: OutputDocuments;
  readonly trials: Trials;
  readonly replays: ReplayDocuments;
}

/**
 * Opens the output beside the script and marks there what the watchers match, until one of the two is closed.
 * @param uri the script; absent: that of the active editor
 * @param watcher whose first match is shown; absent: the first of all
 * @param output absent: the person is asked
 */
export async function tryOnOutput(
  services: TryServices,
  uri: vscode.Uri | undefined,
  watcher: string | undefined,
  output: vscode.Uri | undefined,
): Promise<void> {
  const { engine, trials } = services;
  const script = await scriptAt(uri);
  await engine.link.ensure();
  const shown = output
    ? await showBeside(await vscode.workspace.openTextDocument(output))
    : await openChosen(services, script);
  if (!shown) return;
  await trials.start(script, shown);
  const { marked = [] } = trials.session ?? {};
  const own = marked.filter(({ match }) => watcher === undefined || match.watcher === watcher);
  const first = own.find(({ match }) => match.actions.length > 0) ?? own[0];
  if (first) await trials.goToMatch(first.line);
}

/** From the side of the output: which script's watchers? That of its job comes first. */
export async function tryHere(services: TryServices, output: unknown, script: unknown): Promise<void> {
  const document =
    output instanceof vscode.Uri
      ? await vscode.workspace.openTextDocument(output)
      : vscode.window.activeTextEditor?.document;
  if (!document) throw new Error(l10n.t('There is no output: open one first.'));
  const target = document.uri.scheme === outputScheme ? parseJobUri(document.uri) : undefined;
  const own = target && services.engine.store.jobs.get(target.job)?.scriptPath;
  const chosen =
    script instanceof vscode.Uri
      ? await vscode.workspace.openTextDocument(script)
      : await chooseScript(l10n.t('The script whose watchers are tried on this output'), own);
  if (!chosen) return;
  const column = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.viewColumn;
  await vscode.window.showTextDocument(document, { viewColumn: column ?? vscode.ViewColumn.One, preview: false });
  await vscode.window.showTextDocument(chosen, { viewColumn: vscode.ViewColumn.Beside, preview: false });
  await services.engine.link.ensure();
  await services.trials.start(chosen, document);
}

/** What the watchers would do, as a text to keep: all of the output is read, however large. */
export async function reportOnOutput(
  { engine, replays }: TryServices,
  uri: vscode.Uri | undefined,
  watcher: string | undefined,
  source: ReplaySource | undefined,
): Promise<void> {
  const document = await scriptAt(uri);
  await engine.link.ensure();
  const scriptPath = document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
  const chosen = source
    ? { source, name: nameOf(engine, source) }
    : await (await chooseOutput(engine, scriptPath))?.source();
  if (!chosen) return;
  const script = document.uri.path.split('/').at(-1) ?? 'script';
  const output = plainLine(chosen.name, 60);
  const title =
    watcher === undefined
      ? l10n.t('Trying the watchers on {0}…', output)
      : l10n.t('Trying {0} on {1}…', plainLine(watcher, 60), output);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const result = await vscode.window.withProgress(options, (_, token) =>
    engine.replay(
      {
        script: document.getText(),
        source: chosen.source,
        ...(scriptPath !== undefined && { scriptPath }),
        ...(watcher !== undefined && { watcher }),
      },
      token,
    ),
  );
  await replays.show(
    l10n.t('{0} on {1}', watcher ?? script, chosen.name),
    replayReport(
      { script: watcher === undefined ? script : l10n.t('{0} of {1}', watcher, script), source: chosen.name },
      result,
    ),
  );
}

async function scriptAt(uri: vscode.Uri | undefined): Promise<vscode.TextDocument> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  if (!document) throw new Error(l10n.t('There is no script: open one first.'));
  if (!hasWatchers(document)) throw new Error(l10n.t('This text has no watchers: write a #WATCHER line first.'));
  return document;
}

async function openChosen(
  { engine, outputs, replays }: TryServices,
  script: vscode.TextDocument,
): Promise<vscode.TextDocument | undefined> {
  const chosen = await chooseOutput(engine, script.uri.scheme === 'file' ? script.uri.fsPath : undefined);
  if (!chosen) return undefined;
  if (chosen.kind === 'job') return outputs.open(chosen.job, 'stdout', vscode.ViewColumn.Beside);
  if (chosen.kind === 'text') return replays.show('clipboard', chosen.text);
  return showBeside(await vscode.workspace.openTextDocument(chosen.uri));
}

async function showBeside(document: vscode.TextDocument): Promise<vscode.TextDocument> {
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
  return document;
}

function nameOf(engine: EngineClient, source: ReplaySource): string {
  if (source.kind === 'text') return l10n.t('a text');
  if (source.kind === 'file') return source.stdout.split(/[\\/]/).at(-1) ?? source.stdout;
  const job = engine.store.jobs.get(source.job);
  return job ? jobName(job) : source.job;
}
