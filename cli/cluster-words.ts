/** What is known of a cluster's connection, in words for a terminal. */
import type { ClusterInfo, ConnectionInfo, Timestamp } from '../engine/protocol.ts';
import { age } from './table.ts';

/** `by ssh2, logged in with publickey (~/.ssh/id_ed25519), keyboard-interactive`; empty for this machine. */
export function connectionWords(connection: ConnectionInfo | undefined): string {
  if (!connection || connection.transport === 'local') return '';
  const { transport, reason, authentication = [] } = connection;
  const how = transport === 'ssh2' ? "by Vigil's own SSH client" : `by ssh${reason ? ` (${reason})` : ''}`;
  return authentication.length > 0 ? `${how}, logged in with ${authentication.join(', ')}` : how;
}

/** `connected 5 min`, `offline 20 s, next try in 8 s`. */
export function stateWords({ state, since, nextAttempt }: ClusterInfo, now: Timestamp = Date.now() / 1000): string {
  const how = since === undefined || state === 'idle' ? state : `${state} ${age(since, now)}`;
  return nextAttempt === undefined ? how : `${how}, next try in ${age(now, Math.max(now, nextAttempt))}`;
}
