/** One script to several clusters: all are asked first, so that nothing is submitted anywhere before it is known who refuses. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ClusterInfo, JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { explainError } from '../engine/explain-error.ts';
import { plainLine } from '../text/plain-text.ts';
import { savedScript } from './script-file.ts';
import type { SubmitDiagnostics } from './submit-diagnostics.ts';
import { type Progress, type Submitter, submitParams, type Target } from './submit-job.ts';
import { filesToSend } from './upload-files.ts';

export interface SeveralOptions {
  readonly submitter: Submitter;
  readonly diagnostics: SubmitDiagnostics;
  readonly log: vscode.LogOutputChannel;
}

/** What a caller may decide beforehand: then nothing is asked, and those that refuse are left out. */
export interface SeveralChoices {
  readonly clusters: readonly string[];
  readonly options?: readonly string[];
}

interface Failure {
  readonly cluster: string;
  readonly message: string;
}

/** The jobs that came of it. */
export async function submitToSeveral(
  options: SeveralOptions,
  uri: vscode.Uri | undefined,
  choices?: SeveralChoices,
): Promise<readonly JobInfo[]> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  if (!document) {
    await vscode.window.showInformationMessage(l10n.t('Open the batch script to submit, then run this again.'));
    return [];
  }
  const name = basename(document.uri.path);
  const { questions } = options.submitter;
  const script = await savedScript(document);
  const clusters = choices
    ? (await Promise.all(choices.clusters.map((cluster) => questions.cluster(name, cluster)))).filter(
        (cluster) => cluster !== undefined,
      )
    : await questions.clusters(document, name);
  if (clusters.length === 0) return [];
  const target = (cluster: ClusterInfo): Target => {
    const workdir = questions.usualWorkdir(document, cluster);
    const given = { cluster: cluster.name, workdir, ...(choices?.options && { options: choices.options }) };
    const params = { ...submitParams(document, script, given), key: randomUUID() };
    return { document, name, params, files: filesToSend(document, cluster) };
  };
  options.diagnostics.clear(document.uri);
  const targets = clusters.map(target);
  const asked = await forEach(
    options,
    targets,
    l10n.t('Asking {0} clusters about {1}…', clusters.length, name),
    (one) => options.submitter.preview(one),
  );
  const willing = targets.filter(({ params }) => asked.failures.every(({ cluster }) => cluster !== params.cluster));
  if (asked.failures.length > 0 && !choices && !(await wantsTheRest(name, asked.failures, willing.length))) return [];
  if (willing.length === 0) {
    if (choices) tell(name, asked.failures);
    return [];
  }
  const sent = await forEach(
    options,
    willing,
    l10n.t('Submitting {0} to {1} clusters…', name, willing.length),
    (one, progress, token) => options.submitter.send(one, progress, token),
  );
  const failures = choices ? [...asked.failures, ...sent.failures] : sent.failures;
  if (failures.length > 0) tell(name, failures);
  return sent.results;
}

async function forEach<Result>(
  { diagnostics, log }: SeveralOptions,
  targets: readonly Target[],
  title: string,
  work: (target: Target, progress: Progress, token: vscode.CancellationToken) => Promise<Result>,
): Promise<{ readonly results: readonly Result[]; readonly failures: readonly Failure[] }> {
  const results: Result[] = [];
  const failures: Failure[] = [];
  const one = async (target: Target, progress: Progress, token: vscode.CancellationToken) => {
    const { cluster } = target.params;
    try {
      results.push(await work(target, progress, token));
    } catch (error) {
      const { refusal, message } = explainError(error, cluster);
      if (refusal) diagnostics.add(target.document.uri, cluster, refusal);
      log.error(message);
      failures.push({ cluster, message });
    }
  };
  const location = vscode.ProgressLocation.Notification;
  const cancellable = targets.some(({ files }) => files !== undefined);
  await vscode.window.withProgress({ location, title: plainLine(title, 160), cancellable }, (progress, token) =>
    Promise.all(targets.map((target) => one(target, progress, token))),
  );
  return { results, failures };
}

async function wantsTheRest(name: string, failures: readonly Failure[], willing: number): Promise<boolean> {
  const detail = failures.map(({ message }) => message).join('\n');
  const question = l10n.t(
    '{0} of {1} clusters would not take {2}. Nothing has been submitted yet.',
    failures.length,
    failures.length + willing,
    plainLine(name, 80),
  );
  const rest = l10n.t('Submit to the Others');
  const buttons = willing > 0 ? [rest] : [];
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, ...buttons)) === rest;
}

function tell(name: string, failures: readonly Failure[]): void {
  const words = failures.map(({ message }) => message).join(' ');
  void vscode.window.showErrorMessage(plainLine(l10n.t('{0} was not submitted everywhere. {1}', name, words), 1000));
}
