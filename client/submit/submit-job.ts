/** Submitting a script: which document, which cluster, which directory, and what to say about the outcome. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { SubmitPreview } from '../../engine/protocol/submit.ts';
import type { ClusterInfo, JobInfo, SubmitParams } from '../../engine/protocol.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { explainError } from '../engine/explain-error.ts';
import { reportError } from '../report-error.ts';
import { clusterSettings } from '../settings.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ReplayDocuments } from '../watchers/replay-documents.ts';
import { clusterChoices } from './cluster-choices.ts';
import { checkWorkdir, defaultWorkdir } from './default-workdir.ts';
import { previewText } from './preview-text.ts';
import { localPath, savedScript, showRange } from './script-file.ts';
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
  readonly reports: ReplayDocuments;
  /** Remembers the last choices in this workspace. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  /** Lets a person see the job that was submitted. */
  readonly onSubmitted: (job: JobInfo) => void;
}

/** A script that is ready to be submitted. */
interface Target {
  readonly document: vscode.TextDocument;
  /** For people. */
  readonly name: string;
  readonly params: SubmitParams & { readonly key: string };
}

interface Attempt {
  /** Absent: the script in the active editor. */
  readonly uri: vscode.Uri | undefined;
  readonly choices: SubmitChoices;
  readonly verb: 'Submitting' | 'Trying';
  /** For "Retry": the same with what was picked. */
  readonly again: (picked: SubmitChoices) => Promise<unknown>;
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
  submit(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<JobInfo | undefined> {
    const isRetry = choices.key !== undefined;
    const again = (picked: SubmitChoices) => this.submit(uri, picked);
    return this.#attempt({ uri, choices, verb: 'Submitting', again }, async ({ document, params }, progress) => {
      // A submission that may have been accepted would be told of limits that it has filled itself.
      if (!isRetry && this.#asksFirst(document)) {
        progress.report({ message: 'asking whether it would be taken' });
        this.#showWarnings(document, await this.#options.engine.previewSubmit(params));
        progress.report({ message: '' });
      }
      const job = await this.#options.engine.submit(params);
      this.#options.onSubmitted(job);
      return job;
    });
  }

  /** Shows what `submit` would do, and what the scheduler says of it. The preview, for callers. */
  dryRun(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<SubmitPreview | undefined> {
    const again = (picked: SubmitChoices) => this.dryRun(uri, picked);
    return this.#attempt({ uri, choices, verb: 'Trying', again }, async ({ document, name, params }) => {
      const preview = await this.#options.engine.previewSubmit(params);
      this.#showWarnings(document, preview);
      const report = previewText(name, preview, Date.now() / 1000);
      await this.#options.reports.show(`Dry run of ${name} on ${params.cluster}`, report);
      return preview;
    });
  }

  #asksFirst(document: vscode.TextDocument): boolean {
    return vscode.workspace.getConfiguration('vigil', document).get('submit.testFirst', true);
  }

  #showWarnings(document: vscode.TextDocument, { cluster, warnings }: SubmitPreview): void {
    for (const warning of warnings) {
      this.#options.diagnostics.add(document.uri, cluster, warning, vscode.DiagnosticSeverity.Warning);
      this.#options.log.warn(`${cluster}: ${warning.words}`);
    }
  }

  /** Asks what was not chosen, then does `work`; what fails is told, at the directive it concerns where that is known. */
  async #attempt<Result>(
    { uri, choices, verb, again }: Attempt,
    work: (target: Target, progress: vscode.Progress<{ message: string }>) => Promise<Result>,
  ): Promise<Result | undefined> {
    const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
    if (!document) {
      await vscode.window.showInformationMessage('Open the batch script to submit, then run this again.');
      return undefined;
    }
    const { diagnostics, log } = this.#options;
    const name = basename(document.uri.path);
    let doing = `${verb} ${name}`;
    // What was picked is not asked again by "Retry".
    let picked = choices;
    try {
      const script = await savedScript(document);
      const cluster = await this.#chooseCluster(name, choices);
      if (!cluster) return undefined;
      doing = `${verb} ${name} ${verb === 'Submitting' ? 'to' : 'on'} ${cluster.name}`;
      const workdir = await this.#chooseWorkdir(document, cluster, choices);
      if (workdir === null) return undefined;
      const key = choices.key ?? randomUUID();
      picked = { ...choices, key, cluster: cluster.name, ...(workdir !== undefined && { workdir }) };
      const params = { ...submitParams(document, script, { ...picked, cluster: cluster.name }), key };
      diagnostics.clear(document.uri);
      const title = plainLine(`${doing}…`, 160);
      return await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, (progress) =>
        work({ document, name, params }, progress),
      );
    } catch (error) {
      const { refusal } = explainError(error, doing);
      if (refusal && picked.cluster !== undefined) diagnostics.add(document.uri, picked.cluster, refusal);
      // Not awaited: whoever called the command need not wait until somebody has read the message.
      void reportError(error, doing, log, {
        Retry: () => again(picked),
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
}

function submitParams(
  document: vscode.TextDocument,
  script: string,
  choices: SubmitChoices & { readonly cluster: string },
): SubmitParams {
  const { cluster, workdir, options } = choices;
  const scriptPath = localPath(document);
  return {
    cluster,
    script,
    ...(scriptPath !== undefined && { scriptPath }),
    ...(workdir !== undefined && { workdir }),
    ...(options && { options }),
    // The command needs trust already: whoever gets here without it submits a job whose actions are only recorded.
    ...(!vscode.workspace.isTrusted && { untrusted: true }),
  };
}
