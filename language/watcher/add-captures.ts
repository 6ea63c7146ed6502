/** A list of captures for a pattern that has groups and no list. */
import { isReservedName } from '../expression/names.ts';
import { scanPattern } from '../pattern/scan-pattern.ts';
import type { Edit } from './format-block.ts';
import type { WatcherNode } from './node.ts';

export interface AddedCaptures {
  readonly names: readonly string[];
  readonly edit: Edit;
}

/** A group has its own name there, or `group1` and so on. */
export function addCaptures(text: string, watcher: WatcherNode): AddedCaptures | undefined {
  const pattern = watcher.properties.find(({ info }) => info?.name === 'pattern');
  if (pattern?.value.kind !== 'text' || watcher.properties.some(({ info }) => info?.name === 'captures'))
    return undefined;
  const { groups } = scanPattern(pattern.value.fragment.text);
  const names = groups.map(({ name, index }) => name ?? `group${index}`);
  const isUsable = names.every((name) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(name) && !isReservedName(name));
  if (names.length === 0 || !isUsable || new Set(names).size < names.length) return undefined;
  const list = `[${names.join(', ')}]`;
  const at = { start: pattern.span.end, end: pattern.span.end };
  if (watcher.form === 'inline') return { names, edit: { span: at, newText: ` captures=${list}` } };
  const lineStart = text.lastIndexOf('\n', pattern.span.start - 1) + 1;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const newText = `${newline}${text.slice(lineStart, pattern.span.start)}captures: ${list}`;
  return { names, edit: { span: at, newText } };
}
