/** Commands on the watchers of jobs: pause, resume, stop, trigger, edit, attach, and run over output that is there. */
import * as vscode from 'vscode';
import { attachWatchers, controlWatcher, editWatcher, runWatchers } from '../../engine/protocol/watchers.ts';
import type { JobInfo, JobKey, WatcherInfo, WatcherVerb } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJob, namedWatcher } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { chooseScript } from './choose-script.ts';
import { chooseStart } from './choose-start.ts';
import type { ReplayDocuments } from './replay-documents.ts';
import { replayReport } from './replay-report.ts';
import { watcherNode } from './watcher-node.ts';

interface ChosenWatcher {
  readonly job: JobInfo;
  readonly watcher: WatcherInfo;
}

const questions: { readonly [verb in WatcherVerb]: string } = {
  pause: l10n.t('The watcher to pause'),
  resume: l10n.t('The watcher to resume'),
  stop: l10n.t('The watcher to stop'),
  trigger: l10n.t('The watcher to trigger now'),
};

/** Arguments of the command: the row, or the job's key and the watcher's name. */
export async function control(engine: EngineClient, verb: WatcherVerb, subject: unknown, name: unknown): Promise<void> {
  const chosen = await chooseWatcher(engine, subject, name, questions[verb]);
  if (!chosen) return;
  const { job, watcher } = chosen;
  const connection = await engine.link.ensure();
  engine.store.setJob(await connection.sendRequest(controlWatcher, { job: job.key, watcher: watcher.name, verb }));
}

/** The watcher of that name in the script of the active editor takes the place of the one that runs. */
export async function edit(engine: EngineClient, subject: unknown, name: unknown): Promise<void> {
  const chosen = await chooseWatcher(engine, subject, name, l10n.t('The watcher to change'));
  if (!chosen) return;
  const { job, watcher } = chosen;
  const script = await chooseScript(
    l10n.t('The script in which "{0}" is written as it is to be', plainLine(watcher.name, 60)),
  );
  if (!script) return;
  const connection = await engine.link.ensure();
  const params = { job: job.key, watcher: watcher.name, script: script.getText() };
  engine.store.setJob(await connection.sendRequest(editWatcher, params));
}

/** Arguments: the job, the script's address, `start` or `end`. What is absent is asked for. */
export async function attach(
  engine: EngineClient,
  subject: unknown,
  uri: unknown,
  from: unknown,
): Promise<JobKey | undefined> {
  const job = await chooseJob(engine, subject, l10n.t('The job that gets watchers'), () => true);
  if (!job) return undefined;
  const script =
    uri instanceof vscode.Uri
      ? await vscode.workspace.openTextDocument(uri)
      : await chooseScript(l10n.t('The script whose watchers are attached'));
  if (!script) return undefined;
  const begun = !job.logEnded && job.started !== undefined;
  const where = from === 'start' || from === 'end' ? from : begun ? await chooseStart() : 'start';
  if (!where) return undefined;
  const connection = await engine.link.ensure();
  const params = { job: job.key, script: script.getText(), from: where };
  engine.store.setJob(await connection.sendRequest(attachWatchers, params));
  return job.key;
}

/** Over the output of a job that is over: dry first, then, if the person wants that, with the actions. */
export async function run(
  engine: EngineClient,
  documents: ReplayDocuments,
  subject: unknown,
  name: unknown,
): Promise<void> {
  const job = await chooseJob(
    engine,
    subject,
    l10n.t('The job whose watchers run over its output'),
    (one) => one.logEnded,
  );
  if (!job) return;
  const one = typeof name === 'string' ? name : namedWatcher(subject);
  const connection = await engine.link.ensure();
  const source = l10n.t('job {0} ({1})', plainLine(job.jobId, 40), plainLine(job.name, 60));
  const title =
    one === undefined
      ? l10n.t('Trying the watchers on {0}…', source)
      : l10n.t('Trying {0} on {1}…', plainLine(one, 60), source);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const params = { source: { kind: 'job', job: job.key }, ...(one === undefined ? {} : { watcher: one }) } as const;
  const result = await vscode.window.withProgress(options, (_, token) => engine.replay(params, token));
  await documents.show(
    one === undefined ? l10n.t('watchers on {0}', source) : l10n.t('{0} on {1}', one, source),
    replayReport({ script: one ?? job.name, source }, result),
  );
  const count = result.events.filter((event) => event.name === 'watcher.action').length;
  if (count === 0) return;
  const perform = l10n.t('Perform the Actions');
  const question =
    count === 1
      ? l10n.t('1 action would run over the output of {0}; nothing was done yet.', source)
      : l10n.t('{0} actions would run over the output of {1}; nothing was done yet.', count, source);
  if ((await vscode.window.showInformationMessage(question, perform)) !== perform) return;
  const wanted = one === undefined ? {} : { watchers: [one] };
  engine.store.setJob((await connection.sendRequest(runWatchers, { job: job.key, ...wanted })).job);
}

async function chooseWatcher(
  engine: EngineClient,
  subject: unknown,
  name: unknown,
  placeHolder: string,
): Promise<ChosenWatcher | undefined> {
  const wanted = typeof name === 'string' ? name : namedWatcher(subject);
  const job = await chooseJob(
    engine,
    subject,
    placeHolder,
    ({ watchers, logEnded }) => watchers.length > 0 && !logEnded,
  );
  if (!job) return undefined;
  if (wanted !== undefined) {
    const watcher = job.watchers.find((one) => one.name === wanted);
    if (!watcher) throw new Error(l10n.t('Job {0} has no watcher "{1}" (any more).', job.key, wanted));
    return { job, watcher };
  }
  const items = job.watchers.map((watcher) => {
    const { label, description, icon } = watcherNode(job, watcher);
    return { label: `$(${icon.id}) ${label}`, description: description ?? '', watcher };
  });
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  return chosen && { job, watcher: chosen.watcher };
}
