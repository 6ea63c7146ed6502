/** A watcher written in its other form: `#WATCHER …` as a block, a block as one line. */
import type { ActionNode, ParameterNode } from '../actions/node.ts';
import { parseScript, type ScriptDocument } from '../script/parse-script.ts';
import type { Edit } from './format-block.ts';
import type { PropertyNode, ValueNode, WatcherNode } from './node.ts';
import { bindWatchers, type WatcherSpec } from './spec.ts';

/**
 * undefined when the other form cannot say the same: a watcher with mistakes, a block with comments or other lines in it, a text
 * that needs quotes which the other form has not. What it gives was read back and means what it meant.
 */
export function convertForm(script: ScriptDocument, watcher: WatcherNode): Edit | undefined {
  const newText = watcher.form === 'inline' ? toBlock(script, watcher) : toInline(script, watcher);
  if (newText === undefined) return undefined;
  const { span } = watcher;
  const converted = parseScript(script.text.slice(0, span.start) + newText + script.text.slice(span.end));
  const before = specsOf(script);
  const isBound = before.some(({ line }) => line === watcher.line);
  return isBound && meaning(before) === meaning(specsOf(converted)) ? { span, newText } : undefined;
}

/** All watchers: an action may name another one, and a watcher without a name is called by its number. */
function specsOf(script: ScriptDocument): readonly WatcherSpec[] {
  return bindWatchers(script, { maxWatchers: Number.POSITIVE_INFINITY });
}

function meaning(specs: readonly WatcherSpec[]): string {
  return JSON.stringify(specs.map(({ line: _, ...spec }) => spec));
}

function toBlock(script: ScriptDocument, watcher: WatcherNode): string | undefined {
  const { text, lines } = script;
  const indent = text.slice(lines[watcher.line]?.span.start, watcher.span.start);
  const rows: string[] = [];
  const actions: string[] = [];
  for (const property of watcher.properties) {
    if (property.value.kind === 'actions') actions.push(...property.value.items.map(writeAction));
    else {
      const value = blockValue(property.value, property);
      if (value === undefined) return undefined;
      rows.push(`# ${property.key.text}: ${value}`);
    }
  }
  if (actions.length > 0) rows.push('# actions:', ...actions.map((action) => `#   - ${action}`));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return ['#WATCHER_BEGIN', ...rows, '#WATCHER_END'].join(`${newline}${indent}`);
}

/** A value of a block runs to the end of its line, so that only a pattern is put in quotes for the reader's sake. */
function blockValue(value: ValueNode, { info }: PropertyNode): string | undefined {
  if (value.kind === 'list') return `[${value.items.map(({ fragment }) => fragment.text).join(', ')}]`;
  if (value.kind !== 'text') return undefined;
  const { text } = value.fragment;
  const isPlain = text !== '' && text === text.trim() && !/^["']/.test(text);
  if (isPlain && (info?.type.kind !== 'pattern' || text.includes('"'))) return text;
  return text.includes('"') && !text.includes("'") ? `'${text}'` : `"${text}"`;
}

function toInline(script: ScriptDocument, watcher: WatcherNode): string | undefined {
  const body = script.lines.slice(watcher.line + 1).filter(({ span }) => span.start < watcher.span.end);
  const closing = body.pop();
  const isOnlyBody = body.every(
    ({ kind, span }) => kind === 'watcher-body' && !/^\s*#\s*#/.test(script.text.slice(span.start, span.end)),
  );
  if (closing?.kind !== 'watcher-end' || !isOnlyBody) return undefined;
  const words = watcher.properties.flatMap(({ key, value }) => {
    if (value.kind === 'actions') return value.items.map((action) => `action=${writeAction(action)}`);
    return [`${key.text}=${inlineValue(value)}`];
  });
  return ['#WATCHER', ...words].join(' ');
}

function inlineValue(value: ValueNode): string {
  if (value.kind === 'list') return `[${value.items.map(({ fragment }) => fragment.text).join(', ')}]`;
  const text = value.kind === 'text' ? value.fragment.text : '';
  if (/^[\w.:/+-]+$/.test(text) && value.kind === 'text' && !value.quoted) return text;
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  return mark + text.replaceAll(mark, `\\${mark}`) + mark;
}

/** As a call, whichever way it is written. */
function writeAction(action: ActionNode): string {
  const { name, parameters, argumentsSpan } = action;
  if (parameters.length === 0) return argumentsSpan ? `${name}()` : name;
  return `${name}(${parameters.map((node) => writeParameter(node, argumentsSpan !== undefined)).join(', ')})`;
}

function writeParameter({ name, nameSpan, value, literal }: ParameterNode, isCall: boolean): string {
  // The short form's message, and the condition of a map item, are texts without quotes.
  const isBare = nameSpan.start === nameSpan.end || (name === 'condition' && !literal);
  return `${name}=${!isCall && isBare ? JSON.stringify(value.text) : value.text}`;
}
