/** Hover: what a property, an action, a parameter, a variable, a name of a condition, a pattern or an `#SBATCH` option is. */
import type { Hover } from 'vscode-languageserver';
import { actionVariables, findAction, findParameter } from '../language/actions/catalogue.ts';
import type { ActionNode } from '../language/actions/node.ts';
import { findLongOption, findShortOption } from '../language/directives/option-lookup.ts';
import { functions, historyFunctions, methods, variables } from '../language/expression/names.ts';
import { compilePattern } from '../language/pattern/compile.ts';
import { parseTemplate, type TemplatePart } from '../language/template/parse-template.ts';
import type { Fragment } from '../language/text/fragment.ts';
import { type Span, touches } from '../language/text/span.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';
import { captureNames } from '../language/watcher/read-watcher.ts';
import { lineAt, watcherAt } from './cursor.ts';
import { actionDoc, actionSignature, code, optionDoc, optionSpelling, parameterDoc, propertyDoc } from './docs.ts';
import type { Analysis } from './documents.ts';

interface Found {
  readonly span: Span;
  readonly markdown: string;
}

export function hoverAt(analysis: Analysis, offset: number): Hover | null {
  const line = lineAt(analysis.script, offset);
  const watcher = watcherAt(analysis.script, line);
  const found = watcher ? inWatcher(watcher, offset) : inDirective(analysis, line, offset);
  return found ? { range: analysis.rangeOf(found.span), contents: { kind: 'markdown', value: found.markdown } } : null;
}

function inDirective(analysis: Analysis, line: number, offset: number): Found | undefined {
  const directive = analysis.script.directives.find(
    (candidate) => candidate.line === line && candidate.scheduler === 'slurm',
  );
  const option = directive?.options.find(({ span }) => touches(span, offset));
  if (!option) return undefined;
  const info = option.spelling.startsWith('--')
    ? findLongOption(option.name)
    : findShortOption(option.spelling.slice(1));
  return info && { span: option.span, markdown: `${code(optionSpelling(info))}\n\n${optionDoc(info)}` };
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
  if (info?.type.kind === 'pattern') return { span: value.span, markdown: patternDoc(watcher, value.fragment.text) };
  if (info?.type.kind === 'condition') return inCondition(watcher, value.fragment, offset);
  return undefined;
}

/** The groups of a pattern and the captures that they are bound to. */
function patternDoc(watcher: WatcherNode, source: string): string {
  const { pattern, problems } = compilePattern(source);
  if (!pattern) return problems.map(({ message }) => message).join('\n\n');
  const lines = ['Searched in each line of output, as Python’s `re.search` does.'];
  const captures = watcher.properties.find(({ info }) => info?.name === 'captures')?.value;
  const names = captures?.kind === 'list' ? captures.items.map(({ fragment }) => fragment.text) : [];
  const groupNames = new Map([...pattern.groupNames].map(([name, index]) => [index, name]));
  for (let group = 1; group <= pattern.groupCount; group++) {
    const bound = [...new Set([names[group - 1], groupNames.get(group)])].filter((name) => name !== undefined);
    lines.push(`- \`$${group}\`${bound.length > 0 ? ` = ${bound.map(code).join(', ')}` : ': no name'}`);
  }
  return `${lines[0]}\n\n${lines.slice(1).join('\n')}`.trim();
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
  if (name === '0') return 'The text that matched.';
  if (/^\d+$/.test(name)) return `Group ${name} of the pattern.`;
  if (captureNames(watcher).includes(name)) return `${code(name)}: a capture of this watcher.`;
  return Object.hasOwn(actionVariables, name) ? actionVariables[name] : undefined;
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
    return `${code(name)}: a capture of this watcher. It is text; \`float(${name})\` makes it a number.`;
  }
  const known = isMethod ? methods : { ...functions, ...historyFunctions, ...variables };
  const info = Object.hasOwn(known, name) ? known[name] : undefined;
  return info && `${code(info.signature)}\n\n${info.doc}`;
}
