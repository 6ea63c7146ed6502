/**
 * What the engine and its clients (the extension, `vigil`) say to each other: JSON-RPC 2.0 over the engine's socket.
 * Nothing else crosses that socket. Raise `protocolVersion` with every change that an older side would misread.
 */
import { NotificationType, RequestType, RequestType0 } from 'vscode-jsonrpc/node';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { ActionSettings, EngineSecrets } from './protocol/actions.ts';
import type { ClusterSettings, ConnectionInfo } from './protocol/clusters.ts';
import type { NotificationSettings, UserNotification } from './protocol/notifications.ts';

export type { ClusterSettings, ConnectionInfo } from './protocol/clusters.ts';
export type { UserNotification } from './protocol/notifications.ts';

export const protocolVersion = 2;

/** `CLUSTER/JOBID`, e.g. `mycluster/4711`, `local/3`, `mycluster/16_2` for a task of an array job. */
export type JobKey = string;

/** Seconds since the epoch, UTC, as in Flux RFC 18. */
export type Timestamp = number;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One entry of a job's eventlog (Flux RFC 18): append-only, `seq` from 0 without gaps, never changed. */
export interface EventlogEntry {
  readonly seq: number;
  /** When it happened, by the scheduler's clock where it tells one. */
  readonly timestamp: Timestamp;
  /** When the engine learnt of it. */
  readonly observed: Timestamp;
  readonly name: string;
  readonly context?: { readonly [key: string]: JsonValue };
}

/**
 * Which of a job's logs: `eventlog` is that of the job itself (RFC 21). A Flux job has others beside it, by the names that
 * Flux gives them: `guest.exec.eventlog` (RFC 50), `guest.output` (RFC 24).
 */
export type EventlogName = string;

export type JobState =
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
  /** The scheduler no longer knows the job and accounting could not settle it. */
  | 'lost';

export type WatcherState = 'active' | 'triggered' | 'paused' | 'completed' | 'disabled' | 'static';

/** What a person may do to a watcher: which state allows what is written in docs/watching.md. */
export type WatcherVerb = 'pause' | 'resume' | 'stop' | 'trigger';

export interface WatcherInfo {
  readonly name: string;
  readonly state: WatcherState;
  /** Why it is in this state, or what it waits for, in words for people. */
  readonly reason?: string;
  readonly matchCount: number;
  readonly triggerCount: number;
  /** Failed actions in a row. */
  readonly failures: number;
  /** Last value of each capture, at most 200 characters of it. */
  readonly captures: { readonly [name: string]: string };
  /** Line of the script, from 0. */
  readonly line: number;
}

/** What is shown was told a while ago: who could not be asked since. */
export interface Staleness {
  /** When it was last told; absent: not since the engine started. */
  readonly asOf?: Timestamp;
  /** Who could not be asked, in words for people. */
  readonly why: string;
}

/** One part of a heterogeneous job (`16+1` in Slurm): it has nodes of its own, and ends with the whole. */
export interface JobComponent {
  readonly offset: number;
  readonly state: JobState;
  readonly partition?: string;
  readonly nodes?: string;
}

/** One that shares the store with this one. */
export interface OtherEngine {
  readonly host: string;
  readonly user: string;
  readonly pid: number;
}

export interface JobInfo {
  readonly key: JobKey;
  readonly cluster: string;
  readonly jobId: string;
  readonly name: string;
  readonly state: JobState;
  /** Why it waits, in the scheduler's word (`Resources`, `Priority`, …). */
  readonly reason?: string;
  readonly submitted: Timestamp;
  /** Of a pending job: when the scheduler expects it to start. Changes often. */
  readonly expectedStart?: Timestamp;
  readonly started?: Timestamp;
  readonly ended?: Timestamp;
  /** How long it may run; absent: as long as it takes, or the scheduler does not tell. */
  readonly timeLimitSeconds?: number;
  /** A wait(2) status, as in Flux' `finish` event: exit code 3 is 768, SIGTERM is 15. */
  readonly status?: number;
  readonly partition?: string;
  readonly nodes?: string;
  readonly workdir?: string;
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
  /** Of the file it was submitted from, on the machine of the client that submitted it. */
  readonly scriptPath?: string;
  /** It stands for a whole array; its tasks are jobs of their own. */
  readonly isArray?: boolean;
  /** The job that this one was resubmitted from. */
  readonly resubmitOf?: JobKey;
  /** Notes on it, by keys. */
  readonly memo?: { readonly [key: string]: string };
  /** Present for the tasks of an array job. */
  readonly arrayTask?: { readonly parent: JobKey; readonly index: number };
  /** Present for heterogeneous jobs, in their order. */
  readonly components?: readonly JobComponent[];
  /** Another engine on the same store follows it: what is known of it is what that one has written down. */
  readonly followedBy?: OtherEngine;
  /** The last look could not tell of this job (see also the cluster's own). */
  readonly stale?: Staleness;
  readonly watchers: readonly WatcherInfo[];
  /** True once `clean` is logged. */
  readonly logEnded: boolean;
}

