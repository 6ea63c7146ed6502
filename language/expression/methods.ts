/** The methods of text: `lower upper strip lstrip rstrip startswith endswith replace split count find isdigit`. */
import { type Arguments, bind } from './arguments.ts';
import { checkItems } from './operators.ts';
import { checkText, codePoints, isSpaceText, strip } from './text.ts';
import { asNumber, isTruthy, PythonError, Tuple, typeError, typeName, type Value, valueError } from './values.ts';

type Method = (text: string, call: Arguments) => Value;

const methods: { readonly [name: string]: Method } = {
  lower: (text, call) => noArguments('lower', call, () => text.toLowerCase()),
  upper: (text, call) => noArguments('upper', call, () => checkText(text.toUpperCase())),
  strip: (text, call) => strip(text, 'both', stripChars('strip', call)),
  lstrip: (text, call) => strip(text, 'left', stripChars('lstrip', call)),
  rstrip: (text, call) => strip(text, 'right', stripChars('rstrip', call)),
  startswith: (text, call) => affix('startswith', text, call),
  endswith: (text, call) => affix('endswith', text, call),
  replace,
  split,
  count: (text, call) => {
    const { needle, part } = search('count', text, call);
    if (part === undefined) return 0n;
    return BigInt(needle === '' ? codePoints(part.text).length + 1 : part.text.split(needle).length - 1);
  },
  find: (text, call) => {
    const { needle, part } = search('find', text, call);
    const at = part?.text.indexOf(needle) ?? -1;
    return part === undefined || at < 0 ? -1n : BigInt(part.start + codePoints(part.text.slice(0, at)).length);
  },
  isdigit: (text, call) => noArguments('isdigit', call, () => text !== '' && [...text].every(isDigit)),
};

export function hasMethod(name: string): boolean {
  return Object.hasOwn(methods, name);
}

export function callMethod(target: Value, name: string, call: Arguments): Value {
  const method = typeof target === 'string' && Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!method || typeof target !== 'string')
    throw new PythonError('AttributeError', `'${typeName(target)}' object has no attribute '${name}'`);
  return method(target, call);
}

function noArguments(name: string, call: Arguments, result: () => Value): Value {
  bind(name, [], call);
  return result();
}

/** Numeric_Type Decimal or Digit: superscripts and circled digits too. */
function isDigit(char: string): boolean {
  return /[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]/u.test(
    char,
  );
}

function textArgument(name: string, value: Value): string {
  if (typeof value !== 'string') throw typeError(`${name} must be str, not ${typeName(value)}`);
  return value;
}

function intArgument(value: Value): number {
  const number = asNumber(value);
  if (typeof number !== 'bigint') throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return Number(number);
}

function stripChars(name: string, call: Arguments): string | undefined {
  const [chars = null] = bind(name, [{ name: 'chars', default: null }], call);
  if (chars !== null && typeof chars !== 'string') throw typeError(`${name} arg must be None or str`);
  return chars ?? undefined;
}

const boundParameters = [{ name: 'sub' }, { name: 'start', default: null }, { name: 'end', default: null }];

/** The part of `text` from `start` to `end`, in code points as Python slices. undefined: `start` is beyond the end. */
function partOf(text: string, start: Value, end: Value): { readonly text: string; readonly start: number } | undefined {
  const points = codePoints(text);
  const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + points.length : value, 0), points.length);
  const from = start === null ? 0 : intArgument(start);
  const first = clamp(from);
  const last = end === null ? points.length : clamp(intArgument(end));
  if (from > points.length || first > last) return undefined;
  const part = points.slice(first, last);
  return { text: typeof part === 'string' ? part : part.join(''), start: first };
}

function search(name: string, text: string, call: Arguments) {
  const [sub = null, start = null, end = null] = bind(name, boundParameters, call);
  return { needle: textArgument(`${name}() argument 1`, sub), part: partOf(text, start, end) };
}

function affix(name: 'startswith' | 'endswith', text: string, call: Arguments): Value {
  const [sub = null, start = null, end = null] = bind(name, boundParameters, call);
  const candidates = sub instanceof Tuple ? sub.items : [sub];
  const part = partOf(text, start, end);
  return candidates.some((candidate) => {
    if (typeof candidate !== 'string')
      throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(candidate)}`);
    if (!part) return false;
    return name === 'startswith' ? part.text.startsWith(candidate) : part.text.endsWith(candidate);
  });
}

function replace(text: string, call: Arguments): Value {
  const [oldValue = null, newValue = null, limit = -1n] = bind(
    'replace',
    [{ name: 'old' }, { name: 'new' }, { name: 'count', default: -1n }],
    call,
  );
  const before = textArgument('replace() argument 1', oldValue);
  const after = textArgument('replace() argument 2', newValue);
  const count = intArgument(limit);
  const parts: readonly string[] = before === '' ? ['', ...text] : text.split(before);
  const total = before === '' ? parts.length : parts.length - 1;
  const times = count < 0 ? total : Math.min(count, total);
  checkText(' '.repeat(Math.min(text.length + times * after.length, 1 << 21)));
  if (before === '') return parts.map((part, index) => part + (index < times ? after : '')).join('');
  return parts.map((part, index) => (index === 0 ? '' : index <= times ? after : before) + part).join('');
}

function split(text: string, call: Arguments): Value {
  const parameters = [
    { name: 'sep', default: null, keyword: true },
    { name: 'maxsplit', default: -1n, keyword: true },
  ];
  const [separator = null, limit = -1n] = bind('split', parameters, call);
  const count = intArgument(limit);
  if (separator === null) return checkItems(splitWords(text, count < 0 ? Number.POSITIVE_INFINITY : count));
  const between = textArgument('split() argument 1', separator);
  if (!isTruthy(between)) throw valueError('empty separator');
  const parts = text.split(between);
  if (count >= 0 && parts.length > count + 1)
    return checkItems([...parts.slice(0, count), parts.slice(count).join(between)]);
  return checkItems(parts);
}

/** The words between white space; after `limit` of them the rest as it stands. */
function splitWords(text: string, limit: number): readonly string[] {
  const words: string[] = [];
  let start: number | undefined;
  let at = 0;
  for (const char of text) {
    if (isSpaceText(char)) {
      if (start !== undefined) words.push(text.slice(start, at));
      start = undefined;
    } else if (start === undefined) {
      if (words.length >= limit) return [...words, text.slice(at)];
      start = at;
    }
    at += char.length;
  }
  return start === undefined ? words : [...words, text.slice(start)];
}
