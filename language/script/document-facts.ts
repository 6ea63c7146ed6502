/** What several checks want to know of the same script, found out once. */
import type { ScriptDocument } from './parse-script.ts';
import { readShellText, type ShellText } from './shell-text.ts';

const shellTexts = new WeakMap<ScriptDocument, ShellText>();
const templates = new WeakMap<ScriptDocument, boolean>();

/** Which of its lines stand in here-documents and quotations. */
export function shellTextOf(document: ScriptDocument): ShellText {
  const known = shellTexts.get(document);
  if (known) return known;
  const text = readShellText(document.lines.map(({ span }) => document.text.slice(span.start, span.end)));
  shellTexts.set(document, text);
  return text;
}

const pairs = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['<%', '%>'],
] as const;
const marks = /%%\w+%%|@@?[A-Za-z]\w*@@?(?![\w.])|^[ \t]*#SBATCH.*((?<!\$)\{\w+\}|<\w+>)/m;

/** Has it marks of the usual template languages? What a program will make of it is not known. */
export function isTemplate(document: ScriptDocument): boolean {
  const known = templates.get(document) ?? (hasPair(document) || marks.test(document.text));
  templates.set(document, known);
  return known;
}

/** An opener and its closer on one line; a search by pattern would try each of many openers to the line's end. */
function hasPair({ text, lines }: ScriptDocument): boolean {
  return lines.some(({ span }) => {
    const source = text.slice(span.start, span.end);
    return pairs.some(([opener, closer]) => {
      const at = source.indexOf(opener);
      return at >= 0 && source.indexOf(closer, at + opener.length) >= 0;
    });
  });
}
