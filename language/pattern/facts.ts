/** What can be told about every match of a pattern without running it, to skip lines and places that cannot match. */
import type { PatternNode } from './ast.ts';
import { charTest } from './characters.ts';

/** The longest text that each match contains as it stands; '' when none is known. */
export function requiredText(root: PatternNode): string {
  let best = '';
  let run = '';
  const end = () => {
    if (run.length > best.length) best = run;
    run = '';
  };
  const visit = (node: PatternNode): void => {
    if (node.kind === 'sequence') for (const item of node.items) visit(item);
    else if (node.kind === 'group') visit(node.body);
    else if (node.kind === 'set') {
      const char = plainChar(node);
      if (char === undefined) end();
      else run += String.fromCodePoint(char);
    } else if (node.kind === 'repeat' && node.min > 0) {
      end();
      visit(node.body);
      end();
    } else if (node.kind !== 'assertion') end();
  };
  visit(root);
  end();
  return best;
}

/** The text that each match begins with as it stands; '' when none is known. */
function prefixText(root: PatternNode): string {
  let text = '';
  /** True: what follows is still part of the prefix. */
  const visit = (node: PatternNode): boolean => {
    if (node.kind === 'sequence') return node.items.every(visit);
    if (node.kind === 'group') return visit(node.body);
    if (node.kind === 'assertion') return true;
    const char = plainChar(node);
    // Half a surrogate pair would be found inside a whole one.
    if (char === undefined || (char >= 0xd800 && char <= 0xdfff)) return false;
    text += String.fromCodePoint(char);
    return true;
  };
  visit(root);
  return text;
}

function plainChar(node: PatternNode): number | undefined {
  if (node.kind !== 'set' || node.negated || node.flags.ignoreCase || node.items.length !== 1) return undefined;
  const [item] = node.items;
  return item?.kind === 'char' ? item.char : undefined;
}

/** For each ASCII character: may a match start with it? A character beyond ASCII always may. */
type First = Uint8Array;

/** A function that gives the first offset from `from` on where a match may start, or -1. */
export function startFinder(root: PatternNode): (line: string, from: number) => number {
  if (startsAtTextStart(root)) return (_line, from) => (from === 0 ? 0 : -1);
  const prefix = prefixText(root);
  if (prefix !== '') return (line, from) => line.indexOf(prefix, from);
  const first = firstOf(root);
  return (line, from) => {
    for (let at = from; at <= line.length; at++) {
      const unit = line.charCodeAt(at);
      const insidePair = unit >= 0xdc00 && unit <= 0xdfff && (line.codePointAt(at - 1) ?? 0) > 0xffff;
      if (insidePair) continue;
      if (!first) return at;
      if (unit >= 128 || first[unit] === 1) return at;
    }
    return -1;
  };
}

function startsAtTextStart(node: PatternNode): boolean {
  if (node.kind === 'assertion') return node.assertion === 'text-start';
  if (node.kind === 'sequence') return node.items[0] !== undefined && startsAtTextStart(node.items[0]);
  if (node.kind === 'group') return startsAtTextStart(node.body);
  return node.kind === 'branch' && node.options.every(startsAtTextStart);
}

/** undefined: a match may be empty, or nothing is known. */
function firstOf(node: PatternNode): First | undefined {
  switch (node.kind) {
    case 'set': {
      const test = charTest(node.items, node.negated, node.flags);
      return Uint8Array.from({ length: 128 }, (_, char) => (test(char) ? 1 : 0));
    }
    case 'any':
    case 'assertion':
    case 'refused':
      return undefined;
    case 'group':
      return firstOf(node.body);
    case 'repeat':
      return node.min > 0 ? firstOf(node.body) : undefined;
    case 'sequence': {
      const start = node.items.find((item) => item.kind !== 'assertion');
      return start && firstOf(start);
    }
    case 'branch':
      return union(node.options.map(firstOf));
  }
}

function union(all: readonly (First | undefined)[]): First | undefined {
  const table = new Uint8Array(128);
  for (const first of all) {
    if (!first) return undefined;
    first.forEach((value, char) => {
      if (value) table[char] = 1;
    });
  }
  return table;
}
