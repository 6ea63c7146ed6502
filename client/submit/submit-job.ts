/** Submitting a script, and trying whether it would be taken: what is asked, what is sent, and what is said about the outcome. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { SubmitPreview } from '../../engine/protocol/submit.ts';
import { errorCodes, type JobInfo, type JobKey, type SubmitParams } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { explainError } from '../engine/explain-error.ts';
import { parseClusterUri } from '../files/cluster-uri.ts';
import { reportError } from '../report-error.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ReplayDocuments } from '../watchers/replay-documents.ts';
import { previewText } from './preview-text.ts';
import { localPath, savedScript, showRange } from './script-file.ts';
import { stageWords } from './stage-words.ts';
import type { SubmitDiagnostics } from './submit-diagnostics.ts';
import { SubmitQuestions } from './submit-questions.ts';
import { filesToSend, type ScriptFiles, sendFiles } from './upload-files.ts';
import { uploadWords } from './upload-words.ts';

/** What a caller of the command `vigil.submit` (a key binding, another extension) may decide beforehand. */
export interface SubmitChoices {
  /** Given: nothing is asked. */
  readonly cluster?: string;
  readonly workdir?: string;
  /** More options for the scheduler, e.g. `["--time=5"]`. */
  readonly options?: readonly string[];
  /** Of a submission that may have been accepted although its answer was lost. */
  readonly key?: string;
  /** In place of what the document holds: the script of a job, to the byte, and the file that it came from, or else its name. */
  readonly submitted?: { readonly script: string; readonly scriptPath?: string; readonly scriptName?: string };
  /** The job that is submitted once more. */
  readonly resubmitOf?: JobKey;
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
export interface Target {
  readonly document: vscode.TextDocument;
  /** For people. */
  readonly name: string;
  readonly params: SubmitParams & { readonly key: string };
  /** What is sent before. */
  readonly files: ScriptFiles | undefined;
}

type Action = 'submit' | 'dryRun';

interface Attempt {
  /** Absent: the script in the active editor. */
  readonly uri: vscode.Uri | undefined;
  readonly choices: SubmitChoices;
  readonly action: Action;
  /** Ask for options, beginning with those of `choices`. */
  readonly form?: boolean;
}

interface Outcome {
  readonly job?: JobInfo;
  readonly preview?: SubmitPreview;
}

export type Progress = vscode.Progress<{ readonly message: string }>;

export class Submitter {
  readonly questions: SubmitQuestions;
  readonly #options: SubmitterOptions;

  constructor(options: SubmitterOptions) {
    this.#options = options;
    this.questions = new SubmitQuestions(options.engine, options.memory);
  }

  /** Of this workspace. */
  get lastCluster(): string | undefined {
    return this.questions.lastCluster;
  }

