/**
 * What an assistant may do with jobs by `vigil mcp`: read them, and propose to submit, cancel, hold and release. The answers are those of the
 * tools of VS Code's chat (`client/assistant/`).
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import {
  eventlogAnswer,
  jobsAnswer,
  orderedAnswer,
  outputAnswer,
  outputPath,
  outputTailBytes,
  submittedAnswer,
  type ToolInput,
  type ToolName,
} from '../../engine/assistant/tools.ts';
import { readFilePart } from '../../engine/protocol/files.ts';
import { orderJob } from '../../engine/protocol/jobs.ts';
import * as protocol from '../../engine/protocol.ts';
import { isEnded } from '../../engine/schedulers/transitions.ts';
import { inlineCode } from '../../engine/text/plain-text.ts';
import type { EngineSession } from '../engine-session.ts';
import type { Io } from '../io.ts';
import { readSubmission } from '../jobs.ts';
import { readEventlog } from '../read-eventlog.ts';
import type { AskEngine } from './engine-on-demand.ts';

/** Something that only a person may let happen. */
export interface Proposal {
  /** All that agreeing to it lets happen, as Markdown. */
  readonly question: string;
  /** The words behind `vigil` that do the same. */
  readonly command: readonly string[];
  /** Does it; says what was done. */
  act(): Promise<string>;
}

export type JobTool =
  | { readonly kind: 'reading'; run(input: ToolInput): Promise<string> }
  /** Nothing is done by `propose`; what cannot be done anyway rejects, before a person is asked. */
  | {
      readonly kind: 'proposing';
      readonly isDestructive: boolean;
      readonly isRepeatable: boolean;
      propose(input: ToolInput): Promise<Proposal>;
    };

export type JobTools = { readonly [name in ToolName]: JobTool };

export function jobTools(engine: AskEngine, io: Io): JobTools {
  const reading = (run: (session: EngineSession, input: ToolInput) => Promise<string>): JobTool => ({
    kind: 'reading',
    run: (input) => engine((session) => run(session, input)),
  });
  return {
    vigil_jobs: reading(async ({ connection }, input) => {
      const jobs = await connection.sendRequest(protocol.listJobs);
      const { cluster } = input;
      if (cluster !== undefined && !jobs.some((job) => job.cluster === cluster))
        await checkCluster(connection, String(cluster));
      return jobsAnswer(jobs, input, ({ state }) => isEnded(state), Date.now() / 1000);
    }),
    vigil_eventlog: reading(async (session, input) => {
      const { key: job } = await findJob(session.connection, input);
      const events: protocol.EventlogEntry[] = [];
      await readEventlog(session, { job }, false, (entry) => {
        events.push(entry);
        return false;
      });
      return eventlogAnswer(events, input);
    }),
    vigil_output: reading(async ({ connection }, input) => {
      const job = await findJob(connection, input);
      const path = outputPath(job, input);
      if (path === undefined) throw new Error(`Where job ${job.key} writes its output is not known yet.`);
      const tail = { job: job.key, path, offset: -outputTailBytes, maxBytes: outputTailBytes };
      const { data } = await connection.sendRequest(readFilePart, tail);
      return outputAnswer(Buffer.from(data, 'base64').toString(), input);
    }),
    vigil_submit: {
      kind: 'proposing',
      // A script may do all that its user may.
      isDestructive: true,
      isRepeatable: false,
      propose: (input) => proposeSubmission(engine, io, input),
    },
    vigil_cancel: ordering(engine, 'cancel'),
    vigil_hold: ordering(engine, 'hold'),
    vigil_release: ordering(engine, 'release'),
  };
}

/** What a person agrees to is what is submitted: the script is read before they are asked, once. */
async function proposeSubmission(engine: AskEngine, io: Io, { path, cluster, workdir }: ToolInput): Promise<Proposal> {
  const options = [`--cluster=${String(cluster)}`, ...(workdir === undefined ? [] : [`--workdir=${String(workdir)}`])];
  const words = [resolve(String(path)), ...options];
  const { params } = await readSubmission(words, io);
  await engine(({ connection }) => checkCluster(connection, params.cluster));
  const lines = params.script.replace(/\n$/, '').split('\n').length;
  const place = params.workdir === undefined ? '' : `, in ${inlineCode(params.workdir)}`;
  const key = randomUUID();
  return {
    question: `Submit ${inlineCode(params.scriptPath ?? '')} (${lines} lines, as it is now) to the cluster ${inlineCode(params.cluster)}${place}?`,
    command: ['submit', ...words],
    async act() {
      const job = await engine(({ connection }) => connection.sendRequest(protocol.submitJob, { ...params, key }));
      return submittedAnswer(job.key);
    },
  };
}

function ordering(engine: AskEngine, verb: 'cancel' | 'hold' | 'release'): JobTool {
  const propose = async (input: ToolInput): Promise<Proposal> => {
    const { key, name, state } = await engine(({ connection }) => findJob(connection, input));
    if (isEnded(state)) throw new Error(`Job ${key} is over (${state}): there is nothing to ${verb}.`);
    if (verb !== 'cancel' && state !== 'pending')
      throw new Error(`Job ${key} is ${state}: only a job that waits can be held and released.`);
    return {
      question: `${verb[0]?.toUpperCase()}${verb.slice(1)} job ${inlineCode(key)} ${inlineCode(name)} (${state})?`,
      command: [verb, key],
      async act() {
        await engine(async ({ connection }) => {
          if (verb === 'cancel') await connection.sendRequest(protocol.cancelJob, { job: key });
          else await connection.sendRequest(orderJob, { job: key, order: { verb } });
        });
        return orderedAnswer(verb, key);
      },
    };
  };
  return { kind: 'proposing', isDestructive: verb === 'cancel', isRepeatable: true, propose };
}

async function findJob(connection: MessageConnection, { job: key }: ToolInput): Promise<protocol.JobInfo> {
  const found = (await connection.sendRequest(protocol.listJobs)).find((job) => job.key === key);
  if (found) return found;
  throw new Error(
    `There is no job ${String(key)}. Jobs are named CLUSTER/JOBID, e.g. local/3; vigil_jobs lists those that are known.`,
  );
}

async function checkCluster(connection: MessageConnection, cluster: string): Promise<void> {
  const names = (await connection.sendRequest(protocol.listClusters)).map(({ name }) => name);
  if (!names.includes(cluster)) throw new Error(`There is no cluster ${cluster}. There are: ${names.join(', ')}.`);
}
