/** Ports of the nodes where jobs run, as ports of the engine's machine. */
import { NotificationType, RequestType, RequestType0 } from 'vscode-jsonrpc/node';
import type { JobKey } from '../protocol.ts';

export interface OpenPortParams {
  readonly job: JobKey;
  /** Of the job's first node. */
  readonly port: number;
  /** Of this machine. Default: the same number, or any other where that is taken. */
  readonly localPort?: number;
}

export interface ForwardedPort {
  readonly job: JobKey;
  readonly node: string;
  readonly port: number;
  /** Of 127.0.0.1 on the engine's machine. */
  readonly localPort: number;
  /** The job runs on this machine: there was nothing to be done, and there is nothing to be ended. */
  readonly isHere?: true;
}

/** Forwards it for as long as the job runs and a client that asked for it is attached. Asked for again, it is the same one. */
export const openPort = new RequestType<OpenPortParams, ForwardedPort, void>('ports/open');

/** Ends it for all clients; one that has ended already is a success. */
export const closePort = new RequestType<{ readonly job: JobKey; readonly port: number }, null, void>('ports/close');

export const listPorts = new RequestType0<readonly ForwardedPort[], void>('ports/list');

export interface PortEnded {
  readonly port: ForwardedPort;
  readonly why: 'asked' | 'job';
}

/** To the clients that asked for the port: a client ended it, or its job runs no more on that node. */
export const portEnded = new NotificationType<PortEnded>('ports/ended');
