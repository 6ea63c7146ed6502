/** Workflow files as VS Code addresses them, and as runs know them: files of this machine, and of clusters. */
import * as vscode from 'vscode';
import type { WorkflowFile } from '../../engine/protocol/workflows.ts';
import * as l10n from '../../language/text/l10n.ts';
import { clusterUri, parseClusterUri } from '../files/cluster-uri.ts';
import { plainLine } from '../text/plain-text.ts';

export const isWorkflowFile = ({ path }: vscode.Uri) => /\.vigil\.ya?ml$/.test(path);

/** That of the workflow file that is meant. Throws an error where there is none. */
export function workflowAddress(uri: unknown): vscode.Uri {
  const address = addressOf(uri);
  if (!address || !isWorkflowFile(address)) throw new Error(l10n.t('Open a workflow file (*.vigil.yaml) first.'));
  return address;
}

/**
 * Likewise, saved: a run names its file for as long as it is kept, and looks for scripts beside it. `undefined`: it was not
 * saved, the person thought better of it.
 */
export async function savedWorkflow(
  uri: unknown,
): Promise<{ readonly document: vscode.TextDocument; readonly where: WorkflowFile } | undefined> {
  const meant = addressOf(uri);
  const address = meant && isUnsavedYaml(meant) ? await vscode.workspace.save(meant) : workflowAddress(meant);
  if (!address) return undefined;
  const where = workflowFile(workflowAddress(address));
  if (!where)
    throw new Error(
      l10n.t(
        'A workflow is run from a file of this machine or of a cluster: save a copy of {0} there.',
        plainLine(address.path, 200),
      ),
    );
  const document = await vscode.workspace.openTextDocument(address);
  return document.isDirty && !(await document.save()) ? undefined : { document, where };
}

/** Where a run has its file from. */
export function runFileAddress({ file, fileCluster }: WorkflowFile): vscode.Uri {
  return fileCluster === undefined
    ? vscode.Uri.file(file)
    : vscode.Uri.from(clusterUri({ cluster: fileCluster, path: file }));
}

function addressOf(uri: unknown): vscode.Uri | undefined {
  return uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
}

/** The inverse of `runFileAddress`; `undefined`: the engine cannot read what is beside it. */
export function workflowFile(address: vscode.Uri): WorkflowFile | undefined {
  if (address.scheme === 'file') return { file: address.fsPath };
  const onCluster = parseClusterUri(address);
  return onCluster && { file: onCluster.path, fileCluster: onCluster.cluster };
}

/** Any of them can become a workflow file by its name. */
function isUnsavedYaml(address: vscode.Uri): boolean {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address.toString());
  return document?.isUntitled === true && (document.languageId === 'yaml' || isWorkflowFile(address));
}
