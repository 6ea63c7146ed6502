/** Has a workflow file run whenever it says so under `on`. */
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';

/** The file in the editor, or that of `uri`, with the defaults of its parameters. Answers with the id of the run that waits. */
export async function scheduleWorkflow(engine: EngineClient, uri: unknown): Promise<string | undefined> {
  const address = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (!address) throw new Error('Open a workflow file (*.vigil.yaml) first.');
  const document = await vscode.workspace.openTextDocument(address);
  if (document.isDirty && !(await document.save())) return undefined;
  const run = await engine.startRun({ file: address.fsPath, text: document.getText(), isScheduled: true });
  const words = `$(calendar) ${plainLine(run.name, 80)} is scheduled: cancel the run that waits to end that`;
  void vscode.window.setStatusBarMessage(words, 8000);
  return run.id;
}
