/** Where a watcher declares its captures and where it uses them: what rename, references and highlights work on. */
import { findAction, findParameter } from '../actions/catalogue.ts';
import type { ActionNode, ParameterNode } from '../actions/node.ts';
import { conditionOf } from '../actions/read-action.ts';
import { type Expression, walk } from '../expression/ast.ts';
import { historyFunctions, previousName } from '../expression/names.ts';
import { parseExpression } from '../expression/parse.ts';
import { scanPattern } from '../pattern/scan-pattern.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { parseTemplate, type TemplatePart } from '../template/parse-template.ts';
import type { Fragment } from '../text/fragment.ts';
import { type Span, touches } from '../text/span.ts';
import type { PropertyNode, WatcherNode } from './node.ts';

/** A group of the pattern; spans are offsets into the document. */
export interface CaptureGroup {
  /** From 1. */
  readonly index: number;
  readonly span: Span;
  /** Behind its opening parenthesis. */
  readonly bodyStart: number;
  /** `n` of `(?P<n>…)`. */
  readonly name?: string;
}

export interface CaptureUse {
  readonly span: Span;
  /** `script`: what `resubmit` fills in; `pattern`: a reference to the group, which the patterns of watchers do not have. */
  readonly place: 'condition' | 'template' | 'parameter' | 'pattern' | 'script';
}

export interface Capture {
  readonly name: string;
  /** Absent when the pattern has too few groups. */
  readonly group?: CaptureGroup;
  /** In `captures`, and in the pattern where the group carries the name. */
  readonly listed?: Span;
  readonly groupName?: Span;
  readonly uses: readonly CaptureUse[];
}

export interface WatcherCaptures {
  readonly captures: readonly Capture[];
  readonly groups: readonly CaptureGroup[];
  /** `$2` and `${2}`. */
  readonly numbers: readonly { readonly index: number; readonly span: Span }[];
}

/**
 * A name belongs to its watcher alone: another watcher's capture of the same name is another one. With the script, what the
 * watcher's `resubmit` fills into it is a use as well.
 */
export function findCaptures(watcher: WatcherNode, script?: ScriptDocument): WatcherCaptures {
  const declared = declarations(watcher);
  const uses = new Map<string, CaptureUse[]>([...declared.captures.keys()].map((name) => [name, []]));
  const numbers: { index: number; span: Span }[] = [];
  for (const { name, ...use } of [...allUses(watcher), ...(script ? usesInScript(script, watcher) : [])]) {
    if (/^\d+$/.test(name)) numbers.push({ index: Number(name), span: use.span });
    else uses.get(name)?.push(use);
  }
  const captures = [...declared.captures].map(([name, capture]) => ({ name, ...capture, uses: uses.get(name) ?? [] }));
  return { captures, groups: declared.groups, numbers };
}

/** Every place that names the capture. */
export function spansOf(capture: Capture): readonly Span[] {
  const { listed, groupName, uses } = capture;
  return [...(groupName ? [groupName] : []), ...(listed ? [listed] : []), ...uses.map(({ span }) => span)];
}

export function captureAt({ captures }: WatcherCaptures, offset: number): Capture | undefined {
  return captures.find((capture) => spansOf(capture).some((span) => touches(span, offset)));
}

type Declared = Omit<Capture, 'name' | 'uses'>;

function declarations(watcher: WatcherNode): {
  readonly captures: ReadonlyMap<string, Declared>;
  readonly groups: readonly CaptureGroup[];
} {
  const pattern = propertyValue(watcher, 'pattern');
  const fragment = pattern?.kind === 'text' ? pattern.fragment : undefined;
  const scanned = fragment ? scanPattern(fragment.text).groups : [];
  const groups = scanned.map(({ index, name, span, body }) => ({
    index,
    span: fragment?.toSpan(span) ?? span,
    bodyStart: fragment?.toDocument(body.start) ?? body.start,
    ...(name !== undefined && { name }),
  }));
  const captures = new Map<string, Declared>();
  const list = propertyValue(watcher, 'captures');
  const items = list?.kind === 'list' ? list.items : [];
  items.forEach(({ fragment: item }, index) => {
    const group = groups[index];
    if (!captures.has(item.text)) captures.set(item.text, { listed: item.span, ...(group && { group }) });
  });
  for (const { name, nameSpan, index } of scanned) {
    const group = groups[index - 1];
    if (!name || !nameSpan || !fragment || !group) continue;
    const known = captures.get(name);
    if (!known?.groupName) captures.set(name, { group, ...known, groupName: fragment.toSpan(nameSpan) });
  }
  return { captures, groups };
}

function propertyValue(watcher: WatcherNode, name: string): PropertyNode['value'] | undefined {
  return watcher.properties.find(({ info }) => info?.name === name)?.value;
}

