/**
 * What is known of a value before a condition runs: which of Python's types it may have, and the value itself where it is
 * written out. Types are told apart by trying: an operator raises for two types when it raises for values of them.
 */
import * as l10n from '../text/l10n.ts';
import { Dict, Tuple, typeName, type Value } from './values.ts';

export type Kind = 'int' | 'float' | 'bool' | 'str' | 'none' | 'list' | 'tuple' | 'dict';

export interface Type {
  readonly kinds: ReadonlySet<Kind>;
  /** Of a list or tuple; absent: of any type. */
  readonly items?: Type;
  /** It is this very value. */
  readonly value?: Value;
}

const allKinds: readonly Kind[] = ['int', 'float', 'bool', 'str', 'none', 'list', 'tuple', 'dict'];

export const anyType: Type = { kinds: new Set(allKinds) };

export function typeOf(...kinds: readonly Kind[]): Type {
  return { kinds: new Set(kinds) };
}

export function listOf(items: Type): Type {
  return { kinds: new Set<Kind>(['list']), items };
}

/** The type of a value that is written out. */
export function constantType(value: Value): Type {
  return { kinds: new Set([kindOf(value)]), value };
}

/** One of both. */
export function eitherType(a: Type, b: Type): Type {
  const kinds = new Set([...a.kinds, ...b.kinds]);
  if (!a.items || !b.items) return { kinds };
  return { kinds, items: eitherType(a.items, b.items) };
}

export function kindOf(value: Value): Kind {
  const name = typeName(value);
  return name === 'NoneType' ? 'none' : (allKinds.find((kind) => kind === name) ?? 'none');
}

const scalars: { readonly [kind in Kind]?: readonly Value[] } = {
  int: [2n, -3n, 0n],
  float: [2.5, -3.5],
  bool: [true, false],
  str: ['1', 'a', ''],
  none: [null],
};

/** Values of the type: what holds for each of them is taken to hold for the type. */
export function samplesOf(type: Type, depth = 1): readonly Value[] {
  if (type.value !== undefined) return [type.value];
  return [...type.kinds].flatMap((kind): readonly Value[] => {
    const known = scalars[kind];
    if (known) return known;
    const items = depth > 0 ? samplesOf(type.items ?? anyType, depth - 1) : [];
    if (kind === 'dict') return [new Dict(), sampleDict()];
    const lists = [[], ...items.map((item) => [item]), ...items.map((item) => [item, item])];
    return kind === 'list' ? lists : lists.map((each) => new Tuple(each));
  });
}

function sampleDict(): Dict {
  const dict = new Dict();
  dict.set('a', 1n);
  return dict;
}

/** Do all samples of both differ, as only values of types do that never equal each other? */
export function neverEqual(a: Type, b: Type): boolean {
  const classes = (type: Type) => new Set([...type.kinds].map((kind) => (numeric.has(kind) ? 'number' : kind)));
  const other = classes(b);
  return ![...classes(a)].some((each) => other.has(each));
}

const numeric: ReadonlySet<Kind> = new Set(['int', 'float', 'bool']);

export function isNumeric(type: Type): boolean {
  return type.kinds.size > 0 && [...type.kinds].every((kind) => numeric.has(kind));
}

const kindWords: { readonly [kind in Kind]: string | l10n.LaterText } = {
  int: l10n.later('a whole number'),
  float: l10n.later('a number'),
  bool: l10n.later('True or False'),
  str: l10n.later('a text'),
  none: 'None',
  list: l10n.later('a list'),
  tuple: l10n.later('a tuple'),
  dict: l10n.later('a map'),
};

export function typeInWords(type: Type): string {
  return [...type.kinds].map((kind) => l10n.shown(kindWords[kind])).join(l10n.t(' or '));
}
