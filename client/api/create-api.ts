/** Version 1 of the API for other extensions (vigil.d.ts) over the engine's client. */
import { isDeepStrictEqual } from 'node:util';
import { Barrier, Event } from '../../engine/event.ts';
import type { JobInfo, JobKey, SubmitParams } from '../../engine/protocol.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { StoreChange } from '../engine/job-store.ts';
import type { VigilApi, VigilDisposable, VigilJobEvent } from './vigil.d.ts';

export type ApiEngine = Pick<EngineClient, 'store' | 'submit' | 'loadEventlog'> & {
  readonly link: Pick<EngineClient['link'], 'ensure'>;
};

/** Throws for any version but 1. */
export function getApi(version: unknown, engine: ApiEngine): VigilApi {
  if (version !== 1) throw new Error(`Vigil's API has version 1, not ${String(version)}.`);
  const { store } = engine;
  return {
    version: 1,
    jobs: async () => {
      await engine.link.ensure();
      return [...store.jobs.values()];
    },
    onDidChangeJob: (listener) =>
      store.onChange((change) => {
        for (const job of changedJobs(store, change)) listener(job);
      }),
    onDidForgetJob: (listener) =>
      store.onChange((change) => {
        for (const key of forgottenJobs(store, change)) listener(key);
      }),
    events: async (job) => [...(await readEvents(engine, job))],
    watchEvents: (job, listener) => watchEvents(engine, job, listener),
    submit: (submission) => engine.submit(submitParams(submission)),
    Event,
    Barrier,
  };
}

type Jobs = Pick<ApiEngine['store'], 'jobs'>;

/** Also those that changed while the engine was away. */
function changedJobs({ jobs }: Jobs, change: StoreChange): readonly JobInfo[] {
  if (change.kind === 'all')
    return [...jobs.values()].filter((job) => !isDeepStrictEqual(job, change.before.get(job.key)));
  const job = change.kind === 'job' ? jobs.get(change.key) : undefined;
  return job ? [job] : [];
}

function forgottenJobs({ jobs }: Jobs, change: StoreChange): readonly JobKey[] {
  if (change.kind === 'all') return [...change.before.keys()].filter((key) => !jobs.has(key));
  return change.kind === 'forgotten' ? [change.key] : [];
}

/** Rejects when there is no such job. */
export async function readEvents(engine: ApiEngine, job: string): Promise<readonly VigilJobEvent[]> {
  await engine.link.ensure();
  if (!engine.store.jobs.has(job))
    throw new Error(`There is no job ${job}. Jobs are named CLUSTER/JOBID, e.g. local/3.`);
  await engine.loadEventlog(job);
  return engine.store.eventlogs.get(job) ?? [];
}

async function watchEvents(
  engine: ApiEngine,
  job: string,
  listener: (event: VigilJobEvent) => void,
): Promise<VigilDisposable> {
  await readEvents(engine, job);
  let told = 0;
  const tell = () => {
    const log = engine.store.eventlogs.get(job) ?? [];
    // Counted before each call: a listener that throws is not told the same again.
    while (told < log.length) {
      const event = log[told++];
      if (event) listener(event);
    }
  };
  const subscription = engine.store.onChange((change) => {
    if (change.kind === 'all' || (change.kind === 'events' && change.key === job)) tell();
  });
  tell();
  return subscription;
}

/** What is not of the interface does not reach the engine: callers in JavaScript may hand over anything. */
function submitParams({
  script,
  scriptPath,
  cluster,
  workdir,
  options,
  key,
}: Parameters<VigilApi['submit']>[0]): SubmitParams {
  return {
    script: String(script),
    cluster: String(cluster),
    ...(scriptPath === undefined ? {} : { scriptPath: String(scriptPath) }),
    ...(workdir === undefined ? {} : { workdir: String(workdir) }),
    ...(options === undefined ? {} : { options: options.map(String) }),
    ...(key === undefined ? {} : { key: String(key) }),
  };
}
