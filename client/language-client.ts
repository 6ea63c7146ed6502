/** Starts the language server when the first document comes that it can help with, and explains when it dies. */
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
import type { InsertedWatcher } from '../language/watcher/insert-watcher.ts';
import type { WatcherOfLineParams, watcherOfLineMethod } from '../language/watcher/pattern-of-line.ts';
import { scriptLanguages } from './script-languages.ts';
import { serverNodeFlags } from './server-options.ts';
import { lookAtScript } from './submit/detect-script.ts';

/** Where scripts are edited; not: comparisons, histories and Vigil's own read-only documents. */
export const scriptSchemes: ReadonlySet<string> = new Set(['file', 'untitled', 'vscode-remote', 'vscode-vfs']);

export const scriptSelector: { scheme: string; language: string }[] = [...scriptSchemes].flatMap((scheme) =>
  scriptLanguages.map((language) => ({ scheme, language })),
);

/** Workflow files by their names, launch recipes of ssync by their folders. VS Code's globs have no braces within braces. */
const workflowPatterns = [
  '**/*.vigil.{yaml,yml}',
  '**/.ssync/{recipes,workflows,partitions,hosts,envs,watchers}/*.{yaml,yml}',
];
const workflowSelector: { scheme: string; pattern: string }[] = [...scriptSchemes].flatMap((scheme) =>
  workflowPatterns.map((pattern) => ({ scheme, pattern })),
);

const watcherOfLine: typeof watcherOfLineMethod = 'vigil/watcherOfLine';

/** A server that dies this often within `crashWindowMs` is not started again by itself. */
const maxCrashes = 4;
const crashWindowMs = 180_000;

export type ExtendLenses = (document: vscode.TextDocument, lenses: readonly vscode.CodeLens[]) => vscode.CodeLens[];

export class LanguageService {
  readonly #client: LanguageClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #disposables: vscode.Disposable[] = [];
  #started = false;
  #facts: ClusterFacts | null = null;
  /** When it died of late. */
  #crashesMs: readonly number[] = [];

  /**
   * @param serverProgram path of dist/server.js
   * @param extendLenses what editors show, given the server's lenses
   */
  constructor(serverProgram: string, log: vscode.LogOutputChannel, extendLenses: ExtendLenses) {
    this.#log = log;
    const run = { module: serverProgram, transport: TransportKind.ipc, options: { execArgv: [...serverNodeFlags] } };
    const debug = { ...run, options: { execArgv: [...serverNodeFlags, '--nolazy', '--inspect=6017'] } };
    this.#client = new LanguageClient(
      'vigil',
      'Vigil Language Server',
      { run, debug },
      {
        documentSelector: [...scriptSelector, ...workflowSelector],
        outputChannel: log,
        errorHandler: this.#errorHandler(),
        // The commands that lenses name.
        initializationOptions: { commands: true },
        middleware: {
          provideCodeLenses: async (document, token, next) =>
            extendLenses(document, (await next(document, token)) ?? []),
        },
      },
    );
    this.#disposables.push(
      // A server that was started again knows nothing yet.
      this.#client.onDidChangeState(({ newState }) => {
        if (newState === State.Running && this.#facts) this.#sendFacts();
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#consider(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#consider(document)),
    );
    for (const document of vscode.workspace.textDocuments) this.#consider(document);
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
    this.#started = true;
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

  async restart(): Promise<void> {
    this.#started = true;
    await this.#client.restart();
  }

  async dispose(): Promise<void> {
    for (const disposable of this.#disposables) disposable.dispose();
    if (this.#client.needsStop()) await this.#client.stop();
  }

  /** Shell scripts and workflow files are always suitable, files of other languages once they have directives or watchers. */
  #consider(document: vscode.TextDocument): void {
    if (this.#started || !isSuitable(document)) return;
    this.#started = true;
    this.#client.start().catch((error: unknown) => {
      // A server that ended is started again, or explained, by the error handler.
      if (this.#crashesMs.length === 0) this.#explain(`could not be started: ${String(error)}`);
    });
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
        this.#explain(`ended ${recent} times within three minutes and is not started again by itself`);
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  #explain(what: string): void {
    this.#log.error(`The language server ${what}.`);
    const message = `Vigil's language server ${what}. Diagnostics, completion and hover are off; submitting works.`;
    const show = async () => {
      const chosen = await vscode.window.showErrorMessage(message, 'Start Again', 'Show Log');
      if (chosen === 'Start Again') await this.restart();
      else if (chosen === 'Show Log') this.#log.show();
    };
    void show();
  }
}

function isSuitable(document: vscode.TextDocument): boolean {
  if (vscode.languages.match(workflowSelector, document) > 0) return true;
  if (vscode.languages.match(scriptSelector, document) === 0) return false;
  const { firstDirectiveLine } = lookAtScript(document.lineCount, (line) => document.lineAt(line).text);
  return document.languageId === 'shellscript' || firstDirectiveLine !== undefined;
}
