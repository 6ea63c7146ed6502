/** A new watcher out of what a script prints: the text of an `echo`, a `print`, a comment, or what is selected. */
import type { ScriptDocument } from '../script/parse-script.ts';
import type { Span } from '../text/span.ts';
import { captureName, wordBefore } from './capture-name.ts';
import { type InsertedWatcher, insertWatcher } from './insert-watcher.ts';

/** `span` is what is selected; an empty one stands for what its line prints. undefined: there is nothing to make a pattern of. */
export function extractWatcher(script: ScriptDocument, span: Span): InsertedWatcher | undefined {
  const printed = printedText(script, span);
  if (printed === undefined) return undefined;
  const { pattern, captures } = toPattern(printed);
  if (pattern.replace(/\(\?P<\w+>.*?\)/g, '').trim() === '') return undefined;
  const shown = captures.map((capture) => `${capture}=\${${capture}}`).join(' ');
  const action = `log_event(message="${captures.length > 0 ? shown : '${LINE}'}")`;
  return insertWatcher(script, { name: captures[0] ?? wordOf(printed), pattern, action });
}

const printing =
  /(?:^|[\s;&|(])(?:echo|print|printf|println|printfn|cat|say|puts|message|logger|log(?:ging|ger)?\.\w+|std::cout)\b\s*(?:<<\s*)?\(?\s*(?:-[neE]+\s+)*[frbu]{0,2}(?=["'])/;

/** undefined where the line prints nothing that is known before it runs. */
function printedText(script: ScriptDocument, span: Span): string | undefined {
  const selected = script.text.slice(span.start, span.end);
  if (/[\r\n]/.test(selected.trim())) return undefined;
  if (selected.trim() !== '') return unquoteWhole(selected.trim());
  const line = script.lines.find((each) => each.span.start <= span.start && span.start <= each.span.end);
  if (!line) return undefined;
  const source = script.text.slice(line.span.start, line.span.end);
  if (line.kind === 'comment') return source.replace(/^\s*#+\s*/, '').trim() || undefined;
  if (line.kind !== 'command') return undefined;
  const call = printing.exec(source);
  if (call) return textFrom(source.slice(call.index + call[0].length));
  return /^\s*echo\s+(?:-[neE]+\s+)*([^"'|&;<>]+)/.exec(source)?.[1]?.trim() || undefined;
}

/** The text in quotes that `source` starts with. */
function textFrom(source: string): string | undefined {
  const mark = source[0] ?? '';
  const match = new RegExp(`^${mark}((?:\\\\.|[^\\\\${mark}])*)${mark}`).exec(source);
  return (
    match?.[1]
      ?.replace(/\\[nrt]/g, ' ')
      .replace(/\\(["'$\\`])/g, '$1')
      .trim() || undefined
  );
}

function unquoteWhole(text: string): string {
  const match = /^(["'])(.*)\1$/.exec(text);
  return match?.[2] ?? text;
}

/** What stands for a value: the shell's and Julia's variables, Python's and Rust's fields, printf's conversions, and numbers. */
const value =
  /\$\{(\w+)[^}]*\}|\$\([^)]*\)|\$(\w+)|\{\{|\{(\w*)[^{}]*\}|%[-+ #0]*\d*(?:\.\d+)?(?:l?[diufgeEsxX])|(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])/g;

function toPattern(text: string): { readonly pattern: string; readonly captures: readonly string[] } {
  const captures: string[] = [];
  let pattern = '';
  let from = 0;
  for (const match of text.matchAll(value)) {
    if (match[0] === '{{') continue;
    const before = text.slice(from, match.index);
    pattern += escapeText(before);
    from = match.index + match[0].length;
    const name = captureName(variableName(match) ?? wordBefore(before), captures);
    captures.push(name);
    pattern += `(?P<${name}>${/^[-+\d]|^%[-+ #0\d.l]*[diufgeE]/.test(match[0]) ? '[-+\\d.eE]+' : '\\S+'})`;
  }
  return { pattern: pattern + escapeText(text.slice(from)), captures };
}

function variableName(match: RegExpExecArray): string | undefined {
  const name = match[1] ?? match[2] ?? match[3] ?? '';
  return /^[A-Za-z_]/.test(name) ? name : undefined;
}

/** As Python's `re.escape`, but for blanks, which are easier to read as they are; several of them stand for any number. */
function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s{2,}/g, '\\s+');
}

function wordOf(text: string): string {
  return /[A-Za-z_]\w*/.exec(text)?.[0].toLowerCase() ?? 'line';
}
