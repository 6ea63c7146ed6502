/** Names for what a pattern captures. */
import { isReservedName } from '../expression/names.ts';

/** Python gives them a meaning of its own: a condition could not name such a capture. */
const keywords: ReadonlySet<string> = new Set(
  'and as assert async await break class continue def del elif else except false finally for from global if import in is lambda none nonlocal not or pass raise return true try while with yield'.split(
    ' ',
  ),
);

/** `wanted` as a name that conditions can use and that is not among `taken`. */
export function captureName(wanted: string, taken: readonly string[]): string {
  const name = wanted.toLowerCase();
  const base = isReservedName(name) || keywords.has(name) ? `${name}_value` : name;
  for (let number = 1; ; number++) {
    const free = number === 1 ? base : `${base}${number}`;
    if (!taken.includes(free)) return free;
  }
}

/** The last word of `text`, which names what follows it: `loss=`, `epoch `. */
export function wordBefore(text: string): string {
  return /([A-Za-z_]\w*)\W*$/.exec(text)?.[1] ?? 'value';
}
