/** Why a port of a job cannot be reached, and what can be done. Pure. */
import type { TunnelError } from '../clusters/tunnel.ts';

export interface TunnelEnd {
  readonly cluster: string;
  /** The cluster is this machine. */
  readonly isHere: boolean;
  /** The job runs on this machine, whose programs all reach it. */
  readonly runsHere: boolean;
  readonly node: string;
  readonly port: number;
}

export function tunnelWords(
  { problem, message }: TunnelError,
  { cluster, isHere, runsHere, node, port }: TunnelEnd,
): string {
  const place = isHere ? `Port ${port} of ${node}` : `Port ${port} of ${node} (${cluster})`;
  switch (problem) {
    case 'forbidden':
      return `${place} cannot be reached: ${cluster} forbids to forward ports (“${message}”: AllowTcpForwarding or PermitOpen in its sshd_config). Ask its administrators for another way to the web pages of jobs, such as Open OnDemand.`;
    case 'refused':
      return `Nothing answers on ${lower(place)}: the program is not ready yet, or it uses another port (its output may tell).${runsHere ? '' : ownNodeOnly}`;
    case 'unknown-host':
      return `${place} cannot be reached: ${isHere ? 'this machine' : `the login node of ${cluster}`} knows no address of ${node} (“${message}”). The administrators can tell what the node is called in the network.`;
    case 'failed':
      return `${place} cannot be reached: “${message}”. Nothing may listen there for connections from outside of the node, or ${isHere ? 'a firewall' : `a firewall or the SSH server of ${cluster}`} may forbid them.`;
  }
}

const ownNodeOnly =
  ' Or it listens to connections from its own node only, as Jupyter and TensorBoard do unless they are started with --ip=0.0.0.0 and --bind_all.';

function lower(place: string): string {
  return `p${place.slice(1)}`;
}