  /** The submitted job; `undefined`: the person changed their mind, or it failed and was reported. */
  async submit(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<JobInfo | undefined> {
    return (await this.#attempt({ uri, choices, action: 'submit' }))?.job;
  }

  /** Asks for options first; in the form people may also choose a dry run. */
  async submitWith(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<JobInfo | undefined> {
    return (await this.#attempt({ uri, choices, action: 'submit', form: true }))?.job;
  }

  /** Shows what `submit` would do, and what the scheduler says of it. The preview, for callers. */
  async dryRun(uri: vscode.Uri | undefined, choices: SubmitChoices = {}): Promise<SubmitPreview | undefined> {
    return (await this.#attempt({ uri, choices, action: 'dryRun' }))?.preview;
  }

  /** What the scheduler says of it; its warnings stand at their directives. */
  async preview({ document, params, files }: Target): Promise<SubmitPreview> {
    const { engine, diagnostics, log } = this.#options;
    // Where files are to come, the directory need not be there yet, and the answer does not depend on it.
    const asked = await engine.previewSubmit(files ? { ...params, workdir: '~' } : params);
    const preview = { ...asked, ...(params.workdir !== undefined && { workdir: params.workdir }) };
    for (const warning of preview.warnings) {
      diagnostics.add(document.uri, params.cluster, warning, vscode.DiagnosticSeverity.Warning);
      log.warn(`${params.cluster}: ${warning.words}`);
    }
    return preview;
  }

  /** Sends the files that it needs, and submits it. */
  async send({ params, files }: Target, progress: Progress, token: vscode.CancellationToken): Promise<JobInfo> {
    if (files) {
      const { cluster, workdir } = params;
      const where = { cluster, ...files, ...(workdir !== undefined && { workdir }) };
      const result = await sendFiles(this.#options.engine, where, progress, token);
      this.#options.log.info(`${cluster}: ${uploadWords(result)}`);
      progress.report({ message: '' });
    }
    if (token.isCancellationRequested) throw Object.assign(new Error('cancelled'), { code: errorCodes.cancelled });
    const job = await this.#options.engine.submit(params, (at) =>
      progress.report({ message: stageWords(at, params.cluster) }),
    );
    this.#options.onSubmitted(job);
    return job;
  }

  async #do(
    action: Action,
    target: Target,
    isRetry: boolean,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<Outcome> {
    const { name, params, document } = target;
    if (action === 'dryRun') {
      const preview = await this.preview(target);
      const report = previewText(name, preview, Date.now() / 1000, target.files?.entries);
      await this.#options.reports.show(l10n.t('Dry run of {0} on {1}', name, params.cluster), report);
      return { preview };
    }
    // A submission that may have been accepted would be told of limits that it has filled itself.
    if (!isRetry && asksFirst(document)) {
      progress.report({ message: l10n.t('asking whether it would be taken') });
      await this.preview(target);
      progress.report({ message: '' });
    }
    return { job: await this.send(target, progress, token) };
  }

  /** Asks what was not chosen, then acts; what fails is told, at the directive it concerns where that is known. */
  async #attempt({ uri, choices, action: wanted, form }: Attempt): Promise<Outcome | undefined> {
    const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
    if (!document) {
      await vscode.window.showInformationMessage(l10n.t('Open the batch script to submit, then run this again.'));
      return undefined;
    }
    const { diagnostics, log } = this.#options;
    const name = basename(document.uri.path);
    let action = wanted;
    // What was picked is not asked again by "Retry".
    let picked = choices;
    const doing = () => {
      const { cluster } = picked;
      if (action === 'submit')
        return cluster === undefined ? l10n.t('Submitting {0}', name) : l10n.t('Submitting {0} to {1}', name, cluster);
      return cluster === undefined ? l10n.t('Trying {0}', name) : l10n.t('Trying {0} on {1}', name, cluster);
    };
    try {
      const script = choices.submitted?.script ?? (await savedScript(document));
      const cluster = await this.questions.cluster(name, choices.cluster);
      if (!cluster) return undefined;
      const isAsked = choices.workdir === undefined && (form || choices.cluster === undefined);
      const workdir = isAsked ? await this.questions.workdir(document, cluster) : choices.workdir;
      if (isAsked && workdir === undefined) return undefined;
      picked = { ...choices, cluster: cluster.name, ...(workdir !== undefined && { workdir }) };
      if (form) {
        const first = choices.options;
        const asked = { name, cluster: cluster.name, ...(first && { first }) };
        const filled = await this.questions.options(document, asked);
        if (!filled) return undefined;
        action = filled.action;
        picked = { ...picked, options: filled.words };
      }
      const key = choices.key ?? randomUUID();
      picked = { ...picked, key };
      const params = { ...submitParams(document, script, { ...picked, cluster: cluster.name }), key };
      diagnostics.clear(document.uri);
      const title = plainLine(`${doing()}…`, 160);
      const files = filesToSend(document, cluster);
      const location = vscode.ProgressLocation.Notification;
      // A submission that has begun cannot be taken back.
      return await vscode.window.withProgress(
        { location, title, cancellable: files !== undefined },
        (progress, token) =>
          this.#do(action, { document, name, params, files }, choices.key !== undefined, progress, token),
      );
    } catch (error) {
      if (Reflect.get(Object(error), 'code') === errorCodes.cancelled) return undefined;
      const { refusal } = explainError(error, doing());
      if (refusal && picked.cluster !== undefined) diagnostics.add(document.uri, picked.cluster, refusal);
      // Not awaited: whoever called the command need not wait until somebody has read the message.
      void reportError(error, doing(), log, {
        Retry: () => this.#attempt({ uri: document.uri, choices: picked, action }),
        'Show Line': () => showRange(document, refusal?.range),
      });
      return undefined;
    }
  }
}

function asksFirst(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration('vigil', document).get('submit.testFirst', true);
}

export function submitParams(
  document: vscode.TextDocument,
  script: string,
  { cluster, workdir, options, submitted, resubmitOf }: SubmitChoices & { readonly cluster: string },
): SubmitParams {
  const scriptPath = submitted ? submitted.scriptPath : localPath(document);
  const onCluster = parseClusterUri(document.uri);
  const scriptName = submitted ? submitted.scriptName : onCluster && basename(onCluster.path);
  return {
    cluster,
    script,
    ...(scriptPath !== undefined && { scriptPath }),
    ...(scriptName !== undefined && { scriptName }),
    ...(workdir !== undefined && { workdir }),
    ...(options && { options }),
    ...(resubmitOf !== undefined && { resubmitOf }),
    // The command needs trust already: whoever gets here without it submits a job whose actions are only recorded.
    ...(!vscode.workspace.isTrusted && { untrusted: true }),
  };
}
