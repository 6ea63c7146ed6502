/** The state of the connection to the engine in words, for the jobs view and the status bar. */
import type { Timestamp } from '../../engine/protocol.ts';
import { plainLine } from '../text/plain-text.ts';
import { clockTime } from '../text/time.ts';
import type { LinkState } from './engine-link.ts';

/**
 * What stands above the tree; `undefined`: nothing needs to be said.
 * @param lastHeard when the engine was last connected, if it was.
 */
export function describeLink(state: LinkState, lastHeard: Timestamp | undefined, now: Timestamp): string | undefined {
  const known = lastHeard === undefined ? '' : ` This is what was known at ${clockTime(lastHeard, now)}.`;
  switch (state.kind) {
    case 'idle':
    case 'connected':
      return undefined;
    case 'connecting':
      return lastHeard === undefined ? 'Starting the engine…' : `Starting the engine again…${known}`;
    case 'waiting':
      return `${plainLine(state.reason)} Starting it again (attempt ${state.attempt}).${known}`;
    case 'failed':
      return `No engine: ${plainLine(state.reason)}${known}`;
  }
}
