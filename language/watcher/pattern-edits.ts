/** Small rewritings of a pattern: a name for a group, backslashes before characters that would mean something. */
import { isReservedName } from '../expression/names.ts';
import { scanPattern } from '../pattern/scan-pattern.ts';
import type { Span } from '../text/span.ts';
import { findCaptures } from './captures.ts';
import type { Edit } from './format-block.ts';
import type { TextNode, WatcherNode } from './node.ts';

function patternOf(watcher: WatcherNode): TextNode | undefined {
  const value = watcher.properties.find(({ info }) => info?.name === 'pattern')?.value;
  return value?.kind === 'text' ? value : undefined;
}

/** A name for the innermost group at `offset` that has none: that of `captures`, else the word before it. */
export function nameGroup(
  watcher: WatcherNode,
  offset: number,
): { readonly name: string; readonly edit: Edit } | undefined {
  const pattern = patternOf(watcher);
  const at = pattern?.fragment.fromDocument(offset);
  if (!pattern || at === undefined) return undefined;
  const { text } = pattern.fragment;
  const group = scanPattern(text)
    .groups.filter(({ span }) => span.start <= at && at <= span.end)
    .at(-1);
  if (!group || group.name !== undefined) return undefined;
  const { captures } = findCaptures(watcher);
  const listed = captures.find((capture) => capture.group?.index === group.index)?.name;
  const name =
    listed ?? freeName(text.slice(0, group.span.start), group.index, new Set(captures.map((each) => each.name)));
  const place = pattern.fragment.toDocument(group.body.start);
  return { name, edit: { span: { start: place, end: place }, newText: `?P<${name}>` } };
}

function freeName(before: string, index: number, taken: ReadonlySet<string>): string {
  const word = /([A-Za-z_]\w*)\W*$/.exec(before.slice(-100).replace(/\\[A-Za-z]/g, ' '))?.[1]?.toLowerCase();
  const usable = word !== undefined && !isReservedName(word) && !taken.has(word);
  return usable ? word : `group${index}`;
}

/** Backslashes before what means something in a pattern; undefined where the selection has none of it, or is not all in the pattern. */
export function escapeSelection(text: string, watcher: WatcherNode, selected: Span): Edit | undefined {
  const pattern = patternOf(watcher);
  if (!pattern || selected.start >= selected.end) return undefined;
  const { start, end } = pattern.fragment.span;
  if (selected.start < start || selected.end > end) return undefined;
  const source = text.slice(selected.start, selected.end);
  // What is escaped already stays as it is.
  const newText = source.replace(/\\.|[.*+?^${}()|[\]]/gs, (found) => (found.length > 1 ? found : `\\${found}`));
  return newText === source ? undefined : { span: selected, newText };
}

/** Quotes around a text that has none. */
export function quoteValue(watcher: WatcherNode, offset: number): Edit | undefined {
  const property = watcher.properties.find(({ span }) => span.start <= offset && offset <= span.end);
  const { value, info } = property ?? {};
  const kind = info?.type.kind;
  if (value?.kind !== 'text' || value.quoted || (kind !== 'text' && kind !== 'pattern' && kind !== 'condition')) {
    return undefined;
  }
  const { text } = value.fragment;
  const mark = text.includes('"') ? "'" : '"';
  if (text === '' || text.includes(mark) || value.span.end - value.span.start !== text.length) return undefined;
  return { span: value.span, newText: `${mark}${text}${mark}` };
}
