/** The combinations of a `matrix`. Pure. */
import type { JsonValue } from '../actions/literal.ts';

type JsonMap = { readonly [key: string]: JsonValue };

/** A step is done for so many items at most: lists may come from what a job has printed. */
export const mostItems = 10_000;

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
    tellMany(found.length * values.length);
    found = found.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  const without = maps('exclude', exclude);
  // Without axes there is nothing but what is included.
  const kept = Object.keys(axes).length === 0 ? [] : found.filter((one) => !without.some((each) => fits(one, each)));
  const all = [...kept, ...maps('include', include)];
  tellMany(all.length);
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  const whole = all.map((one) => Object.fromEntries(names.map((name) => [name, one[name] ?? null])));
  const seen = new Map<string, string>();
  return whole.filter((one) => {
    const [key, written] = [combinationKey(one), JSON.stringify(one)];
    const before = seen.get(key);
    if (before !== undefined && before !== written)
      throw new MatrixError(`two combinations of the matrix are called ${key}: their results could not be told apart`);
    seen.set(key, written);
    return before === undefined;
  });
}

function tellMany(count: number): void {
  if (count > mostItems) throw new MatrixError(`the matrix has more than ${mostItems} combinations`);
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
