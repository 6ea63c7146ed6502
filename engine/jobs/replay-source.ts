/** Where the output comes from that watchers are tried on, and what is known of its job. */
import type { JobKey, ReplayParams, ReplaySource } from '../protocol.ts';
import { isEnded } from '../schedulers/transitions.ts';
import type { JobRecord } from '../store/records.ts';
import { replayFacts } from '../watch/replay.ts';
import type { ClusterService } from './cluster-service.ts';
import { isOneFile, jobFacts } from './job-info.ts';
import { fileInput, outputInput, type ReplayRequest, textInput } from './replay-request.ts';

export type OpenedSource = Pick<ReplayRequest, 'facts' | 'inputs' | 'oneFile' | 'endState'> & {
  /** To be called when it was read. */
  readonly release: () => void;
};

export interface SourceDependencies {
  readonly service: (cluster: string) => Promise<ClusterService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => JobRecord;
}

export interface SourceParams {
  readonly source: ReplaySource;
  /** What the job is called, where the source has none. */
  readonly name: string;
  readonly now: number;
  /** What is told of the job, where the source has none. */
  readonly told?: ReplayParams['job'];
}

/** Connects where a job's output is read. Rejects with why it cannot be. */
export async function openReplaySource(
  deps: SourceDependencies,
  { source, name, now, told: { cluster, ...told } = {} }: SourceParams,
  signal: AbortSignal,
): Promise<OpenedSource> {
  if (source.kind === 'job') return recorded(deps, deps.job(source.job), signal);
  const input = source.kind === 'text' ? textInput : fileInput;
  return {
    facts: { ...replayFacts(name, now), ...(cluster === undefined ? {} : { hostname: cluster }), ...told },
    inputs: {
      stdout: input(source.stdout),
      ...(source.stderr === undefined ? {} : { stderr: input(source.stderr) }),
    },
    oneFile: source.stderr === undefined,
    endState: 'completed',
    release: () => {},
  };
}

/** What a job's output files hold now, and what is known of the job. */
async function recorded(deps: SourceDependencies, job: JobRecord, signal: AbortSignal): Promise<OpenedSource> {
  const { stdoutPath, stderrPath } = job;
  if (stdoutPath === undefined) throw new Error(`The output of job ${job.key} cannot be read: ${noOutput(job)}.`);
  const service = await deps.service(job.cluster);
  await service.connect();
  const { reader, user } = service.backend;
  const oneFile = isOneFile(job);
  return {
    facts: jobFacts(job, user),
    inputs: {
      stdout: outputInput(reader, stdoutPath, signal),
      ...(oneFile || stderrPath === undefined ? {} : { stderr: outputInput(reader, stderrPath, signal) }),
    },
    oneFile,
    endState: isEnded(job.state) ? job.state : null,
    release: service.backend.hold(),
  };
}

/** Why a job has no output to read. */
export function noOutput(job: JobRecord): string {
  if (job.isArray) return 'it is an array: each of its tasks has an output of its own';
  return isEnded(job.state)
    ? 'it never had one, or the scheduler does not tell where'
    : `it is ${job.state} and has no output yet`;
}
