/** Adds watchers to a job that is followed: the lines that were read already come once more, but for the new ones only. */
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { Clock } from '../clock.ts';
import { type FollowListener, type OutputReader, tailOf } from '../output/reader.ts';
import type { OutputPosition } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { notKept } from '../store/store-failure.ts';
import type { JobWatch, Stream } from '../watch/job-watch.ts';
import { initialProgress, type WatcherProgress } from '../watch/progress.ts';
import type { JobLog } from './job-log.ts';
import { type JobOutput, outputPath } from './job-output.ts';

export interface AttachTarget {
  readonly store: Store;
  readonly clock: Clock;
  readonly reader: OutputReader;
  readonly log: JobLog;
  readonly watch: JobWatch;
  readonly output: JobOutput;
  readonly isReachable: () => boolean;
  /** The job is over, or not followed any more. */
  readonly ended: () => boolean;
}

/** How long the end of a file is looked for. */
const probeMs = 20_000;
/** An unfinished line that is longer than this is matched from where it is found. */
const probeBytes = 64 * 1024;

/** `from: 'end'`: what is in the output now is not for them. Rejects when that cannot be told, and then nothing is changed. */
export async function attachWatchers(
  specs: readonly WatcherSpec[],
  from: 'start' | 'end',
  target: AttachTarget,
): Promise<void> {
  const { store, clock, log, watch, output, ended } = target;
  const { job } = log;
  const streams = watch.streamsOf(specs);
  const begun = job.state !== 'pending' && !job.isArray;
  const ends = from === 'end' && begun ? await endsOf(streams, target) : [];
  if (ended()) throw new Error(`Job ${job.key} has ended meanwhile: attach the watchers to its output instead.`);
  const read = from === 'start' ? streams.map((stream) => output.position(stream)) : [];
  const rewound = read.filter((position) => position !== undefined && position.offset > 0);
  const names = new Set(specs.map(({ name }) => name));
  const now = clock.now();
  const skip = Object.fromEntries(ends.map(({ stream, offset }) => [stream, offset]));
  const starts = specs.map((spec) => ({ spec, progress: { ...initialProgress(spec, now), skip } as WatcherProgress }));
  watch.add(starts, now);
  for (const position of rewound) if (position) watch.readAgain(position.stream, position.offset, names);
  const unread = ends.filter(({ stream }) => output.position(stream) === undefined);
  const isKept = log.commit(() => {
    for (const position of rewound) {
      if (position) store.positions.save(job.key, fromStart(position));
    }
    for (const position of unread) store.positions.save(job.key, position);
    return log.append(
      starts.map(({ spec, progress }) => ({
        timestamp: now,
        name: 'watcher.state',
        context: { watcher: spec.name, state: progress.state, reason: `attached, from the ${from} of the output` },
      })),
    );
  });
  if (!isKept) throw notKept(store, 'the watchers are not attached');
  for (const position of rewound) if (position) output.reopen(position.stream);
  output.open();
}

function fromStart({ stream, path, mark }: OutputPosition): OutputPosition {
  const position = { stream, path, offset: 0, line: 1, afterReturn: false };
  return mark ? { ...position, mark: { ...mark, tail: new Uint8Array() } } : position;
}

/** Where the first line begins, of each stream, that is not finished now. */
async function endsOf(streams: readonly Stream[], target: AttachTarget): Promise<OutputPosition[]> {
  const { log, output, clock, isReachable, reader } = target;
  if (!isReachable())
    throw new Error(
      `${log.job.cluster} is not connected: the end of the output cannot be told. Attach from the start, or connect.`,
    );
  await Promise.race([output.confirm(), clock.sleep(probeMs)]);
  return await Promise.all(
    streams.flatMap((stream) => {
      const known = output.position(stream);
      const path = outputPath(log.job, stream);
      if (known || path === undefined) return known ? [Promise.resolve(known)] : [];
      return [findEnd(stream, path, reader, clock)];
    }),
  );
}

/** Reads the end of a file that is not followed. A file that does not exist yet is at its end at 0. */
function findEnd(stream: Stream, path: string, reader: OutputReader, clock: Clock): Promise<OutputPosition> {
  return new Promise((resolve, reject) => {
    let bytes: Uint8Array = new Uint8Array();
    let [began, inode] = [0, undefined as string | undefined];
    const end = (settle: () => void) => {
      cancel();
      follow.stop();
      settle();
    };
    const listener: FollowListener = {
      onOpened(opened) {
        inode = opened;
      },
      onData(offset, piece) {
        if (bytes.length === 0) began = offset;
        bytes = Buffer.concat([bytes, piece]);
      },
      onRestart() {
        bytes = new Uint8Array();
        began = 0;
      },
      onCaughtUp: () => end(() => resolve({ stream, path, ...lastLine(bytes, began), ...markOf(bytes, inode) })),
      onProblem: (problem) =>
        end(() =>
          problem.includes('does not exist')
            ? resolve({ stream, path, offset: 0, line: 1, afterReturn: false })
            : reject(new Error(`The end of the output cannot be told: ${problem}`)),
        ),
    };
    const cancel = clock.setTimeout(
      () => end(() => reject(new Error(`The end of ${path} cannot be told: nothing came for ${probeMs / 1000} s.`))),
      probeMs,
    );
    const follow = reader.follow({ path, offset: -probeBytes }, listener);
  });
}

/** Its number is not known without reading all before it: lines count from here. */
function lastLine(bytes: Uint8Array, began: number): { offset: number; line: number; afterReturn: boolean } {
  const at = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
  return { offset: began + (at > 0 ? at : bytes.length), line: 1, afterReturn: at > 0 && bytes[at - 1] === 13 };
}

function markOf(bytes: Uint8Array, inode: string | undefined): Pick<OutputPosition, 'mark'> {
  const at = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
  const tail = tailOf(new Uint8Array(), at > 0 ? bytes.subarray(0, at) : bytes);
  return { mark: { tail, ...(inode === undefined ? {} : { inode }) } };
}
