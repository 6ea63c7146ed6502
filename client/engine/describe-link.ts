/** The state of the connection to the engine in words, for the jobs view and the status bar. */
import type { Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine } from '../text/plain-text.ts';
import { clockTime } from '../text/time.ts';
import type { LinkState } from './engine-link.ts';

/**
 * What stands above the tree; `undefined`: nothing needs to be said.
 * @param lastHeard when the engine was last connected, if it was.
 */
export function describeLink(state: LinkState, lastHeard: Timestamp | undefined, now: Timestamp): string | undefined {
  const known = lastHeard === undefined ? [] : [l10n.t('This is what was known at {0}.', clockTime(lastHeard, now))];
  switch (state.kind) {
    case 'idle':
    case 'connected':
      return undefined;
    case 'connecting':
      return lastHeard === undefined
        ? l10n.t('Starting the engine…')
        : [l10n.t('Starting the engine again…'), ...known].join(' ');
    case 'waiting':
      return [plainLine(state.reason), l10n.t('Starting it again (attempt {0}).', state.attempt), ...known].join(' ');
    case 'failed':
      return [l10n.t('No engine: {0}', plainLine(state.reason)), ...known].join(' ');
  }
}
