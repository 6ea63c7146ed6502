/** The output of one followed job: opens its files when they are known, and keeps how far each is read. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { OutputReader, Restart } from '../output/reader.ts';
import type { JobRecord, OutputPosition } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { JobWatch, Stream } from '../watch/job-watch.ts';
import type { OutputBatch } from '../watch/lines.ts';
import type { JobLog } from './job-log.ts';
import { Stretch } from './stretch.ts';

export interface JobOutputOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reader: OutputReader;
  readonly jobLog: JobLog;
  readonly watch: JobWatch;
  readonly isReachable: () => boolean;
  /** Does the scheduler add to the files of a job that runs again (else it begins them anew)? */
  readonly appends: () => boolean;
  /** A promise: the reader waits for it. */
  readonly onLines: (stretch: Stretch, batch: OutputBatch) => Promise<void> | undefined;
}

/** Positions are stored with each match, and else every so often: what has no match may be read again. */
const saveEveryBytes = 1024 * 1024;

const restartNotes: { readonly [kind in Restart]: string } = {
  truncated: 'the file was truncated or rewritten',
  replaced: 'the file was replaced by another one',
  rotated: 'the file was rotated: the rest of the old one was read, and the new one from its beginning',
  rewritten: 'the job runs again and its output begins anew',
};

export class JobOutput {
  readonly #options: JobOutputOptions;
  readonly #stretches = new Map<Stream, Stretch>();
  #stopped = false;

  constructor(options: JobOutputOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#stretches.size > 0;
  }

  /** Follows what the watchers read, from where it was left; what is followed already goes on. */
  open(): void {
    const { watch, jobLog } = this.#options;
    const { state, isArray, started, reread } = jobLog.job;
    // Cancelled in the queue, it has printed nothing: a file that is not there is no loss.
    const neverRan = state === 'cancelled' && started === undefined && !reread;
    if (state === 'pending' || neverRan || isArray || this.#stopped) return;
    // Without a watcher too: a job may print events.
    for (const stream of new Set<Stream>(['stdout', ...watch.streams])) {
      const path = outputPath(jobLog.job, stream);
      const open = this.#stretches.get(stream);
      if (!path || (open?.path === path && open.incarnation === jobLog.job.restarts)) continue;
      if (open) this.save(open);
      open?.stop();
      this.#stretches.set(stream, this.#stretch(stream, path));
    }
  }

  /** From where the store says now: after it was changed. */
  reopen(stream: Stream): void {
    this.#stretches.get(stream)?.stop();
    this.#stretches.delete(stream);
    this.open();
  }

  /** Where the next line of `stream` begins that no watcher has seen; `undefined`: it is not read. */
  position(stream: Stream): OutputPosition | undefined {
    const stretch = this.#stretches.get(stream);
    return stretch && positionOf(stretch);
  }

  /** All that was written before now is dealt with. Waits for as long as the cluster is away. */
  async confirm(): Promise<void> {
    await Promise.all([...this.#stretches.values()].map((stretch) => stretch.confirm()));
  }

  /** Reads the files of a job that is over to their ends. */
  async readToEnd(signal: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#stretches.values()].map(async (stretch) => {
        const problem = await stretch.readToEnd(signal);
        if (this.#stopped) return;
        void this.#options.onLines(stretch, stretch.lastLine());
        this.save(stretch);
        if (problem !== undefined) this.#lost(stretch.stream, stretch.path, stretch.position.offset, problem);
      }),
    );
  }

  /** Writes down how far it is read where that is long ago. */
  saveNow(stretch: Stretch): void {
    if (stretch.unsaved >= saveEveryBytes) this.save(stretch);
  }

  save(stretch: Stretch): void {
    // With the watchers' counters, which know what was read (`silence` does).
    this.#options.jobLog.commit(() => {
      this.store(stretch);
      return [];
    });
    stretch.unsaved = 0;
  }

  /** To be called in a commit. */
  store(stretch: Stretch): void {
    this.#options.store.positions.save(this.#options.jobLog.job.key, positionOf(stretch));
  }

  /** `save`: the store is well, so what was read is kept. */
  stop(save: boolean): void {
    if (save) for (const stretch of this.#stretches.values()) this.save(stretch);
    this.#stopped = true;
    for (const stretch of this.#stretches.values()) stretch.stop();
    this.#stretches.clear();
  }

  #stretch(stream: Stream, path: string): Stretch {
    const { store, reader, clock, log, isReachable, jobLog, onLines, watch, appends } = this.#options;
    const { job } = jobLog;
    const stored = store.positions.of(job.key).find((output) => output.stream === stream && output.path === path);
    return new Stretch({
      stream,
      path,
      incarnation: job.restarts,
      from: stored,
      ...(job.restarts > 0 && job.started !== undefined && !appends() ? { rewrittenSince: job.started } : {}),
      lineReader: watch,
      maxWaitSeconds: watch.leastInterval(stream),
      reader,
      clock,
      isReachable,
      onLines,
      onRestart: (stretch, offset, kind) => {
        watch.beginsAnew(stream);
        this.#restarted(stretch, offset, kind);
      },
      onProblem: (_stretch, problem) => log.info(`${job.key}: ${problem}`),
    });
  }

  #restarted(stretch: Stretch, offset: number, kind: Restart): void {
    const { stream, path } = stretch;
    const { jobLog, clock } = this.#options;
    const context = { stream, path, note: restartNotes[kind], offset };
    const name = kind === 'rotated' ? 'log' : 'output.lost';
    const event = {
      timestamp: clock.now(),
      name,
      context: kind === 'rotated' ? { ...context, level: 'info' } : context,
    };
    jobLog.commit(() => {
      this.store(stretch);
      return offset > 0 ? jobLog.append([event]) : [];
    });
  }

  #lost(stream: Stream, path: string, offset: number, note: string): void {
    this.#options.jobLog.write([{ name: 'output.lost', context: { stream, path, note, offset } }]);
  }
}

export function outputPath({ stdoutPath, stderrPath }: JobRecord, stream: Stream): string | undefined {
  return stream === 'stdout' ? stdoutPath : stderrPath;
}

function positionOf(stretch: Stretch): OutputPosition {
  const { stream, path, position, mark } = stretch;
  return { stream, path, ...position, mark };
}
