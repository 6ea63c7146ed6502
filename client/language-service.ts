/** Has the language server started when the first document comes that it can help with. */
import * as vscode from 'vscode';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { InsertedWatcher } from '../language/watcher/insert-watcher.ts';
import type { WatcherOfLineParams } from '../language/watcher/pattern-of-line.ts';
import { clusterScheme } from './files/cluster-uri.ts';
import type { LanguageServer } from './language-client.ts';
import { scriptLanguages } from './script-languages.ts';
import { lookAtScript } from './submit/detect-script.ts';

/** Where scripts are edited; not: comparisons, histories and Vigil's own read-only documents. */
export const scriptSchemes: ReadonlySet<string> = new Set([
  'file',
  'untitled',
  'vscode-remote',
  'vscode-vfs',
  clusterScheme,
]);

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

export type ExtendLenses = (document: vscode.TextDocument, lenses: readonly vscode.CodeLens[]) => vscode.CodeLens[];

export class LanguageService {
  readonly #program: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #extendLenses: ExtendLenses;
  readonly #disposables: vscode.Disposable[] = [];
  #server: LanguageServer | undefined;
  #loading: Promise<LanguageServer> | undefined;
  #facts: ClusterFacts | null = null;

  /**
   * @param serverProgram path of dist/server.js
   * @param extendLenses what editors show, given the server's lenses
   */
  constructor(serverProgram: string, log: vscode.LogOutputChannel, extendLenses: ExtendLenses) {
    this.#program = serverProgram;
    this.#log = log;
    this.#extendLenses = extendLenses;
    this.#disposables.push(
      vscode.workspace.onDidOpenTextDocument((document) => this.#consider(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#consider(document)),
    );
    for (const document of vscode.workspace.textDocuments) this.#consider(document);
  }

  /** What the cluster in use says of itself; `null`: nothing is known. */
  setClusterFacts(facts: ClusterFacts | null): void {
    this.#facts = facts;
    this.#server?.setClusterFacts(facts);
  }

  /** A watcher for lines like the one given; `null`: it has nothing that a pattern could hold on to. Starts the server. */
  async watcherOfLine(params: WatcherOfLineParams): Promise<InsertedWatcher | null> {
    return (await this.#load()).watcherOfLine(params);
  }

  /** Has the editors ask for their lenses again. */
  refreshLenses(): void {
    this.#server?.refreshLenses();
  }

  async restart(): Promise<void> {
    await (await this.#load()).restart();
  }

  async dispose(): Promise<void> {
    for (const disposable of this.#disposables) disposable.dispose();
    // One that could not be read has nothing to stop; whoever asked for it was told.
    await (await this.#loading?.catch(() => undefined))?.stop();
  }

  /** Shell scripts and workflow files are always suitable, files of other languages once they have directives or watchers. */
  #consider(document: vscode.TextDocument): void {
    if (this.#loading || !isSuitable(document)) return;
    this.#load()
      .then((server) => server.start())
      .catch((error: unknown) => this.#log.error(`The language server could not be started: ${String(error)}`));
  }

  #load(): Promise<LanguageServer> {
    this.#loading ??= import('./language-client.ts').then((module) => {
      const selector = [...scriptSelector, ...workflowSelector];
      this.#server = new module.LanguageServer({
        program: this.#program,
        selector,
        log: this.#log,
        extendLenses: this.#extendLenses,
      });
      this.#server.setClusterFacts(this.#facts);
      return this.#server;
    });
    // What could not be read is read again the next time.
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }
}

function isSuitable(document: vscode.TextDocument): boolean {
  if (vscode.languages.match(workflowSelector, document) > 0) return true;
  if (vscode.languages.match(scriptSelector, document) === 0) return false;
  const { firstDirectiveLine } = lookAtScript(document.lineCount, (line) => document.lineAt(line).text);
  return document.languageId === 'shellscript' || firstDirectiveLine !== undefined;
}
