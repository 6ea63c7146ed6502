/** The names of watchers: where they are given and where actions use them, and what another name would change. */

import { findAction, findParameter } from '../actions/catalogue.ts';
import type { ParameterNode } from '../actions/node.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import { type Span, touches } from '../text/span.ts';
import type { Edit } from './format-block.ts';
import type { TextNode, WatcherNode } from './node.ts';
import { watcherName } from './read-watcher.ts';

/** A watcher, its name, and the actions that name it. */
export interface NamedWatcher {
  readonly watcher: WatcherNode;
  readonly name: string;
  /** Absent where the watcher is called by its number. */
  readonly given?: TextNode;
  /** `pause_watcher(name="…")` and its like. */
  readonly uses: readonly NameUse[];
}

/** Without its quotes. */
export interface NameUse extends Span {
  /** What to put around a name that is more than a word; absent where it stands in quotes. */
  readonly mark?: '"' | "'";
}

/** In the order of the script. Of two watchers with the same name the first one is meant. */
function namedWatchers(script: ScriptDocument): readonly NamedWatcher[] {
  const uses = script.watchers.flatMap((watcher) => usesIn(script.text, watcher));
  const seen = new Set<string>();
  return script.watchers.map((watcher) => {
    const name = watcherName(watcher);
    const value = watcher.properties.find(({ info }) => info?.name === 'name')?.value;
    const isFirst = !seen.has(name);
    seen.add(name);
    return {
      watcher,
      name,
      ...(value?.kind === 'text' && { given: value }),
      uses: isFirst ? uses.filter((use) => use.name === name).map(({ span }) => span) : [],
    };
  });
}

export function watcherNamedAt(script: ScriptDocument, offset: number): NamedWatcher | undefined {
  return namedWatchers(script).find(
    ({ given, uses }) => (given && touches(given.fragment.span, offset)) || uses.some((span) => touches(span, offset)),
  );
}

/** Its name first. */
export function namePlaces({ given, uses }: NamedWatcher): readonly Span[] {
  return given ? [given.fragment.span, ...uses] : uses;
}

interface NamedUse {
  readonly name: string;
  readonly span: NameUse;
}

function usesIn(text: string, watcher: WatcherNode): readonly NamedUse[] {
  return watcher.properties.flatMap(({ value }) => {
    if (value.kind !== 'actions') return [];
    return value.items.flatMap((action) => {
      const info = findAction(action.name);
      // The whole action may stand in quotes.
      const mark = text[action.span.start - 1] === '"' ? "'" : '"';
      return action.parameters.flatMap((node) =>
        info && findParameter(info, node.name)?.type === 'watcher' ? namedIn(node, mark) : [],
      );
    });
  });
}

function namedIn({ value }: ParameterNode, mark: '"' | "'"): readonly NamedUse[] {
  const text = value.text.trimEnd();
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  const range = quoted ? { start: 1, end: text.length - 1 } : { start: 0, end: text.length };
  const name = value.text.slice(range.start, range.end);
  return name === '' ? [] : [{ name, span: { ...value.toSpan(range), ...(!quoted && { mark }) } }];
}

/** A text says why it cannot be. */
export function renameWatcher(
  script: ScriptDocument,
  named: NamedWatcher,
  newName: string,
): { readonly edits: readonly Edit[] } | { readonly refusal: string } {
  const { given } = named;
  if (!given) return { refusal: l10n.t('This watcher has no name of its own: give it a `name` first.') };
  const refusal = refuse(script, named, newName);
  if (refusal !== undefined) return { refusal };
  const needsQuotes = !given.quoted && !/^[\w.:/+-]+$/.test(newName);
  const own = { span: needsQuotes ? given.span : given.fragment.span, newText: needsQuotes ? `"${newName}"` : newName };
  return { edits: [own, ...named.uses.map((use) => renamedUse(use, newName))] };
}

/** A bare value is text only where it is a plain word that means nothing in Python. */
function renamedUse({ start, end, mark }: NameUse, newName: string): Edit {
  const isWord = /^[A-Za-z_][\w.-]*$/.test(newName) && !/^(True|False|None)$/.test(newName);
  return { span: { start, end }, newText: mark === undefined || isWord ? newName : mark + newName + mark };
}

function refuse(script: ScriptDocument, named: NamedWatcher, newName: string): string | undefined {
  if (newName === named.name) return undefined;
  if (newName.trim() === '' || newName !== newName.trim())
    return l10n.t('A watcher’s name starts and ends with a character.');
  if (/["'\\$`]|\p{C}/u.test(newName))
    return l10n.t('A watcher’s name has no quotes, backslashes, `$` or control characters.');
  const isTaken = script.watchers.some((other) => other !== named.watcher && watcherName(other) === newName);
  return isTaken ? l10n.t('Another watcher of this script is called `{0}`.', newName) : undefined;
}
