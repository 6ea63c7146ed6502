/** The part of the protocol that is about clusters themselves. */
import { RequestType } from 'vscode-jsonrpc/node';

/** The last lines that the engine's log has about a cluster, the newest last; of the last 512 KiB of the log. */
export const readClusterLog = new RequestType<{ readonly cluster: string }, readonly string[], void>('clusters/log');
