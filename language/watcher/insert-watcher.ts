/** Writes a new watcher into a script, and reads it back. */
import { parseScript, type ScriptDocument } from '../script/parse-script.ts';
import type { Edit } from './format-block.ts';
import { watcherName } from './read-watcher.ts';
import { bindWatchers } from './spec.ts';

export interface NewWatcher {
  /** What it is called, unless another has that name. */
  readonly name: string;
  readonly pattern: string;
  /** As it is written behind `action=`. */
  readonly action: string;
}

export interface InsertedWatcher {
  readonly name: string;
  readonly pattern: string;
  readonly edit: Edit;
}

/** undefined where such a watcher cannot be written in one line without meaning something else. */
export function insertWatcher(
  script: ScriptDocument,
  { name: wanted, pattern, action }: NewWatcher,
): InsertedWatcher | undefined {
  const name = freeName(script, wanted);
  const edit = insertion(script, `#WATCHER name="${name}" pattern=${inQuotes(pattern)} action=${action}`);
  const before = bindWatchers(script, { maxWatchers: Number.POSITIVE_INFINITY }).length;
  const text = script.text.slice(0, edit.span.start) + edit.newText + script.text.slice(edit.span.end);
  // What it gives is read back: a watcher that would mean something else is none.
  const specs = bindWatchers(parseScript(text), { maxWatchers: Number.POSITIVE_INFINITY });
  const isSame = specs.length === before + 1 && specs.some((spec) => spec.name === name && spec.pattern === pattern);
  return isSame ? { name, pattern, edit } : undefined;
}

function freeName(script: ScriptDocument, base: string): string {
  const taken = new Set(script.watchers.map(watcherName));
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

function inQuotes(text: string): string {
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  return mark + text.replaceAll(mark, `\\${mark}`) + mark;
}

/** Behind the last watcher or directive at the top, else behind the `#!` line, else at the start. */
function insertion({ text, lines }: ScriptDocument, line: string): Edit {
  const command = lines.findIndex(({ kind }) => kind === 'command');
  const top = command < 0 ? lines : lines.slice(0, command);
  const kinds = new Set(['directive', 'watcher', 'watcher-end', 'shebang']);
  const last = top.findLast(({ kind }) => kinds.has(kind));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (!last) return { span: { start: 0, end: 0 }, newText: `${line}${newline}` };
  return { span: { start: last.span.end, end: last.span.end }, newText: `${newline}${line}` };
}
