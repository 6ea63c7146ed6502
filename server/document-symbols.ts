/** Document symbols: watchers with their properties and actions, runs of directives with their options; sections of workflow files. */

import { type DocumentSymbol, type SymbolInformation, SymbolKind } from 'vscode-languageserver';
import type { ActionNode } from '../language/actions/node.ts';
import type { Directive } from '../language/directives/directive.ts';
import { directiveRuns } from '../language/script/directive-runs.ts';
import * as l10n from '../language/text/l10n.ts';
import type { Span } from '../language/text/span.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';
import { watcherName } from '../language/watcher/read-watcher.ts';
import type { Analysis } from './documents.ts';
import { workflowSymbols } from './workflow-structure.ts';

export function documentSymbols(analysis: Analysis): DocumentSymbol[] {
  const { workflow } = analysis;
  if (workflow) return workflowSymbols(analysis, workflow);
  const { watchers } = analysis.script;
  const symbols = [
    ...directiveRuns(analysis.script).map((run) => directivesSymbol(analysis, run)),
    ...analysis.script.loginSetup.map(({ beginSpan, endSpan }) => {
      const span = { start: beginSpan.start, end: endSpan.end };
      return symbol(analysis, l10n.t('Login setup'), SymbolKind.Namespace, span, beginSpan);
    }),
    ...watchers.map((watcher) => watcherSymbol(analysis, watcher)),
  ];
  return symbols.sort((a, b) => a.range.start.line - b.range.start.line);
}

/** The same as a list, for clients that know no tree. */
export function flatSymbols(
  uri: string,
  symbols: readonly DocumentSymbol[],
  containerName?: string,
): SymbolInformation[] {
  return symbols.flatMap(({ name, kind, range, children }) => [
    { name, kind, location: { uri, range }, ...(containerName !== undefined && { containerName }) },
    ...flatSymbols(uri, children ?? [], name),
  ]);
}

/** Editors refuse empty names. */
function symbol(analysis: Analysis, name: string, kind: SymbolKind, span: Span, selection: Span): DocumentSymbol {
  return {
    name: name.trim() || '?',
    kind,
    range: analysis.rangeOf(span),
    selectionRange: analysis.rangeOf(selection),
  };
}

function directivesSymbol(analysis: Analysis, run: readonly [Directive, ...Directive[]]): DocumentSymbol {
  const [first] = run;
  const last = run.at(-1) ?? first;
  const options = run.flatMap((directive) => directive.options);
  const prefix = analysis.script.text.slice(first.prefixSpan.start, first.prefixSpan.end);
  const children = options.map((option) => ({
    ...symbol(analysis, option.spelling, SymbolKind.Property, option.span, option.nameSpan),
    ...(option.value !== undefined && { detail: option.value }),
  }));
  return {
    ...symbol(
      analysis,
      prefix,
      SymbolKind.Namespace,
      { start: first.span.start, end: last.span.end },
      first.prefixSpan,
    ),
    detail: options.length === 1 ? l10n.t('1 option') : l10n.t('{0} options', options.length),
    children,
  };
}

function watcherSymbol(analysis: Analysis, watcher: WatcherNode): DocumentSymbol {
  const pattern = watcher.properties.find(({ info }) => info?.name === 'pattern')?.value;
  return {
    ...symbol(analysis, watcherName(watcher), SymbolKind.Event, watcher.span, watcher.keywordSpan),
    ...(pattern?.kind === 'text' && { detail: pattern.fragment.text }),
    children: watcher.properties.map((property) => propertySymbol(analysis, property)),
  };
}

function propertySymbol(analysis: Analysis, property: PropertyNode): DocumentSymbol {
  const { key, value, span } = property;
  const base = symbol(analysis, key.text, SymbolKind.Property, span, key.span);
  if (value.kind === 'missing') return base;
  if (value.kind === 'actions') {
    return { ...base, children: value.items.map((action) => actionSymbol(analysis, action)) };
  }
  const detail = value.kind === 'text' ? value.fragment.text : value.items.map((item) => item.fragment.text).join(', ');
  return { ...base, detail };
}

function actionSymbol(analysis: Analysis, action: ActionNode): DocumentSymbol {
  const base = symbol(analysis, action.name, SymbolKind.Function, action.span, action.nameSpan);
  const [first] = action.parameters;
  return first ? { ...base, detail: first.value.text } : base;
}
