/** The eventlogs of two jobs side by side, with times since their first events. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJobs } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { Subjects } from '../jobs/order-commands.ts';
import { plainLine } from '../text/plain-text.ts';
import { comparableText } from './eventlog-file.ts';

const scheme = 'vigil-compared-eventlog';

export class ComparedEventlogs implements vscode.TextDocumentContentProvider {
  readonly #engine: EngineClient;
  readonly #registration: vscode.Disposable;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    await this.#engine.link.ensure();
    await this.#engine.loadEventlog(query);
    return comparableText(this.#engine.store.eventlogs.get(query) ?? []);
  }

  /** The two that are selected, or one and another that the person picks. */
  async compare(subjects: Subjects): Promise<void> {
    const chosen = await chooseJobs(this.#engine, subjects, l10n.t('The first job'), () => true);
    if (!chosen) return;
    const [one, other = await this.#second(chosen[0])] = chosen;
    if (!one || !other) return;
    if (chosen.length > 2) throw new Error(l10n.t('Select two jobs: their eventlogs are compared.'));
    const title = l10n.t('Eventlogs: {0} ↔ {1}', plainLine(one.key, 60), plainLine(other.key, 60));
    await vscode.commands.executeCommand('vscode.diff', uriOf(one), uriOf(other), title);
  }

  async #second(one: JobInfo | undefined): Promise<JobInfo | undefined> {
    const others = (job: JobInfo) => job.key !== one?.key;
    return (await chooseJobs(this.#engine, [undefined, undefined], l10n.t('The job to compare it with'), others))?.[0];
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

const uriOf = ({ key, jobId }: JobInfo) =>
  vscode.Uri.from({ scheme, path: `/${plainLine(jobId, 60).replaceAll('/', '∕')}.log`, query: key });
