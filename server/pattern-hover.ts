/** Hover over a pattern: the part under the cursor in words, then the whole pattern part by part, with what its groups are called. */

import { compilePattern } from '../language/pattern/compile.ts';
import { type Explanation, explainPattern, explanationAt } from '../language/pattern/explain.ts';
import * as l10n from '../language/text/l10n.ts';
import type { Span } from '../language/text/span.ts';
import type { TextNode, WatcherNode } from '../language/watcher/node.ts';
import { code } from './docs.ts';

/** More of a long pattern is not shown. */
const maxLines = 40;

export function patternHover(
  watcher: WatcherNode,
  { fragment, span }: TextNode,
  offset: number,
): { readonly span: Span; readonly markdown: string } {
  const source = fragment.text;
  const { pattern, problems } = compilePattern(source);
  if (!pattern) return { span, markdown: problems.map(({ message }) => message).join('\n\n') };
  const parts = explainPattern(source);
  const at = fragment.fromDocument(offset);
  const part = at === undefined ? undefined : explanationAt(parts, at);
  const whole = [
    l10n.t('Searched in each line of output, as Python’s `re.search` does.'),
    limited(list(parts, source, '')).join('\n'),
    ...groups(watcher, pattern.groupCount, pattern.groupNames),
  ];
  if (!part || (part === parts[0] && parts.length === 1)) return { span, markdown: whole.join('\n\n') };
  return { span: fragment.toSpan(part.span), markdown: [line(part, source), '---', ...whole].join('\n\n') };
}

function line({ span, words }: Explanation, source: string): string {
  const text = source.slice(span.start, span.end);
  return text === '' ? words : `${code(text)} ${words}`;
}

function list(parts: readonly Explanation[], source: string, indent: string): readonly string[] {
  return parts.flatMap((part) => [`${indent}- ${line(part, source)}`, ...list(part.parts, source, `${indent}  `)]);
}

function limited(lines: readonly string[]): readonly string[] {
  return lines.length <= maxLines ? lines : [...lines.slice(0, maxLines), '- …'];
}

/** The captures that the groups are bound to. */
function groups(watcher: WatcherNode, count: number, names: ReadonlyMap<string, number>): readonly string[] {
  const captures = watcher.properties.find(({ info }) => info?.name === 'captures')?.value;
  const listed = captures?.kind === 'list' ? captures.items.map(({ fragment }) => fragment.text) : [];
  const own = new Map([...names].map(([name, index]) => [index, name]));
  const lines = Array.from({ length: count }, (_, index) => {
    const bound = [...new Set([listed[index], own.get(index + 1)])].filter((name) => name !== undefined);
    return `- \`$${index + 1}\`${bound.length > 0 ? ` = ${bound.map(code).join(', ')}` : `: ${l10n.t('no name')}`}`;
  });
  return lines.length > 0 ? [lines.join('\n')] : [];
}
