/** What clients ask about scripts that are to become jobs. */
import { basename, dirname } from 'node:path';
import type { ClusterService } from './jobs/cluster-service.ts';
import { checkedEnvironment } from './jobs/submissions.ts';
import type { EngineSettings, JobInfo, SubmitParams } from './protocol.ts';
import { SubmitRefusedError } from './refusal.ts';
import { RefusalError } from './schedulers/scheduler.ts';
import { locateRefusal } from './schedulers/slurm-refusal.ts';
import { rangeOf } from './script-problems.ts';
import { scriptWatchers } from './script-watchers.ts';

export interface SubmitRequestDependencies {
  readonly settings: () => Pick<EngineSettings, 'clusters' | 'maxWatchersPerJob'>;
  readonly service: (cluster: string) => Promise<ClusterService>;
}

export class SubmitRequests {
  readonly #deps: SubmitRequestDependencies;

  constructor(deps: SubmitRequestDependencies) {
    this.#deps = deps;
  }

  /** Rejects with `SubmitRefusedError` when the script or the scheduler stands against it. */
  async submit({
    cluster,
    script,
    scriptPath,
    workdir,
    options = [],
    key,
    env,
    untrusted,
  }: SubmitParams): Promise<JobInfo> {
    if (key !== undefined && !/^[\w-]{8,64}$/.test(key)) throw new Error('the key of a submission is a UUID');
    const { document, specs: watchers } = scriptWatchers(
      script,
      this.#deps.settings().maxWatchersPerJob,
      'Not submitted: a watcher of the script would not do what is written.',
    );
    const service = await this.#deps.service(cluster);
    const directory = workdir ?? this.#defaultWorkdir(service, scriptPath);
    try {
      return await service.submit({
        script,
        name: scriptPath === undefined ? 'sbatch' : basename(scriptPath),
        options,
        watchers,
        ...(scriptPath === undefined ? {} : { scriptPath }),
        ...(directory === undefined ? {} : { workdir: directory }),
        ...(key === undefined ? {} : { key }),
        ...(env === undefined ? {} : { env: checkedEnvironment(env) }),
        ...(untrusted ? { untrusted } : {}),
      });
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      const span = locateRefusal(document, error.words);
      const refusal = { words: error.words, ...(span ? { range: rangeOf(script, span) } : {}) };
      throw new SubmitRefusedError(error.message, refusal, true, error);
    }
  }

  /** The cluster's own setting; on this machine the script's folder; else the home directory. */
  #defaultWorkdir({ info: { name, kind } }: ClusterService, scriptPath: string | undefined): string | undefined {
    const configured = this.#deps.settings().clusters.find((cluster) => cluster.name === name)?.workdir;
    return configured ?? (kind === 'local' && scriptPath !== undefined ? dirname(scriptPath) : undefined);
  }
}
