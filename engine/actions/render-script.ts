/**
 * Fills the named captures of a watcher into the stored script (section 8). What a job printed never becomes syntax: only
 * plain words are put into the text, and a script that refers to any other value is refused. A shell would not be safe with
 * it as a variable either: `eval`, `[[ … -gt … ]]`, here-documents and program texts read it once more. Pure.
 */
import { parseScript, type ScriptDocument } from '../../language/script/parse-script.ts';
import { interpolateScript } from '../../language/template/interpolate.ts';
import { parseTemplate, type TemplatePart } from '../../language/template/parse-template.ts';
import { isPlainWord, shownValue } from './plain-word.ts';

export interface RenderedScript {
  readonly text: string;
}

/** `names`: what the watcher captures; `values`: what it captured. The problem as text where one stands against it. */
export function renderScript(
  text: string,
  names: readonly string[],
  values: { readonly [name: string]: string },
): RenderedScript | string {
  // ssync leaves names alone that begin with `_`.
  const filled = new Set(names.filter((name) => !name.startsWith('_')));
  const value = (name: string) => (filled.has(name) && Object.hasOwn(values, name) ? values[name] : undefined);
  const missing = new Set<string>();
  let problem: string | undefined;
  const pieces = piecesOf(parseScript(text)).map(({ isWatcher, source }) => {
    if (isWatcher) return source;
    for (const name of requiredIn(source)) if (filled.has(name) && value(name) === undefined) missing.add(name);
    return interpolateScript(source, (name) => {
      const found = value(name);
      if (found !== undefined && found !== '' && !isPlainWord(found))
        problem ??= `what ${name} captured is no plain word, and the script refers to \${${name}}: ${shownValue(found)}. Make the pattern capture less, or let the script read the value from a file that the job writes`;
      return found;
    });
  });
  if (missing.size > 0) return `missing required watcher capture(s): ${[...missing].join(', ')}`;
  return problem ?? { text: pieces.join('') };
}

interface Piece {
  readonly isWatcher: boolean;
  readonly source: string;
}

/** The text in pieces, without gaps: watchers stay as they are. */
function piecesOf({ text, lines }: ScriptDocument): Piece[] {
  const pieces: Piece[] = [];
  lines.forEach(({ kind, span }, index) => {
    const isWatcher = kind.startsWith('watcher');
    const source = text.slice(span.start, lines[index + 1]?.span.start ?? text.length);
    const last = pieces.at(-1);
    // A `${name:-…}` may go over lines.
    if (last?.isWatcher === isWatcher) pieces[pieces.length - 1] = { isWatcher, source: last.source + source };
    else pieces.push({ isWatcher, source });
  });
  return pieces;
}

/** Names of `${name}` that have no default, also inside of others. */
function requiredIn(source: string): string[] {
  const visit = (part: TemplatePart): string[] => {
    if (part.kind !== 'variable' || !part.braced || source[part.span.start - 1] === '\\') return [];
    return [...(part.operator === undefined ? [part.name] : []), ...part.word.flatMap(visit)];
  };
  return parseTemplate(source).flatMap(visit);
}
