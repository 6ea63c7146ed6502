/** The folders of clusters as folders of VS Code (`vigil-files:`), over the connection that the engine has. */
import * as vscode from 'vscode';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import {
  deleteFile,
  type FileAddress,
  type FileStat,
  listFolder,
  makeFolder,
  readFilePage,
  renameFile,
  statFile,
  writeFile,
} from '../../engine/protocol/file-system.ts';
import { errorCodes } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { clusterScheme, parseClusterUri } from './cluster-uri.ts';
import { errorKind, readWhole } from './file-answers.ts';
import { OpenFileWatch } from './open-file-watch.ts';

export class ClusterFileSystem implements vscode.FileSystemProvider {
  readonly #engine: EngineClient;
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;
  readonly #registrations: readonly vscode.Disposable[];
  /** Clusters of which it was said that they cannot be reached. */
  readonly #told = new Set<string>();

  constructor(engine: EngineClient) {
    this.#engine = engine;
    this.#registrations = [
      this.#changes,
      vscode.workspace.registerFileSystemProvider(clusterScheme, this, { isCaseSensitive: true }),
      new OpenFileWatch({
        isReachable: (cluster) => engine.store.clusters.get(cluster)?.state === 'connected',
        stat: (address) => this.#stat(address),
        onChanged: (uri) => this.#fire(vscode.FileChangeType.Changed, uri),
      }),
      engine.store.onChange((change) => {
        if (change.kind !== 'cluster' || engine.store.clusters.get(change.name)?.state !== 'connected') return;
        if (this.#told.delete(change.name)) this.#foldersChanged((cluster) => cluster === change.name);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#foldersChanged(() => true)),
    ];
  }

  /** Nothing tells of changes over SFTP: files that are open are looked at (`OpenFileWatch`), folders when they are refreshed. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const stat = await this.#stat(addressOf(uri));
    const modified = stat.modified * 1000;
    // SFTP tells no time of creation.
    const permissions = stat.isReadOnly ? { permissions: vscode.FilePermission.Readonly } : {};
    return { type: fileType(stat), size: stat.size, ctime: modified, mtime: modified, ...permissions };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const address = addressOf(uri);
    const entries = await this.#ask(address.cluster, (engine) => engine.sendRequest(listFolder, address));
    return entries.map((entry) => [entry.name, fileType(entry)]);
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const address = addressOf(uri);
    return readWhole((offset) =>
      this.#ask(address.cluster, (engine) => engine.sendRequest(readFilePage, { ...address, offset })),
    );
  }

  async writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    { create, overwrite }: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
    const params = { ...addressOf(uri), data, create, overwrite };
    await this.#ask(params.cluster, (engine) => engine.sendRequest(writeFile, params));
    this.#fire(vscode.FileChangeType.Changed, uri);
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    const address = addressOf(uri);
    await this.#ask(address.cluster, (engine) => engine.sendRequest(makeFolder, address));
    this.#fire(vscode.FileChangeType.Created, uri);
  }

  async delete(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    const params = { ...addressOf(uri), recursive };
    await this.#ask(params.cluster, (engine) => engine.sendRequest(deleteFile, params));
    this.#fire(vscode.FileChangeType.Deleted, uri);
  }

  async rename(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const [source, target] = [addressOf(from), addressOf(to)];
    if (source.cluster !== target.cluster)
      throw vscode.FileSystemError.Unavailable(l10n.t('Files are not moved from one cluster to another: copy them.'));
    const params = { cluster: source.cluster, from: source.path, to: target.path, overwrite };
    await this.#ask(params.cluster, (engine) => engine.sendRequest(renameFile, params));
    this.#fire(vscode.FileChangeType.Deleted, from);
    this.#fire(vscode.FileChangeType.Created, to);
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  #stat(address: FileAddress): Promise<FileStat> {
    return this.#ask(address.cluster, (engine) => engine.sendRequest(statFile, address));
  }

  #fire(type: vscode.FileChangeType, uri: vscode.Uri): void {
    this.#changes.fire([{ type, uri }]);
  }

  #foldersChanged(isMeant: (cluster: string) => boolean): void {
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      const address = parseClusterUri(uri);
      if (address && isMeant(address.cluster)) this.#fire(vscode.FileChangeType.Changed, uri);
    }
  }

  /** Rejects with FileSystemError. */
  async #ask<Result>(cluster: string, ask: (engine: MessageConnection) => Promise<Result>): Promise<Result> {
    if (!vscode.workspace.isTrusted)
      throw vscode.FileSystemError.Unavailable(
        l10n.t('Clusters are connected to from a trusted workspace only: trust this one to see its files.'),
      );
    try {
      return await ask(await this.#engine.link.ensure());
    } catch (error) {
      const message = plainLine(error instanceof Error ? error.message : String(error), 1000);
      if (isOffline(error)) this.#tellOnce(cluster, message);
      const kind = errorKind(error);
      throw kind ? vscode.FileSystemError[kind](message) : new vscode.FileSystemError(message);
    }
  }

  /** The Explorer alone would hide it behind a tooltip. */
  #tellOnce(cluster: string, message: string): void {
    if (this.#told.has(cluster)) return;
    this.#told.add(cluster);
    const connect = l10n.t('Connect');
    void vscode.window.showWarningMessage(message, connect).then((chosen) => {
      if (chosen === connect) void vscode.commands.executeCommand('vigil.connectCluster', cluster);
    });
  }
}

function addressOf(uri: vscode.Uri): FileAddress {
  const address = parseClusterUri(uri);
  if (!address) throw vscode.FileSystemError.FileNotFound(uri);
  return address;
}

function fileType({ kind, isLink }: Pick<FileStat, 'kind' | 'isLink'>): vscode.FileType {
  const types = { file: vscode.FileType.File, folder: vscode.FileType.Directory, other: vscode.FileType.Unknown };
  return isLink ? types[kind] | vscode.FileType.SymbolicLink : types[kind];
}

function isOffline(error: unknown): boolean {
  const { connection, authentication, hostKey } = errorCodes;
  const code: unknown = Reflect.get(Object(error), 'code');
  return code === connection || code === authentication || code === hostKey;
}
