/** How a job ended that neither scheduler nor accounting knows any more: told from the last lines of its output. */
import type { Clock } from '../clock.ts';
import type { OutputReader } from '../output/reader.ts';
import type { JobState } from '../protocol.ts';

const tailBytes = 16 * 1024;
/** A file that cannot be read within this time tells nothing. */
const patienceMs = 15_000;

/** What slurmstepd says at the end (src/slurmd/slurmstepd, 20.11 to 25.x), the more telling first. */
const causes: readonly (readonly [RegExp, JobState])[] = [
  [/DUE TO TIME LIMIT/i, 'timeout'],
  [/DUE TO NODE FAILURE/i, 'node_fail'],
  [/DUE TO PREEMPTION/i, 'preempted'],
  [/CANCELLED AT/, 'cancelled'],
];

/**
 * Of a Slurm job with this id. `undefined` where its last lines do not tell: a job that ends by itself says nothing. The
 * output is the job's own: it is believed only where nobody else can be asked.
 */
export function endFromOutput(tail: string, jobId: string): JobState | undefined {
  const number = /^\d+(?=$|;)/.exec(jobId)?.[0] ?? '\\d+';
  const lines = tail.split('\n').filter((line) => /^(slurmstepd|srun)[^:]*: error: /.test(line));
  for (const line of lines.reverse()) {
    if (/exceeded (job |step )?memory limit|oom[-_ ]kill/i.test(line)) return 'out_of_memory';
    const isOurs = new RegExp(`\\*\\*\\* JOB ${number} ON `).test(line);
    const cause = isOurs ? causes.find(([pattern]) => pattern.test(line)) : undefined;
    if (cause) return cause[1];
  }
  return undefined;
}

/** The end of the file at `path` on the cluster, as text; empty where it cannot be read (in time). */
export async function readTail(reader: OutputReader, path: string, clock: Clock): Promise<string> {
  let tail = Buffer.alloc(0);
  const done = new AbortController();
  const follow = reader.follow(
    { path, offset: -tailBytes },
    {
      onData(_offset, bytes) {
        tail = Buffer.concat([tail, bytes]).subarray(-tailBytes);
      },
      onRestart() {
        tail = Buffer.alloc(0);
      },
      onCaughtUp: () => done.abort(),
      onProblem: () => done.abort(),
    },
  );
  // Ends early when the reader is done.
  await clock.sleep(patienceMs, done.signal).catch(() => undefined);
  follow.stop();
  return tail.toString('utf8');
}
