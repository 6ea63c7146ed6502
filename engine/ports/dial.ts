/** How a node's port is reached: from this machine, or through the connection to its cluster. */
import { ConnectionError } from '../clusters/connection.ts';
import { type Tunnel, TunnelError } from '../clusters/tunnel.ts';
import type { Backend } from '../jobs/backend.ts';
import type { ClusterService } from '../jobs/cluster-service.ts';
import { isHostName } from './first-node.ts';
import { connectTcp } from './tcp.ts';

export type PortService = Pick<ClusterService, 'info' | 'connect'> & {
  readonly backend: Pick<Backend, 'connection' | 'hold' | 'scheduler'>;
};

/** Opens one TCP connection. Rejects with TunnelError or ConnectionError. */
export type Dial = () => Promise<Tunnel>;

/**
 * By the node's name, or the address that the scheduler has of it where the name is none of the network. Resolves when something
 * has answered there.
 */
export async function dialNode(service: PortService, jobId: string, node: string, port: number): Promise<Dial> {
  const byName = dialHost(service, node, port);
  const refusal = await refusalOf(byName);
  if (!refusal) return byName;
  if (refusal.problem === 'forbidden' || refusal.problem === 'refused') throw refusal;
  const address = await (await service.backend.scheduler()).nodeAddress?.(jobId, node);
  if (address === undefined || address === node || !isHostName(address)) throw refusal;
  const byAddress = dialHost(service, address, port);
  const again = await refusalOf(byAddress);
  if (again) throw again;
  return byAddress;
}

/** Likewise, of this machine. */
export async function dialHere(port: number): Promise<Dial> {
  const dial = () => connectTcp('127.0.0.1', port);
  const refusal = await refusalOf(dial);
  if (refusal) throw refusal;
  return dial;
}

/** `undefined`: it was opened, and closed again. */
async function refusalOf(dial: Dial): Promise<TunnelError | undefined> {
  try {
    (await dial()).close();
    return undefined;
  } catch (error) {
    if (error instanceof TunnelError) return error;
    throw error;
  }
}

/**
 * A page that is open asks again and again: that takes part in opening the connection anew, but begins no login that a person
 * declined or that failed for good.
 */
function dialHost(service: PortService, host: string, port: number): Dial {
  if (service.info.kind === 'local') return () => connectTcp(host, port);
  return async () => {
    const { name, state, nextAttempt, detail = '' } = service.info;
    if (state === 'offline' && nextAttempt === undefined)
      throw new ConnectionError('closed', name, `${name} is offline: ${detail}`);
    const connection = await service.backend.connection();
    if (!connection.tunnel) throw new Error(`${name} has no SSH server between: its ports are not forwarded.`);
    return connection.tunnel(host, port);
  };
}
