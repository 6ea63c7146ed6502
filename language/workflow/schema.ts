/** The keys of workflow files: names, types, defaults, and what completion, hover and the JSON Schema say about them. */

import * as l10n from '../text/l10n.ts';
import { triggerRules } from './trigger-rules.ts';
import type { KeyInfo, ValueType } from './value-types.ts';

const text: ValueType = { kind: 'text' };
/** Name of an event that is awaited. */
const event: ValueType = { kind: 'event' };
const duration: ValueType = { kind: 'duration' };
const file: ValueType = { kind: 'file' };

const env: KeyInfo = { name: 'env', types: [{ kind: 'scalars' }], doc: l10n.later('Environment variables.') };

/** Why a step can fail; `failed` is every failure without a name of its own. */
const failures = ['failed', 'timeout', 'out_of_memory', 'node_fail', 'boot_fail', 'preempted', 'deadline'] as const;

const submitKeys: readonly KeyInfo[] = [
  {
    name: 'script',
    types: [file],
    required: true,
    doc: l10n.later('Path of the batch script, relative to the workflow file.'),
  },
  env,
  {
    name: 'options',
    types: [{ kind: 'scalars' }],
    doc: l10n.later('Options for the scheduler that override the script’s directives: `{ mem: 32G, time: 4h }`.'),
  },
];

const awaitEventKeys: readonly KeyInfo[] = [
  { name: 'name', types: [event], doc: l10n.later('Name of the event: exact, upper and lower case matter.') },
  {
    name: 'any_of',
    types: [{ kind: 'events' }],
    doc: l10n.later('Names of several events: the first that comes ends the wait.'),
  },
  {
    name: 'all_of',
    types: [{ kind: 'events' }],
    doc: l10n.later('Names of several events: all of them have to come.'),
  },
  { name: 'timeout', types: [duration], default: 'none', doc: l10n.later('How long to wait.') },
  {
    name: 'count',
    types: [{ kind: 'count', min: 1 }],
    default: '1',
    doc: l10n.later('A barrier: wait until so many events of this `name` came, each from another sender.'),
  },
  {
    name: 'match',
    types: [{ kind: 'expression' }],
    doc: l10n.later('Only events for which this expression holds; `payload` is what came with the event.'),
  },
];

const sleepKeys: readonly KeyInfo[] = [
  { name: 'for', types: [duration], doc: l10n.later('How long.') },
  {
    name: 'until',
    types: [{ kind: 'time' }],
    doc: l10n.later('The time at which the run goes on: `2026-11-22T06:00`.'),
  },
  {
    name: 'cron',
    types: [{ kind: 'cron' }],
    doc: l10n.later(
      'The run goes on at the next time of this schedule: minute, hour, day, month, day of the week, as in `0 6 * * 1-5`.',
    ),
  },
  {
    name: 'timezone',
    types: [{ kind: 'timezone' }],
    default: l10n.later('that of this machine'),
    doc: l10n.later('Where the clock of `until` and `cron` hangs: `Europe/Berlin`, `UTC`.'),
  },
];

const emitEventKeys: readonly KeyInfo[] = [
  { name: 'name', types: [text], required: true, doc: l10n.later('Name of the event.') },
  { name: 'payload', types: [{ kind: 'any' }], default: 'null', doc: l10n.later('What comes with it: any JSON.') },
  {
    name: 'from',
    types: [text],
    default: l10n.later('the step'),
    doc: l10n.later('Who sends it: a barrier counts each sender once.'),
  },
];

const notifyKeys: readonly KeyInfo[] = [
  { name: 'message', types: [text], required: true, doc: l10n.later('The text.') },
  {
    name: 'level',
    types: [{ kind: 'choice', values: ['debug', 'info', 'warning', 'error', 'critical'] }],
    default: 'info',
    doc: l10n.later('How serious it is.'),
  },
];

const childKeys: readonly KeyInfo[] = [
  { name: 'file', types: [file], required: true, doc: l10n.later('Path of the workflow file, relative to this one.') },
  { name: 'params', types: [{ kind: 'scalars' }], doc: l10n.later('Values for the child’s parameters.') },
];

