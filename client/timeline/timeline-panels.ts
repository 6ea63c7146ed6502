/** Timelines in tabs: one for each choice of jobs, kept in step with what the engine tells of them. */
import * as vscode from 'vscode';
import type { JobUsage } from '../../engine/protocol/jobs.ts';
import type { JobInfo, JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { ExportFormat, FromTimelinePage, TimelineView } from '../../webview/timeline-view.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { StoreChange } from '../engine/job-store.ts';
import { PagePanel } from '../pages/page-panel.ts';
import { MarkColumns } from './mark-columns.ts';
import { mostRows, timelineJobs, timelineView } from './timeline-view.ts';

/** Changes are gathered this long; of long logs longer, as all of them is sent. */
const gatherMs = 250;
const gatherLongMs = 3000;
const longLog = 20_000;

interface Tab {
  readonly keys: readonly JobKey[];
  readonly panel: PagePanel<TimelineView, FromTimelinePage>;
  readonly columns: MarkColumns;
  shown: TimelineView;
  gathering?: NodeJS.Timeout;
}

export class TimelinePanels {
  readonly #engine: EngineClient;
  readonly #extension: vscode.Uri;
  readonly #onError: (error: unknown) => void;
  readonly #warn: (error: unknown) => void;
  readonly #tabs = new Map<string, Tab>();
  /** As accounting had them when they were last asked for. */
  readonly #usages = new Map<JobKey, JobUsage>();
  readonly #listener: { dispose(): void };

  /** @param onError shows what a person has asked for and did not get; `warn` logs all else */
  constructor(
    engine: EngineClient,
    extension: vscode.Uri,
    onError: (error: unknown) => void,
    warn: (error: unknown) => void,
  ) {
    this.#engine = engine;
    this.#extension = extension;
    this.#onError = onError;
    this.#warn = warn;
    this.#listener = engine.store.onChange((change) => {
      for (const tab of this.#tabs.values()) {
        if (!concerns(change, tab.shown)) continue;
        this.#gather(tab);
        const isOver = change.kind === 'job' && engine.store.jobs.get(change.key)?.logEnded;
        if (isOver && tab.keys.includes(change.key)) this.#readUsages(tab);
      }
    });
  }

  /** Opens, or brings to the front, the timeline of these jobs. */
  async open(jobs: readonly JobInfo[]): Promise<void> {
    const keys = jobs.map(({ key }) => key);
    const id = JSON.stringify(keys);
    const open = this.#tabs.get(id);
    if (open) {
      open.panel.reveal();
      return;
    }
    const columns = new MarkColumns();
    await this.#readLogs(keys);
    const shown = this.#view(keys, columns);
    const panel = new PagePanel<TimelineView, FromTimelinePage>(this.#extension, {
      script: 'timeline-page',
      title: l10n.t('Timeline of {0}', shown.title),
      place: 'active',
      keepsState: false,
      onMessage: (message) => {
        if (message.kind === 'export') void this.#export(shown.title, message).catch(this.#onError);
      },
      onClosed: () => {
        clearTimeout(this.#tabs.get(id)?.gathering);
        this.#tabs.delete(id);
      },
    });
    const tab = { keys, panel, columns, shown };
    this.#tabs.set(id, tab);
    panel.show(shown);
    this.#readUsages(tab);
  }

  /** What the open ones show. */
  get shown(): readonly TimelineView[] {
    return [...this.#tabs.values()].map(({ shown }) => shown);
  }

  dispose(): void {
    this.#listener.dispose();
    for (const { panel } of [...this.#tabs.values()]) panel.close();
  }

  #view(keys: readonly JobKey[], columns: MarkColumns): TimelineView {
    const { jobs, eventlogs } = this.#engine.store;
    return timelineView({ keys, jobs, eventlogs, usages: this.#usages, now: Date.now() / 1000 }, columns);
  }

  async #readLogs(keys: readonly JobKey[]): Promise<void> {
    const { store } = this.#engine;
    const shown = timelineJobs(store.jobs, keys).slice(0, mostRows);
    const missing = shown.filter(({ key }) => !store.eventlogs.has(key));
    await Promise.all(missing.map(({ key }) => this.#engine.loadEventlog(key)));
  }

  /** Of the jobs that are meant; of one that is over only what is not known yet. A cluster that does not tell is no error. */
  #readUsages(tab: Tab): void {
    const { jobs } = this.#engine.store;
    for (const job of tab.keys.flatMap((key) => jobs.get(key) ?? [])) {
      const known = this.#usages.get(job.key);
      if (job.started === undefined || job.isArray || (known && isFinal(known))) continue;
      this.#engine.usage(job).then(
        (usage) => {
          if (!usage) return;
          this.#usages.set(job.key, usage);
          this.#gather(tab);
        },
        (error: unknown) => this.#warn(`accounting of ${job.key}: ${String(error)}`),
      );
    }
  }

  #gather(tab: Tab): void {
    const marks = tab.shown.rows.reduce((sum, row) => sum + row.marks.times.length, 0);
    tab.gathering ??= setTimeout(
      () => {
        delete tab.gathering;
        this.#readLogs(tab.keys)
          .then(() => {
            tab.shown = this.#view(tab.keys, tab.columns);
            tab.panel.show(tab.shown);
          })
          .catch(this.#onError);
      },
      marks > longLog ? gatherLongMs : gatherMs,
    );
  }

  async #export(
    title: string,
    { format, data }: { readonly format: ExportFormat; readonly data: string },
  ): Promise<void> {
    const name = `timeline-${title.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60)}.${format}`;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const uri = await vscode.window.showSaveDialog({
      filters: { [format.toUpperCase()]: [format] },
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    });
    if (uri) await vscode.workspace.fs.writeFile(uri, Buffer.from(data, format === 'png' ? 'base64' : 'utf8'));
  }
}

/** A job that is new may be one more of the lineage. */
function concerns(change: StoreChange, { rows }: TimelineView): boolean {
  if (change.kind === 'cluster') return false;
  return change.kind !== 'events' || rows.some(({ key }) => key === change.key);
}

/** Nothing of it goes on. */
function isFinal({ steps, memoryBytes }: JobUsage): boolean {
  return memoryBytes !== undefined && steps.every(({ ended }) => ended !== undefined);
}
