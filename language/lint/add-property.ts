/** The quick fix that writes one more property into a watcher. */

import { type Fix, replaceFix } from '../problem/problem.ts';
import { lineBreakOf, type ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import type { PropertyNode, WatcherNode } from '../watcher/node.ts';

/** Behind `after`, which is one of the watcher's properties. */
export function addProperty(
  document: ScriptDocument,
  node: WatcherNode,
  after: PropertyNode,
  key: string,
  value: string,
): Fix {
  const at = { start: after.span.end, end: after.span.end };
  const newText = node.form === 'inline' ? ` ${key}=${value}` : `${lineBreakOf(document)}# ${key}: ${value}`;
  return replaceFix(l10n.t('Write `{0}`', key), at, newText);
}
