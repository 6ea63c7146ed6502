/** Which lines of a script stand in here-documents and quotations, found out once a script: several checks ask. */
import type { ScriptDocument } from './parse-script.ts';
import { readShellText, type ShellText } from './shell-text.ts';

/** Documents never change, so what was found out holds as long as they are there. */
const known = new WeakMap<ScriptDocument, ShellText>();

export function shellTextOf(document: ScriptDocument): ShellText {
  const found = known.get(document);
  if (found) return found;
  const text = readShellText(document.lines.map(({ span }) => document.text.slice(span.start, span.end)));
  known.set(document, text);
  return text;
}
