/** How one cluster is reached and what schedules there: the connection, the scheduler and the reader of its files, as one. */
import { userInfo } from 'node:os';
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import { type BackOff, ClusterLink, type LinkReport } from '../clusters/link.ts';
import { openLocalConnection } from '../clusters/local-connection.ts';
import type { Logger } from '../logger.ts';
import { LocalReader } from '../output/local-reader.ts';
import type { OutputReader } from '../output/reader.ts';
import { RemoteReader } from '../output/remote-reader.ts';
import type { ClusterState } from '../protocol.ts';
import { detectFlux, fluxEnvironment } from '../schedulers/flux.ts';
import { FluxOutput } from '../schedulers/flux-output.ts';
import { LocalScheduler, type LocalSchedulerDependencies } from '../schedulers/local.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { detectSlurm } from '../schedulers/slurm.ts';

/** The cluster was reached, but nothing there takes jobs. */
export class NoSchedulerError extends Error {}

export interface Backend {
  /** Connects if need be. Rejects with `ConnectionError` or `NoSchedulerError`. */
  scheduler(): Promise<Scheduler>;
  /** For commands of actions. Rejects with `ConnectionError`. */
  connection(): Promise<Connection>;
  readonly reader: OutputReader;
  /** Of the account that jobs run under; known once connected. */
  readonly user: string;
  /** Until the result is called, a lost connection is opened again by itself. */
  hold(): () => void;
  /** Until `scheduler` is called again. What is followed stays so, and goes on then. */
  disconnect(): Promise<void>;
  /** For good: ends all following. */
  dispose(): void;
}

export interface BackendListener {
  /** `detail`: what is wrong and what to do, or the scheduler's version once connected. */
  onState(state: ClusterState, report: LinkReport): void;
  onSchedulerKnown(scheduler: Scheduler): void;
}

export interface RemoteBackendOptions {
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<Connection>;
  /** The files of the cluster are files of this machine: it is a login node. */
  readonly filesAreHere: boolean;
  readonly backOff: () => BackOff;
  readonly clock: Clock;
  readonly log: Logger;
  readonly listener: BackendListener;
  /** `auto`: Slurm where it is found, else Flux. */
  readonly wanted: 'auto' | 'slurm' | 'flux';
  readonly fluxUri?: string;
  /** How often output may be asked for, where nothing may stay on the cluster; as the settings are now. */
  readonly pollSeconds?: () => number | undefined;
}

/** Slurm or Flux over a connection: by SSH, or on this very machine. */
export function createRemoteBackend({
  name,
  open,
  filesAreHere,
  backOff,
  clock,
  log,
  listener,
  wanted,
  fluxUri,
  pollSeconds = () => undefined,
}: RemoteBackendOptions): Backend {
  let found: Promise<Scheduler> | undefined;
  let scheduler: Scheduler | undefined;
  let disconnected = false;
  const link = new ClusterLink({
    name,
    open,
    clock,
    log,
    onState: (state, report) =>
      listener.onState(state, state === 'connected' && scheduler ? { detail: scheduler.version, ...report } : report),
    backOff,
  });
  const remoteReader = filesAreHere ? undefined : new RemoteReader(name, clock, log, pollSeconds);
  if (remoteReader) link.onConnected((connection) => remoteReader.attach(connection));
  // What was under way when the link was closed must not open it again.
  const openConnection = async () => {
    if (disconnected) throw new ConnectionError('closed', name, `${name} was disconnected.`);
    return await link.connection();
  };
  const flux = {
    cluster: name,
    connection: openConnection,
    clock,
    log,
    ...(fluxUri === undefined ? {} : { uri: fluxUri }),
  };
  const reader = new FluxOutput({
    ...flux,
    files: remoteReader ?? new LocalReader(clock),
    environment: fluxEnvironment(fluxUri),
  });
  link.onConnected((connection) => reader.attach(connection));
  let user = '';
  const detect = async (): Promise<Scheduler> => {
    const slurm = wanted === 'flux' ? undefined : await detectSlurm(name, openConnection, clock);
    const detected = slurm ?? (wanted === 'slurm' ? undefined : await detectFlux(flux));
    if (!detected) throw new NoSchedulerError(noScheduler(name, wanted));
    user = detected.user;
    scheduler = detected;
    listener.onSchedulerKnown(detected);
    return detected;
  };
  return {
    reader,
    get user() {
      return user;
    },
    async scheduler() {
      // A broken connection is opened first: whoever asks for the scheduler wants to use it.
      disconnected = false;
      await link.connection();
      found ??= detect();
      try {
        return await found;
      } catch (error) {
        found = undefined;
        throw error;
      }
    },
    connection: openConnection,
    hold: () => link.hold(),
    async disconnect() {
      disconnected = true;
      remoteReader?.detach();
      await link.close();
    },
    dispose() {
      scheduler?.dispose?.();
      reader.dispose();
    },
  };
}

function noScheduler(cluster: string, wanted: 'auto' | 'slurm' | 'flux'): string {
  const path = 'in the PATH of commands that run over SSH without a login shell';
  if (wanted === 'flux')
    return `no Flux instance was found on ${cluster}: is flux ${path}, and, for an instance of your own, fluxUri set in vigil.clusters?`;
  const nor = wanted === 'auto' ? ', nor a Flux instance' : '';
  return `sbatch was not found on ${cluster}${nor}: is the scheduler there, and ${path}?`;
}

/** Processes of this machine: always connected. */
export function createLocalBackend(deps: LocalSchedulerDependencies, listener: BackendListener): Backend {
  let scheduler: LocalScheduler | undefined;
  let connection: Connection | undefined;
  const reader = new LocalReader(deps.clock);
  return {
    async connection() {
      if (process.platform === 'win32') throw new Error('Commands of watchers need a shell: there is none on Windows.');
      connection ??= openLocalConnection(deps.cluster, deps.environment);
      return connection;
    },
    reader,
    user: userInfo().username,
    async scheduler() {
      if (!scheduler) {
        scheduler = new LocalScheduler(deps);
        listener.onSchedulerKnown(scheduler);
        listener.onState('connected', { detail: scheduler.version, connection: { transport: 'local' } });
      }
      return scheduler;
    },
    hold: () => () => {},
    async disconnect() {},
    dispose() {
      reader.dispose();
      scheduler?.dispose();
      void connection?.close();
    },
  };
}
