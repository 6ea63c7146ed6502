/** Sees when files of clusters that are open in this window are changed there, by a job say. */
import * as vscode from 'vscode';
import type { FileAddress, FileStat } from '../../engine/protocol/file-system.ts';
import { clusterScheme, parseClusterUri } from './cluster-uri.ts';

export interface OpenFileWatchDependencies {
  /** Nobody is asked to log in for this. */
  readonly isReachable: (cluster: string) => boolean;
  readonly stat: (address: FileAddress) => Promise<FileStat>;
  readonly onChanged: (uri: vscode.Uri) => void;
}

/** One small request a file that is open, while the window is in front. */
const periodMs = 10_000;

export class OpenFileWatch {
  readonly #deps: OpenFileWatchDependencies;
  /** Size and time at the last look, by address. */
  readonly #seen = new Map<string, string>();
  readonly #registrations: readonly vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(deps: OpenFileWatchDependencies) {
    this.#deps = deps;
    this.#registrations = [
      vscode.workspace.onDidOpenTextDocument(() => this.#plan()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#seen.delete(uri.toString())),
      vscode.window.onDidChangeWindowState(() => this.#plan()),
    ];
    this.#plan();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const registration of this.#registrations) registration.dispose();
  }

  get #open(): readonly vscode.TextDocument[] {
    return vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === clusterScheme);
  }

  #plan(): void {
    if (this.#isDisposed || this.#timer !== undefined || this.#open.length === 0 || !vscode.window.state.focused)
      return;
    this.#timer = setTimeout(async () => {
      for (const { uri } of this.#open) if (!this.#isDisposed) await this.#look(uri);
      this.#timer = undefined;
      this.#plan();
    }, periodMs);
  }

  async #look(uri: vscode.Uri): Promise<void> {
    const address = parseClusterUri(uri);
    if (!address || !this.#deps.isReachable(address.cluster)) return;
    const key = uri.toString();
    // A file that is gone, too, is one that has changed.
    const now = await this.#deps.stat(address).then(
      ({ size, modified }) => `${size} ${modified}`,
      () => 'gone',
    );
    if (this.#isDisposed) return;
    const before = this.#seen.get(key);
    this.#seen.set(key, now);
    if (before !== undefined && before !== now) this.#deps.onChanged(uri);
  }
}
