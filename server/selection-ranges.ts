/** Selection ranges: from the cursor outwards: the word, value, property, watcher; the part of a condition or a pattern. */
import type { SelectionRange } from 'vscode-languageserver';
import type { Position } from 'vscode-languageserver-textdocument';
import type { ActionNode } from '../language/actions/node.ts';
import { conditionOf } from '../language/actions/read-action.ts';
import { walk } from '../language/expression/ast.ts';
import { parseExpression } from '../language/expression/parse.ts';
import { scanPattern } from '../language/pattern/scan-pattern.ts';
import { directiveRuns } from '../language/script/directive-runs.ts';
import type { Fragment } from '../language/text/fragment.ts';
import { encloses, type Span, touches } from '../language/text/span.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';
import { lineAt } from './cursor.ts';
import type { Analysis } from './documents.ts';

/** Of a longer word only so much is looked at. */
const longestWord = 1000;

export function selectionRanges(analysis: Analysis, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => {
    const offset = analysis.offsetAt(position);
    const spans = candidates(analysis, offset).filter((span) => touches(span, offset));
    return nestedRanges(analysis, analysis.script.text, offset, spans);
  });
}

/** The word at `offset` and `spans`, one inside the other, in the whole of `text`. */
export function nestedRanges(analysis: Analysis, text: string, offset: number, spans: readonly Span[]): SelectionRange {
  let outer: Span = { start: 0, end: text.length };
  let range: SelectionRange = { range: analysis.rangeOf(outer) };
  const all = [...spans, wordAt(text, offset)].sort((a, b) => b.end - b.start - (a.end - a.start));
  for (const span of all) {
    // Neighbours that both touch the cursor are not inside one another.
    if (!encloses(outer, span) || (outer.start === span.start && outer.end === span.end)) continue;
    range = { range: analysis.rangeOf(span), parent: range };
    outer = span;
  }
  return range;
}

function candidates(analysis: Analysis, offset: number): readonly Span[] {
  const { script } = analysis;
  const line = script.lines[lineAt(script, offset)]?.span ?? { start: offset, end: offset };
  const watchers = script.watchers.filter(({ span }) => touches(span, offset));
  const runs = directiveRuns(script).map((run) => ({ start: run[0].span.start, end: (run.at(-1) ?? run[0]).span.end }));
  const options = script.directives
    .filter(({ span }) => touches(span, offset))
    .flatMap((directive) =>
      directive.options.flatMap(({ span, nameSpan, valueSpan }) => [span, nameSpan, ...(valueSpan ? [valueSpan] : [])]),
    );
  return [line, ...runs, ...options, ...watchers.flatMap(inWatcher)];
}

function wordAt(text: string, offset: number): Span {
  const before = /[\p{L}\p{N}_]*$/u.exec(text.slice(Math.max(0, offset - longestWord), offset))?.[0].length ?? 0;
  const after = /^[\p{L}\p{N}_]*/u.exec(text.slice(offset, offset + longestWord))?.[0].length ?? 0;
  return { start: offset - before, end: offset + after };
}

function inWatcher(watcher: WatcherNode): readonly Span[] {
  return [watcher.span, watcher.keywordSpan, ...watcher.properties.flatMap(inProperty)];
}

function inProperty({ key, value, span, info }: PropertyNode): readonly Span[] {
  const spans = [span, key.span, value.span];
  if (value.kind === 'list') return [...spans, ...value.items.flatMap((item) => [item.span, item.fragment.span])];
  if (value.kind === 'actions') return [...spans, ...value.items.flatMap(inAction)];
  if (value.kind === 'missing') return spans;
  spans.push(value.fragment.span);
  if (info?.type.kind === 'pattern') return [...spans, ...inPattern(value.fragment)];
  return info?.type.kind === 'condition' ? [...spans, ...inCondition(value.fragment)] : spans;
}

function inPattern(fragment: Fragment): readonly Span[] {
  const { tokens, groups } = scanPattern(fragment.text);
  const spans = [...tokens.map(({ span }) => span), ...groups.flatMap(({ span, body }) => [span, body])];
  return spans.map((span) => fragment.toSpan(span));
}

function inCondition(fragment: Fragment): readonly Span[] {
  const spans: Span[] = [];
  walk(parseExpression(fragment.text).expression, ({ span }) => spans.push(fragment.toSpan(span)));
  return spans;
}

function inAction(action: ActionNode): readonly Span[] {
  const spans = [action.span, action.nameSpan];
  if (action.argumentsSpan) spans.push(action.argumentsSpan);
  for (const parameter of action.parameters) {
    const { value } = parameter;
    spans.push(parameter.span, parameter.nameSpan, value.span);
    const isText = /^["'].*["']$/.test(value.text) && value.text.length >= 2;
    if (isText) spans.push(value.toSpan({ start: 1, end: value.text.length - 1 }));
    const condition = parameter.name === 'condition' ? conditionOf(parameter) : undefined;
    if (condition) spans.push(...inCondition(condition));
  }
  return spans;
}
