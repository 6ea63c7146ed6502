/** Which events of a log somebody asks for: by name, by context. Pure. */
import type { JsonValue } from '../protocol.ts';
import type { LoggedEvent } from './rfc18.ts';

/**
 * A test for names from a glob as glob(7) has it (`*`, `?`, `[a-c]`, `[!x]`); a name without such characters is matched
 * exactly. An unclosed bracket stands for itself. Takes at most the product of both lengths, whatever they are.
 */
export function nameTest(glob: string): (name: string) => boolean {
  if (!/[*?[]/.test(glob)) return (name) => name === glob;
  const parts = globParts(glob);
  return (name) => matchesParts(parts, Array.from(name));
}

/** `*`, or a test of one character. */
type GlobPart = '*' | ((character: string) => boolean);

function globParts(glob: string): readonly GlobPart[] {
  const tokens = glob.match(/\*+|\[!?\]?[^\]]*\]|./gsu) ?? [];
  return tokens.map((token): GlobPart => {
    if (token.startsWith('*')) return '*';
    if (token === '?') return () => true;
    return token.length > 2 && token.startsWith('[') ? setTest(token.slice(1, -1)) : (character) => character === token;
  });
}

function setTest(set: string): (character: string) => boolean {
  const isNot = set.startsWith('!');
  const ranges = [...(isNot ? set.slice(1) : set).matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, single]) => [from ?? single ?? '', to ?? single ?? ''] as const,
  );
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNot;
}

/** With one step back: to the last `*`, which takes one character more. */
function matchesParts(parts: readonly GlobPart[], name: readonly string[]): boolean {
  let [part, at] = [0, 0];
  let star: { readonly part: number; readonly at: number } | undefined;
  while (at < name.length) {
    const test = parts[part];
    if (test === '*') {
      star = { part: part + 1, at };
      part++;
    } else if (test?.(name[at] ?? '')) {
      part++;
      at++;
    } else if (star) {
      star = { part: star.part, at: star.at + 1 };
      [part, at] = [star.part, star.at];
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '*');
}

/** `KEY=VALUE` of `--match-context`; undefined where there is no `=`. */
export function parseContextTest(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=');
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : undefined;
}

/** As flux-job(1): a string is compared as it is, everything else as compact JSON. All pairs must hold. */
export function matchesContext(event: LoggedEvent, pairs: Iterable<readonly [string, string]>): boolean {
  for (const [key, wanted] of pairs) {
    const { context = {} } = event;
    if (!Object.hasOwn(context, key)) return false;
    const value: JsonValue | undefined = context[key];
    if ((typeof value === 'string' ? value : JSON.stringify(value)) !== wanted) return false;
  }
  return true;
}
