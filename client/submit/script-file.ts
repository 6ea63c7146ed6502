/** The script that is submitted: saved, and read to the byte. */
import { TextDecoder } from 'node:util';
import * as vscode from 'vscode';
import type { ScriptRange } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

/** Of the script as it is in its file. Throws when it cannot be saved, or is no text in UTF-8. */
export async function savedScript(document: vscode.TextDocument): Promise<string> {
  if (!(await save(document))) throw new Error(l10n.t('the file could not be saved, so it was not submitted.'));
  return readScript(document);
}

/** `false`: the document has changes that could not be written. A document with no file yet is submitted as it is. */
async function save(document: vscode.TextDocument): Promise<boolean> {
  return document.isUntitled || !document.isDirty || document.save();
}

/** The script to the byte: as it is in its file, which the text of an editor need not be (byte order mark, encoding). */
async function readScript(document: vscode.TextDocument): Promise<string> {
  if (document.isUntitled) return document.getText();
  const bytes = await vscode.workspace.fs.readFile(document.uri);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error(
      l10n.t('the file is not in UTF-8. Save it with that encoding (in the status bar), then submit it again.'),
      {
        cause,
      },
    );
  }
}

export function localPath(document: vscode.TextDocument): string | undefined {
  return document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
}

export async function showRange(document: vscode.TextDocument, range: ScriptRange | undefined): Promise<void> {
  const editor = await vscode.window.showTextDocument(document);
  if (!range) return;
  const { start, end } = range;
  editor.selection = new vscode.Selection(start.line, start.character, end.line, end.character);
  editor.revealRange(editor.selection);
}
