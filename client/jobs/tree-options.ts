/** How a person wants the jobs shown: grouped, filtered, sorted. Remembered by workspace. */
import * as l10n from '../../language/text/l10n.ts';
import type { StateKind } from './job-states.ts';
import { stateKinds } from './job-states.ts';

export const groupings = ['cluster', 'state', 'day', 'name', 'none'] as const;
export const orders = ['newest', 'oldest', 'name', 'longest'] as const;

export interface TreeOptions {
  readonly group: (typeof groupings)[number];
  readonly order: (typeof orders)[number];
  /** Only jobs of these kinds; empty: all. */
  readonly kinds: readonly StateKind[];
  /** Only jobs that are watched. */
  readonly watched: boolean;
  /** All words of it are in a job's name, id, cluster, partition or notes. */
  readonly text: string;
  /** Jobs that ended longer ago are not shown; 0: all are. */
  readonly days: number;
}

export const defaultOptions: TreeOptions = {
  group: 'cluster',
  order: 'newest',
  kinds: [],
  watched: false,
  text: '',
  days: 0,
};

/** What a memory held: anything that is not an option gives way to the default. */
export function readOptions(value: unknown): TreeOptions {
  const told: Partial<Record<keyof TreeOptions, unknown>> = Object(value);
  const { kinds, days } = told;
  const known = Object.keys(stateKinds) as StateKind[];
  return {
    group: groupings.find((one) => one === told.group) ?? defaultOptions.group,
    order: orders.find((one) => one === told.order) ?? defaultOptions.order,
    kinds: Array.isArray(kinds) ? known.filter((kind) => kinds.includes(kind)) : [],
    watched: told.watched === true,
    text: typeof told.text === 'string' ? told.text : '',
    days: typeof days === 'number' && days > 0 && Number.isFinite(days) ? days : 0,
  };
}

export function isFiltered({ kinds, watched, text, days }: TreeOptions): boolean {
  return kinds.length > 0 || watched || text !== '' || days > 0;
}

/** `running or waiting · with watchers · “train” · last 3 days`; empty when nothing is filtered. */
export function describeFilters({ kinds, watched, text, days }: TreeOptions): string {
  const parts = [
    kinds
      .map((kind) => stateKinds[kind].words)
      .reduce((list, words) => (list === '' ? words : l10n.t('{0} or {1}', list, words)), ''),
    watched ? l10n.t('with watchers') : '',
    text === '' ? '' : `“${text}”`,
    days === 0 ? '' : days === 1 ? l10n.t('of the last day') : l10n.t('of the last {0} days', days),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
