/** Tries the watchers of a script, or one of them, on the output of a job, a file, or the clipboard: nothing is performed. */
import * as vscode from 'vscode';
import type { JobInfo, ReplaySource } from '../../engine/protocol.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { jobNode, newestFirst } from '../jobs/job-node.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ReplayDocuments } from './replay-documents.ts';
import { replayReport } from './replay-report.ts';

/** A source and what people call it. */
interface ChosenSource {
  readonly source: ReplaySource;
  readonly name: string;
}

/**
 * @param uri the script; absent: that of the active editor
 * @param watcher its name; absent: all
 * @param source absent: the person is asked
 */
export async function tryOnOutput(
  engine: EngineClient,
  documents: ReplayDocuments,
  uri: vscode.Uri | undefined,
  watcher: string | undefined,
  source: ReplaySource | undefined,
): Promise<void> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  if (!document) throw new Error('There is no script: open one first.');
  await engine.link.ensure();
  const scriptPath = document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
  const chosen = source ? { source, name: nameOf(engine, source) } : await chooseSource(engine, scriptPath);
  if (!chosen) return;
  const script = document.uri.path.split('/').at(-1) ?? 'script';
  const title = `Trying ${plainLine(watcher ?? 'the watchers', 60)} on ${plainLine(chosen.name, 60)}…`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const result = await vscode.window.withProgress(options, (_, token) =>
    engine.replay(
      {
        script: document.getText(),
        source: chosen.source,
        ...(scriptPath !== undefined && { scriptPath }),
        ...(watcher !== undefined && { watcher }),
      },
      token,
    ),
  );
  await documents.show(
    `${watcher ?? script} on ${chosen.name}`,
    replayReport({ script: watcher === undefined ? script : `${watcher} of ${script}`, source: chosen.name }, result),
  );
}

function nameOf(engine: EngineClient, source: ReplaySource): string {
  if (source.kind === 'text') return 'a text';
  if (source.kind === 'file') return source.stdout.split(/[\\/]/).at(-1) ?? source.stdout;
  const job = engine.store.jobs.get(source.job);
  return job ? jobName(job) : source.job;
}

function jobName(job: JobInfo): string {
  return `job ${plainLine(job.jobId, 40)} (${plainLine(job.name, 60)}, ${plainLine(job.cluster, 60)})`;
}

interface SourceItem extends vscode.QuickPickItem {
  readonly choose?: () => Promise<ChosenSource | undefined>;
}

/** Jobs of this script first. */
async function chooseSource(engine: EngineClient, scriptPath: string | undefined): Promise<ChosenSource | undefined> {
  const now = Date.now() / 1000;
  const jobs = [...engine.store.jobs.values()].filter(({ started }) => started !== undefined).sort(newestFirst);
  const own = scriptPath === undefined ? [] : jobs.filter((job) => job.scriptPath === scriptPath);
  const toItem = (job: JobInfo): SourceItem => {
    const { label, description, icon } = jobNode(job, now);
    return {
      label: `$(${icon.id}) ${label}`,
      description: `${plainLine(job.cluster, 80)} · ${description ?? ''}`,
      choose: async () => ({ source: { kind: 'job', job: job.key }, name: jobName(job) }),
    };
  };
  const items: SourceItem[] = [
    { label: '$(file) Choose a File…', description: 'output that was saved', choose: chooseFile },
    { label: '$(clippy) Text of the Clipboard', choose: clipboard },
    ...section('Jobs of this script', own.map(toItem)),
    ...section('Other jobs', jobs.filter((job) => !own.includes(job)).map(toItem)),
  ];
  // What the person most likely wants is the last run of this very script.
  const ordered = own.length > 0 ? [...items.slice(2), separator('Other output'), ...items.slice(0, 2)] : items;
  const placeHolder = 'The output to try the watchers on; nothing is performed';
  return (await vscode.window.showQuickPick(ordered, { placeHolder, matchOnDescription: true }))?.choose?.();
}

function separator(label: string): SourceItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function section(label: string, items: readonly SourceItem[]): readonly SourceItem[] {
  return items.length > 0 ? [separator(label), ...items] : [];
}

async function chooseFile(): Promise<ChosenSource | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ title: 'Output to try the watchers on' })) ?? [];
  if (!file) return undefined;
  const name = file.path.split('/').at(-1) ?? file.path;
  if (file.scheme === 'file') return { source: { kind: 'file', stdout: file.fsPath }, name };
  const bytes = await vscode.workspace.fs.readFile(file);
  return { source: { kind: 'text', stdout: new TextDecoder().decode(bytes) }, name };
}

async function clipboard(): Promise<ChosenSource | undefined> {
  const stdout = await vscode.env.clipboard.readText();
  if (stdout === '') throw new Error('The clipboard holds no text.');
  return { source: { kind: 'text', stdout }, name: 'the clipboard' };
}
