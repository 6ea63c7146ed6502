/** What the keys of workflow files take, and how that is said. */

export type ValueType =
  | {
      readonly kind:
        | 'text'
        | 'event'
        | 'events'
        | 'time'
        | 'cron'
        | 'crons'
        | 'timezone'
        | 'file'
        | 'duration'
        | 'flag'
        | 'expression'
        | 'any'
        | 'list'
        | 'maps'
        | 'scalars'
        | 'params'
        | 'id'
        | 'steps';
    }
  | { readonly kind: 'count'; readonly min: number }
  | { readonly kind: 'choice' | 'choices'; readonly values: readonly string[] }
  /** `oneOf`: exactly one of these keys has to be there. */
  | { readonly kind: 'map'; readonly keys: readonly KeyInfo[]; readonly oneOf?: readonly string[] }
  /** Names with lists, beside these keys. */
  | { readonly kind: 'matrix'; readonly keys: readonly KeyInfo[] }
  | { readonly kind: 'step-list' };

export interface KeyInfo {
  readonly name: string;
  /** A value has one of them; the short form comes first. */
  readonly types: readonly ValueType[];
  readonly required?: boolean;
  /** As it would be written. */
  readonly default?: string;
  readonly doc: string;
}

/** What a key takes, in words. */
export function wanted(info: KeyInfo): string {
  return info.types.map(describeType).join(', or ');
}

function describeType(type: ValueType): string {
  switch (type.kind) {
    case 'text':
      return 'a text';
    case 'event':
      return 'the name of an event';
    case 'file':
      return 'the path of a file';
    case 'events':
      return 'a list of names of events, `[a, b]`';
    case 'crons':
      return 'a list of such';
    case 'time':
      return 'a time, `2026-11-22T06:00`, or with `Z` or `+01:00`';
    case 'cron':
      return 'a schedule, `0 6 * * 1-5`';
    case 'timezone':
      return 'a time zone, `Europe/Berlin`';
    case 'duration':
      return 'a time: seconds, or `90s`, `10m`, `2h`, `1d`';
    case 'flag':
      return '`true` or `false`';
    case 'expression':
      return 'an expression';
    case 'any':
      return 'any value';
    case 'list':
      return 'a list';
    case 'maps':
      return 'a list of maps';
    case 'matrix':
      return 'a map of names and lists';
    case 'scalars':
      return 'a map of texts and numbers';
    case 'params':
      return 'a map of names and defaults';
    case 'id':
      return 'a name of letters, digits and `_`';
    case 'steps':
      return 'ids of steps, `[a, b]`';
    case 'count':
      return 'a whole number';
    case 'choice':
      return `one of ${type.values.map((value) => `\`${value}\``).join(', ')}`;
    case 'choices':
      return `a list of ${type.values.map((value) => `\`${value}\``).join(', ')}`;
    case 'map':
      return `a map with ${type.keys.map(({ name }) => `\`${name}\``).join(', ')}`;
    case 'step-list':
      return 'a list of steps, `- run: …`';
  }
}
