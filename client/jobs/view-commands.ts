/** The commands that say how the jobs view shows jobs: groups, order, filters, search. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import { type StateKind, stateKinds } from './job-states.ts';
import type { JobsView } from './jobs-view.ts';
import { defaultOptions, groupings, orders, type TreeOptions } from './tree-options.ts';

const groupLabels: { readonly [group in TreeOptions['group']]: string } = {
  cluster: l10n.t('Cluster'),
  state: l10n.t('State'),
  day: l10n.t('Day of the submission'),
  name: l10n.t('Name'),
  none: l10n.t('No groups'),
};

const orderLabels: { readonly [order in TreeOptions['order']]: string } = {
  newest: l10n.t('Newest first'),
  oldest: l10n.t('Oldest first'),
  name: l10n.t('By name'),
  longest: l10n.t('Longest run or wait first'),
};

const histories = [0, 1, 3, 7, 30, 90];

/** Argument: a grouping of `TreeOptions`; with none the person is asked. So have all below. */
export async function groupJobs(view: JobsView, wanted: unknown): Promise<void> {
  const group = groupings.find((one) => one === wanted) ?? (await pick(groupings, groupLabels, view.options.group));
  if (group) await view.setOptions({ ...view.options, group });
}

export async function sortJobs(view: JobsView, wanted: unknown): Promise<void> {
  const order = orders.find((one) => one === wanted) ?? (await pick(orders, orderLabels, view.options.order));
  if (order) await view.setOptions({ ...view.options, order });
}

interface FilterItem extends vscode.QuickPickItem {
  readonly state?: StateKind;
}

export async function filterJobs(view: JobsView): Promise<void> {
  const { kinds, watched } = view.options;
  const items: FilterItem[] = [
    ...(Object.keys(stateKinds) as StateKind[]).map((state) => ({
      label: `${stateKinds[state].sign} ${stateKinds[state].words}`,
      picked: kinds.includes(state),
      state,
    })),
    { label: l10n.t('Only jobs with watchers'), picked: watched },
  ];
  const placeHolder = l10n.t('The jobs to show; none chosen: jobs of all states');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, canPickMany: true });
  if (!chosen) return;
  const states = chosen.flatMap(({ state }) => state ?? []);
  await view.setOptions({ ...view.options, kinds: states, watched: chosen.some(({ state }) => state === undefined) });
}

export async function limitHistory(view: JobsView, wanted: unknown): Promise<void> {
  const items = histories.map((days) => ({
    label:
      days === 0
        ? l10n.t('All jobs')
        : days === 1
          ? l10n.t('Jobs of the last day')
          : l10n.t('Jobs of the last {0} days', days),
    ...(days === view.options.days ? { description: l10n.t('now') } : {}),
    days,
  }));
  const placeHolder = l10n.t('How far back; jobs that wait or run are always shown');
  const days = typeof wanted === 'number' ? wanted : (await vscode.window.showQuickPick(items, { placeHolder }))?.days;
  if (days !== undefined) await view.setOptions({ ...view.options, days });
}

/** Filters while it is typed; Escape brings back what was there before. */
export async function findJobs(view: JobsView, wanted: unknown): Promise<void> {
  if (typeof wanted === 'string') {
    await view.setOptions({ ...view.options, text: wanted });
    return;
  }
  const before = view.options.text;
  const input = vscode.window.createInputBox();
  input.value = before;
  input.placeholder = l10n.t('Words of a job’s name, id, cluster or partition');
  input.prompt = l10n.t('Enter keeps the search, Escape ends it.');
  const show = (text: string) => view.setOptions({ ...view.options, text: text.trim() });
  input.onDidChangeValue((text) => void show(text));
  await new Promise<void>((resolve) => {
    let accepted = false;
    input.onDidAccept(() => {
      accepted = true;
      input.hide();
    });
    input.onDidHide(() => {
      input.dispose();
      void show(accepted ? input.value : before).then(resolve);
    });
    input.show();
  });
}

export async function clearJobFilters(view: JobsView): Promise<void> {
  const { group, order } = view.options;
  await view.setOptions({ ...defaultOptions, group, order });
}

/** Argument: the row that stands for the others. */
export async function showMoreJobs(view: JobsView, row: unknown): Promise<void> {
  const list: unknown = Reflect.get(Object(Reflect.get(Object(row), 'subject')), 'list');
  if (typeof list === 'string') view.showMore(list);
}

async function pick<Choice extends string>(
  choices: readonly Choice[],
  labels: { readonly [choice in Choice]: string },
  current: Choice,
): Promise<Choice | undefined> {
  const items = choices.map((choice) => ({
    label: labels[choice],
    ...(choice === current ? { description: l10n.t('now') } : {}),
    choice,
  }));
  return (await vscode.window.showQuickPick(items))?.choice;
}
