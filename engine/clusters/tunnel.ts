/** A TCP connection that somebody opens for us from where they are (ssh -L, -W), and why there may be none. */
import type { Duplex } from 'node:stream';

export interface Tunnel extends Duplex {
  /** Leaves it at once. */
  close(): void;
}

export type TunnelProblem =
  /** The server lets nobody have any, or none to there. */
  | 'forbidden'
  /** Nothing listens there. */
  | 'refused'
  | 'unknown-host'
  /** Whatever else, and where nobody tells. */
  | 'failed';

/** What is at the other end cannot be reached; the connection to the cluster is well. The message is the server's. */
export class TunnelError extends Error {
  readonly problem: TunnelProblem;

  constructor(words: string, options?: ErrorOptions) {
    super(words, options);
    this.problem = problemOf(words);
  }
}

/** By what OpenSSH's server and Node say, which both quote the system. */
function problemOf(words: string): TunnelProblem {
  if (/administratively prohibited|unknown channel type/i.test(words)) return 'forbidden';
  if (/refused(?! by peer)|ECONNREFUSED/i.test(words)) return 'refused';
  if (/not known|resol[uv]|ENOTFOUND|EAI_|nodename nor servname|no address associated/i.test(words))
    return 'unknown-host';
  return 'failed';
}
