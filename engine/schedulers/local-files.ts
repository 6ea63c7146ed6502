/** What the embedded scheduler keeps of its jobs on disk: a folder each, with its record, its script and what its process writes. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../logger.ts';
import type { Timestamp } from '../protocol.ts';
import type { LocalJob } from './local-job.ts';
import { isEnded } from './transitions.ts';

/** Holds the highest number that was given to a job. */
const lastIdFile = 'last-id';

export class LocalJobFiles {
  readonly #directory: string;

  /** @param directory an absolute path; it is made. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  folder({ id }: Pick<LocalJob, 'id'>): string {
    return join(this.#directory, id);
  }

  /** By it whoever starts the job first is known. */
  claim(job: LocalJob): string {
    return join(this.folder(job), 'claim');
  }

  save(job: LocalJob): void {
    const folder = this.folder(job);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'job.json.new'), JSON.stringify(job));
    renameSync(join(folder, 'job.json.new'), join(folder, 'job.json'));
  }

  /** To the byte, and to be run. */
  saveScript(job: LocalJob, script: string): void {
    const program = join(this.folder(job), 'script');
    mkdirSync(this.folder(job), { recursive: true, mode: 0o700 });
    writeFileSync(program, script);
    chmodSync(program, 0o700);
  }

  /** Numbers never come again, not even when the folders of old jobs are gone: eventlogs are kept by them. */
  keepLastId(id: number): void {
    writeFileSync(join(this.#directory, lastIdFile), String(id));
  }

  /** All jobs, and the first number that is free. Those that ended before `oldest` are removed. */
  read(oldest: Timestamp, log: Logger): { readonly jobs: readonly LocalJob[]; readonly nextId: number } {
    const jobs: LocalJob[] = [];
    let nextId = this.#firstFreeId();
    for (const name of readdirSync(this.#directory)) {
      const file = join(this.#directory, name, 'job.json');
      if (!existsSync(file)) continue;
      try {
        const job = JSON.parse(readFileSync(file, 'utf8')) as LocalJob;
        nextId = Math.max(nextId, job.number + 1);
        if (isEnded(job.state) && (job.ended ?? 0) < oldest) {
          rmSync(join(this.#directory, name), { recursive: true, force: true });
        } else {
          jobs.push(job);
        }
      } catch (error) {
        log.error(`the record of local job ${name} cannot be read (${file}): ${String(error)}`);
      }
    }
    return { jobs, nextId };
  }

  #firstFreeId(): number {
    const file = join(this.#directory, lastIdFile);
    return existsSync(file) ? (Number.parseInt(readFileSync(file, 'utf8'), 10) || 0) + 1 : 1;
  }
}
