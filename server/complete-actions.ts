/** Proposals for actions: names, parameters, their values, and variables. */

import { CompletionItemKind } from 'vscode-languageserver';
import {
  type ActionInfo,
  actions,
  actionVariables,
  conditionParameter,
  levels,
  type ParameterInfo,
} from '../language/actions/catalogue.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import * as l10n from '../language/text/l10n.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { captureNames, watcherName } from '../language/watcher/read-watcher.ts';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { actionDoc, actionSignature, parameterDoc } from './docs.ts';

export function actionItems(cursor: Cursor & { kind: 'action' }): readonly Proposal[] {
  return actions.map((info) => ({
    label: info.name,
    detail: actionSignature(info),
    doc: actionDoc(info),
    kind: CompletionItemKind.Function,
    ...(!cursor.hasArguments && {
      snippet: actionSnippet(info),
      goesOn: info.parameters.length > 0 && !mainParameter(info),
    }),
  }));
}

/** The parameter that is written most: a required one, else the first. */
function mainParameter(info: ActionInfo): ParameterInfo | undefined {
  return (
    info.parameters.find(({ required }) => required) ??
    info.parameters.find(({ name }) => name === 'message' || name === 'reason')
  );
}

function actionSnippet(info: ActionInfo): string {
  if (info.parameters.length === 0) return `${info.name}()`;
  const main = mainParameter(info);
  return main ? `${info.name}(${main.name}=${valueSnippet(main)})$0` : `${info.name}($1)$0`;
}

function valueSnippet(info: ParameterInfo): string {
  switch (info.type) {
    case 'map':
      return '{"$1": "$2"}';
    case 'duration':
    case 'flag':
    case 'any':
      return '$1';
    default:
      return '"$1"';
  }
}

export function parameterItems(cursor: Cursor & { kind: 'parameter' }): readonly Proposal[] {
  const { action, info, hasValue, replace } = cursor;
  const given = new Set(
    action.parameters.filter(({ nameSpan }) => nameSpan.start !== replace.start).map(({ name }) => name),
  );
  return [...info.parameters, conditionParameter]
    .filter(({ name }) => !given.has(name))
    .map((parameter) => ({
      label: parameter.name,
      doc: parameterDoc(parameter),
      kind: CompletionItemKind.Property,
      ...(!hasValue && {
        snippet: `${parameter.name}=${valueSnippet(parameter)}`,
        goesOn: parameter.type === 'flag' || parameter.type === 'level',
      }),
    }));
}

export function parameterValueItems(
  script: ScriptDocument,
  cursor: Cursor & { kind: 'parameter-value' },
  awaitedEvents: () => readonly string[],
): readonly Proposal[] {
  const { parameter, watcher, quoted, action } = cursor;
  const isEvent = action === 'emit_event' && parameter.name === 'name';
  const values = isEvent ? awaitedEvents() : valuesOf(script, parameter, watcher);
  const isText = parameter.type !== 'flag';
  return values.map((value) => {
    const label = isText && !quoted ? JSON.stringify(value) : value;
    return { label, kind: CompletionItemKind.Value };
  });
}

function valuesOf(script: ScriptDocument, parameter: ParameterInfo, watcher: WatcherNode): readonly string[] {
  if (parameter.type === 'flag') return ['True', 'False'];
  if (parameter.type === 'level') return levels;
  if (parameter.type === 'capture') return captureNames(watcher);
  if (parameter.name === 'signal') return ['TERM', 'INT', 'USR1', 'USR2', 'KILL', 'STOP', 'CONT'];
  if (parameter.type === 'watcher') return script.watchers.map(watcherName);
  return [];
}

export function variableItems(cursor: Cursor & { kind: 'variable' }): readonly Proposal[] {
  const close = cursor.closed ? '' : '}';
  const variable = (name: string, doc: string | l10n.LaterText): Proposal => ({
    label: `\${${name}}`,
    snippet: `\\\${${name}${close === '' ? '' : '\\}'}`,
    filter: `\${${name}}`,
    doc,
    kind: CompletionItemKind.Variable,
  });
  return [
    ...captureNames(cursor.watcher).map((name) => variable(name, l10n.t('A capture of this watcher.'))),
    ...Object.entries(actionVariables).map(([name, doc]) => variable(name, doc)),
  ];
}
