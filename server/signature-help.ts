/** Signature help: the parameters of the action, function or method that the cursor is in, with the one that it is at. */
import type { ParameterInformation, SignatureHelp } from 'vscode-languageserver';
import {
  type ActionInfo,
  conditionParameter,
  findAction,
  findParameter,
  type ParameterInfo,
} from '../language/actions/catalogue.ts';
import type { ActionNode } from '../language/actions/node.ts';
import { callAt } from '../language/expression/call-at.ts';
import { touches } from '../language/text/span.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { lineAt, watcherAt } from './cursor.ts';
import { parameterDoc } from './docs.ts';
import type { Analysis } from './documents.ts';
import { expressionAt } from './embedded-expressions.ts';

export function signatureAt(analysis: Analysis, offset: number): SignatureHelp | null {
  return callSignature(analysis, offset) ?? (analysis.workflow ? null : actionSignature(analysis, offset));
}

/** Of a function or method in a condition or in `${{ … }}`. */
function callSignature(analysis: Analysis, offset: number): SignatureHelp | undefined {
  const place = expressionAt(analysis, offset);
  const call = place && callAt(place.fragment.text, place.offset, !analysis.workflow);
  if (!call) return undefined;
  const { signature: label, doc } = call.info;
  const open = label.indexOf('(');
  const words = label
    .slice(open + 1, -1)
    .split(', ')
    .filter((word) => word !== '');
  let start = open + 1;
  const parameters = words.map((word): ParameterInformation => {
    const span: [number, number] = [start, start + word.length];
    start += word.length + 2;
    return { label: span };
  });
  const named = words.findIndex((word) => word.split('=')[0] === call.keyword);
  const isOpenEnded = words.at(-1) === '…';
  const index = named >= 0 ? named : isOpenEnded ? Math.min(call.argument, words.length - 1) : call.argument;
  const documentation = { kind: 'markdown' as const, value: doc() };
  return { signatures: [{ label, documentation, parameters }], activeSignature: 0, activeParameter: index };
}

function actionSignature(analysis: Analysis, offset: number): SignatureHelp | null {
  const watcher = watcherAt(analysis.script, lineAt(analysis.script, offset));
  const action = watcher && actionAround(analysis.script.text, watcher, offset);
  const info = action && findAction(action.name);
  if (!action || !info) return null;
  const parameters = [...info.parameters, conditionParameter];
  const active = activeParameter(analysis.script.text, action, info, parameters, offset);
  const { label, infos } = signature(info.name, parameters);
  return {
    signatures: [{ label, documentation: { kind: 'markdown', value: info.doc() }, parameters: infos }],
    activeSignature: 0,
    // One beyond the last: none.
    activeParameter: active ? parameters.indexOf(active) : parameters.length,
  };
}

/** A call that is not closed yet goes on to the cursor, over blanks. */
function actionAround(text: string, watcher: WatcherNode, offset: number): ActionNode | undefined {
  const actions = watcher.properties.flatMap(({ value }) => (value.kind === 'actions' ? value.items : []));
  return actions.find(({ argumentsSpan, span }) => {
    if (!argumentsSpan || offset < argumentsSpan.start) return false;
    const isOpen = span.end === argumentsSpan.end;
    return offset <= argumentsSpan.end || (isOpen && /^[ \t]*$/.test(text.slice(argumentsSpan.end, offset)));
  });
}

/** The one that is written at the cursor, else the first that is not given. */
function activeParameter(
  text: string,
  action: ActionNode,
  info: ActionInfo,
  parameters: readonly ParameterInfo[],
  offset: number,
): ParameterInfo | undefined {
  const behind = action.parameters.findLast(({ span }) => span.start <= offset);
  const isAt = behind && (touches(behind.span, offset) || /^\s*$/.test(text.slice(behind.span.end, offset)));
  if (behind && isAt && behind.name !== '') return findParameter(info, behind.name);
  const given = new Set(action.parameters.map(({ name }) => findParameter(info, name)));
  return parameters.find((parameter) => !given.has(parameter));
}

function signature(
  name: string,
  parameters: readonly ParameterInfo[],
): { readonly label: string; readonly infos: ParameterInformation[] } {
  let label = `${name}(`;
  const infos = parameters.map((parameter, index): ParameterInformation => {
    if (index > 0) label += ', ';
    const start = label.length;
    label += parameter.required ? parameter.name : `${parameter.name}?`;
    return { label: [start, label.length], documentation: { kind: 'markdown', value: parameterDoc(parameter) } };
  });
  return { label: `${label})`, infos };
}
