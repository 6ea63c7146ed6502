/** Waiting for, and finding, what the tests look at. */
import assert from 'node:assert/strict';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { VigilExports } from '../../../client/api/vigil.d.ts';
import type { VigilInternals } from '../../../client/extension.ts';
import type { EventlogEntry, JobInfo } from '../../../engine/protocol.ts';

const defaultTimeoutMs = 60_000;
const pollMs = 100;

/** The first result of `probe` that is not `undefined` or false. What it threw last is told when time is up. */
export async function waitFor<Result>(
  what: string,
  probe: () => Result | undefined | false | Promise<Result | undefined | false>,
  timeoutMs = defaultTimeoutMs,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export async function vigilExports(): Promise<VigilExports & { readonly internals: VigilInternals }> {
  const extension = vscode.extensions.getExtension<VigilExports & { readonly internals: VigilInternals }>(
    'vigil.vigil',
  );
  assert(extension, 'the extension vigil.vigil is not installed');
  return extension.activate();
}

export async function vigil(): Promise<VigilInternals> {
  return (await vigilExports()).internals;
}

/** A file of the workspace: a copy of examples/ and of test/vscode/fixtures/. */
export function workspaceFile(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, 'no folder is open');
  return vscode.Uri.file(path.join(folder.uri.fsPath, name));
}

export async function open(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(workspaceFile(name)));
}

/** Submits a file of the workspace to `local`, with no questions asked. */
export async function submit(name: string): Promise<string> {
  const key = await vscode.commands.executeCommand<string | undefined>('vigil.submit', workspaceFile(name), {
    cluster: 'local',
  });
  assert(key, `${name} was not submitted`);
  return key;
}

export async function job(key: string): Promise<JobInfo> {
  const found = (await vigil()).jobs().find((candidate) => candidate.key === key);
  assert(found, `${key} is not among the jobs`);
  return found;
}

/** The eventlog of `key` once it has an entry `name`. */
export async function logWith(key: string, name: string): Promise<readonly EventlogEntry[]> {
  const api = await vigil();
  return waitFor(`${name} in the eventlog of ${key}`, async () => {
    const log = await api.eventlog(key);
    return log.some((entry) => entry.name === name) && log;
  });
}

export async function closeAllEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
