/** Lints of patterns that are valid: those that match every line, and those that match none. */

import { type Problem, problem } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { isNullable, type PatternNode } from './ast.ts';
import { catastrophes } from './catastrophe.ts';
import { parsePattern } from './parse.ts';

/** Spans are offsets into `source`. Nothing is said of a pattern that does not parse. */
export function lintPattern(source: string): readonly Problem[] {
  const { root, problems } = parsePattern(source);
  if (!root || problems.length > 0) return [];
  const whole = { start: 0, end: source.length };
  if (source === '') {
    return [
      problem(
        'pattern/matches-every-line',
        whole,
        l10n.t('The pattern is empty: it would match every line.'),
        [],
        'error',
      ),
    ];
  }
  const impossible = findImpossible(root);
  if (impossible) return [problem('pattern/never-matches', impossible.node.span, impossible.why)];
  const every = isNullable(root) && !hasCheck(root) && !meansEveryLine(source);
  const words = l10n.t('This matches the empty text too, and so every line.');
  const matchesAll = every ? [problem('pattern/matches-every-line', whole, words)] : [];
  return [...matchesAll, ...catastrophes(source, root)];
}

/** `.*`, `^.*$`, `(.*)`, `(?P<all>.*)`, `^`. */
function meansEveryLine(source: string): boolean {
  return /^\^?\(*(\?P<\w+>|\?:)?\.\*\??\)*\$?$|^\^$/.test(source);
}

/** Is there an assertion that does not hold at the start of every line? */
function hasCheck(node: PatternNode): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion !== 'line-start' && node.assertion !== 'text-start';
    case 'sequence':
      return node.items.some(hasCheck);
    case 'branch':
      // One that holds everywhere is enough.
      return node.options.every((option) => hasCheck(option) || !isNullable(option));
    case 'group':
      return hasCheck(node.body);
    case 'repeat':
      return node.min > 0 && hasCheck(node.body);
    default:
      return false;
  }
}

interface Impossible {
  readonly node: PatternNode;
  readonly why: string;
}

const lineBreak = l10n.later('No line has a line break in it: each line is searched for itself.');
const beforeStart = l10n.later('Nothing stands before the start of a line.');
const behindEnd = l10n.later('Nothing stands behind the end of a line.');

/** A part without which there is no match, and that no line has. */
function findImpossible(node: PatternNode): Impossible | undefined {
  switch (node.kind) {
    case 'set':
      return wantsLineBreak(node) ? { node, why: lineBreak() } : undefined;
    case 'group':
      return findImpossible(node.body);
    case 'repeat':
      return node.min > 0 ? findImpossible(node.body) : undefined;
    case 'branch': {
      const all = node.options.map(findImpossible);
      return all.every((each) => each !== undefined) ? all[0] : undefined;
    }
    case 'sequence':
      return impossibleSequence(node.items);
    default:
      return undefined;
  }
}

function impossibleSequence(items: readonly PatternNode[]): Impossible | undefined {
  let consumed = false;
  let atEnd = false;
  for (const node of items) {
    const inside = findImpossible(node);
    if (inside) return inside;
    if (node.kind === 'assertion') {
      if (isStart(node) && consumed) return { node, why: beforeStart() };
      atEnd ||= isEnd(node);
    } else if (!isNullable(node)) {
      if (atEnd) return { node, why: behindEnd() };
      consumed = true;
    }
  }
  return undefined;
}

function isStart({ assertion }: PatternNode & { kind: 'assertion' }): boolean {
  return assertion === 'line-start' || assertion === 'text-start';
}

function isEnd({ assertion }: PatternNode & { kind: 'assertion' }): boolean {
  return assertion === 'line-end' || assertion === 'text-end' || assertion === 'text-end-or-last-line';
}

/** A set of nothing but line feeds and carriage returns. */
function wantsLineBreak(node: PatternNode & { kind: 'set' }): boolean {
  if (node.negated || node.items.length === 0) return false;
  const isBreak = (char: number) => char === 10 || char === 13;
  return node.items.every((item) => {
    if (item.kind === 'char') return isBreak(item.char);
    return item.kind === 'range' && item.from === item.to && isBreak(item.from);
  });
}
