/** Submitting a script: which document, which cluster, which directory, and what to say about the outcome. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { TextDecoder } from 'node:util';
import * as vscode from 'vscode';
import type { ClusterInfo, JobInfo, ScriptRange, SubmitParams } from '../../engine/protocol.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { explainError } from '../engine/explain-error.ts';
import { reportError } from '../report-error.ts';
import { clusterSettings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import { clusterChoices } from './cluster-choices.ts';
import { checkWorkdir, defaultWorkdir } from './default-workdir.ts';
import type { SubmitDiagnostics } from './submit-diagnostics.ts';

/** What a caller of the command `vigil.submit` (a key binding, another extension) may decide beforehand. */
export interface SubmitChoices {
  /** Given: nothing is asked. */
  readonly cluster?: string;
  readonly workdir?: string;
  /** More options for the scheduler, e.g. `["--time=5"]`. */
  readonly options?: readonly string[];
  /** Of a submission that may have been accepted although its answer was lost. */
  readonly key?: string;
}

export interface SubmitterOptions {
  readonly engine: EngineClient;
  readonly diagnostics: SubmitDiagnostics;
  /** Remembers the last choices in this workspace. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  /** Lets a person see the job that was submitted. */
  readonly onSubmitted: (job: JobInfo) => void;
}

const lastClusterKey = 'submit.lastCluster';

export class Submitter {
  readonly #options: SubmitterOptions;

  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Of this workspace. */
  get lastCluster(): string | undefined {
    return this.#options.memory.get(lastClusterKey);
  }

  /** The submitted job; `undefined`: the person changed their mind, or it failed and was reported. */
  async submit(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<JobInfo | undefined> {
    const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
    if (!document) {
      await vscode.window.showInformationMessage('Open the batch script to submit, then run this again.');
      return undefined;
    }
    const name = basename(document.uri.path);
    let doing = `Submitting ${name}`;
    // What was picked is not asked again by "Retry".
    let picked = choices;
    try {
      if (!(await save(document))) throw new Error('the file could not be saved, so it was not submitted.');
      const script = await readScript(document);
      const cluster = await this.#chooseCluster(name, choices);
      if (!cluster) return undefined;
      doing = `Submitting ${name} to ${cluster.name}`;
      const workdir = await this.#chooseWorkdir(document, cluster, choices);
      if (workdir === null) return undefined;
      const key = choices.key ?? randomUUID();
      picked = { ...choices, key, cluster: cluster.name, ...(workdir !== undefined && { workdir }) };
      const job = await this.#send(
        submitParams(document, script, { ...picked, cluster: cluster.name }),
        name,
        document.uri,
      );
      this.#options.onSubmitted(job);
      return job;
    } catch (error) {
      const { refusal } = explainError(error, doing);
      if (refusal && picked.cluster !== undefined)
        this.#options.diagnostics.show(document.uri, picked.cluster, refusal);
      // Not awaited: whoever called the command need not wait until somebody has read the message.
      void reportError(error, doing, this.#options.log, {
        Retry: () => this.submit(document.uri, picked),
        'Show Line': () => showRange(document, refusal?.range),
      });
      return undefined;
    }
  }

  async #chooseCluster(name: string, choices: SubmitChoices): Promise<ClusterInfo | undefined> {
    const { engine, memory } = this.#options;
    const clusters = await engine.clusters();
    if (choices.cluster !== undefined) {
      const known = clusters.find((cluster) => cluster.name === choices.cluster);
      // The engine says what is wrong with a name that it does not know.
      return known ?? { name: choices.cluster, kind: 'ssh', state: 'idle', source: 'settings' };
    }
    const choice = await vscode.window.showQuickPick(clusterChoices(clusters, memory.get(lastClusterKey)), {
      title: `Submit ${plainLine(name, 80)}`,
      placeHolder: 'The cluster to submit to',
      matchOnDescription: true,
    });
    return choice?.cluster;
  }

  /** `undefined`: the cluster's own default; `null`: declined. */
  async #chooseWorkdir(
    document: vscode.TextDocument,
    cluster: ClusterInfo,
    choices: SubmitChoices,
  ): Promise<string | undefined | null> {
    if (choices.workdir !== undefined || choices.cluster !== undefined) return choices.workdir;
    const { memory } = this.#options;
    const key = `submit.workdir:${cluster.name}:${document.uri.toString()}`;
    const settings = clusterSettings(vscode.workspace.getConfiguration('vigil').get('clusters'));
    const workdir = await vscode.window.showInputBox({
      title: `Submit to ${plainLine(cluster.name, 80)}`,
      prompt:
        'The directory that the job runs in, on the cluster. A directive of the script that names one goes before it.',
      value: defaultWorkdir(cluster, localPath(document), settings, memory.get(key)),
      validateInput: checkWorkdir,
      ignoreFocusOut: true,
    });
    if (workdir === undefined) return null;
    await memory.update(key, workdir.trim());
    await memory.update(lastClusterKey, cluster.name);
    return workdir.trim();
  }

  async #send(params: SubmitParams, name: string, uri: vscode.Uri): Promise<JobInfo> {
    this.#options.diagnostics.clear(uri);
    const title = `Submitting ${plainLine(name, 80)} to ${plainLine(params.cluster, 80)}…`;
    return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () =>
      this.#options.engine.submit(params),
    );
  }
}

function submitParams(
  document: vscode.TextDocument,
  script: string,
  choices: SubmitChoices & { readonly cluster: string },
): SubmitParams {
  const { cluster, workdir, options, key } = choices;
  const scriptPath = localPath(document);
  return {
    cluster,
    script,
    ...(scriptPath !== undefined && { scriptPath }),
    ...(workdir !== undefined && { workdir }),
    ...(options && { options }),
    ...(key !== undefined && { key }),
    // The command needs trust already: whoever gets here without it submits a job whose actions are only recorded.
    ...(!vscode.workspace.isTrusted && { untrusted: true }),
  };
}

async function showRange(document: vscode.TextDocument, range: ScriptRange | undefined): Promise<void> {
  const editor = await vscode.window.showTextDocument(document);
  if (!range) return;
  const { start, end } = range;
  editor.selection = new vscode.Selection(start.line, start.character, end.line, end.character);
  editor.revealRange(editor.selection);
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
    throw new Error('the file is not in UTF-8. Save it with that encoding (in the status bar), then submit it again.', {
      cause,
    });
  }
}

function localPath(document: vscode.TextDocument): string | undefined {
  return document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
}
