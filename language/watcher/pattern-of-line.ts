/** "Watch for lines like this": from a line of output to a pattern for its kind, and a watcher with it. */
import { parseScript } from '../script/parse-script.ts';
import { captureName, wordBefore } from './capture-name.ts';
import { type InsertedWatcher, insertWatcher } from './insert-watcher.ts';

/** The request by which a client asks the language server for `watcherOfLine`; null: there is none. */
export const watcherOfLineMethod = 'vigil/watcherOfLine';

export interface WatcherOfLineParams {
  /** The text that it is written into. */
  readonly script: string;
  readonly line: string;
}

/** More of a long line is not looked at: it would make a pattern that nobody can read. */
const longestLine = 200;
const mostCaptures = 5;

/** What varies from line to line, the more particular first; `named`: worth a name of its own. */
const variable =
  /(?<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|(?<![\d:.])\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?(?![\d:]))|(?<hex>\b0x[\da-fA-F]+\b|\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b|\b(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{7,}\b)|(?<path>(?:(?<=[\s"'=(:])|^)(?:~|\.{1,2})?(?:\/[^\s"'/:,;()]+){2,})|(?<number>(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w|\.\d))|(?<digits>\d+)/gu;

export interface LinePattern {
  /** Python's `re`; it matches the line that it is made of. */
  readonly pattern: string;
  readonly captures: readonly string[];
}

/** undefined: the line has nothing that a pattern could hold on to. `line`: without escape sequences. */
export function patternOfLine(line: string): LinePattern | undefined {
  const text = beginning(line.trim());
  const captures: string[] = [];
  let pattern = '';
  let fixed = '';
  let from = 0;
  for (const match of text.matchAll(variable)) {
    const before = text.slice(from, match.index);
    pattern += escaped(before);
    fixed += before;
    from = match.index + match[0].length;
    pattern += general(match, before, captures);
  }
  const rest = text.slice(from);
  if (!/[^\s\p{P}\p{S}]/u.test(fixed + rest)) return undefined;
  return { pattern: pattern + escaped(rest), captures };
}

/** A watcher for lines like `line`, written into `script`: it tells of each. */
export function watcherOfLine(script: string, line: string): InsertedWatcher | undefined {
  const found = patternOfLine(line);
  if (!found) return undefined;
  const { pattern, captures } = found;
  const shown = captures.map((capture) => `${capture}=\${${capture}}`).join(' ');
  const action = `notify(message="${captures.length > 0 ? shown : '${LINE}'}")`;
  const name = captures[0] ?? /[A-Za-z_]\w*/.exec(line)?.[0].toLowerCase() ?? 'line';
  return insertWatcher(parseScript(script), { name, pattern, action });
}

/** Whole words only. */
function beginning(text: string): string {
  if (text.length <= longestLine) return text;
  const cut = text.slice(0, longestLine).replace(/[\ud800-\udbff]$/, '');
  return /\s/.test(cut.trim()) ? cut.replace(/\S*$/, '').trimEnd() : cut;
}

/** A number gets a name, that of the word before it, as long as there are few. */
function general(match: RegExpExecArray, before: string, captures: string[]): string {
  const { time, hex, path, number } = match.groups ?? {};
  if (time !== undefined) return generalTime(time);
  if (hex !== undefined) return hex.startsWith('0x') ? '0x[0-9a-fA-F]+' : '[0-9a-f-]+';
  if (path !== undefined) return '\\S+';
  if (number === undefined) return '\\d+';
  const form = /^\d+$/.test(number) ? '\\d+' : '[-+\\d.eE]+';
  const hasName = /[A-Za-z_]\w*[\s:=(]*$/.test(before);
  if (!hasName || captures.length >= mostCaptures) return form;
  const name = captureName(wordBefore(before), captures);
  captures.push(name);
  return `(?P<${name}>${form})`;
}

/** Digits are any digits, so that the parts of a time stay readable. */
function generalTime(time: string): string {
  return time.replace(/\d+|[.+]/g, (part) => (/\d/.test(part) ? '\\d+' : `\\${part}`)).replace(/\s+/g, '\\s+');
}

/** As Python's `re.escape` where it must be; blanks are any blanks, and what cannot be seen is any character. */
function escaped(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/[ \t]+/g, '\\s+')
    .replace(/[\p{C}\s]/gu, '.');
}