export type ClusterState = 'idle' | 'connecting' | 'connected' | 'offline';

export interface ClusterInfo {
  readonly name: string;
  readonly kind: 'ssh' | 'local';
  /** Known once connected. */
  readonly scheduler?: 'slurm' | 'flux' | 'local';
  /** Of the account that jobs run under there. Known once connected. */
  readonly user?: string;
  readonly state: ClusterState;
  /** Why it is offline and what to do, or the scheduler's version once connected. */
  readonly detail?: string;
  readonly source: 'ssh-config' | 'settings' | 'built-in';
  /** What to give an SSH program to get there, where that is not this machine: an alias of its configuration, or a host. */
  readonly ssh?: { readonly host: string; readonly user?: string; readonly port?: number };
  /** `user@host:port`, for people. */
  readonly address?: string;
  /** When it came into this state. Absent: it was never connected to. */
  readonly since?: Timestamp;
  /** Offline: when it is tried again by itself. */
  readonly nextAttempt?: Timestamp;
  /** How it is connected; present while it is. */
  readonly connection?: ConnectionInfo;
  /** The scheduler could not be asked at the last look: what is shown of its jobs is as old as this says. */
  readonly stale?: Staleness;
}

/** How the engine is: for `vigil status`, and for whoever wonders. */
export interface EngineStatus {
  readonly version: string;
  readonly protocolVersion: number;
  readonly pid: number;
  /** Version of the Node.js it runs on. */
  readonly node: string;
  readonly started: Timestamp;
  /** By the engine's clock: ages are counted from here. */
  readonly now: Timestamp;
  readonly clients: number;
  /** Those it has spoken with, or follows jobs on. `lookedAt`: when the scheduler last told of the jobs. */
  readonly clusters: readonly (ClusterInfo & {
    readonly lookedAt?: Timestamp;
    readonly followedJobs: number;
    /** How far its clock is ahead of the engine's. */
    readonly clockOffsetSeconds: number;
  })[];
  readonly jobs: { readonly known: number; readonly followed: number };
  readonly store: StoreStatus;
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number };
  /** Of one core, on average since the start; from 0. */
  readonly cpuShare: number;
}

export interface StoreStatus {
  readonly path: string;
  readonly bytes: number;
  /** Room left on its file system; absent where that cannot be told. */
  readonly freeBytes?: number;
  /** It cannot be written: what was acknowledged is kept, what happens now waits. `why` says what to do. */
  readonly problem?: { readonly since: Timestamp; readonly why: string };
}

/** The settings of `vigil.*` that the engine acts on. */
export interface EngineSettings extends ActionSettings, NotificationSettings {
  readonly clusters: readonly ClusterSettings[];
  /** Path of the OpenSSH client configuration. */
  readonly sshConfigFile: string;
  /** Least seconds between two scheduler queries of one cluster. */
  readonly minPollSeconds: number;
  readonly maxWatchersPerJob: number;
  /** After how many days workflow runs that are over are forgotten; 0: never. */
  readonly 'workflows.keepDays': number;
  /** `postgres://…` for the store; empty: a file of this machine. Counts when the engine starts. */
  readonly store: string;
  /** Pause before a lost connection is opened again; it doubles with each failure … */
  readonly reconnectSeconds: number;
  /** … up to this. */
  readonly longestReconnectSeconds: number;
}

export interface InitializeParams {
  readonly protocolVersion: number;
  /** Version of the client's build. */
  readonly version: string;
  readonly client: 'vscode' | 'cli';
  /** What is absent the engine keeps as it was last told. */
  readonly settings?: Partial<EngineSettings>;
  /** Likewise. */
  readonly secrets?: EngineSecrets;
  /** May this client be asked for passwords, codes and host keys? */
  readonly answersPrompts: boolean;
}

export interface InitializeResult {
  readonly protocolVersion: number;
  readonly version: string;
  readonly pid: number;
}

