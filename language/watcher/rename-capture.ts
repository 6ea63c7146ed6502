/** A new name for a capture: every place that changes, or why it cannot have it. */

import { actionVariables } from '../actions/catalogue.ts';
import { isReservedName } from '../expression/names.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { type Capture, spansOf, type WatcherCaptures } from './captures.ts';

export type CaptureRename = { readonly spans: readonly Span[] } | { readonly refusal: string };

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** `spans` are those of the old name. */
export function renameCapture(all: WatcherCaptures, capture: Capture, newName: string): CaptureRename {
  const refusal = refuse(all, capture, newName);
  return refusal === undefined ? { spans: spansOf(capture) } : { refusal };
}

function refuse({ captures }: WatcherCaptures, capture: Capture, newName: string): string | undefined {
  const shown = `\`${newName}\``;
  if (newName === capture.name) return undefined;
  if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(newName))
    return l10n.t('{0} is no name: use letters, digits and _.', shown);
  if (keywords.has(newName)) return l10n.t('{0} is a word of Python: conditions could not use it.', shown);
  if (isReservedName(newName)) return l10n.t('Conditions have a {0} of their own: a capture may not hide it.', shown);
  if (Object.hasOwn(actionVariables, newName)) return l10n.t('Actions have a variable {0} of their own.', shown);
  if (captures.some(({ name }) => name === newName)) return l10n.t('This watcher has a capture {0} already.', shown);
  const inText = capture.uses.some(({ place }) => place === 'template' || place === 'script');
  if (inText && !/^\w+$/.test(newName))
    return l10n.t('{0} cannot be written as a variable: use the letters a to z, digits and _.', shown);
  return undefined;
}
