/** What the cursor is at: the place in the syntax tree that completion has to fill, half-typed input included. */
import { type ActionInfo, findAction, findParameter, type ParameterInfo } from '../language/actions/catalogue.ts';
import type { ActionNode, ParameterNode } from '../language/actions/node.ts';
import type { Directive, DirectiveOption, Scheduler } from '../language/directives/directive.ts';
import { scanPattern } from '../language/pattern/scan-pattern.ts';
import type { ScriptDocument } from '../language/script/parse-script.ts';
import type { Fragment } from '../language/text/fragment.ts';
import { type Span, touches } from '../language/text/span.ts';
import type { PropertyNode, WatcherNode } from '../language/watcher/node.ts';

export type Cursor =
  | { readonly kind: 'keyword'; readonly replace: Span }
  | { readonly kind: 'directive-option'; readonly directive: Directive; readonly replace: Span }
  | {
      readonly kind: 'directive-value';
      readonly scheduler: Scheduler;
      readonly option: DirectiveOption;
      readonly replace: Span;
    }
  | {
      readonly kind: 'key';
      readonly watcher: WatcherNode;
      readonly replace: Span /** Its separator and value are there. */;
      readonly hasValue: boolean;
    }
  | { readonly kind: 'value'; readonly watcher: WatcherNode; readonly property: PropertyNode; readonly replace: Span }
  | {
      readonly kind: 'condition';
      readonly watcher: WatcherNode;
      readonly replace: Span;
      readonly role: 'name' | 'method' | 'capture';
      /** What a capture's name has to stand in here. */
      readonly mark?: '"' | "'";
    }
  | { readonly kind: 'action'; readonly watcher: WatcherNode; readonly replace: Span; readonly hasArguments: boolean }
  | {
      readonly kind: 'parameter';
      readonly action: ActionNode;
      readonly info: ActionInfo;
      readonly replace: Span;
      readonly hasValue: boolean;
    }
  | {
      readonly kind: 'parameter-value';
      readonly watcher: WatcherNode;
      /** Its canonical name. */
      readonly action: string;
      readonly parameter: ParameterInfo;
      readonly replace: Span;
      readonly quoted: boolean;
    }
  | {
      readonly kind: 'pattern';
      readonly replace: Span;
      /** `\`, `(`, `(?`, `[`: what is begun. */
      readonly typed: string;
      /** Its closing bracket is there. */
      readonly closed: boolean;
    }
  | { readonly kind: 'modification'; readonly replace: Span }
  | { readonly kind: 'variable'; readonly watcher: WatcherNode; readonly replace: Span; readonly closed: boolean };

const keywords = ['WATCHER_BEGIN', 'LOGIN_SETUP_BEGIN', 'SBATCH', 'FLUX', 'PBS', 'BSUB'];

