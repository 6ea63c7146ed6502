/** The language server in the editor: diagnostics, quick fixes, completion and hover, asked for as VS Code asks for them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAllEditors, open, waitFor } from '../helpers.ts';

const { Error: error, Warning: warning } = vscode.DiagnosticSeverity;

/** Severity, code and the text that is underlined, of all that is more than a hint. */
function found(document: vscode.TextDocument): readonly unknown[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ severity }) => severity <= warning)
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map((diagnostic) => [diagnostic.severity, codeOf(diagnostic), document.getText(diagnostic.range)]);
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

async function diagnosed(document: vscode.TextDocument, code: string): Promise<vscode.Diagnostic> {
  return waitFor(code, () => vscode.languages.getDiagnostics(document.uri).find((one) => codeOf(one) === code));
}

function tabLabels(): readonly string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

/** A shell script with the cursor where `|` stands in `text`. */
async function scriptWithCursor(text: string): Promise<{ document: vscode.TextDocument; cursor: vscode.Position }> {
  const at = text.indexOf('|');
  const content = text.slice(0, at) + text.slice(at + 1);
  const document = await vscode.workspace.openTextDocument({ language: 'shellscript', content });
  await vscode.window.showTextDocument(document);
  return { document, cursor: document.positionAt(at) };
}

async function completionsAt(text: string): Promise<readonly string[]> {
  const { document, cursor } = await scriptWithCursor(text);
  return waitFor('completions', async () => {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      cursor,
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    return labels.length > 0 && labels;
  });
}

async function hoverAt(text: string): Promise<string> {
  const { document, cursor } = await scriptWithCursor(text);
  return waitFor('a hover', async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      cursor,
    );
    const contents = hovers.flatMap((hover) => hover.contents);
    return (
      contents.length > 0 &&
      contents.map((content) => (typeof content === 'string' ? content : content.value)).join('\n')
    );
  });
}

describe('the language server', () => {
  afterEach(closeAllEditors);

  it('finds the mistakes of broken.sh at their places', async () => {
    const { document } = await open('broken.sh');
    await diagnosed(document, 'pattern/syntax');
    assert.deepEqual(found(document), [
      [error, 'action/unknown', 'log_evnt'],
      [error, 'watcher/unknown-key', 'conditon'],
      [warning, 'action/unknown-variable', 'los'],
      [error, 'pattern/syntax', '(out of memory|OOM'],
    ]);
  });

  it('finds nothing in train.sh', async () => {
    const { document } = await open('train.sh');
    // Diagnostics of a document that is opened later, and has some, tell that this one was looked at.
    const other = await open('broken.sh');
    await diagnosed(other.document, 'pattern/syntax');
    assert.deepEqual(found(document), []);
  });

  it('mends a misspelt action', async () => {
    const { document } = await open('broken.sh');
    const mistake = await diagnosed(document, 'action/unknown');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      mistake.range,
      'quickfix',
    );
    const fix = actions.find(({ title }) => title.includes('log_event'));
    assert(fix?.edit, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit);
    await waitFor(
      'the mistake to go',
      () => !found(document).some((one) => JSON.stringify(one).includes('action/unknown"')),
    );
    assert(document.lineAt(mistake.range.start.line).text.includes('action=log_event('));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('follows what is typed', async () => {
    const { document } = await scriptWithCursor('#!/bin/bash\n#WATCHER pattern="x" action=log_event()\n|');
    await vscode.window.activeTextEditor?.edit((edit) =>
      edit.insert(document.positionAt(document.getText().length), '#WATCHER patern="y"\n'),
    );
    const mistake = await diagnosed(document, 'watcher/unknown-key');
    assert.equal(document.getText(mistake.range), 'patern');
  });

  it('completes properties, actions, parameters and variables', async () => {
    assert((await completionsAt('#!/bin/bash\n#WATCHER |')).includes('max_triggers'));
    assert((await completionsAt('#!/bin/bash\n#WATCHER pattern="x" action=|')).includes('store_metric'));
    assert((await completionsAt('#!/bin/bash\n#WATCHER pattern="x" action=notify(|)')).includes('level'));
    const variables = await completionsAt('#!/bin/bash\n#WATCHER pattern="(?P<loss>.*)" action=notify(message="${|}")');
    assert(
      variables.some((label) => label.includes('loss')),
      variables.join(' '),
    );
    assert(
      variables.some((label) => label.includes('JOB_ID')),
      variables.join(' '),
    );
  });

  it('explains properties and actions', async () => {
    assert.match(await hoverAt('#!/bin/bash\n#WATCHER pattern="x" max_tri|ggers=1'), /max_triggers/);
    assert.match(await hoverAt('#!/bin/bash\n#WATCHER pattern="x" action=cancel|_job()'), /cancel_job/);
  });

  it('opens the page of a diagnostic: by the link at its code, and of the one at the cursor', async () => {
    const { document } = await open('broken.sh');
    const { code } = await diagnosed(document, 'pattern/syntax');
    assert(typeof code === 'object', 'the code is no link');
    assert.equal(code.target.scheme, 'command');
    const [given]: unknown[] = JSON.parse(code.target.query);
    await vscode.commands.executeCommand(code.target.path, given);
    await waitFor('the page', () => tabLabels().some((label) => label.includes('syntax.md')));
    await closeAllEditors();
    const editor = await open('broken.sh');
    const { start } = (await diagnosed(editor.document, 'pattern/syntax')).range;
    editor.selection = new vscode.Selection(start, start);
    await vscode.commands.executeCommand('vigil.explainDiagnostic');
    await waitFor('the page again', () => tabLabels().some((label) => label.includes('syntax.md')));
  });
});