export interface SubmitParams {
  readonly cluster: string;
  /** The text of the script, submitted to the byte. */
  readonly script: string;
  readonly scriptPath?: string;
  /** Of a script that is no file of this machine: the job's name unless the script gives one, as sbatch has it. */
  readonly scriptName?: string;
  /** On the cluster; absent: the cluster's default (local: the script's folder, else the home directory). */
  readonly workdir?: string;
  /** More options for the scheduler, in its own form, e.g. `["--time=5", "--mem=1G"]`; they win over the script's directives. */
  readonly options?: readonly string[];
  /** Makes it happen once: a submission that is sent again because its answer was lost carries the same key (a UUID). */
  readonly key?: string;
  /** Exported to the job as they are, beside what the scheduler exports. */
  readonly env?: { readonly [name: string]: string };
  /** From a workspace that is not trusted: its watchers match, but their actions are only recorded. Default: false. */
  readonly untrusted?: boolean;
  /** The job that a person submits once more. */
  readonly resubmitOf?: JobKey;
}

/** Lines and characters from 0, characters in UTF-16 units, as in LSP. */
export interface ScriptRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** Whose output a replay reads. */
export type ReplaySource =
  | { readonly kind: 'text'; readonly stdout: string; readonly stderr?: string }
  /** Files of the machine that the engine and its clients are on: absolute paths. */
  | { readonly kind: 'file'; readonly stdout: string; readonly stderr?: string }
  /** What the output files of a job hold now. */
  | { readonly kind: 'job'; readonly job: JobKey };

export interface ReplayParams {
  /** The text whose watchers are tried; absent: those of the job that is the source. */
  readonly script?: string;
  readonly scriptPath?: string;
  readonly source: ReplaySource;
  /** Only this one; errors of the others do not count then. */
  readonly watcher?: string;
  /** The state the job ends in; `null`: it has not ended. Absent: as the job of the source stands, else `completed`. */
  readonly endState?: JobState | null;
  /** What conditions and variables see of the job, where the source does not tell. */
  readonly job?: {
    readonly jobId?: string;
    readonly name?: string;
    readonly cluster?: string;
    readonly user?: string;
    readonly workdir?: string;
  };
  /** Events handed out at most, default 1,000, most 100,000; all are counted. */
  readonly maxEvents?: number;
  /** When given, events come as `watchers/replayed` notifications with this token while the output is read. */
  readonly token?: string;
}

export interface ReplayResult {
  /** As the eventlog would have them: `watcher.match`, `watcher.action`, `watcher.state`, `metric`, `log`. Empty with a token. */
  readonly events: readonly EventlogEntry[];
  /** All events, also those beyond `maxEvents`. */
  readonly total: number;
  /** How the watchers stand at the end. */
  readonly watchers: readonly WatcherInfo[];
  readonly lines: number;
  readonly bytes: number;
  /** What could not be replayed, for people. */
  readonly notes: readonly string[];
}

export interface ReplayProgress {
  readonly token: string;
  readonly events: readonly EventlogEntry[];
  readonly lines: number;
  readonly bytes: number;
}

export interface WaitEventParams {
  readonly job: JobKey;
  /** Its name, or a glob. */
  readonly name: string;
  readonly log?: EventlogName;
  /** Absent: as long as it takes. */
  readonly timeoutSeconds?: number;
  /** What its context must have: a string as it is, everything else as compact JSON. */
  readonly matchContext?: { readonly [key: string]: string };
  /** The n-th such event, from 1. */
  readonly count?: number;
  /** An error when the log ends without it, or a fatal exception of the job comes first. */
  readonly raise?: boolean;
}

export interface InputPrompt {
  readonly cluster: string;
  readonly kind: 'password' | 'passphrase' | 'keyboard-interactive';
  /** Who asks: `user@host:port` of the cluster or of a jump host on the way to it. */
  readonly address: string;
  /** A host on the way asks, or it cannot be told who does: what is for the cluster itself is not for it. */
  readonly isJumpHost: boolean;
  /** What the server calls the dialog, and what it says above its questions (RFC 4256, 3.2). Not to be trusted. */
  readonly title?: string;
  readonly instructions?: string;
  /** What is asked, the same for each try; may have several lines; text from outside, not to be trusted. */
  readonly question: string;
  /** The answer before this one was wrong. */
  readonly isRetry: boolean;
  /** Do not show what is typed. */
  readonly secret: boolean;
}

export interface HostKeyPrompt {
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  /** E.g. `ssh-ed25519`. */
  readonly keyType: string;
  /** `SHA256:…` as ssh-keygen(1) -l prints it. */
  readonly fingerprint: string;
}

