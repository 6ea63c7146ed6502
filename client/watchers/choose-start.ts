/** Where in a job's output watchers begin that come to it later. */
import * as vscode from 'vscode';

export async function chooseStart(): Promise<'start' | 'end' | undefined> {
  const items = [
    { label: 'From the beginning', description: 'what the job has printed already is looked at too', from: 'start' },
    { label: 'From now on', description: 'only what it prints after this', from: 'end' },
  ] as const;
  return (await vscode.window.showQuickPick(items, { placeHolder: 'Which output the new watchers look at' }))?.from;
}
