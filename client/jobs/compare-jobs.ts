/** Two jobs side by side: their eventlogs, or how each was submitted and what came of it. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJobs } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { comparableText } from '../eventlogs/eventlog-file.ts';
import { plainLine } from '../text/plain-text.ts';
import { jobRecordText } from './job-record-text.ts';
import type { Subjects } from './order-commands.ts';

const scheme = 'vigil-compared';

/** What of the jobs is compared. */
export type Compared = 'eventlog' | 'job';

export class ComparedJobs implements vscode.TextDocumentContentProvider {
  readonly #engine: EngineClient;
  readonly #registration: vscode.Disposable;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  async provideTextDocumentContent({ authority, query }: vscode.Uri): Promise<string> {
    await this.#engine.link.ensure();
    await this.#engine.loadEventlog(query);
    const { store } = this.#engine;
    const eventlog = store.eventlogs.get(query) ?? [];
    if (authority === 'eventlog') return comparableText(eventlog);
    const job = store.jobs.get(query);
    if (!job) throw new Error(l10n.t('There is no job {0} any more.', plainLine(query, 80)));
    const [submission, usage] = await Promise.all([this.#engine.submission(query), this.#engine.usage(job)]);
    return jobRecordText({ job, submission, usage, eventlog });
  }

  /** The two that are selected, or one and another that the person picks. */
  async compare(what: Compared, subjects: Subjects): Promise<void> {
    const chosen = await chooseJobs(this.#engine, subjects, l10n.t('The first job'), () => true);
    if (!chosen) return;
    const [one, other = await this.#second(chosen[0])] = chosen;
    if (!one || !other) return;
    if (chosen.length > 2) throw new Error(l10n.t('Select two jobs: one is compared with the other.'));
    const names = [plainLine(one.key, 60), plainLine(other.key, 60)] as const;
    const title = what === 'eventlog' ? l10n.t('Eventlogs: {0} ↔ {1}', ...names) : l10n.t('Jobs: {0} ↔ {1}', ...names);
    await vscode.commands.executeCommand('vscode.diff', uriOf(what, one), uriOf(what, other), title);
  }

  async #second(one: JobInfo | undefined): Promise<JobInfo | undefined> {
    const others = (job: JobInfo) => job.key !== one?.key;
    return (await chooseJobs(this.#engine, [undefined, undefined], l10n.t('The job to compare it with'), others))?.[0];
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

const uriOf = (what: Compared, { key, jobId }: JobInfo) =>
  vscode.Uri.from({
    scheme,
    authority: what,
    path: `/${plainLine(jobId, 60).replaceAll('/', '∕')}.${what === 'eventlog' ? 'log' : 'txt'}`,
    query: key,
  });