/** `ResponseError.code` of what can go wrong; the message is for people: what failed, where, what to do. */
export const errorCodes = {
  /** The client's protocol is newer: ask the engine to `handOver` and start a new one. */
  engineOutdated: 1,
  /** The client's protocol is older than the engine's. */
  clientOutdated: 2,
  /** The engine ends this very moment: connect to the next one. */
  engineEnds: 3,
  unknownCluster: 10,
  unknownJob: 11,
  connection: 20,
  authentication: 21,
  hostKey: 22,
  noScheduler: 23,
  /** The scheduler said no; `data` is a `Refusal`. */
  refused: 30,
  /** The script has errors that keep it from being submitted; `data` is a `Refusal`. */
  invalidScript: 31,
  invalidParams: 40,
  /** An event or a workflow that cannot be as it is given: nothing was done. */
  invalidInput: 42,
  /** Of a file of a cluster; `data` is a `FileRefusal`. */
  file: 41,
  /** The event did not come in time. */
  waitTimeout: 50,
  /** With `raise`: the log ended without it. */
  neverReceived: 51,
  /** With `raise`: a fatal exception of the job came first; `data` is its entry. */
  jobException: 52,
  /** As LSP has it: the client took its request back. */
  cancelled: -32800,
} as const;

export interface Refusal {
  /** The scheduler's own words. */
  readonly words: string;
  /** The directive they concern, where that can be told. */
  readonly range?: ScriptRange;
}

export const initialize = new RequestType<InitializeParams, InitializeResult, void>('initialize');
/** The engine writes down what it has, stops, and answers just before it exits. */
export const handOver = new RequestType0<null, void>('handOver');
export const readStatus = new RequestType0<EngineStatus, void>('engine/status');
export const listClusters = new RequestType0<readonly ClusterInfo[], void>('clusters/list');
export const connectCluster = new RequestType<{ readonly cluster: string }, ClusterInfo, void>('clusters/connect');
export const disconnectCluster = new RequestType<{ readonly cluster: string }, ClusterInfo, void>(
  'clusters/disconnect',
);
/**
 * What a connected cluster says about its partitions, accounts and limits; `null`: it is not connected, or has nothing to say.
 * Never connects, never prompts. What was asked within the last `maxAgeSeconds` (default 300) is not asked again.
 */
export const clusterFacts = new RequestType<
  { readonly cluster: string; readonly maxAgeSeconds?: number },
  ClusterFacts | null,
  void
>('clusters/facts');
export const listJobs = new RequestType0<readonly JobInfo[], void>('jobs/list');
export const submitJob = new RequestType<SubmitParams, JobInfo, void>('jobs/submit');
export const cancelJob = new RequestType<{ readonly job: JobKey }, null, void>('jobs/cancel');
/** Takes ended jobs off the list. Their eventlogs go with them. */
export const forgetJob = new RequestType<{ readonly job: JobKey }, null, void>('jobs/forget');
/** One answer has at most so many entries; when it has as many, there may be more. */
export const eventlogPage = 5000;
export const readEventlog = new RequestType<
  { readonly job: JobKey; readonly from?: number; readonly log?: EventlogName },
  readonly EventlogEntry[],
  void
>('eventlog/read');
/**
 * Answers with the entry once it is there, also when it was there before; with null when the log ends without it. May be
 * cancelled.
 */
export const waitEvent = new RequestType<WaitEventParams, EventlogEntry | null, void>('eventlog/wait');
export const readScript = new RequestType<{ readonly job: JobKey }, string, void>('jobs/script');

/** What the watchers of a script would have done: nothing is performed. Cancelling the request ends the reading. */
export const replayWatchers = new RequestType<ReplayParams, ReplayResult, void>('watchers/replay');

export const settingsChanged = new NotificationType<EngineSettings>('settings/changed');
export const clusterChanged = new NotificationType<ClusterInfo>('clusters/changed');
export const jobChanged = new NotificationType<JobInfo>('jobs/changed');
export const jobForgotten = new NotificationType<{ readonly job: JobKey }>('jobs/forgotten');
export const eventlogAppended = new NotificationType<{
  readonly job: JobKey;
  readonly entries: readonly EventlogEntry[];
  /** Absent: `eventlog`. */
  readonly log?: EventlogName;
}>('eventlog/appended');
export const watchersReplayed = new NotificationType<ReplayProgress>('watchers/replayed');
export const userNotification = new NotificationType<UserNotification>('notification');

/** Engine to client. `null`: the person declined. An error: this client cannot answer, another one is asked. */
export const promptInput = new RequestType<InputPrompt, string | null, void>('prompt/input');
export const promptHostKey = new RequestType<HostKeyPrompt, boolean, void>('prompt/hostKey');
