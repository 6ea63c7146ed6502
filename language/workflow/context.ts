/** What may stand at a place of a workflow file, told from the lines alone: while a line is typed its YAML is often broken. */
import type { Span } from '../text/span.ts';
import { stepKeys, workflowKeys } from './schema.ts';
import type { KeyInfo, ValueType } from './value-types.ts';

export type WorkflowContext =
  /** Behind `before`, e.g. `steps.train.`, or where a name starts. */
  | {
      readonly kind: 'expression';
      readonly before: readonly string[];
      readonly isMatch: boolean;
      readonly replace: Span;
    }
  | {
      readonly kind: 'key';
      readonly keys: readonly KeyInfo[];
      /** Keys that the map has already. */
      readonly given: readonly string[];
      /** Is there a colon behind? */
      readonly hasValue: boolean;
      readonly inline: boolean;
      readonly replace: Span;
    }
  /** A key of a map whose keys are free: environment variables, options, parameters. */
  | {
      readonly kind: 'entry';
      readonly info: KeyInfo;
      readonly given: readonly string[];
      readonly hasValue: boolean;
      readonly replace: Span;
    }
  /** `path`: the keys around the value, the outermost first; `*` for an item of a list. */
  | { readonly kind: 'value'; readonly info: KeyInfo; readonly path: readonly string[]; readonly replace: Span };

interface Line {
  readonly start: number;
  readonly text: string;
}

/** Columns of the dashes of a line, and of its key. */
interface Outline {
  readonly dashes: readonly number[];
  readonly column: number;
  readonly key?: string;
}

