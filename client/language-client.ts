/**
 * The language server of this window: started, told what the cluster says, explained when it dies. A bundle of its own, read
 * when the first script is opened: most of what it weighs is a library.
 */

import './translate.ts';

import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  CodeLensRequest,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import {
  type ClusterFacts,
  type ClusterFactsParams,
  clusterFactsMethod,
} from '../language/directives/cluster-facts.ts';
import * as l10n from '../language/text/l10n.ts';
import type { InsertedWatcher } from '../language/watcher/insert-watcher.ts';
import type { WatcherOfLineParams, watcherOfLineMethod } from '../language/watcher/pattern-of-line.ts';
import { linkToPage } from './diagnostic-pages.ts';
import type { ExtendLenses } from './language-service.ts';
import { serverNodeFlags } from './server-options.ts';

const watcherOfLine: typeof watcherOfLineMethod = 'vigil/watcherOfLine';

/** A server that dies this often within `crashWindowMs` is not started again by itself. */
const maxCrashes = 4;
const crashWindowMs = 180_000;

export interface LanguageServerOptions {
  /** Path of dist/server.js. */
  readonly program: string;
  readonly selector: readonly ({ scheme: string; language: string } | { scheme: string; pattern: string })[];
  readonly log: vscode.LogOutputChannel;
  /** What editors show, given the server's lenses. */
  readonly extendLenses: ExtendLenses;
}

export class LanguageServer {
  readonly #client: LanguageClient;
  readonly #log: vscode.LogOutputChannel;
  #facts: ClusterFacts | null = null;
  /** When it died of late. */
  #crashesMs: readonly number[] = [];

  constructor({ program, selector, log, extendLenses }: LanguageServerOptions) {
    this.#log = log;
    const run = { module: program, transport: TransportKind.ipc, options: { execArgv: [...serverNodeFlags] } };
    const debug = { ...run, options: { execArgv: [...serverNodeFlags, '--nolazy', '--inspect=6017'] } };
    this.#client = new LanguageClient(
      'vigil',
      l10n.t('Vigil Language Server'),
      { run, debug },
      {
        documentSelector: [...selector],
        outputChannel: log,
        errorHandler: this.#errorHandler(),
        // The commands that lenses name, and the language of its texts.
        initializationOptions: { commands: true, translations: vscode.l10n.bundle },
        middleware: {
          provideDiagnostics: async (document, previous, token, next) => {
            const report = await next(document, previous, token);
            if (report && 'items' in report) report.items.forEach(linkToPage);
            return report;
          },
          provideCodeLenses: async (document, token, next) =>
            extendLenses(document, (await next(document, token)) ?? []),
        },
      },
    );
    // A server that was started again knows nothing yet.
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running && this.#facts) this.#sendFacts();
    });
  }

  async start(): Promise<void> {
    try {
      await this.#client.start();
    } catch (error) {
      // A server that ended is started again, or explained, by the error handler.
      if (this.#crashesMs.length === 0)
        this.#explain(l10n.t("Vigil's language server could not be started: {0}.", String(error)));
    }
  }

  /** A client whose start failed cannot be stopped, only started. */
  restart(): Promise<void> {
    return this.#client.isRunning() ? this.#client.restart() : this.#client.start();
  }

  async stop(): Promise<void> {
    if (this.#client.needsStop()) await this.#client.stop();
  }

  /** What the cluster in use says of itself; `null`: nothing is known. */
  setClusterFacts(facts: ClusterFacts | null): void {
    this.#facts = facts;
    if (this.#client.isRunning()) this.#sendFacts();
  }

  #sendFacts(): void {
    const params: ClusterFactsParams = { facts: this.#facts };
    this.#client
      .sendNotification(clusterFactsMethod, params)
      .catch((error: unknown) => this.#log.warn(`facts of the cluster: ${String(error)}`));
  }

  /** A watcher for lines like the one given; `null`: it has nothing that a pattern could hold on to. Starts the server. */
  async watcherOfLine(params: WatcherOfLineParams): Promise<InsertedWatcher | null> {
    await this.#client.start();
    return this.#client.sendRequest(watcherOfLine, params);
  }

  /** Has the editors ask for their lenses again. */
  refreshLenses(): void {
    const feature = this.#client.getFeature(CodeLensRequest.method);
    for (const document of vscode.workspace.textDocuments) {
      feature?.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    }
  }

  #errorHandler(): ErrorHandler {
    return {
      error: (error, _message, count) => {
        this.#log.error(`language server connection: ${error.message}`);
        return {
          action: count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
          handled: true,
        };
      },
      closed: (): CloseHandlerResult => {
        const nowMs = Date.now();
        this.#crashesMs = [...this.#crashesMs.filter((atMs) => nowMs - atMs < crashWindowMs), nowMs];
        const recent = this.#crashesMs.length;
        if (recent <= maxCrashes) {
          this.#log.warn(`The language server ended unexpectedly; starting it again (${recent} of ${maxCrashes}).`);
          return { action: CloseAction.Restart, handled: true };
        }
        this.#crashesMs = [];
        this.#explain(
          l10n.t(
            "Vigil's language server ended {0} times within three minutes and is not started again by itself.",
            recent,
          ),
        );
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  #explain(what: string): void {
    this.#log.error(what);
    const message = `${what} ${l10n.t('Diagnostics, completion and hover are off; submitting works.')}`;
    const [again, showLog] = [l10n.t('Start Again'), l10n.t('Show Log')];
    const show = async () => {
      const chosen = await vscode.window.showErrorMessage(message, again, showLog);
      if (chosen === again) await this.restart();
      else if (chosen === showLog) this.#log.show();
    };
    show().catch((error: unknown) => {
      this.#log.error(`The language server could not be started: ${String(error)}`);
      void vscode.window.showErrorMessage(l10n.t("Vigil's language server could not be started: {0}", String(error)));
    });
  }
}
