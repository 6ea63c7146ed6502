/** The structure of workflow files: symbols, folding, and selections from the cursor outwards. */

import {
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type SelectionRange,
  SymbolKind,
} from 'vscode-languageserver';
import type { Position } from 'vscode-languageserver-textdocument';
import { walk } from '../language/expression/ast.ts';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import type { StepNode } from '../language/workflow/node.ts';
import type { YamlNode } from '../language/workflow/yaml-tree.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';
import { nestedRanges } from './selection-ranges.ts';

/** Sections with their parameters and steps. */
export function workflowSymbols(analysis: Analysis, workflow: WorkflowAnalysis): DocumentSymbol[] {
  const { document } = workflow;
  return (document.root?.pairs ?? []).map(({ key, name, value }) => {
    const base = symbol(analysis, name, SymbolKind.Namespace, covering(key.span, value.span), key.span);
    if (name === 'params')
      return { ...base, children: document.params.map((param) => parameterSymbol(analysis, param)) };
    const steps = name === 'steps' ? document.steps : name === 'cleanup' ? document.cleanup : undefined;
    if (steps) return { ...base, children: steps.map((step) => stepSymbol(analysis, step)) };
    const detail = value.kind === 'scalar' ? value.fragment.text : '';
    return { ...base, kind: SymbolKind.Property, ...(detail !== '' && { detail }) };
  });
}

function parameterSymbol(
  analysis: Analysis,
  { name, nameSpan, value }: { readonly name: string; readonly nameSpan: Span; readonly value: YamlNode },
): DocumentSymbol {
  const base = symbol(analysis, name, SymbolKind.Variable, covering(nameSpan, value.span), nameSpan);
  return value.kind === 'scalar' ? { ...base, detail: value.fragment.text } : base;
}

const verbKinds: { readonly [verb: string]: SymbolKind } = {
  await_event: SymbolKind.Event,
  emit_event: SymbolKind.Event,
  workflow: SymbolKind.Module,
  submit: SymbolKind.File,
};

function stepSymbol(analysis: Analysis, { id, idSpan, verb, map, index }: StepNode): DocumentSymbol {
  const kind = (verb && verbKinds[verb.name]) ?? SymbolKind.Function;
  const main = verb?.value.kind === 'map' ? verb.value.pairs[0]?.value : verb?.value;
  const what = main?.kind === 'scalar' ? ` ${main.fragment.text}` : '';
  const name = id !== '' ? id : (verb?.name ?? l10n.t('step {0}', index + 1));
  const detail = verb ? (id !== '' ? `${verb.name}${what}` : what.trim()) : '';
  return { ...symbol(analysis, name, kind, map.span, idSpan), ...(detail !== '' && { detail: firstLine(detail) }) };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** Editors refuse empty names, and selections outside of their ranges. */
function symbol(analysis: Analysis, name: string, kind: SymbolKind, span: Span, selection: Span): DocumentSymbol {
  const whole = covering(trimmed(analysis, span), selection);
  return {
    name: firstLine(name.trim()) || '?',
    kind,
    range: analysis.rangeOf(whole),
    selectionRange: analysis.rangeOf(selection),
  };
}

function covering(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** YAML's blocks go on over the blank lines behind them. */
function trimmed({ workflow }: Analysis, { start, end }: Span): Span {
  const text = workflow?.document.text.slice(start, end) ?? '';
  return { start, end: start + text.trimEnd().length };
}

/** Every map and list of several lines, runs of comments, and `# region`. */
export function workflowFolding(analysis: Analysis, workflow: WorkflowAnalysis): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const add = (start: number, end: number) => {
    const last = analysis.positionAt(trimmed(analysis, { start, end }).end).line;
    const first = analysis.positionAt(start).line;
    if (last > first) ranges.push({ startLine: first, endLine: last });
  };
  const visit = (node: YamlNode) => {
    if (node.kind === 'list') {
      for (const item of node.items) {
        if (item.kind === 'map') add(item.span.start, item.span.end);
        visit(item);
      }
    } else if (node.kind === 'map') {
      for (const { key, value } of node.pairs) {
        add(key.span.start, Math.max(key.span.end, value.span.end));
        visit(value);
      }
    }
  };
  if (workflow.document.root) visit(workflow.document.root);
  ranges.push(...commentRuns(workflow.document.text));
  const byStart = new Map<number, FoldingRange>();
  // An editor folds a line once: its widest range.
  for (const range of ranges) {
    const known = byStart.get(range.startLine);
    if (!known || known.endLine < range.endLine) byStart.set(range.startLine, range);
  }
  return [...byStart.values()].sort((a, b) => a.startLine - b.startLine);
}

function commentRuns(text: string): readonly FoldingRange[] {
  const runs: FoldingRange[] = [];
  let start: number | undefined;
  const lines = [...text.split('\n'), ''];
  lines.forEach((line, index) => {
    if (/^\s*#/.test(line)) start ??= index;
    else {
      if (start !== undefined && index - 1 > start)
        runs.push({ startLine: start, endLine: index - 1, kind: FoldingRangeKind.Comment });
      start = undefined;
    }
  });
  return runs;
}

export function workflowSelections(
  analysis: Analysis,
  { document }: WorkflowAnalysis,
  positions: readonly Position[],
): SelectionRange[] {
  const spans: Span[] = [];
  const visit = (node: YamlNode) => {
    spans.push(trimmed(analysis, node.span));
    if (node.kind === 'scalar') spans.push(node.fragment.span);
    if (node.kind === 'list') node.items.forEach(visit);
    else if (node.kind === 'map') {
      for (const { key, value } of node.pairs) {
        spans.push(key.span, trimmed(analysis, covering(key.span, value.span)));
        visit(value);
      }
    }
  };
  if (document.root) visit(document.root);
  for (const { expression, fragment, span } of document.expressions) {
    spans.push(span);
    walk(expression, (node) => spans.push(fragment.toSpan(node.span)));
  }
  return positions.map((position) => {
    const offset = analysis.offsetAt(position);
    const around = spans.filter((span) => touches(span, offset));
    return nestedRanges(analysis, document.text, offset, around);
  });
}
