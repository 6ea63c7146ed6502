/**
 * Characters as CPython's `re` sees them: categories by `str.isdecimal`, `str.isspace` and `str.isalnum`, lower case by the simple
 * mapping of Unicode, and the few letters that share an upper case (CPython's `re/_casefix.py`).
 */
import type { Category, PatternFlags, SetItem } from './ast.ts';

export type CharTest = (char: number) => boolean;

const decimal = /\p{Nd}/u;
const word = /[\p{L}\p{N}_]/u;
/** `str.isspace`: bidirectional class WS, B or S, or category Zs. */
const spaces = new Set([
  9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]);

export function isSpace(char: number): boolean {
  return spaces.has(char) || (char >= 0x2000 && char <= 0x200a);
}

export function isWord(char: number, ascii: boolean): boolean {
  if (char < 128) {
    return (char >= 97 && char <= 122) || (char >= 65 && char <= 90) || (char >= 48 && char <= 57) || char === 95;
  }
  return !ascii && word.test(String.fromCodePoint(char));
}

function isDigit(char: number, ascii: boolean): boolean {
  if (char < 128) return char >= 48 && char <= 57;
  return !ascii && decimal.test(String.fromCodePoint(char));
}

function isSpaceWith(char: number, ascii: boolean): boolean {
  return ascii ? char === 32 || (char >= 9 && char <= 13) : isSpace(char);
}

function inCategory(category: Category, char: number, ascii: boolean): boolean {
  switch (category) {
    case 'digit':
      return isDigit(char, ascii);
    case 'not-digit':
      return !isDigit(char, ascii);
    case 'space':
      return isSpaceWith(char, ascii);
    case 'not-space':
      return !isSpaceWith(char, ascii);
    case 'word':
      return isWord(char, ascii);
    case 'not-word':
      return !isWord(char, ascii);
  }
}

/** Sets of lower-case letters that have the same upper case (generated from CPython 3.11). */
const sameUpperCase: readonly (readonly number[])[] = [
  [0x69, 0x131],
  [0x73, 0x17f],
  [0xb5, 0x3bc],
  [0x345, 0x3b9, 0x1fbe],
  [0x390, 0x1fd3],
  [0x3b0, 0x1fe3],
  [0x3b2, 0x3d0],
  [0x3b5, 0x3f5],
  [0x3b8, 0x3d1],
  [0x3ba, 0x3f0],
  [0x3c0, 0x3d6],
  [0x3c1, 0x3f1],
  [0x3c2, 0x3c3],
  [0x3c6, 0x3d5],
  [0x432, 0x1c80],
  [0x434, 0x1c81],
  [0x43e, 0x1c82],
  [0x441, 0x1c83],
  [0x442, 0x1c84, 0x1c85],
  [0x44a, 0x1c86],
  [0x463, 0x1c87],
  [0x1c88, 0xa64b],
  [0x1e61, 0x1e9b],
  [0xfb05, 0xfb06],
];

const equivalents = new Map(sameUpperCase.flatMap((set) => set.map((char) => [char, set] as const)));

/** The simple lower-case mapping: one character to one. */
function toLower(char: number, ascii: boolean): number {
  if (char < 128 || ascii) return char >= 65 && char <= 90 ? char + 32 : char;
  if (char === 0x130) return 0x69;
  return String.fromCodePoint(char).toLowerCase().codePointAt(0) ?? char;
}

function isCased(char: number, ascii: boolean): boolean {
  if (ascii) return (char >= 65 && char <= 90) || (char >= 97 && char <= 122);
  if (toLower(char, false) !== char) return true;
  return String.fromCodePoint(char).toUpperCase().codePointAt(0) !== char;
}

/** A test for a set of characters, as `re` compiles it: with IGNORECASE the character's lower case is looked up. */
export function charTest(items: readonly SetItem[], negated: boolean, flags: PatternFlags): CharTest {
  const test = flags.ignoreCase ? foldedTest(items, flags.ascii) : exactTest(items, flags.ascii);
  const table = new Uint8Array(128);
  for (let char = 0; char < 128; char++) table[char] = test(char) !== negated ? 1 : 0;
  return (char) => (char < 128 ? table[char] === 1 : test(char) !== negated);
}

function exactTest(items: readonly SetItem[], ascii: boolean): CharTest {
  return (char) =>
    items.some((item) => {
      if (item.kind === 'char') return item.char === char;
      if (item.kind === 'range') return item.from <= char && char <= item.to;
      return inCategory(item.category, char, ascii);
    });
}

function foldedTest(items: readonly SetItem[], ascii: boolean): CharTest {
  const folded = new Set<number>();
  let cased = false;
  const add = (char: number) => {
    cased ||= isCased(char, ascii);
    const lower = toLower(char, ascii);
    folded.add(lower);
    if (!ascii) for (const other of equivalents.get(lower) ?? []) folded.add(other);
  };
  for (const item of items) {
    if (item.kind === 'char') add(item.char);
    else if (item.kind === 'range') for (let char = item.from; char <= item.to; char++) add(char);
  }
  const categories = items.filter((item) => item.kind === 'category');
  return (char) => {
    // CPython leaves a set without cased letters alone, so that its categories see the character itself.
    const looked = cased ? toLower(char, ascii) : char;
    return folded.has(looked) || categories.some((item) => inCategory(item.category, looked, ascii));
  };
}
