/** What clients ask of the file systems of clusters: one SFTP session a connection, ended when nobody needs it for a while. */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import type { Backend } from '../jobs/backend.ts';
import type { ClusterService } from '../jobs/cluster-service.ts';
import {
  type FileAddress,
  type FilePage,
  type FileStat,
  type FolderEntry,
  filePageBytes,
  type RenameParams,
  type WriteFileParams,
} from '../protocol/file-system.ts';
import { ClusterFiles } from './cluster-files.ts';
import { FileError } from './file-error.ts';
import { openSftpSession, type SftpSession } from './sftp-session.ts';

export interface FileSystemDependencies {
  readonly clock: Clock;
  readonly service: (
    cluster: string,
  ) => Promise<Pick<ClusterService, 'info'> & { readonly backend: Pick<Backend, 'connection'> }>;
}

/** A session takes one of the few that a server allows on a connection. */
const idleMs = 60_000;

interface OpenSession {
  readonly session: Promise<SftpSession>;
  /** Requests under way. */
  users: number;
  cancelEnd?: () => void;
}

/** Rejects with FileError or ConnectionError, all of it. */
export class FileSystemRequests {
  readonly #deps: FileSystemDependencies;
  readonly #sessions = new Map<Connection, OpenSession>();

  constructor(deps: FileSystemDependencies) {
    this.#deps = deps;
  }

  stat({ cluster, path }: FileAddress): Promise<FileStat> {
    return this.#on(cluster, [path], (files) => files.stat(path));
  }

  list({ cluster, path }: FileAddress): Promise<readonly FolderEntry[]> {
    return this.#on(cluster, [path], (files) => files.list(path));
  }

  readPage({ cluster, path, offset }: FileAddress & { readonly offset: number }): Promise<FilePage> {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new FileError('other', 'This is no part of a file.');
    return this.#on(cluster, [path], (files) => files.readPage(path, offset));
  }

  /**
   * All of a script or a workflow file that a run needs: that connects the cluster, as submitting there does. Rejects with
   * FileError, for one that has more than a page too.
   */
  async readText({ cluster, path }: FileAddress): Promise<string> {
    const connect = async () => (await this.#deps.service(cluster)).backend.connection();
    const { data, size } = await this.#on(cluster, [path], (files) => files.readPage(path, 0), connect);
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length === size) return bytes.toString('utf8');
    throw new FileError(
      'other',
      `${path} has ${size} bytes, which is too much for a script or a workflow file: the most are ${filePageBytes}.`,
    );
  }

  write({ cluster, path, data, create, overwrite }: WriteFileParams): Promise<void> {
    const bytes = Buffer.from(data, 'base64');
    return this.#on(cluster, [path], (files) => files.write(path, bytes, { create, overwrite }));
  }

  makeFolder({ cluster, path }: FileAddress): Promise<void> {
    return this.#on(cluster, [path], (files) => files.makeFolder(path));
  }

  delete({ cluster, path, recursive }: FileAddress & { readonly recursive: boolean }): Promise<void> {
    return this.#on(cluster, [path], (files) => files.delete(path, recursive));
  }

  rename({ cluster, from, to, overwrite }: RenameParams): Promise<void> {
    return this.#on(cluster, [from, to], (files) => files.rename(from, to, overwrite));
  }

  async #on<Result>(
    cluster: string,
    paths: readonly string[],
    work: (files: ClusterFiles) => Promise<Result>,
    connect = () => this.#connection(cluster),
  ): Promise<Result> {
    for (const path of paths) {
      if (!path.startsWith('/') || path.includes('\0'))
        throw new FileError('other', `${path} is not an absolute path.`);
    }
    const connection = await connect();
    const open = this.#session(connection, cluster);
    open.users += 1;
    open.cancelEnd?.();
    try {
      return await work(new ClusterFiles(await open.session));
    } finally {
      open.users -= 1;
      if (open.users === 0) open.cancelEnd = this.#deps.clock.setTimeout(() => this.#end(connection, open), idleMs);
    }
  }

  /**
   * An editor asks for many files, and again and again: that connects a cluster that nobody connected yet, but not one that a
   * person disconnected or whose last attempt failed. Each of them would be another prompt.
   */
  async #connection(cluster: string): Promise<Connection> {
    const { info, backend } = await this.#deps.service(cluster);
    if (info.kind === 'local') throw new FileError('other', `The files of ${cluster} are files of this machine.`);
    if (info.state === 'offline') {
      const words = `${cluster} is offline, so its files cannot be reached: ${info.detail ?? 'it was not connected'} Connect it in the Clusters view.`;
      throw new ConnectionError('closed', cluster, words);
    }
    return backend.connection();
  }

  #session(connection: Connection, cluster: string): OpenSession {
    const known = this.#sessions.get(connection);
    if (known) return known;
    const open: OpenSession = { session: openSftpSession(connection, cluster), users: 0 };
    this.#sessions.set(connection, open);
    const forget = () => this.#forget(connection, open);
    open.session.then((session) => session.ended.then(forget), forget);
    return open;
  }

  #forget(connection: Connection, open: OpenSession): void {
    if (this.#sessions.get(connection) === open) this.#sessions.delete(connection);
  }

  #end(connection: Connection, open: OpenSession): void {
    if (open.users > 0) return;
    this.#forget(connection, open);
    void open.session.then(
      (session) => session.end(),
      () => undefined, // Who waited for it was told.
    );
  }
}
