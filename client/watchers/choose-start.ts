/** Where in a job's output watchers begin that come to it later. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';

export async function chooseStart(): Promise<'start' | 'end' | undefined> {
  const items = [
    {
      label: l10n.t('From the beginning'),
      description: l10n.t('what the job has printed already is looked at too'),
      from: 'start',
    },
    { label: l10n.t('From now on'), description: l10n.t('only what it prints after this'), from: 'end' },
  ] as const;
  return (await vscode.window.showQuickPick(items, { placeHolder: l10n.t('Which output the new watchers look at') }))
    ?.from;
}
