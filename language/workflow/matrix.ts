/** The combinations of a `matrix`. Pure. */
import type { JsonValue } from '../actions/literal.ts';

type JsonMap = { readonly [key: string]: JsonValue };

/** What is written in a matrix, filled in, is none. */
export class MatrixError extends Error {}

/**
 * All combinations of the axes, the last axis running fastest, without those that an entry of `exclude` names, then those of
 * `include` that are not there yet. Each has all names: what a combination does not give is null. Throws `MatrixError`.
 */
export function combinations(matrix: JsonMap): readonly JsonMap[] {
  const { include = null, exclude = null, ...axes } = matrix;
  let found: readonly JsonMap[] = [{}];
  for (const [name, values] of Object.entries(axes)) {
    if (!isArray(values)) throw new MatrixError(`the axis ${name} of the matrix is no list`);
    found = found.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  const without = maps('exclude', exclude);
  // Without axes there is nothing but what is included.
  const kept = Object.keys(axes).length === 0 ? [] : found.filter((one) => !without.some((each) => fits(one, each)));
  const all = [...kept, ...maps('include', include)];
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  const whole = all.map((one) => Object.fromEntries(names.map((name) => [name, one[name] ?? null])));
  const seen = new Set<string>();
  return whole.filter((one) => {
    const key = JSON.stringify(one);
    return !seen.has(key) && seen.add(key);
  });
}

/** `0.1/resnet`: the values of a combination in the order of the names, by which its result is found. */
export function combinationKey(combination: JsonMap): string {
  return Object.values(combination)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join('/');
}

function maps(name: string, value: JsonValue): readonly JsonMap[] {
  if (value === null) return [];
  if (isArray(value) && value.every(isMap)) return value;
  throw new MatrixError(`${name} of the matrix is no list of maps`);
}

function fits(one: JsonMap, wanted: JsonMap): boolean {
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(one[name]) === JSON.stringify(value));
}

const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function isMap(value: JsonValue): value is JsonMap {
  return typeof value === 'object' && value !== null && !isArray(value);
}
