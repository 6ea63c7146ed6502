/** Hover in scripts: what a property, an action, a variable, a name of a condition, a part of a pattern, a time or an option is. */

import type { Hover } from 'vscode-languageserver';
import { actionVariables, findAction, findParameter } from '../language/actions/catalogue.ts';
import type { ActionNode } from '../language/actions/node.ts';
import { functions, historyFunctions, methods, variables } from '../language/expression/names.ts';
import { parseTemplate, type TemplatePart } from '../language/template/parse-template.ts';
import { spellSeconds } from '../language/text/duration.ts';
import type { Fragment } from '../language/text/fragment.ts';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';
import { parseDuration } from '../language/watcher/read-scalar.ts';
import { captureNames } from '../language/watcher/read-watcher.ts';
import { lineAt, watcherAt } from './cursor.ts';
import { directiveHover } from './directive-hover.ts';
import { actionDoc, actionSignature, code, loginSetupDoc, parameterDoc, propertyDoc } from './docs.ts';
import type { Analysis } from './documents.ts';
import { patternHover } from './pattern-hover.ts';
import { eventHover } from './script-events.ts';

interface Found {
  readonly span: Span;
  readonly markdown: string;
}

/** `workflows` are the workflow files that are open: they may await what the script emits. */
export function hoverAt(analysis: Analysis, offset: number, workflows: readonly Analysis[] = []): Hover | null {
  const line = lineAt(analysis.script, offset);
  const watcher = watcherAt(analysis.script, line);
  const found =
    inLoginSetup(analysis, offset) ??
    eventHover(analysis, offset, workflows) ??
    (watcher ? inWatcher(watcher, offset) : directiveHover(analysis, line, offset));
  return found ? { range: analysis.rangeOf(found.span), contents: { kind: 'markdown', value: found.markdown } } : null;
}

/** On the marks of a login setup. */
function inLoginSetup({ script }: Analysis, offset: number): Found | undefined {
  const marks = script.loginSetup.flatMap(({ beginSpan, endSpan }) => [beginSpan, endSpan]);
  const span = marks.find((mark) => touches(mark, offset));
  return span && { span, markdown: loginSetupDoc() };
}

function inWatcher(watcher: WatcherNode, offset: number): Found | undefined {
  for (const property of watcher.properties) {
    if (touches(property.key.span, offset) && property.info) {
      return { span: property.key.span, markdown: `**${property.info.name}**\n\n${propertyDoc(property.info)}` };
    }
    if (touches(property.value.span, offset)) return inValue(watcher, property, offset);
  }
  return undefined;
}

function inValue(watcher: WatcherNode, property: PropertyNode, offset: number): Found | undefined {
  const { value, info } = property;
  if (value.kind === 'actions') {
    const action = value.items.find(({ span }) => touches(span, offset));
    return action && inAction(watcher, action, offset);
  }
  if (value.kind !== 'text') return undefined;
  switch (info?.type.kind) {
    case 'pattern':
      return patternHover(watcher, value, offset);
    case 'condition':
      return inCondition(watcher, value.fragment, offset);
    case 'seconds':
      return timeHover(value.span, value.fragment.text);
    default:
      return undefined;
  }
}

function timeHover(span: Span, text: string): Found | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined ? undefined : { span, markdown: `${code(text.trim())}: ${spellSeconds(seconds)}` };
}

function inAction(watcher: WatcherNode, action: ActionNode, offset: number): Found | undefined {
  const info = findAction(action.name);
  if (!info) return undefined;
  if (touches(action.nameSpan, offset)) {
    return { span: action.nameSpan, markdown: `${code(actionSignature(info))}\n\n${actionDoc(info)}` };
  }
  const parameter = action.parameters.find(({ span }) => touches(span, offset));
  const known = parameter && findParameter(info, parameter.name);
  if (!parameter || !known) return undefined;
  if (!touches(parameter.nameSpan, offset) || parameter.nameSpan.start === parameter.nameSpan.end) {
    if (known.type === 'condition') return inCondition(watcher, parameter.value, offset);
    if (known.type === 'duration') {
      const text = parameter.value.text.replace(/^(["'])(.*)\1\s*$/, '$2');
      return timeHover(parameter.value.span, text);
    }
    return variableAt(watcher, parameter.value, offset);
  }
  return { span: parameter.nameSpan, markdown: `**${known.name}**\n\n${parameterDoc(known)}` };
}

function variableAt(watcher: WatcherNode, value: Fragment, offset: number): Found | undefined {
  const at = value.fromDocument(offset);
  if (at === undefined) return undefined;
  const find = (parts: readonly TemplatePart[]): (TemplatePart & { kind: 'variable' }) | undefined => {
    const part = parts.find(({ span }) => touches(span, at));
    if (part?.kind !== 'variable') return undefined;
    return find(part.word) ?? part;
  };
  const variable = find(parseTemplate(value.text));
  if (!variable) return undefined;
  const doc = variableDoc(watcher, variable.name);
  return doc === undefined ? undefined : { span: value.toSpan(variable.span), markdown: doc };
}

function variableDoc(watcher: WatcherNode, name: string): string | undefined {
  if (name === '0') return l10n.t('The text that matched.');
  if (/^\d+$/.test(name)) return l10n.t('Group {0} of the pattern.', name);
  if (captureNames(watcher).includes(name)) return l10n.t('{0}: a capture of this watcher.', code(name));
  return Object.hasOwn(actionVariables, name) ? actionVariables[name]?.() : undefined;
}

function inCondition(watcher: WatcherNode, fragment: Fragment, offset: number): Found | undefined {
  const at = fragment.fromDocument(offset);
  if (at === undefined) return undefined;
  for (const match of fragment.text.matchAll(/[A-Za-z_]\w*/g)) {
    const span = { start: match.index, end: match.index + match[0].length };
    if (!touches(span, at)) continue;
    const markdown = nameDoc(watcher, match[0], fragment.text[match.index - 1] === '.');
    if (markdown !== undefined) return { span: fragment.toSpan(span), markdown };
  }
  return undefined;
}

function nameDoc(watcher: WatcherNode, name: string, isMethod: boolean): string | undefined {
  if (!isMethod && captureNames(watcher).includes(name)) {
    return l10n.t('{0}: a capture of this watcher. It is text; `float({1})` makes it a number.', code(name), name);
  }
  const known = isMethod ? methods : { ...functions, ...historyFunctions, ...variables };
  const info = Object.hasOwn(known, name) ? known[name] : undefined;
  return info && `${code(info.signature)}\n\n${info.doc()}`;
}