/** What a step does: each step has one of them. */
export const verbs: readonly KeyInfo[] = [
  {
    name: 'submit',
    types: [file, { kind: 'map', keys: submitKeys }],
    doc: l10n.later('Submits a batch script and waits until its job has finished with status 0.'),
  },
  { name: 'run', types: [text], doc: l10n.later('Runs a shell command on the cluster and waits for it.') },
  {
    name: 'await_event',
    types: [event, { kind: 'map', keys: awaitEventKeys, oneOf: ['name', 'any_of', 'all_of'] }],
    doc: l10n.later('Waits for an event. One that was emitted before anybody waited for it counts too.'),
  },
  { name: 'await_job', types: [text], doc: l10n.later('Waits for the end of a job, `CLUSTER/JOBID`.') },
  {
    name: 'emit_event',
    types: [text, { kind: 'map', keys: emitEventKeys }],
    doc: l10n.later('Emits a durable event. The first of a name wins.'),
  },
  {
    name: 'sleep',
    types: [duration, { kind: 'map', keys: sleepKeys, oneOf: ['for', 'until', 'cron'] }],
    doc: l10n.later('Waits, for some time or until one; holds no resources meanwhile.'),
  },
  { name: 'approve', types: [text], doc: l10n.later('Waits until a person says yes to this question.') },
  {
    name: 'notify',
    types: [text, { kind: 'map', keys: notifyKeys }],
    doc: l10n.later('Shows a notification in VS Code.'),
  },
  {
    name: 'workflow',
    types: [file, { kind: 'map', keys: childKeys }],
    doc: l10n.later('Runs another workflow file and waits for its end.'),
  },
];

const retryKeys: readonly KeyInfo[] = [
  {
    name: 'attempts',
    types: [{ kind: 'count', min: 1 }],
    default: '3',
    doc: l10n.later('How often the step is tried, the first time included.'),
  },
  {
    name: 'backoff',
    types: [{ kind: 'choice', values: ['fixed', 'exponential'] }],
    default: 'exponential',
    doc: l10n.later('Whether the pause stays the same or doubles; both are varied a little at random.'),
  },
  { name: 'base', types: [duration], default: '30s', doc: l10n.later('The first pause.') },
  { name: 'max', types: [duration], default: '10m', doc: l10n.later('The longest pause.') },
  {
    name: 'on',
    types: [{ kind: 'choices', values: failures }],
    default: l10n.later('every failure'),
    doc: l10n.later('After which failures the step is tried again.'),
  },
];

const matrixKeys: readonly KeyInfo[] = [
  {
    name: 'include',
    types: [{ kind: 'maps' }],
    doc: l10n.later('Combinations beside those of the lists: `[{ lr: 0.5, model: big }]`.'),
  },
  {
    name: 'exclude',
    types: [{ kind: 'maps' }],
    doc: l10n.later('Combinations that are left out: each that has these values, `[{ model: big }]`.'),
  },
];

