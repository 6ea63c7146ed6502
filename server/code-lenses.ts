/** Code lenses over watchers, for clients that have the commands which they name. */

import type { CodeLens } from 'vscode-languageserver';
import * as l10n from '../language/text/l10n.ts';
import { watcherName } from '../language/watcher/read-watcher.ts';
import type { Analysis } from './documents.ts';

/** Arguments: the script's address, the watcher's name. */
const tryOnOutputCommand = 'vigil.tryOnOutput';

/** One over each watcher that has something to match. */
export function codeLenses({ uri, script, rangeOf }: Analysis): CodeLens[] {
  return script.watchers
    .filter(({ properties }) => properties.length > 0)
    .map((watcher) => ({
      range: rangeOf(watcher.keywordSpan),
      command: {
        title: `$(beaker) ${l10n.t('Try on output…')}`,
        command: tryOnOutputCommand,
        arguments: [uri, watcherName(watcher)],
      },
    }));
}
