/** Sends files to clusters, each time in the first way that goes. */
import type { Connection } from '../clusters/connection.ts';
import { messageOf } from '../clusters/showable.ts';
import { Turns } from '../clusters/turns.ts';
import type { Logger } from '../logger.ts';
import { rsyncUpload } from './rsync-upload.ts';
import { sftpUpload } from './sftp-upload.ts';
import { tarUpload } from './tar-upload.ts';
import { type UploadOptions, type UploadOutcome, type UploadWay, WayError } from './upload-way.ts';

/** rsync sends least; of the others the one that takes the fewest round trips is first (bench/uploads.ts). */
const allWays: readonly UploadWay[] = [rsyncUpload, tarUpload, sftpUpload];

export class Uploads {
  readonly #log: Logger;
  readonly #ways: readonly UploadWay[];
  /** What is known of a connection: why a way does not go there, or that it may. */
  readonly #known = new WeakMap<Connection, Map<UploadWay, Promise<string | undefined>>>();
  readonly #turns = new WeakMap<Connection, Turns<'upload'>>();

  constructor(log: Logger, ways: readonly UploadWay[] = allWays) {
    this.#log = log;
    this.#ways = ways;
  }

  /**
   * One upload at a time goes over a connection: its places are few, and side by side they would be no faster. Rejects with
   * `ConnectionError`, with the signal's reason, or with what the cluster says.
   */
  async send(options: UploadOptions): Promise<UploadOutcome> {
    const { connection, signal } = options;
    const turns = this.#turns.get(connection) ?? new Turns<'upload'>(1);
    this.#turns.set(connection, turns);
    const giveBack = await turns.take('upload', signal);
    try {
      return await this.#sendNow(options);
    } finally {
      giveBack();
    }
  }

  async #sendNow(options: UploadOptions): Promise<UploadOutcome> {
    const { cluster, signal } = options;
    const reasons: string[] = [];
    for (const way of this.#ways) {
      const why = (await this.#whyNot(way, options)) ?? (await this.#try(way, options));
      if (typeof why === 'object') {
        const { sent, unchanged } = why;
        const words = `${sent.files} files (${sent.bytes} bytes) went to ${cluster} by ${way.name}`;
        this.#log.info(`${words}, ${unchanged} were there`);
        return why;
      }
      signal.throwIfAborted();
      reasons.push(`${way.name}: ${why}`);
    }
    throw new Error(
      `No files can be sent to ${cluster}. Install rsync or tar there, or have its SFTP server switched on. (${reasons.join('; ')})`,
    );
  }

  /** Why it does not go, after all. */
  async #try(way: UploadWay, options: UploadOptions): Promise<UploadOutcome | string> {
    try {
      return await way.send(options);
    } catch (error) {
      if (!(error instanceof WayError)) throw error;
      const why = messageOf(error);
      if (error.isLasting) this.#know(options.connection).set(way, Promise.resolve(why));
      this.#tell(way, options, why);
      return why;
    }
  }

  #whyNot(way: UploadWay, options: UploadOptions): Promise<string | undefined> {
    const known = this.#know(options.connection);
    const before = known.get(way);
    if (before !== undefined) return before;
    const asked = way.whyNot(options.connection);
    known.set(way, asked);
    asked.then(
      (why) => why !== undefined && this.#tell(way, options, why),
      // That it could not be asked is no answer.
      () => known.delete(way),
    );
    return asked;
  }

  #tell({ name }: UploadWay, { cluster }: UploadOptions, why: string): void {
    this.#log.warn(`uploads to ${cluster} do not go by ${name}: ${why}`);
  }

  #know(connection: Connection): Map<UploadWay, Promise<string | undefined>> {
    const known = this.#known.get(connection) ?? new Map<UploadWay, Promise<string | undefined>>();
    this.#known.set(connection, known);
    return known;
  }
}
