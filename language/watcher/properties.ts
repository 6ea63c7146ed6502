/** The properties of watchers (section 4 of the language): names, types, bounds, defaults, and what completion and hover say. */
import * as l10n from '../text/l10n.ts';

export type PropertyType =
  | { readonly kind: 'text' | 'pattern' | 'condition' | 'actions' | 'captures' | 'flag' }
  | { readonly kind: 'seconds'; readonly min: number; readonly max?: number }
  | { readonly kind: 'count'; readonly min: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'states'; readonly values: readonly string[] };

export interface PropertyInfo {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: PropertyType;
  /** As it would be written. */
  readonly default?: string | l10n.LaterText;
  readonly doc: l10n.LaterText;
}

const jobStates = [
  'completed',
  'failed',
  'timeout',
  'cancelled',
  'out_of_memory',
  'node_fail',
  'boot_fail',
  'preempted',
  'deadline',
  'any',
] as const;

export const properties: readonly PropertyInfo[] = [
  {
    name: 'name',
    aliases: [],
    type: { kind: 'text' },
    default: l10n.later('watcher-N, N being its place in the file'),
    doc: l10n.later('Name of the watcher, unique in the script.'),
  },
  {
    name: 'pattern',
    aliases: [],
    type: { kind: 'pattern' },
    doc: l10n.later(
      'Regular expression in Python’s `re` syntax, searched in each line of output. Required unless `trigger_on_job_end` or `silence` is set.',
    ),
  },
  {
    name: 'captures',
    aliases: [],
    type: { kind: 'captures' },
    default: l10n.later('the named groups of the pattern'),
    doc: l10n.later('Names for the groups of the pattern, in order: `[epoch, loss]`. Conditions and actions use them.'),
  },
  {
    name: 'condition',
    aliases: [],
    type: { kind: 'condition' },
    default: 'True',
    doc: l10n.later(
      'Python expression that decides whether a match triggers the actions, e.g. `float(loss) > 5.0`. Captures are text.',
    ),
  },
  {
    name: 'actions',
    aliases: ['action'],
    type: { kind: 'actions' },
    default: 'log_event()',
    doc: l10n.later('What to do when the watcher triggers, in the order written.'),
  },
  {
    name: 'interval',
    aliases: ['interval_seconds'],
    type: { kind: 'seconds', min: 1, max: 3600 },
    default: '60',
    doc: l10n.later(
      'The longest a new line may wait for its match, in seconds (or `90s`, `10m`). Streamed output is matched at once.',
    ),
  },
  {
    name: 'output_type',
    aliases: ['output'],
    type: { kind: 'choice', values: ['stdout', 'stderr', 'both'] },
    default: 'stdout',
    doc: l10n.later('Which output of the job is watched.'),
  },
  {
    name: 'max_triggers',
    aliases: [],
    type: { kind: 'count', min: 1 },
    default: l10n.later('no limit'),
    doc: l10n.later('After so many triggers the watcher is completed.'),
  },
  {
    name: 'max_failures',
    aliases: [],
    type: { kind: 'count', min: 1 },
    default: '5',
    doc: l10n.later('After so many failed actions in a row the watcher is disabled.'),
  },
  {
    name: 'cooldown',
    aliases: [],
    type: { kind: 'seconds', min: 0 },
    default: '0',
    doc: l10n.later('Seconds after a trigger in which matches are recorded but actions are not run.'),
  },
  {
    name: 'trigger_on_job_end',
    aliases: [],
    type: { kind: 'flag' },
    default: 'false',
    doc: l10n.later(
      'Matches only store their captures while the job runs; the actions run once, when the job ends in one of `trigger_job_states`.',
    ),
  },
  {
    name: 'trigger_job_states',
    aliases: [],
    type: { kind: 'states', values: jobStates },
    default: 'completed, failed, timeout',
    doc: l10n.later(
      'End states that trigger with `trigger_on_job_end`. `failed` covers every unsuccessful end that has no name of its own in the list.',
    ),
  },
  {
    name: 'timer_mode',
    aliases: ['timer_mode_enabled'],
    type: { kind: 'flag' },
    default: 'false',
    doc: l10n.later('After the first match the actions run every `timer_interval` seconds until the job ends.'),
  },
  {
    name: 'timer_interval',
    aliases: ['timer_interval_seconds'],
    type: { kind: 'seconds', min: 1 },
    default: '30',
    doc: l10n.later('Seconds between two runs of the actions in timer mode.'),
  },
  {
    name: 'remaining_resubmits',
    aliases: ['resubmit_count'],
    type: { kind: 'count', min: 0 },
    default: '10',
    doc: l10n.later('How often `resubmit` may still run in this job’s lineage; counted down along it.'),
  },
  {
    name: 'silence',
    aliases: [],
    type: { kind: 'seconds', min: 1 },
    doc: l10n.later(
      'Triggers when no matching line (with no pattern: no output at all) came for so many seconds while the job runs.',
    ),
  },
  {
    name: 'enabled',
    aliases: [],
    type: { kind: 'flag' },
    default: 'true',
    doc: l10n.later('A watcher that is not enabled does nothing.'),
  },
];

const byName = new Map(properties.flatMap((info) => [info.name, ...info.aliases].map((name) => [name, info] as const)));

/** By name or alias; keys are case-insensitive. */
export function findProperty(key: string): PropertyInfo | undefined {
  return byName.get(key.toLowerCase());
}

/** Every name that a key may have. */
export const propertyNames: readonly string[] = [...byName.keys()];
