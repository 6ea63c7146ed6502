/** Asks for the options of a submission: a list of fields with what they hold, each of which asks for its value. */
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import * as l10n from '../../language/text/l10n.ts';
import { newestFirst } from '../jobs/arrangement.ts';
import { jobNode } from '../jobs/job-node.ts';
import { plainLine } from '../text/plain-text.ts';
import {
  canBeAwaited,
  checkWritten,
  dependencyKinds,
  dependencyName,
  dependencyOn,
  type OptionField,
  optionFields,
  optionValue,
  otherWords,
  withValue,
} from './option-fields.ts';

export interface FormSubject {
  /** E.g. `Submit train.sh to mycluster`. */
  readonly title: string;
  readonly scheduler: string | undefined;
  readonly facts: ClusterFacts | null;
  /** Of the cluster: what the job may wait for. */
  readonly jobs: readonly JobInfo[];
  /** As the options are at first. */
  readonly words: readonly string[];
}

export interface FilledForm {
  readonly action: 'submit' | 'dryRun';
  readonly words: readonly string[];
}

interface Row extends vscode.QuickPickItem {
  readonly does?: 'submit' | 'dryRun' | 'dependency' | 'add' | 'clear';
  readonly field?: OptionField;
  /** An option that is in no field; chosen again it can be changed or taken away. */
  readonly word?: string;
}

/** `undefined`: the person changed their mind. Escape in a field goes back to the list. */
export async function fillForm(subject: FormSubject): Promise<FilledForm | undefined> {
  const fields = optionFields(subject.scheduler, subject.facts);
  let { words } = subject;
  for (;;) {
    const row = await vscode.window.showQuickPick(rows(fields, words), {
      title: subject.title,
      placeHolder: l10n.t('Options beside those of the script; they win over its directives'),
      ignoreFocusOut: true,
    });
    if (!row) return undefined;
    if (row.does === 'submit' || row.does === 'dryRun') return { action: row.does, words };
    words = await changed(subject, row, words);
  }
}

function rows(fields: readonly OptionField[], words: readonly string[]): readonly Row[] {
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const shown = (value: string | undefined) =>
    value === undefined ? l10n.t('as the script says') : plainLine(value, 100);
  const dependency = optionValue(words, dependencyName);
  return [
    { label: `$(play) ${l10n.t('Submit')}`, does: 'submit' },
    { label: `$(beaker) ${l10n.t('Dry Run')}`, does: 'dryRun' },
    separator(l10n.t('Options')),
    ...fields.map((field) => ({ label: field.title, description: shown(optionValue(words, field.name)), field })),
    { label: l10n.t('Wait for another job'), description: shown(dependency), does: 'dependency' },
    separator(l10n.t('Others')),
    ...otherWords(words, fields).map((word) => ({ label: plainLine(word, 100), word })),
    { label: `$(add) ${l10n.t('Add an Option…')}`, does: 'add' },
    ...(words.length > 0 ? [{ label: `$(clear-all) ${l10n.t('Clear All')}`, does: 'clear' as const }] : []),
  ];
}

async function changed(subject: FormSubject, row: Row, words: readonly string[]): Promise<readonly string[]> {
  if (row.does === 'clear') return [];
  if (row.does === 'dependency') {
    const value = await askDependency(subject, optionValue(words, dependencyName));
    return value === undefined ? words : withValue(words, dependencyName, value);
  }
  if (row.field) {
    const value = await askValue(row.field, optionValue(words, row.field.name));
    return value === undefined ? words : withValue(words, row.field.name, value);
  }
  const { word = '' } = row;
  const written = await vscode.window.showInputBox({
    title: word === '' ? l10n.t('Add an option') : l10n.t('Change an option'),
    prompt: l10n.t('One option in the scheduler’s own form, e.g. --exclusive or --mail-type=END. Empty: none.'),
    value: word,
    validateInput: (text) => (text.trim() === '' ? undefined : checkWritten(text.trim())),
    ignoreFocusOut: true,
  });
  if (written === undefined) return words;
  const text = written.trim();
  return [...words.filter((one) => one !== word), ...(text === '' ? [] : [text])];
}

/** Empty: as the script says; `undefined`: as it was. */
async function askValue(field: OptionField, value: string | undefined): Promise<string | undefined> {
  const { title, hint, choices = [], check } = field;
  if (choices.length > 0) {
    const none = { label: l10n.t('As the script says'), value: '' };
    const items = [none, ...choices.map((name) => ({ label: plainLine(name, 100), value: name }))];
    return (await vscode.window.showQuickPick(items, { title, placeHolder: hint, ignoreFocusOut: true }))?.value;
  }
  const typed = await vscode.window.showInputBox({
    title,
    prompt: l10n.t('{0}. Empty: as the script says.', hint),
    value: value ?? '',
    validateInput: (text) => (text.trim() === '' ? undefined : check?.(text.trim())),
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** Empty: none; `undefined`: as it was. Where there is no job to choose, its id is typed. */
async function askDependency(
  { jobs, scheduler, title }: FormSubject,
  value: string | undefined,
): Promise<string | undefined> {
  const kinds = dependencyKinds.filter(({ slurmOnly }) => !slurmOnly || scheduler !== 'flux');
  const kind = await vscode.window.showQuickPick(
    [
      ...kinds.map(({ kind: name, words }) => ({ label: name, description: words, name })),
      { label: l10n.t('Wait for nothing'), name: '' },
    ],
    { title, placeHolder: l10n.t('Start when of the other job …'), ignoreFocusOut: true },
  );
  if (!kind) return undefined;
  if (kind.name === '') return '';
  const now = Date.now() / 1000;
  const items = jobs
    .filter(({ jobId }) => canBeAwaited(jobId))
    .sort(newestFirst)
    .map((job) => {
      const { label, description } = jobNode(job, { now, underCluster: true });
      return { label, ...(description === undefined ? {} : { description }), jobId: job.jobId };
    });
  if (items.length > 0) {
    const many = scheduler !== 'flux';
    const picked = many
      ? await vscode.window.showQuickPick(items, {
          title,
          placeHolder: l10n.t('The jobs to wait for'),
          canPickMany: true,
        })
      : [await vscode.window.showQuickPick(items, { title, placeHolder: l10n.t('The job to wait for') })];
    const ids = picked?.flatMap((item) => item?.jobId ?? []) ?? [];
    return ids.length === 0 ? undefined : dependencyOn(kind.name, ids);
  }
  const typed = await vscode.window.showInputBox({
    title,
    prompt: l10n.t('The id of the job to wait for'),
    value: value?.split(':')[1] ?? '',
    validateInput: (text) => (canBeAwaited(text.trim()) ? undefined : l10n.t('An id has digits and letters only.')),
  });
  return typed === undefined ? undefined : dependencyOn(kind.name, [typed.trim()]);
}
