/** The layout of watcher blocks: `# key: value`, `#   - item`, `#     key: value` of an item. Nothing but blanks changes. */
import type { ScriptDocument } from '../script/parse-script.ts';
import type { Span } from '../text/span.ts';
import type { WatcherNode } from './node.ts';
import { findProperty } from './properties.ts';

export interface Edit {
  readonly span: Span;
  readonly newText: string;
}

/**
 * Lines that are neither a property nor an item (comments, mistakes) stay as they are. Whole blocks only: where an item's own keys
 * belong is told by their column.
 */
export function formatBlock(script: ScriptDocument, watcher: WatcherNode): readonly Edit[] {
  if (watcher.form !== 'block') return [];
  const { text, lines } = script;
  const begin = lines[watcher.line]?.span.start ?? watcher.span.start;
  const indent = text.slice(begin, watcher.keywordSpan.start);
  const body = lines.slice(watcher.line + 1).filter(({ span }) => span.start <= watcher.span.end);
  // A directive of Flux is one only as it is written, and what is a property beside it depends on that.
  if (body.some(({ span }) => /^\s*#[^\w]*flux:/i.test(text.slice(span.start, span.end)))) return [];
  const layout = new BlockLayout();
  const edits: Edit[] = [];
  for (const { kind, span } of body) {
    if (kind !== 'watcher-body') continue;
    const source = text.slice(span.start, span.end).trimEnd();
    const lead = /^\s*#\s*/.exec(source)?.[0] ?? '';
    const depth = lead === '' ? undefined : layout.depthOf(source.slice(lead.length), lead.length);
    if (depth === undefined) continue;
    const newText = `${indent}#${' '.repeat(depth)}`;
    const gaps = gapsIn(source.slice(lead.length)).map(({ start, end }) => ({
      span: { start: span.start + lead.length + start, end: span.start + lead.length + end },
      newText: ' ',
    }));
    edits.push(...gaps);
    if (newText !== lead) edits.push({ span: { start: span.start, end: span.start + lead.length }, newText });
  }
  return edits;
}

/** Where one blank belongs and none or several stand: behind the dash of an item, and behind the colon of a key. */
function gapsIn(content: string): readonly Span[] {
  const dash = /^-[ \t]+(?=\S)/.exec(content)?.[0] ?? '';
  const rest = content.slice(dash.length);
  // Behind a dash only a colon with a blank ends a key.
  const pair = (dash === '' ? /^[A-Za-z_][\w-]*[ \t]*:[ \t]*(?=\S)/ : /^[A-Za-z_][\w-]*[ \t]*:[ \t]+(?=\S)/).exec(rest);
  const colon = pair ? pair[0].indexOf(':') + 1 : 0;
  const gaps = [{ start: dash === '' ? 0 : 1, end: dash.length }];
  if (pair) gaps.push({ start: dash.length + colon, end: dash.length + pair[0].length });
  return gaps.filter(({ start, end }, index) => content.slice(start, end) !== ' ' && (index > 0 || end > 0));
}

/** Tells properties, items and the keys of items apart, as the parser of blocks does. */
class BlockLayout {
  private inActions = false;
  /** Of the dash of an item whose own keys may follow. */
  private itemColumn: number | undefined;

  /** How many blanks stand before `content`, which is at `column` now; undefined: as many as there are. */
  depthOf(content: string, column: number): number | undefined {
    if (content.startsWith('#')) return undefined;
    const pair = /^([A-Za-z_][\w-]*)[ \t]*:[ \t]*/.exec(content);
    if (pair && this.itemColumn !== undefined && column > this.itemColumn) return 5;
    if (/^-(\s|$)/.test(content)) {
      const isMap = this.inActions && /^-[ \t]*[A-Za-z_][\w-]*[ \t]*:(?:[ \t]|$)/.test(content);
      this.itemColumn = isMap ? column : undefined;
      return 3;
    }
    if (!pair) return undefined;
    const hasValue = pair[0].length < content.length;
    this.inActions = !hasValue && findProperty(pair[1] ?? '')?.type.kind === 'actions';
    this.itemColumn = undefined;
    return 1;
  }
}
