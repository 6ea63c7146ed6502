/** Adds to the language server's lenses over watchers what their job has matched, and keeps it up to date. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import type { CommandId } from '../commands/command-table.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { jobsOfScript, lastMatchOf, watcherLensText } from './lens-text.ts';

/** A job that matches often changes often: lenses are drawn anew after a pause. */
const settleMs = 1000;

/** The command of the server's lenses; their second argument is the watcher's name. */
const tryCommand: CommandId = 'vigil.tryOnOutput';

export class WatcherLenses {
  readonly #engine: EngineClient;
  readonly #refresh: () => void;
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  /** @param refresh has the editors ask for their lenses again */
  constructor(engine: EngineClient, refresh: () => void) {
    this.#engine = engine;
    this.#refresh = refresh;
    this.#disposables = [
      engine.store.onChange((change) => {
        if (change.kind !== 'cluster') this.#refreshSoon();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('vigil.watcherLenses')) this.#refresh();
      }),
    ];
  }

  /** The lenses that an editor shows, given those of the language server. */
  extend(document: vscode.TextDocument, lenses: readonly vscode.CodeLens[]): vscode.CodeLens[] {
    if (!vscode.workspace.getConfiguration('vigil').get('watcherLenses.enabled', true)) return [];
    const { store } = this.#engine;
    const path = document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
    const jobs = path === undefined ? undefined : jobsOfScript(store.jobs.values(), path);
    if (!jobs) return [...lenses];
    const log = store.eventlogs.get(jobs.head.key);
    const hasMatches = jobs.head.watchers.some(({ matchCount }) => matchCount > 0);
    // When it is read the store says so, and the lenses are drawn again.
    if (!log && hasMatches) void this.#engine.loadEventlog(jobs.head.key);
    return lenses.flatMap((lens) => {
      const name: unknown = lens.command?.command === tryCommand ? lens.command.arguments?.[1] : undefined;
      if (typeof name !== 'string') return [lens];
      const title = watcherLensText(jobs, name, log && lastMatchOf(log, name), Date.now() / 1000);
      if (title === undefined) return [lens];
      const showJob: CommandId = 'vigil.showJob';
      const command = { title, tooltip: l10n.t('Show the job'), command: showJob, arguments: [jobs.head.key] };
      return [lens, new vscode.CodeLens(lens.range, command)];
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#refresh();
    }, settleMs);
  }
}
