/** What clients ask of the files of a cluster. */
import type { ClusterService } from './jobs/cluster-service.ts';
import { readPart } from './output/read-part.ts';
import type { FilePart, ReadFileParams } from './protocol/files.ts';
import type { JobKey } from './protocol.ts';
import type { JobRecord } from './store/records.ts';

export interface FileRequestDependencies {
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
}

const mostBytes = 16 * 1024 * 1024;
/** A connection that breaks meanwhile is opened again by itself: nobody waits for that longer. */
const timeoutMs = 60_000;

export class FileRequests {
  readonly #deps: FileRequestDependencies;

  constructor(deps: FileRequestDependencies) {
    this.#deps = deps;
  }

  /** Connects if need be. Rejects with why the file cannot be read. */
  async read({ job: key, path, offset = 0, maxBytes }: ReadFileParams, signal: AbortSignal): Promise<FilePart> {
    if (!path.startsWith('/') || path.includes('\0')) throw new Error(`${path} is not an absolute path.`);
    if (!(offset >= 0 && maxBytes > 0 && maxBytes <= mostBytes)) throw new Error('This is no part of a file.');
    const service = await this.#deps.service(this.#deps.job(key).cluster);
    await service.connect();
    const timeout = AbortSignal.timeout(timeoutMs);
    const part = await readPart(service.backend.reader, { path, offset, maxBytes }, AbortSignal.any([signal, timeout]));
    return { offset, data: Buffer.from(part.bytes).toString('base64'), isEnd: part.isEnd };
  }
}
