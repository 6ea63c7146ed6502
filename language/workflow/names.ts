/** The names that expressions of workflow files may use, with what completion and hover say about them. */

import type { NameInfo } from '../expression/names.ts';
import * as l10n from '../text/l10n.ts';
import type { StaticType, StepNode } from './node.ts';

export interface FieldInfo extends NameInfo {
  readonly type: StaticType;
}

type Fields = { readonly [name: string]: FieldInfo };

const field = (name: string, type: StaticType, doc: l10n.LaterText): FieldInfo => ({
  signature: type === 'any' ? name : `${name}: ${type}`,
  type,
  doc,
});

export const roots: Fields = {
  params: field('params', 'map', l10n.later('The parameters of this run.')),
  run: field('run', 'map', l10n.later('This run: `run.id`, `run.name`, `run.cluster`, `run.labels`, `run.trigger`.')),
  steps: field('steps', 'map', l10n.later('The results of the steps that are complete: `steps.<id>.…`.')),
};

export const itemRoot: Fields = {
  item: field('item', 'any', l10n.later('The item of `foreach` that this step works on.')),
};

export const matrixRoot: Fields = {
  matrix: field('matrix', 'map', l10n.later('The combination of `matrix` that this step works on: `matrix.<name>`.')),
};

export const payloadRoot: Fields = { payload: field('payload', 'any', l10n.later('What came with the event.')) };

export const runFields: Fields = {
  id: field('id', 'text', l10n.later('The id of the run, unique for ever.')),
  name: field('name', 'text', l10n.later('The name of the workflow.')),
  cluster: field('cluster', 'text', l10n.later('The cluster of the run.')),
  labels: field(
    'labels',
    'map',
    l10n.later('What the run was labelled with when it was started: `run.labels.<name>`.'),
  ),
  trigger: field(
    'trigger',
    'any',
    l10n.later(
      'What began a run of a schedule: `kind` is `cron`, with `time`, or `event`, with `name` and `payload`. None for other runs.',
    ),
  ),
};

const everyStep: Fields = {
  status: field('status', 'text', l10n.later('`completed`, `failed` or `skipped`.')),
  attempts: field('attempts', 'number', l10n.later('How often the step was tried.')),
  timed_out: field('timed_out', 'flag', l10n.later('Whether its time was over, and `on_timeout` let the run go on.')),
  error: field('error', 'text', l10n.later('Why the step failed; None when it did not.')),
};

const job: Fields = {
  job_id: field('job_id', 'text', l10n.later('The id of the job.')),
  job_state: field('job_state', 'text', l10n.later('The state in which the job ended.')),
  exit_code: field('exit_code', 'number', l10n.later('The exit status.')),
};

const byVerb: { readonly [verb: string]: Fields } = {
  submit: job,
  await_job: job,
  run: {
    exit_code: field('exit_code', 'number', l10n.later('The exit status of the command.')),
    stdout: field('stdout', 'text', l10n.later('What the command printed, without the last line break.')),
  },
  await_event: {
    name: field('name', 'text', l10n.later('The name of the event; with `any_of` of the one that came first.')),
    payload: field(
      'payload',
      'any',
      l10n.later('What came with the event, with `all_of` by their names; null after a time-out.'),
    ),
  },
  approve: { approved: field('approved', 'flag', l10n.later('Whether the answer was yes.')) },
  workflow: { run_id: field('run_id', 'text', l10n.later('The id of the child run.')) },
};

/** What `matrix` has in a step. */
export function matrixFields({ axes = [] }: StepNode): Fields {
  return Object.fromEntries(
    axes.map(({ name, type }) => [
      name,
      field(name, type, l10n.later('A value of the combination that this step works on.')),
    ]),
  );
}

/** What `steps.<id>` has. */
export function resultFields(step: StepNode): Fields {
  if (step.hasForeach || step.axes) {
    const { status } = everyStep;
    const items = field('items', 'list', l10n.later('The results for the items, in their order.'));
    const cells = field(
      'cells',
      'map',
      l10n.later('The results by the values of their combination: `cells["0.1/resnet"]`.'),
    );
    return { ...(status && { status }), items, ...(step.axes && { cells }) };
  }
  const verb = step.verb?.name ?? '';
  return { ...everyStep, ...(Object.hasOwn(byVerb, verb) ? byVerb[verb] : {}) };
}