type NamedUse = CaptureUse & { readonly name: string };

function allUses(watcher: WatcherNode): readonly NamedUse[] {
  return watcher.properties.flatMap(({ info, value }) => {
    if (info?.name === 'pattern' && value.kind === 'text') return usesInPattern(value.fragment);
    if (info?.type.kind === 'condition' && value.kind === 'text') return usesInCondition(value.fragment);
    return value.kind === 'actions' ? value.items.flatMap(usesInAction) : [];
  });
}

/** `(?P=name)` and `(?(name)…)`; what is escaped or in a set is text, also in one that is never closed. */
function usesInPattern(fragment: Fragment): readonly NamedUse[] {
  const references = /\\.|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\\?$)|\(\?P=([^\W\d]\w*)\)|\(\?\(([^\W\d]\w*)\)/gs;
  return [...fragment.text.matchAll(references)].flatMap(({ index, 0: { length }, 1: back, 2: condition }) => {
    const name = back ?? condition;
    if (name === undefined) return [];
    const end = index + length - 1;
    return [{ name, span: fragment.toSpan({ start: end - name.length, end }), place: 'pattern' as const }];
  });
}

/** Does the watcher submit the script again, with its captures filled in? */
export function resubmits(watcher: WatcherNode): boolean {
  return watcher.properties.some(
    ({ value }) => value.kind === 'actions' && value.items.some(({ name }) => findAction(name)?.name === 'resubmit'),
  );
}

/** `${ckpt}`, `${ckpt:-none}` outside of watchers; names that begin with `_` are left to the shell. */
function usesInScript({ text, lines }: ScriptDocument, watcher: WatcherNode): readonly NamedUse[] {
  if (!resubmits(watcher)) return [];
  return lines.flatMap(({ kind, span }) => {
    if (kind.startsWith('watcher')) return [];
    const source = text.slice(span.start, span.end);
    return [...source.matchAll(/\$\{([A-Za-z]\w*)(?=\}|:[-+?])/g)].map(({ index, 1: name = '' }) => {
      const start = span.start + index + 2;
      return { name, span: { start, end: start + name.length }, place: 'script' as const };
    });
  });
}

function usesInAction(action: ActionNode): readonly NamedUse[] {
  const info = findAction(action.name);
  return action.parameters.flatMap((node) => {
    const type = info && findParameter(info, node.name)?.type;
    if (type === 'condition') {
      const condition = conditionOf(node);
      return condition ? usesInCondition(condition) : [];
    }
    return (type === 'capture' && useAsParameter(node)) || usesInTemplate(node.value);
  });
}

/** `variable="loss"`, also written `variable="$loss"`. */
function useAsParameter({ value }: ParameterNode): readonly NamedUse[] | undefined {
  const match = /^(["']?\$?)([\p{ID_Start}_]\p{ID_Continue}*)["']?\s*$/u.exec(value.text);
  if (!match) return undefined;
  const [, before = '', name = ''] = match;
  const span = value.toSpan({ start: before.length, end: before.length + name.length });
  return [{ name, span, place: 'parameter' }];
}

function usesInTemplate(value: Fragment): readonly NamedUse[] {
  const uses: NamedUse[] = [];
  const visit = (part: TemplatePart) => {
    if (part.kind !== 'variable') return;
    uses.push({ name: part.name, span: value.toSpan(part.nameSpan), place: 'template' });
    part.word.forEach(visit);
  };
  parseTemplate(value.text).forEach(visit);
  return uses;
}

/** Names, `previous["loss"]`, and the first argument of the history functions. */
function usesInCondition(fragment: Fragment): readonly NamedUse[] {
  const uses: NamedUse[] = [];
  const add = (name: string, span: Span) => uses.push({ name, span: fragment.toSpan(span), place: 'condition' });
  const addText = (node: Expression | undefined) => {
    if (node?.kind !== 'literal' || typeof node.value !== 'string') return;
    const source = fragment.text.slice(node.span.start, node.span.end);
    const mark = /^[rRuU]?(?:"""|'''|"|')/.exec(source)?.[0].length ?? 0;
    // Where escapes spell the name it is not there to be replaced.
    if (source.startsWith(node.value, mark)) {
      add(node.value, { start: node.span.start + mark, end: node.span.start + mark + node.value.length });
    }
  };
  walk(parseExpression(fragment.text).expression, (node) => {
    if (node.kind === 'name') add(node.name, node.span);
    else if (node.kind === 'call' && Object.hasOwn(historyFunctions, node.name)) {
      addText(node.args[0] ?? node.keywords.find(({ name }) => name === 'name')?.value);
    } else if (node.kind === 'subscript' && node.target.kind === 'name' && node.target.name === previousName) {
      addText(node.index);
    }
  });
  return uses;
}
