/** Submissions that begin with a job: one that waits for it, and the same once more with changes. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJob } from '../commands/subjects.ts';
import { scriptUri } from '../documents/job-uri.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { dependencyKinds, dependencyName, dependencyOn, withValue } from './option-fields.ts';
import type { SubmitChoices, Submitter } from './submit-job.ts';

interface Services {
  readonly engine: EngineClient;
  readonly submitter: Submitter;
}

/** Submits the script in the active editor so that it waits for `subject`. */
export async function submitAfter({ engine, submitter }: Services, subject: unknown): Promise<string | undefined> {
  if (!vscode.window.activeTextEditor)
    throw new Error(l10n.t('Open the batch script that is to wait for the job first.'));
  const job = await chooseJob(engine, subject, l10n.t('The job to wait for'), () => true);
  if (!job) return undefined;
  const { scheduler } = engine.store.clusters.get(job.cluster) ?? {};
  const kinds = dependencyKinds.filter(({ slurmOnly }) => !slurmOnly || scheduler !== 'flux');
  const kind = await vscode.window.showQuickPick(
    kinds.map(({ kind: label, words }) => ({ label, description: words })),
    { placeHolder: l10n.t('Start when of job {0} …', job.jobId) },
  );
  if (!kind) return undefined;
  const options = withValue([], dependencyName, dependencyOn(kind.label, [job.jobId]));
  return (await submitter.submitWith(undefined, { cluster: job.cluster, options }))?.key;
}

/** What a caller may decide beforehand: then nothing is asked. */
export interface ResubmitChoices {
  readonly options: readonly string[];
  /** The file as it is now, in place of the script as it was submitted. */
  readonly file?: boolean;
}

/** Submits the script of a job once more, with its options to be changed first. */
export async function resubmit(
  { engine, submitter }: Services,
  subject: unknown,
  decided?: ResubmitChoices,
): Promise<string | undefined> {
  const job = await chooseJob(engine, subject, l10n.t('The job to submit again'), () => true);
  if (!job) return undefined;
  const submission = await engine.submission(job.key);
  const file = await changedFile(job, submission.script);
  const source = decided ? (decided.file ? file : undefined) : await chooseSource(file);
  if (source === null) return undefined;
  const { script, scriptPath, workdir } = submission;
  const original: SubmitChoices = source
    ? {}
    : { submitted: { script, ...(scriptPath === undefined ? { scriptName: job.name } : { scriptPath }) } };
  const choices = {
    cluster: job.cluster,
    resubmitOf: job.key,
    options: decided?.options ?? submission.options,
    ...original,
    ...(workdir !== undefined && { workdir }),
  };
  const uri = source ?? vscode.Uri.from(scriptUri(job));
  const again = decided ? await submitter.submit(uri, choices) : await submitter.submitWith(uri, choices);
  return again?.key;
}

/** The file that the job was submitted from, if it is there and holds something else by now. */
async function changedFile(job: JobInfo, script: string): Promise<vscode.Uri | undefined> {
  if (job.scriptPath === undefined) return undefined;
  const uri = vscode.Uri.file(job.scriptPath);
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return text === script ? undefined : uri;
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return undefined;
    throw error;
  }
}

/** `undefined`: the script as it was submitted; `null`: declined. */
async function chooseSource(file: vscode.Uri | undefined): Promise<vscode.Uri | undefined | null> {
  if (!file) return undefined;
  const picked = await vscode.window.showQuickPick(
    [
      { label: l10n.t('The script as it was submitted'), uri: undefined },
      { label: l10n.t('The file as it is now'), description: plainLine(file.fsPath, 200), uri: file },
    ],
    { placeHolder: l10n.t('The file has changed since: which one is to be submitted?') },
  );
  return picked ? picked.uri : null;
}