export function contextAt(text: string, offset: number): WorkflowContext | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(start, offset);
  if (/^\s*#|\s#\s/.test(before)) return undefined;
  const expression = expressionAt(text, offset, before);
  if (expression) return expression;
  const lines = splitLines(text);
  const index = lines.findIndex((line) => line.start === start);
  const { dashes, column } = outline(before);
  const content = before.slice(column);
  const path = ancestors(lines, index, dashes, column);
  const flow = flowPath(content);
  const keyed = /^([\w-]+):\s+(.*)$/.exec(content);
  const rest = /^[\w-]*/.exec(text.slice(offset))?.[0] ?? '';
  const replace = { start: offset - (/[^\s,[\]{}"':]*$/.exec(before)?.[0].length ?? 0), end: offset + rest.length };
  const hasValue = /^\s*:/.test(text.slice(replace.end, replace.end + 3));
  if (flow) {
    const place = [...path, ...flow.path];
    if (flow.role === 'value') return valueContext(place, replace);
    return keyContext(place, flow.given, hasValue, true, replace) ?? entryContext(place, flow.given, hasValue, replace);
  }
  if (keyed) return valueContext([...path, keyed[1] ?? ''], replace);
  if (!/^[\w-]*$/.test(content)) return undefined;
  const given = siblings(lines, index, column);
  return (
    keyContext(path, given, hasValue, false, replace) ??
    entryContext(path, given, hasValue, replace) ??
    valueContext(path, replace)
  );
}

function expressionAt(text: string, offset: number, before: string): WorkflowContext | undefined {
  const open = text.lastIndexOf('${{', offset - 1);
  const isInside = open >= 0 && open + 3 <= offset && !/\}\}|\n\s*\n/.test(text.slice(open + 3, offset));
  const key = /(?:^|[\s{,])(if|match):\s+(?!["'|>])([^#]*)$/.exec(before);
  if (!isInside && !key) return undefined;
  const code = isInside ? text.slice(open + 3, offset) : (key?.[2] ?? '');
  const chain = /((?:\w+\s*\.\s*)*)(\w*)$/.exec(code);
  const word = chain?.[2] ?? '';
  const rest = /^\w*/.exec(text.slice(offset))?.[0] ?? '';
  return {
    kind: 'expression',
    before: (chain?.[1] ?? '')
      .split('.')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    isMatch: /(?:^|[\s{,])match:/.test(before),
    replace: { start: offset - word.length, end: offset + rest.length },
  };
}

function splitLines(text: string): readonly Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const at = start;
    start += line.length + 1;
    return { start: at, text: line };
  });
}

function outline(line: string): Outline {
  const dashes: number[] = [];
  const pattern = /\s*(-(?=\s|$))?/y;
  let column = 0;
  for (;;) {
    pattern.lastIndex = column;
    const match = pattern.exec(line);
    column += match?.[0].length ?? 0;
    if (match?.[1] === undefined) break;
    dashes.push(column - 1);
  }
  const key = /^(["']?)([\w-]+)\1:(?=\s|$)/.exec(line.slice(column))?.[2];
  return { dashes, column, ...(key !== undefined && { key }) };
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/.test(line);
}

/** The keys around a place, outermost first; `*` for an item of a list. */
function ancestors(lines: readonly Line[], index: number, dashes: readonly number[], column: number): string[] {
  const path: string[] = [];
  let limit = column;
  let behindDash = false;
  const passDashes = (columns: readonly number[]) => {
    for (const dash of columns.toReversed()) {
      if (dash >= limit) continue;
      path.unshift('*');
      limit = dash;
      behindDash = true;
    }
  };
  passDashes(dashes);
  for (let at = index - 1; at >= 0 && (limit > 0 || behindDash); at--) {
    const line = lines[at]?.text ?? '';
    if (isBlank(line)) continue;
    const found = outline(line);
    if (found.key !== undefined && (found.column < limit || (behindDash && found.column === limit))) {
      path.unshift(found.key);
      limit = found.column;
      behindDash = false;
    }
    passDashes(found.dashes);
  }
  return path;
}

/** The other keys of the map that the line belongs to. */
function siblings(lines: readonly Line[], index: number, column: number): readonly string[] {
  const given: string[] = [];
  const take = (at: number): boolean => {
    const line = lines[at]?.text ?? '';
    if (isBlank(line)) return true;
    const found = outline(line);
    if (found.column === column && found.key !== undefined) given.push(found.key);
    return found.column >= column && found.dashes.every((dash) => dash >= column);
  };
  if ((lines[index] ? outline(lines[index].text).dashes : []).every((dash) => dash >= column)) {
    for (let at = index - 1; at >= 0 && take(at); at--);
  }
  for (let at = index + 1; at < lines.length; at++) {
    const line = lines[at]?.text ?? '';
    if (outline(line).dashes.some((dash) => dash < column) || !take(at)) break;
  }
  return given;
}

/** Inside of `{ … }` or `[ … ]` on the line: the keys on the way there. */
function flowPath(content: string) {
  const stack: { open: string; key: string; given: string[] }[] = [];
  let key = /^([\w-]+):\s/.exec(content)?.[1] ?? '';
  let word = '';
  for (const char of content.replace(/"[^"]*"|'[^']*'/g, (quoted) => 'x'.repeat(quoted.length))) {
    const top = stack.at(-1);
    if (char === '{' || char === '[') {
      stack.push({ open: char, key, given: [] });
      key = '';
      word = '';
    } else if (char === '}' || char === ']') {
      stack.pop();
      word = '';
    } else if (char === ',') {
      key = '';
      word = '';
    } else if (char === ':') {
      key = word.trim();
      top?.given.push(key);
      word = '';
    } else word += char;
  }
  const top = stack.at(-1);
  if (!top) return undefined;
  const path = stack.flatMap((each, depth) => {
    const parent = stack[depth - 1];
    return [...(parent?.open === '[' ? ['*'] : []), ...(each.key === '' ? [] : [each.key])];
  });
  if (top.open === '[') return { role: 'value' as const, path, given: [] };
  const isValue = key !== '';
  return {
    role: isValue ? ('value' as const) : ('key' as const),
    path: isValue ? [...path, key] : path,
    given: top.given,
  };
}

function keyContext(
  path: readonly string[],
  given: readonly string[],
  hasValue: boolean,
  inline: boolean,
  replace: Span,
): WorkflowContext | undefined {
  const keys = keysAt(path);
  return keys && { kind: 'key', keys, given, hasValue, inline, replace };
}

function entryContext(
  path: readonly string[],
  given: readonly string[],
  hasValue: boolean,
  replace: Span,
): WorkflowContext | undefined {
  const info = keysAt(path.slice(0, -1))?.find(({ name }) => name === path.at(-1));
  const isFree = info?.types.some(({ kind }) => kind === 'scalars' || kind === 'params');
  return info && isFree ? { kind: 'entry', info, given, hasValue, replace } : undefined;
}

function valueContext(path: readonly string[], replace: Span): WorkflowContext | undefined {
  const name = path.findLast((part) => part !== '*');
  const last = name === undefined ? -1 : path.lastIndexOf(name);
  const info = keysAt(path.slice(0, last))?.find((key) => key.name === name);
  return info && { kind: 'value', info, path, replace };
}

/** The keys that a map at `path` may have; undefined where any may stand. */
export function keysAt(path: readonly string[]): readonly KeyInfo[] | undefined {
  let types: readonly ValueType[] = [{ kind: 'map', keys: workflowKeys }];
  for (const part of path) {
    const keys = keysOf(types);
    if (part === '*') types = types.some(({ kind }) => kind === 'step-list') ? [{ kind: 'map', keys: stepKeys }] : [];
    else types = keys?.find(({ name }) => name === part)?.types ?? [];
  }
  return keysOf(types);
}

function keysOf(types: readonly ValueType[]): readonly KeyInfo[] | undefined {
  return types.flatMap((type) => ('keys' in type ? [type.keys] : []))[0];
}
