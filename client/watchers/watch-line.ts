/** "Watch for lines like this": a watcher out of a line of output, into a script or onto the job that printed it. */
import * as vscode from 'vscode';
import { attachWatchers } from '../../engine/protocol/watchers.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { outputScheme, parseJobUri } from '../documents/job-uri.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { LanguageService } from '../language-service.ts';
import { plainLine, stripControls } from '../text/plain-text.ts';
import type { Trials } from '../trials/trials.ts';
import { hasWatchers, openIfThere } from './choose-script.ts';
import { chooseStart } from './choose-start.ts';

export interface WatchLineServices {
  readonly engine: EngineClient;
  readonly languageService: LanguageService;
  readonly trials: Trials;
}

interface Place extends vscode.QuickPickItem {
  readonly use: () => Promise<void>;
}

/**
 * Of the line at the cursor of the active editor, or of what is selected in it.
 * @param script absent: the person is asked where the watcher goes
 */
export async function watchLinesLikeThis(services: WatchLineServices, script: vscode.Uri | undefined): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new Error(l10n.t('There is no output: open one and put the cursor into the line to watch for.'));
  const { document } = editor;
  const line = lineOf(editor);
  if (script) return insertInto(services, await vscode.workspace.openTextDocument(script), line, document);
  const made = await services.languageService.watcherOfLine({ script: '', line });
  if (!made) throw nothingToHold(line);
  const places = await placesFor(services, line, made.edit.newText.trim(), document);
  const title = l10n.t('Watch for {0}', plainLine(made.pattern, 100));
  const chosen = await vscode.window.showQuickPick(places, { title, placeHolder: l10n.t('Where the watcher goes') });
  await chosen?.use();
}

/** A selection within one line stands for itself. */
function lineOf({ document, selection }: vscode.TextEditor): string {
  const selected = selection.isSingleLine ? document.getText(selection) : '';
  return stripControls(selected.trim() === '' ? document.lineAt(selection.start.line).text : selected);
}

function nothingToHold(line: string): Error {
  return new Error(
    l10n.t('"{0}" has no words that a pattern could hold on to: choose another line.', plainLine(line, 80)),
  );
}

/** The job that printed it, its script, and the scripts that are open. */
async function placesFor(
  services: WatchLineServices,
  line: string,
  watcher: string,
  output: vscode.TextDocument,
): Promise<readonly Place[]> {
  const target = output.uri.scheme === outputScheme ? parseJobUri(output.uri) : undefined;
  const job = target && services.engine.store.jobs.get(target.job);
  const own = job?.scriptPath === undefined ? undefined : await openIfThere(job.scriptPath);
  const open = vscode.workspace.textDocuments.filter(
    (document) => document !== own && (hasWatchers(document) || document.languageId === 'shellscript'),
  );
  const shown = open.filter(({ uri }) => uri.scheme === 'file' || uri.scheme === 'untitled');
  const scripts = [...(own ? [own] : []), ...shown].map((script) => ({
    label: `$(file-code) ${l10n.t('Insert into {0}', plainLine(vscode.workspace.asRelativePath(script.uri), 100))}`,
    ...(script === own ? { description: l10n.t('the script of the job') } : {}),
    use: () => insertInto(services, script, line, output),
  }));
  const attach = job && {
    label: `$(eye) ${l10n.t('Attach to job {0} ({1})', plainLine(job.jobId, 40), plainLine(job.name, 60))}`,
    detail: plainLine(watcher, 200),
    use: () => attachTo(services.engine, job, watcher),
  };
  const fresh = {
    label: `$(new-file) ${l10n.t('New script with this watcher')}`,
    use: async () => {
      const script = await vscode.workspace.openTextDocument({ language: 'shellscript', content: '#!/bin/bash\n' });
      await insertInto(services, script, line, output);
    },
  };
  return [...(attach ? [attach] : []), ...scripts, fresh];
}

/** Shows it there, and tries the script on this output: whether it matches what it should is seen at once. */
async function insertInto(
  { languageService, trials, engine }: WatchLineServices,
  script: vscode.TextDocument,
  line: string,
  output: vscode.TextDocument,
): Promise<void> {
  const made = await languageService.watcherOfLine({ script: script.getText(), line });
  if (!made) throw nothingToHold(line);
  const { span, newText } = made.edit;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(script.uri, new vscode.Range(script.positionAt(span.start), script.positionAt(span.end)), newText);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(l10n.t('{0} could not be changed.', script.uri.path));
  const visible = vscode.window.visibleTextEditors.find(({ document }) => document === script);
  const column = visible?.viewColumn ?? vscode.ViewColumn.Beside;
  const editor = await vscode.window.showTextDocument(script, { viewColumn: column, preview: false });
  const at = script.getText().indexOf(made.pattern, span.start);
  editor.selection = new vscode.Selection(script.positionAt(at), script.positionAt(at + made.pattern.length));
  editor.revealRange(editor.selection);
  await engine.link.ensure();
  await trials.start(script, output);
}

async function attachTo(engine: EngineClient, job: JobInfo, watcher: string): Promise<void> {
  const begun = !job.logEnded && job.started !== undefined;
  const from = begun ? await chooseStart() : 'start';
  if (!from) return;
  const connection = await engine.link.ensure();
  engine.store.setJob(await connection.sendRequest(attachWatchers, { job: job.key, script: watcher, from }));
}