export function findCursor(script: ScriptDocument, offset: number): Cursor | undefined {
  const line = lineAt(script, offset);
  const span = script.lines[line]?.span;
  if (!span) return undefined;
  const watcher = watcherAt(script, line);
  if (watcher) return new WatcherCursor(script.text, watcher, offset, span).find();
  const directive = script.directives.find((candidate) => candidate.line === line && offset > candidate.prefixSpan.end);
  if (directive) return directiveCursor(script.text, directive, offset);
  const before = script.text.slice(span.start, offset);
  // Without a letter behind the dash it is no directive of Grid Engine yet.
  if (/^#\$\s*-$/.test(before)) {
    const prefixSpan = { start: span.start, end: span.start + 2 };
    const begun: Directive = { scheduler: 'sge', line, span, prefixSpan, effective: true, options: [] };
    return directiveCursor(script.text, begun, offset);
  }
  const keyword = /^\s*(#[A-Z_]*)$/i.exec(before)?.[1];
  const typed = keyword?.slice(1).toUpperCase() ?? '';
  const isStart = typed !== '' && keywords.some((each) => each.startsWith(typed));
  return keyword && isStart ? { kind: 'keyword', replace: { start: offset - keyword.length, end: offset } } : undefined;
}

export function lineAt(script: ScriptDocument, offset: number): number {
  let low = 0;
  let high = script.lines.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((script.lines[middle]?.span.start ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** The watcher that a line belongs to; the lines of BEGIN and END are not inside. */
export function watcherAt(script: ScriptDocument, line: number): WatcherNode | undefined {
  const kind = script.lines[line]?.kind;
  const offset = script.lines[line]?.span.start ?? 0;
  if (kind === 'watcher') return script.watchers.find((watcher) => watcher.line === line);
  if (kind !== 'watcher-body') return undefined;
  return script.watchers.findLast(({ form, span }) => form === 'block' && span.start <= offset);
}

function directiveCursor(text: string, directive: Directive, offset: number): Cursor | undefined {
  const { scheduler } = directive;
  const before = text.slice(directive.prefixSpan.end, offset);
  // In a comment behind the options.
  if (/(^|\s)#/.test(before.replace(/\\.|"(?:\\.|[^"\\])*("|$)|'[^']*('|$)/g, 'x'))) return undefined;
  for (const option of directive.options) {
    const at = option.valueSpan;
    if (at && touches(at, offset) && offset > option.nameSpan.end) {
      return { kind: 'directive-value', scheduler, option, replace: listItem(text, option, at, offset) };
    }
    if (touches(option.nameSpan, offset)) return { kind: 'directive-option', directive, replace: option.nameSpan };
  }
  const word = /(?<!\S)\S*$/.exec(text.slice(directive.prefixSpan.end, offset))?.[0] ?? '';
  const last = directive.options.at(-1);
  // `--partition ` with nothing behind it yet.
  if (word === '' && last && last.value === undefined && last.span.end < offset) {
    return { kind: 'directive-value', scheduler, option: last, replace: { start: offset, end: offset } };
  }
  return { kind: 'directive-option', directive, replace: { start: offset - word.length, end: offset } };
}

/** Options whose values are joined by other marks than commas. */
const joints: { readonly [option: string]: RegExp } = {
  constraint: /[&|,()[\]*]/,
  prefer: /[&|,()[\]*]/,
  dependency: /[,?]/,
  'extra-node-info': /:/,
};

/** Options whose comma is part of one value. */
const unlisted = new Set(['comment', 'job-name', 'output', 'error', 'input', 'export', 'array', 'wrap', 'R', 'w', 'J']);

/** Options of Slurm whose values hold `%j` and its like. */
export const fileNameOptions: ReadonlySet<string> = new Set(['output', 'error', 'input']);

/** What of a value the cursor is in: in a list the item, between the commas. */
function listItem(text: string, { name }: DirectiveOption, value: Span, offset: number): Span {
  if (fileNameOptions.has(name)) {
    // The replacement symbol that is begun; `%%` is a percent sign.
    const symbol = /(?<!%)(?:%%)*(%\d*)$/.exec(text.slice(value.start, offset))?.[1];
    if (symbol !== undefined) return { start: offset - symbol.length, end: offset };
  }
  if (unlisted.has(name)) return value;
  const joint = joints[name] ?? /,/;
  let start = offset;
  while (start > value.start && !joint.test(text[start - 1] ?? '') && !/["']/.test(text[start - 1] ?? '')) start--;
  let end = offset;
  while (end < value.end && !joint.test(text[end] ?? '') && !/["']/.test(text[end] ?? '')) end++;
  return { start, end };
}

class WatcherCursor {
  private readonly text: string;
  private readonly watcher: WatcherNode;
  private readonly offset: number;
  private readonly line: Span;

  constructor(text: string, watcher: WatcherNode, offset: number, line: Span) {
    this.text = text;
    this.watcher = watcher;
    this.offset = offset;
    this.line = line;
  }

  find(): Cursor | undefined {
    const { watcher, offset } = this;
    if (watcher.form === 'inline' && offset <= watcher.keywordSpan.end) return this.inKeyword();
    const inKey = watcher.properties.find(({ key }) => touches(key.span, offset));
    if (inKey) return { kind: 'key', watcher, replace: inKey.key.span, hasValue: true };
    const property =
      watcher.properties.find(({ value }) => value.kind !== 'missing' && touches(value.span, offset)) ??
      this.unfinished() ??
      this.goingOn();
    return property ? this.inProperty(property) : this.newThing();
  }

  /** A property on this line whose value is still missing; the blanks before the cursor belong to no node. */
  private unfinished(): PropertyNode | undefined {
    return this.watcher.properties.findLast(({ key, value }) => {
      if (value.kind !== 'missing' || key.span.start < this.line.start || value.span.start > this.offset) return false;
      return this.text.slice(value.span.start, this.offset).trim() === '' && this.offset <= this.line.end;
    });
  }

  /** `#WATCHER` with nothing behind it may become `#WATCHER_BEGIN`, or the whole of a watcher. */
  private inKeyword(): Cursor | undefined {
    const { keywordSpan, properties } = this.watcher;
    if (properties.length > 0 || this.offset < keywordSpan.end) return undefined;
    return { kind: 'keyword', replace: keywordSpan };
  }

  /** A condition, or a call that is not closed, on this line: the blanks between it and the cursor belong to no node. */
  private goingOn(): PropertyNode | undefined {
    return this.watcher.properties.findLast(({ info, value }) => {
      const { end } = value.span;
      if (end < this.line.start || end >= this.offset || this.text.slice(end, this.offset).trim() !== '') return false;
      if (value.kind === 'actions') return this.lastOpenAction(value.items) !== undefined;
      return info?.type.kind === 'condition' && this.watcher.form === 'block';
    });
  }

  private get here(): Span {
    return { start: this.offset, end: this.offset };
  }

  /** The word before the cursor. */
  private word(characters = /(?<![\w-])[\w-]*$/): Span {
    const typed = characters.exec(this.text.slice(this.line.start, this.offset))?.[0] ?? '';
    return { start: this.offset - typed.length, end: this.offset };
  }

  private newThing(): Cursor | undefined {
    const { watcher } = this;
    const before = this.text.slice(this.line.start, this.offset);
    if (watcher.form === 'inline') {
      return /\s[\w-]*$/.test(before) ? { kind: 'key', watcher, replace: this.word(), hasValue: false } : undefined;
    }
    if (/^\s*#\s*-\s*(type:\s*)?["']?\w*$/.test(before)) return this.newItem();
    if (/^\s*#\s*\w*$/.test(before)) return { kind: 'key', watcher, replace: this.word(), hasValue: false };
    return undefined;
  }

  /** `- ` on a line of its own: what it is an item of is told by the property before it. */
  private newItem(): Cursor | undefined {
    const { watcher } = this;
    const property = watcher.properties.findLast(({ key }) => key.span.start < this.line.start);
    const kind = property?.info?.type.kind;
    if (property && (kind === 'states' || kind === 'captures'))
      return { kind: 'value', watcher, property, replace: this.word() };
    if (kind === 'actions') return { kind: 'action', watcher, replace: this.word(), hasArguments: false };
    return undefined;
  }

  private inProperty(property: PropertyNode): Cursor | undefined {
    const { watcher, offset } = this;
    const { value, info } = property;
    switch (info?.type.kind) {
      case 'choice':
      case 'flag':
        return { kind: 'value', watcher, property, replace: value.kind === 'text' ? value.fragment.span : this.here };
      case 'captures':
      case 'states': {
        const item = value.kind === 'list' ? value.items.find(({ span }) => touches(span, offset)) : undefined;
        return { kind: 'value', watcher, property, replace: item?.fragment.span ?? this.here };
      }
      case 'pattern':
        return value.kind === 'text' ? this.inPattern(value.fragment) : undefined;
      case 'condition':
        return this.inCondition();
      case 'actions': {
        const items = value.kind === 'actions' ? value.items : [];
        const action = items.find(({ span }) => touches(span, offset)) ?? this.lastOpenAction(items);
        if (!action) return this.newItemOnLine(value.kind === 'missing');
        return this.inAction(action);
      }
      default:
        return undefined;
    }
  }

  private newItemOnLine(missing: boolean): Cursor | undefined {
    const before = this.text.slice(this.line.start, this.offset);
    if (!missing && !/-\s*\w*$/.test(before)) return undefined;
    return { kind: 'action', watcher: this.watcher, replace: this.word(), hasArguments: false };
  }

  /** `notify(message="x", ` with blanks at the end of the line. */
  private lastOpenAction(items: readonly ActionNode[]): ActionNode | undefined {
    return items.findLast(({ span, argumentsSpan }) => {
      const unclosed = argumentsSpan !== undefined && span.end === argumentsSpan.end;
      return unclosed && span.start >= this.line.start && span.end <= this.offset;
    });
  }

  /** Only behind something that has begun: plain text needs no proposals. */
  private inPattern(fragment: Fragment): Cursor | undefined {
    const at = fragment.fromDocument(this.offset);
    if (at === undefined) return undefined;
    const before = fragment.text.slice(0, at);
    const last = scanPattern(before).tokens.findLast(({ span }) => span.end === at);
    const token = last ? before.slice(last.span.start) : '';
    // In a set only what a backslash begins.
    const typed = token.length > 1 && token.startsWith('[') ? /(?<!\\)(?:\\\\)*(\\)$/.exec(token)?.[1] : token;
    if (typed === undefined || !/^(?:\\\p{L}?|\(\??\p{L}?|\[)$/u.test(typed)) return undefined;
    const replace = { start: this.offset - typed.length, end: this.offset };
    const next = fragment.text[at];
    return { kind: 'pattern', replace, typed, closed: next === (typed.startsWith('[') ? ']' : ')') };
  }

  private inCondition(): Cursor | undefined {
    const { watcher } = this;
    const before = this.text.slice(this.line.start, this.offset);
    if (/(previous\[|history\(|mean\(|rate\()\s*\\?["'][^"']*$/.test(before)) {
      return { kind: 'condition', watcher, replace: this.word(/(?<!\w)\w*$/), role: 'capture' };
    }
    const word = this.word(/(?<!\w)\w*$/);
    if (/(previous\[|\b(history|mean|rate)\()\s*\w*$/.test(before)) {
      // Not the quotes around the condition.
      const around = /condition["']?\s*[=:]\s*(["'])(?!.*\bcondition["']?\s*[=:])/.exec(before)?.[1];
      return { kind: 'condition', watcher, replace: word, role: 'capture', mark: around === '"' ? "'" : '"' };
    }
    const charBefore = this.text[word.start - 1] ?? '';
    const isNumber = charBefore === '.' && /\d/.test(this.text[word.start - 2] ?? '');
    if (isNumber || /^\d/.test(this.text.slice(word.start, word.end))) return undefined;
    return { kind: 'condition', watcher, replace: word, role: charBefore === '.' ? 'method' : 'name' };
  }

  private inAction(action: ActionNode): Cursor | undefined {
    const { watcher, offset } = this;
    if (
      touches(action.nameSpan, offset) &&
      (action.argumentsSpan === undefined || offset < action.argumentsSpan.start)
    ) {
      return { kind: 'action', watcher, replace: action.nameSpan, hasArguments: action.argumentsSpan !== undefined };
    }
    const info = findAction(action.name);
    if (!info) return undefined;
    const parameter =
      action.parameters.find(({ span }) => touches(span, offset)) ??
      action.parameters.findLast((each) => this.isUnfinished(each));
    if (parameter && parameter.name !== '' && offset > parameter.nameSpan.end) {
      const known = findParameter(info, parameter.name);
      return known ? this.inParameter(info.name, known, parameter) : undefined;
    }
    if (!action.argumentsSpan || offset < action.argumentsSpan.start) return this.variableBeforeCursor();
    const replace =
      parameter && touches(parameter.nameSpan, offset)
        ? { start: parameter.span.start, end: parameter.name ? parameter.nameSpan.end : offset }
        : this.word();
    const hasValue = parameter !== undefined && parameter.name !== '';
    return { kind: 'parameter', action, info, replace: hasValue ? replace : this.word(), hasValue };
  }

  /** `level=` with the cursor behind it. */
  private isUnfinished(parameter: ParameterNode): boolean {
    return (
      parameter.value.text === '' &&
      parameter.span.end <= this.offset &&
      this.text.slice(parameter.span.end, this.offset).trim() === ''
    );
  }

  private inParameter(action: string, info: ParameterInfo, parameter: ParameterNode): Cursor | undefined {
    if (info.type === 'condition') return this.inCondition();
    const variable = this.variableBeforeCursor();
    if (variable) return variable;
    const { span, text } = parameter.value;
    if (action === 'resubmit' && info.name === 'modifications') {
      const key = /[{,]\s*\\?["']([\w-]*)$/.exec(this.text.slice(span.start, this.offset))?.[1];
      return key === undefined
        ? undefined
        : { kind: 'modification', replace: { start: this.offset - key.length, end: this.offset } };
    }
    // Before the quote, or behind the one that closes the text, all of it is replaced.
    const closed = text.length > 1 && text.endsWith(text[0] ?? '');
    const inner = { start: span.start + 1, end: closed ? span.end - 1 : span.end };
    const quoted = /^["']/.test(text) && touches(inner, this.offset);
    const replace = quoted ? inner : span.start < span.end ? span : this.here;
    return { kind: 'parameter-value', watcher: this.watcher, action, parameter: info, replace, quoted };
  }

  /** `$`, `${`, `${na`. */
  private variableBeforeCursor(): Cursor | undefined {
    const match = /\$\{?(\w*)$/.exec(this.text.slice(this.line.start, this.offset));
    if (!match) return undefined;
    const replace = { start: this.offset - match[0].length, end: this.offset };
    return { kind: 'variable', watcher: this.watcher, replace, closed: this.text[this.offset] === '}' };
  }
}
