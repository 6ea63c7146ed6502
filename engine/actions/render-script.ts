/**
 * Fills the named captures of a watcher into the stored script (section 8). What a job printed never becomes syntax: only
 * plain words are put into the text; any other value stays out of it and reaches a shell script as a variable. Pure.
 */
import { parseScript, type ScriptDocument } from '../../language/script/parse-script.ts';
import { interpolateScript } from '../../language/template/interpolate.ts';
import { parseTemplate, type TemplatePart } from '../../language/template/parse-template.ts';
import { isApplicationName } from './run-command.ts';

export interface RenderedScript {
  readonly text: string;
  /** Values that are no plain words, for the job's environment: the references to them stand in the text as they did. */
  readonly env: { readonly [name: string]: string };
}

/** Nothing that a shell, a scheduler or a common language reads as more than a word; a number may be negative. */
const plainWord = /^(?:-?\d[\d.]*(?:[eE][+-]?\d+)?|[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]{0,1023})$/;

/** `names`: what the watcher captures; `values`: what it captured. The problem as text where one stands against it. */
export function renderScript(
  text: string,
  names: readonly string[],
  values: { readonly [name: string]: string },
): RenderedScript | string {
  const document = parseScript(text);
  const isShell =
    /^#!\s*\S*\b(?:sh|bash|dash|ksh|zsh|ash)\b|^#!\s*\S*env\s+(?:-\S+\s+)*(?:sh|bash|dash|ksh|zsh)\b/.test(text);
  // ssync leaves names alone that begin with `_`.
  const filled = new Set(names.filter((name) => !name.startsWith('_')));
  const value = (name: string) => (filled.has(name) && Object.hasOwn(values, name) ? values[name] : undefined);
  const env: { [name: string]: string } = {};
  const missing = new Set<string>();
  let problem: string | undefined;
  const pieces = piecesOf(document).map(({ kind, source }) => {
    if (kind === 'watcher') return source;
    for (const name of requiredIn(source)) if (filled.has(name) && value(name) === undefined) missing.add(name);
    return interpolateScript(source, (name) => {
      const found = value(name);
      if (found === undefined || found === '' || plainWord.test(found)) return found;
      if (kind === 'directive' || !isShell || !isApplicationName(name))
        problem ??= `what ${name} captured is no plain word, and ${kind === 'directive' ? 'a directive' : isShell ? `a variable ${name}` : 'this script'} cannot take it safely: ${JSON.stringify(found.slice(0, 100))}`;
      env[name] = found.replaceAll('\0', '\ufffd');
      return undefined;
    });
  });
  if (missing.size > 0) return `missing required watcher capture(s): ${[...missing].join(', ')}`;
  return problem ?? { text: pieces.join(''), env };
}

interface Piece {
  readonly kind: 'watcher' | 'directive' | 'body';
  readonly source: string;
}

/** The text in pieces, without gaps: watchers stay as they are, directives are read by the scheduler. */
function piecesOf({ text, lines }: ScriptDocument): Piece[] {
  const pieces: Piece[] = [];
  lines.forEach(({ kind: line, span }, index) => {
    const kind = line.startsWith('watcher') ? 'watcher' : line === 'directive' ? 'directive' : 'body';
    const source = text.slice(span.start, lines[index + 1]?.span.start ?? text.length);
    const last = pieces.at(-1);
    // A `${name:-…}` may go over lines.
    if (last?.kind === kind) pieces[pieces.length - 1] = { kind, source: last.source + source };
    else pieces.push({ kind, source });
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
