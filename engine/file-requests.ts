/** What clients ask of the files of a cluster. */

import type { Connection } from './clusters/connection.ts';
import type { ClusterService } from './jobs/cluster-service.ts';
import { outputPath } from './jobs/job-output.ts';
import { noOutput } from './jobs/replay-source.ts';
import { readPart } from './output/read-part.ts';
import { searchFile } from './output/search-file.ts';
import type { FilePart, ReadFileParams, SearchOutputParams, SearchOutputResult } from './protocol/files.ts';
import type { JobKey } from './protocol.ts';
import { parseKvsPath } from './schedulers/flux-output.ts';
import type { JobRecord } from './store/records.ts';

export interface FileRequestDependencies {
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
}

const mostBytes = 16 * 1024 * 1024;
/** A connection that breaks meanwhile is opened again by itself: nobody waits for that longer. */
const timeoutMs = 60_000;
const mostLines = 10_000;
/** So long a search may go unheard of. */
const searchSeconds = 2;
const limitSeconds = 20;

export class FileRequests {
  readonly #deps: FileRequestDependencies;

  constructor(deps: FileRequestDependencies) {
    this.#deps = deps;
  }

  /** Connects if need be. Rejects with why the file cannot be read. */
  async read({ job: key, path, offset = 0, maxBytes }: ReadFileParams, signal: AbortSignal): Promise<FilePart> {
    const isInHome = path.startsWith('~/');
    if ((!path.startsWith('/') && !isInHome && !parseKvsPath(path)) || path.includes('\0'))
      throw new Error(`${path} is not an absolute path.`);
    if (!(Number.isSafeInteger(offset) && maxBytes > 0 && maxBytes <= mostBytes))
      throw new Error('This is no part of a file.');
    const service = await this.#deps.service(this.#deps.job(key).cluster);
    await service.connect();
    const timeout = AbortSignal.timeout(timeoutMs);
    const aborted = AbortSignal.any([signal, timeout]);
    const wanted = isInHome ? (await homeOf(await service.backend.connection(), aborted)) + path.slice(1) : path;
    const part = await readPart(service.backend.reader, { path: wanted, offset, maxBytes }, aborted);
    return { offset: part.offset, data: Buffer.from(part.bytes).toString('base64'), isEnd: part.isEnd };
  }

  /** Connects if need be. Rejects with why it cannot be searched. */
  async search(params: SearchOutputParams, signal: AbortSignal): Promise<SearchOutputResult> {
    const { job: key, stream, maxLines, wanted } = params;
    if (wanted === '' || /[\0\n\r]/.test(wanted))
      throw new Error('Not searched: only text within a line can be found.');
    const job = this.#deps.job(key);
    const path = outputPath(job, stream) ?? job.stdoutPath;
    if (path === undefined) throw new Error(`The ${stream} of job ${key} cannot be searched: ${noOutput(job)}.`);
    if (parseKvsPath(path))
      throw new Error(
        `The ${stream} of job ${key} is in the KVS of Flux, no file: open it and search it in the editor.`,
      );
    const service = await this.#deps.service(job.cluster);
    await service.connect();
    const { found, reached, size, isDone } = await searchFile(
      await service.backend.connection(),
      { ...params, path, maxLines: Math.min(maxLines, mostLines), seconds: searchSeconds, limitSeconds },
      signal,
    );
    return { path, size, found, ...(isDone ? {} : { next: reached }) };
  }
}

/** `$HOME` of the account there. Throws where it has none. */
async function homeOf(connection: Connection, signal: AbortSignal): Promise<string> {
  const { stdout } = await connection.exec(['printenv', 'HOME'], { signal });
  const home = stdout.replace(/\n$/, '');
  if (!home.startsWith('/')) throw new Error('HOME is not set there: no file can be named by ~.');
  return home;
}
