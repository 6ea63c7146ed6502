/** Warns of patterns that a backtracking engine (Python's own `re`) may take for ever on: `(a+)+`, `(a|a)*`. */
import { type Problem, problem } from '../problem/problem.ts';
import { isNullable, type PatternNode } from './ast.ts';
import { parsePattern } from './parse.ts';

/** Spans are offsets into `source`. */
export function nestedRepeats(source: string): readonly Problem[] {
  const { root } = parsePattern(source);
  if (!root) return [];
  const problems: Problem[] = [];
  visit(root, (node) => {
    if (node.kind !== 'repeat' || node.max !== Number.POSITIVE_INFINITY || !repeatsInside(node.body)) return;
    const words =
      'A repeat inside a repeat: the same text matches in very many ways. Vigil stays fast, Python’s `re` may not.';
    problems.push(problem('pattern/nested-repeat', node.span, words));
  });
  return problems;
}

/** Is all of `node` one endless repeat, but for parts that may be empty? */
function repeatsInside(node: PatternNode): boolean {
  switch (node.kind) {
    case 'repeat':
      return node.max === Number.POSITIVE_INFINITY || repeatsInside(node.body);
    case 'group':
      return repeatsInside(node.body);
    case 'branch':
      return node.options.some(repeatsInside);
    case 'sequence': {
      const solid = node.items.filter((item) => !isNullable(item));
      if (solid.length === 0) return node.items.some(repeatsInside);
      const [only] = solid;
      return solid.length === 1 && only !== undefined && repeatsInside(only);
    }
    default:
      return false;
  }
}

function visit(node: PatternNode, callback: (node: PatternNode) => void): void {
  callback(node);
  if (node.kind === 'sequence') for (const item of node.items) visit(item, callback);
  else if (node.kind === 'branch') for (const option of node.options) visit(option, callback);
  else if (node.kind === 'group' || node.kind === 'repeat') visit(node.body, callback);
}
