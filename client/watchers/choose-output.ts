/** Which output watchers are tried on: that of a job, a file, or what is in the clipboard. */
import * as vscode from 'vscode';
import type { JobInfo, ReplaySource } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { newestFirst } from '../jobs/arrangement.ts';
import { jobNode } from '../jobs/job-node.ts';
import { plainLine } from '../text/plain-text.ts';

/** A source and what people call it. */
export interface NamedSource {
  readonly source: ReplaySource;
  readonly name: string;
}

export type ChosenOutput = (
  | { readonly kind: 'job'; readonly job: JobInfo }
  | { readonly kind: 'file'; readonly uri: vscode.Uri }
  | { readonly kind: 'text'; readonly text: string }
) & {
  /** The whole of it, for the engine. */
  readonly source: () => Promise<NamedSource>;
};

interface OutputItem extends vscode.QuickPickItem {
  readonly choose?: () => Promise<ChosenOutput | undefined>;
}

/** Jobs of the script at `scriptPath` come first. */
export async function chooseOutput(
  engine: EngineClient,
  scriptPath: string | undefined,
): Promise<ChosenOutput | undefined> {
  const now = Date.now() / 1000;
  const jobs = [...engine.store.jobs.values()].filter(({ started }) => started !== undefined).sort(newestFirst);
  const own = scriptPath === undefined ? [] : jobs.filter((job) => job.scriptPath === scriptPath);
  const toItem = (job: JobInfo): OutputItem => {
    const { label, description, icon } = jobNode(job, { now, underCluster: true });
    return {
      label: `$(${icon.id}) ${label}`,
      description: `${plainLine(job.cluster, 80)} · ${description ?? ''}`,
      choose: async () => ofJob(job),
    };
  };
  const items: OutputItem[] = [
    { label: `$(file) ${l10n.t('Choose a File…')}`, description: l10n.t('output that was saved'), choose: chooseFile },
    { label: l10n.t('$(clippy) Text of the Clipboard'), choose: clipboard },
    ...section(l10n.t('Jobs of this script'), own.map(toItem)),
    ...section(l10n.t('Other jobs'), jobs.filter((job) => !own.includes(job)).map(toItem)),
  ];
  // What the person most likely wants is the last run of this very script.
  const ordered = own.length > 0 ? [...items.slice(2), separator(l10n.t('Other output')), ...items.slice(0, 2)] : items;
  const placeHolder = l10n.t('The output to try the watchers on; nothing is performed');
  return (await vscode.window.showQuickPick(ordered, { placeHolder, matchOnDescription: true }))?.choose?.();
}

export function jobName(job: JobInfo): string {
  return l10n.t('job {0} ({1}, {2})', plainLine(job.jobId, 40), plainLine(job.name, 60), plainLine(job.cluster, 60));
}

function ofJob(job: JobInfo): ChosenOutput {
  return { kind: 'job', job, source: async () => ({ source: { kind: 'job', job: job.key }, name: jobName(job) }) };
}

function separator(label: string): OutputItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function section(label: string, items: readonly OutputItem[]): readonly OutputItem[] {
  return items.length > 0 ? [separator(label), ...items] : [];
}

async function chooseFile(): Promise<ChosenOutput | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ title: l10n.t('Output to try the watchers on') })) ?? [];
  if (!uri) return undefined;
  const name = uri.path.split('/').at(-1) ?? uri.path;
  const source = async (): Promise<NamedSource> => {
    if (uri.scheme === 'file') return { source: { kind: 'file', stdout: uri.fsPath }, name };
    const bytes = await vscode.workspace.fs.readFile(uri);
    return { source: { kind: 'text', stdout: new TextDecoder().decode(bytes) }, name };
  };
  return { kind: 'file', uri, source };
}

async function clipboard(): Promise<ChosenOutput | undefined> {
  const text = await vscode.env.clipboard.readText();
  if (text === '') throw new Error(l10n.t('The clipboard holds no text.'));
  return {
    kind: 'text',
    text,
    source: async () => ({ source: { kind: 'text', stdout: text }, name: l10n.t('the clipboard') }),
  };
}