const modifiers: readonly KeyInfo[] = [
  {
    name: 'id',
    types: [{ kind: 'id' }],
    doc: l10n.later('Name of the step, for `needs` and `${{ steps.<id> }}`: letters, digits and `_`.'),
  },
  {
    name: 'needs',
    types: [{ kind: 'steps' }],
    default: l10n.later('the step before'),
    doc: l10n.later('Steps that have to be complete before this one starts.'),
  },
  {
    name: 'trigger_rule',
    types: [{ kind: 'choice', values: triggerRules }],
    default: 'none_failed',
    doc: l10n.later(
      'When the step starts, once all that it needs is over: `one_…` is at least one of them; else it is skipped.',
    ),
  },
  { name: 'if', types: [{ kind: 'expression' }], doc: l10n.later('The step is skipped unless this expression holds.') },
  env,
  { name: 'timeout', types: [duration], default: 'none', doc: l10n.later('How long the step may take.') },
  {
    name: 'on_timeout',
    types: [{ kind: 'choice', values: ['fail', 'continue'] }],
    default: 'fail',
    doc: l10n.later('What happens when the step’s time is over.'),
  },
  {
    name: 'retry',
    types: [
      { kind: 'count', min: 1 },
      { kind: 'map', keys: retryKeys },
    ],
    doc: l10n.later('Tries a step that failed again: the number of attempts, or how in detail.'),
  },
  {
    name: 'continue_on_error',
    types: [{ kind: 'flag' }],
    default: 'false',
    doc: l10n.later('The run goes on when this step fails.'),
  },
  {
    name: 'foreach',
    types: [{ kind: 'list' }],
    doc: l10n.later('Does the step once for each item of a list; `${{ item }}` is the item.'),
  },
  {
    name: 'matrix',
    types: [{ kind: 'matrix', keys: matrixKeys }],
    doc: l10n.later(
      'Does the step once for each combination of values: `{ lr: [0.1, 0.01], model: [a, b] }`; `${{ matrix.lr }}` is the value.',
    ),
  },
  {
    name: 'max_parallel',
    types: [{ kind: 'count', min: 1 }],
    default: 'all',
    doc: l10n.later('How many items of `foreach` or `matrix` are worked on at the same time.'),
  },
  {
    name: 'fail_fast',
    types: [{ kind: 'flag' }],
    default: 'true',
    doc: l10n.later('Whether no further item of `foreach` or `matrix` begins once one has failed.'),
  },
  { name: 'cluster', types: [text], default: l10n.later('the workflow’s'), doc: l10n.later('Where this step runs.') },
];

export const stepKeys: readonly KeyInfo[] = [...verbs, ...modifiers];

const onKeys: readonly KeyInfo[] = [
  {
    name: 'cron',
    types: [{ kind: 'cron' }, { kind: 'crons' }],
    doc: l10n.later('A run at each time of this schedule, or of these: `0 6 * * 1-5`.'),
  },
  {
    name: 'timezone',
    types: [{ kind: 'timezone' }],
    default: l10n.later('that of this machine'),
    doc: l10n.later('Where the clock of `cron` hangs: `Europe/Berlin`, `UTC`.'),
  },
  {
    name: 'event',
    types: [text, { kind: 'events' }],
    doc: l10n.later('A run for each event of this name, or of these.'),
  },
  {
    name: 'match',
    types: [{ kind: 'expression' }],
    doc: l10n.later('Only for events for which this expression holds; `payload` is what came with the event.'),
  },
];

export const workflowKeys: readonly KeyInfo[] = [
  { name: 'name', types: [text], default: l10n.later('the file’s name'), doc: l10n.later('Name of the workflow.') },
  {
    name: 'cluster',
    types: [text],
    default: l10n.later('that of the folder which the file is in, else `local`'),
    doc: l10n.later('Where jobs are submitted and commands run; `local` is this machine.'),
  },
  { name: 'timeout', types: [duration], default: 'none', doc: l10n.later('How long a whole run may take.') },
  {
    name: 'on',
    types: [{ kind: 'map', keys: onKeys }],
    doc: l10n.later(
      'When runs begin by themselves, once the file was scheduled: `vigil schedule`. `${{ run.trigger }}` is what began one.',
    ),
  },
  {
    name: 'params',
    types: [{ kind: 'params' }],
    doc: l10n.later(
      'Parameters with their defaults, which give them their types. `${{ params.<name> }}` is the value.',
    ),
  },
  {
    name: 'steps',
    types: [{ kind: 'step-list' }],
    required: true,
    doc: l10n.later('The steps. They run in order; `needs` makes them a graph.'),
  },
  {
    name: 'cleanup',
    types: [{ kind: 'step-list' }],
    doc: l10n.later('Steps that always run at the end: after success, failure, cancellation and a time-out.'),
  },
];

const verbNames = new Set(verbs.map(({ name }) => name));

export function isVerb(name: string): boolean {
  return verbNames.has(name);
}
