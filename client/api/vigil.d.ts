/**
 * What Vigil offers to other extensions. Copy this file; it needs nothing else.
 *
 *     const vigil = vscode.extensions.getExtension<VigilExports>('vigil.vigil');
 *     const api = (await vigil?.activate())?.getAPI(1);
 *
 * Version 1 only grows: what is here stays as it is. Everything that asks Vigil's engine starts it when it does not run, and
 * rejects with an `Error` whose message is for people, also in a workspace that is not trusted.
 */

export interface VigilExports {
  /** Throws for a version that this Vigil does not have. */
  getAPI(version: 1): VigilApi;
}

export interface VigilApi {
  readonly version: 1;
  /** All jobs that are known, of all clusters. */
  jobs(): Promise<readonly VigilJob[]>;
  /** A job is new or has changed. Told while Vigil's engine runs. */
  readonly onDidChangeJob: VigilEvent<VigilJob>;
  /** The job's key is not known any more: it was forgotten. */
  readonly onDidForgetJob: VigilEvent<string>;
  /** The eventlog of a job as far as it is written. */
  events(job: string): Promise<readonly VigilJobEvent[]>;
  /**
   * Calls `listener` for each entry of the job's eventlog, past ones first, each once and in order. Resolves when the past
   * ones were told; disposing ends it.
   */
  watchEvents(job: string, listener: (event: VigilJobEvent) => void): Promise<VigilDisposable>;
  /** Submits a script, whose `#WATCHER`s are then followed. Happens once per `key`. Asks nothing. */
  submit(submission: VigilSubmission): Promise<VigilJob>;
  /** Cancellation and time-outs, as Vigil itself has them. */
  readonly Event: new (
    timeoutSeconds?: number,
  ) => VigilFlag;
  /** Where so many parties wait for one another. */
  readonly Barrier: new (
    parties: number,
  ) => VigilBarrier;
}

/**
 * A flag that is set once and waited for by any number, until it is cleared. Its own time (300 s, if it was given none)
 * counts from when it was made or last cleared.
 */
export interface VigilFlag {
  /** All who wait go on; `reason` is that of `signal`. */
  set(reason?: unknown): void;
  clear(): void;
  isSet(): boolean;
  /** Aborted when it is set. */
  readonly signal: AbortSignal;
  /** Is its own time over, and it was not set? */
  checkTimeout(): boolean;
  /** true: it is set; false: so many seconds, or its own time, are over. */
  wait(timeoutSeconds?: number): Promise<boolean>;
}

export interface VigilBarrier {
  /** true: all have arrived; false: so many seconds are over, and this one no longer counts. */
  arrive(timeoutSeconds?: number): Promise<boolean>;
}

export interface VigilSubmission {
  /** Text of the script. */
  readonly script: string;
  /** Where the script is, on this machine: for what it names beside itself, and for the name of the job's document. */
  readonly scriptPath?: string;
  /** `local`, a `Host` of `~/.ssh/config`, or one of the setting `vigil.clusters`. */
  readonly cluster: string;
  /** Directory on the cluster; absent: the cluster's own default. */
  readonly workdir?: string;
  /** More options of the scheduler, e.g. `["--time=5"]`. */
  readonly options?: readonly string[];
  /** Names the submission: with the same key the same job comes back. */
  readonly key?: string;
}

export interface VigilJob {
  /** `CLUSTER/JOBID`. */
  readonly key: string;
  readonly cluster: string;
  readonly jobId: string;
  readonly name: string;
  readonly state:
    | 'pending'
    | 'running'
    | 'suspended'
    | 'completing'
    | 'completed'
    | 'failed'
    | 'cancelled'
    | 'timeout'
    | 'out_of_memory'
    | 'node_fail'
    | 'boot_fail'
    | 'deadline'
    | 'preempted'
    | 'lost';
  /** Why it waits, in the scheduler's word. */
  readonly reason?: string;
  /** Seconds since the epoch, here and below. */
  readonly submitted: number;
  readonly started?: number;
  readonly ended?: number;
  /** A wait(2) status: exit code 3 is 768, SIGTERM is 15. */
  readonly status?: number;
  readonly workdir?: string;
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
  /** The job that this one was resubmitted from. */
  readonly resubmitOf?: string;
  readonly watchers: readonly {
    readonly name: string;
    readonly state: string;
    readonly matchCount: number;
    readonly triggerCount: number;
  }[];
  /** Nothing will be written into its eventlog any more. */
  readonly logEnded: boolean;
}

/** An entry of an eventlog, in the shape of Flux' RFC 18. */
export interface VigilJobEvent {
  /** From 0, without gaps. */
  readonly seq: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** `submit`, `start`, `watcher.match`, `finish`, `clean`, … */
  readonly name: string;
  readonly context?: { readonly [key: string]: unknown };
}

/** As VS Code's `Event`. */
export type VigilEvent<T> = (listener: (event: T) => unknown) => VigilDisposable;

export interface VigilDisposable {
  dispose(): void;
}
