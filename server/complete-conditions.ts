/** Proposals inside conditions: captures, names, functions, methods. */

import { CompletionItemKind } from 'vscode-languageserver';
import {
  functions,
  historyFunctions,
  methods,
  type NameInfo,
  previousName,
  variables,
} from '../language/expression/names.ts';
import * as l10n from '../language/text/l10n.ts';
import { captureNames } from '../language/watcher/read-watcher.ts';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';

export function conditionItems(cursor: Cursor & { kind: 'condition' }): readonly Proposal[] {
  const captures = captureNames(cursor.watcher).map((label) => ({
    label,
    detail: l10n.t('capture (text)'),
    doc: l10n.t('A capture of this watcher. It is text: write `float({0})` to compare it with a number.', label),
    kind: CompletionItemKind.Variable,
  }));
  if (cursor.role === 'capture') {
    const { mark = '' } = cursor;
    return captures.map((each) => ({ ...each, label: `${mark}${each.label}${mark}`, filter: each.label }));
  }
  if (cursor.role === 'method')
    return Object.entries(methods).map(([name, info]) => callItem(name, info, CompletionItemKind.Method));
  const names = Object.entries(variables).map(([label, info]) =>
    label === previousName
      ? { ...describe(label, info), snippet: `${label}["$1"]`, goesOn: true, kind: CompletionItemKind.Variable }
      : { ...describe(label, info), kind: CompletionItemKind.Variable },
  );
  const calls = Object.entries(functions).map(([name, info]) => callItem(name, info, CompletionItemKind.Function));
  const history = Object.entries(historyFunctions).map(([name, info]) => ({
    ...describe(name, info),
    snippet: `${name}("$1"${name === 'history' ? '' : ', $2'})`,
    goesOn: true,
    kind: CompletionItemKind.Function,
  }));
  const words = ['and', 'or', 'not', 'in', 'True', 'False', 'None'].map((label) => ({
    label,
    kind: CompletionItemKind.Keyword,
  }));
  return [...captures, ...calls, ...names, ...history, ...words];
}

function describe(label: string, info: NameInfo) {
  return { label, detail: info.signature, doc: info.doc() };
}

function callItem(name: string, info: NameInfo, kind: CompletionItemKind): Proposal {
  const takesNothing = info.signature.endsWith('()');
  return { ...describe(name, info), snippet: takesNothing ? `${name}()` : `${name}($1)`, kind };
}
