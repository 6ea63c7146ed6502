/** What the keys of workflow files take, and how that is said. */
import * as l10n from '../text/l10n.ts';

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
  readonly default?: string | l10n.LaterText;
  readonly doc: l10n.LaterText;
}

/** What a key takes, in words. */
export function wanted(info: KeyInfo): string {
  return info.types.map(describeType).join(l10n.t(', or '));
}

function describeType(type: ValueType): string {
  switch (type.kind) {
    case 'text':
      return l10n.t('a text');
    case 'event':
      return l10n.t('the name of an event');
    case 'file':
      return l10n.t('the path of a file');
    case 'events':
      return l10n.t('a list of names of events, `[a, b]`');
    case 'crons':
      return l10n.t('a list of such');
    case 'time':
      return l10n.t('a time, `2026-11-22T06:00`, or with `Z` or `+01:00`');
    case 'cron':
      return l10n.t('a schedule, `0 6 * * 1-5`');
    case 'timezone':
      return l10n.t('a time zone, `Europe/Berlin`');
    case 'duration':
      return l10n.t('a time: seconds, or `90s`, `10m`, `2h`, `1d`');
    case 'flag':
      return l10n.t('`true` or `false`');
    case 'expression':
      return l10n.t('an expression');
    case 'any':
      return l10n.t('any value');
    case 'list':
      return l10n.t('a list');
    case 'maps':
      return l10n.t('a list of maps');
    case 'matrix':
      return l10n.t('a map of names and lists');
    case 'scalars':
      return l10n.t('a map of texts and numbers');
    case 'params':
      return l10n.t('a map of names and defaults');
    case 'id':
      return l10n.t('a name of letters, digits and `_`');
    case 'steps':
      return l10n.t('ids of steps, `[a, b]`');
    case 'count':
      return l10n.t('a whole number');
    case 'choice':
      return l10n.t('one of {0}', type.values.map((value) => `\`${value}\``).join(', '));
    case 'choices':
      return l10n.t('a list of {0}', type.values.map((value) => `\`${value}\``).join(', '));
    case 'map':
      return l10n.t('a map with {0}', type.keys.map(({ name }) => `\`${name}\``).join(', '));
    case 'step-list':
      return l10n.t('a list of steps, `- run: …`');
  }
}
