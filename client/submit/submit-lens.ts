/** The "▶ Submit" lens over the first directive, and the context key that shows ▶ in the editor's title. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import { lookAtScript, type ScriptLook } from './detect-script.ts';

/** Typing changes the answer seldom, so it is looked at after a pause. */
const settleMs = 300;

export class SubmitLens implements vscode.CodeLensProvider {
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { firstDirectiveLine } = look(document);
    if (firstDirectiveLine === undefined) return [];
    const range = new vscode.Range(firstDirectiveLine, 0, firstDirectiveLine, 0);
    return [
      new vscode.CodeLens(range, {
        title: `$(play) ${l10n.t('Submit')}`,
        tooltip: l10n.t('Submit this script to a cluster'),
        command: 'vigil.submit',
        arguments: [document.uri],
      }),
    ];
  }
}

/** Keeps `vigil.isScript` true while the active editor shows something that can be submitted. */
export function watchActiveScript(schemes: ReadonlySet<string>): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const update = () => {
    const document = vscode.window.activeTextEditor?.document;
    const isScript = document !== undefined && schemes.has(document.uri.scheme) && look(document).isScript;
    void vscode.commands.executeCommand('setContext', 'vigil.isScript', isScript);
  };
  update();
  return vscode.Disposable.from(
    { dispose: () => clearTimeout(timer) },
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document !== vscode.window.activeTextEditor?.document) return;
      clearTimeout(timer);
      timer = setTimeout(update, settleMs);
    }),
  );
}

function look(document: vscode.TextDocument): ScriptLook {
  return lookAtScript(document.lineCount, (line) => document.lineAt(line).text);
}
