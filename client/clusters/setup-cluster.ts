/** Setting up a cluster: which host, whether the login works, what schedules there; and for what fails, what to do about it. */
import * as vscode from 'vscode';
import type { ClusterInfo, ClusterSettings } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { namedCluster } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { openSshConfiguration } from '../report-error.ts';
import { clusterSettings } from '../settings.ts';
import { clusterChoices } from '../submit/cluster-choices.ts';
import { checkWorkdir } from '../submit/default-workdir.ts';
import { plainLine } from '../text/plain-text.ts';
import {
  parseHost,
  type SetupAction,
  type SetupOutcome,
  setupFailed,
  setupSucceeded,
  terminalCommand,
  wrapped,
} from './setup-steps.ts';

export interface SetupServices {
  readonly engine: EngineClient;
  readonly showLog: (cluster: string) => Promise<void>;
  readonly submit: (cluster: string) => Promise<unknown>;
}

/** Goes on until the person leaves it. */
export async function setUpCluster(services: SetupServices, subject: unknown): Promise<void> {
  const { engine } = services;
  const name = namedCluster(subject) ?? (await chooseHost(engine));
  if (name === undefined) return;
  for (;;) {
    const outcome = await tryOut(engine, name);
    const chosen = await showOutcome(name, outcome);
    if (chosen === undefined) return;
    if (chosen === 'again') continue;
    await perform(services, name, chosen);
    return;
  }
}

async function tryOut(engine: EngineClient, name: string): Promise<SetupOutcome> {
  const title = l10n.t('Setting up {0}', plainLine(name, 80));
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async (progress) => {
    try {
      progress.report({ message: l10n.t('logging in, and looking for a scheduler') });
      const cluster = await engine.connectCluster(name);
      progress.report({ message: l10n.t('asking the scheduler') });
      return setupSucceeded(cluster, await engine.clusterFacts(name));
    } catch (error) {
      return setupFailed(error);
    }
  });
}

const icons = { ok: '$(pass)', failed: '$(error)', skipped: '$(circle-outline)' } as const;

const actionLabels: { readonly [action in SetupAction]: string } = {
  again: `$(refresh) ${l10n.t('Try Again')}`,
  terminal: `$(terminal) ${l10n.t('Try with ssh in a Terminal')}`,
  copyKey: `$(key) ${l10n.t('Put My Key on the Cluster (ssh-copy-id)')}`,
  sshConfig: `$(gear) ${l10n.t('Open the SSH Configuration')}`,
  settings: `$(gear) ${l10n.t('Open the Settings of Clusters')}`,
  log: `$(output) ${l10n.t('Show Log')}`,
  workdir: `$(folder) ${l10n.t('Set the Directory of Jobs…')}`,
  submit: `$(play) ${l10n.t('Submit the Script in the Editor')}`,
};

async function showOutcome(name: string, { steps, actions }: SetupOutcome): Promise<SetupAction | undefined> {
  const isReady = steps.every(({ state }) => state !== 'failed');
  const line = (label: string, description?: string) => ({
    label,
    action: undefined,
    ...(description && { description }),
  });
  const lines = steps.flatMap(({ state, title, detail = '' }) => {
    const label = `${icons[state]} ${plainLine(title, 80)}`;
    // What a row has no room for is cut off, and the end says what to do.
    if (state === 'failed') return [line(label), ...wrapped(plainLine(detail, 1000), 88).map((text) => line(text))];
    return [line(label, plainLine(detail, 200))];
  });
  const separator = { label: l10n.t('Next'), kind: vscode.QuickPickItemKind.Separator, action: undefined };
  const next = actions.map((action) => ({ label: actionLabels[action], action }));
  const title = isReady
    ? l10n.t('{0} is set up', plainLine(name, 80))
    : l10n.t('{0} is not ready yet', plainLine(name, 80));
  const options = {
    title,
    placeHolder: isReady ? l10n.t('Escape ends this') : l10n.t('What to do about it?'),
    ignoreFocusOut: true,
  };
  for (;;) {
    const picked = await vscode.window.showQuickPick([...lines, separator, ...next], options);
    // A line that only tells something leads nowhere.
    if (!picked || picked.action !== undefined) return picked?.action;
  }
}

async function perform({ engine, showLog, submit }: SetupServices, name: string, action: SetupAction): Promise<void> {
  switch (action) {
    case 'terminal':
    case 'copyKey':
      return openTerminal(engine, name, action === 'terminal' ? 'ssh' : 'ssh-copy-id');
    case 'sshConfig':
      return openSshConfiguration();
    case 'settings':
      await vscode.commands.executeCommand('workbench.action.openSettings', '@id:vigil.clusters');
      return;
    case 'log':
      return showLog(name);
    case 'workdir':
      return askWorkdir(name);
    case 'submit':
      await submit(name);
      return;
    case 'again':
      return;
  }
}

/** The command is typed, not run: it is for the person to look at and to send. */
async function openTerminal(engine: EngineClient, name: string, program: 'ssh' | 'ssh-copy-id'): Promise<void> {
  const cluster = (await engine.clusters()).find((one) => one.name === name);
  const command = cluster && terminalCommand(program, cluster);
  const terminal = vscode.window.createTerminal({ name: l10n.t('Vigil: {0}', plainLine(name, 40)) });
  terminal.show();
  if (command !== undefined) terminal.sendText(command, false);
}

/** A host of the SSH configuration or the settings, or one that is typed and kept in the settings. */
async function chooseHost(engine: EngineClient): Promise<string | undefined> {
  const known = (await engine.clusters()).filter(({ name }) => name !== 'local');
  const other = { label: `$(add) ${l10n.t('A host that is not listed…')}`, description: '', cluster: undefined };
  const picked = await vscode.window.showQuickPick([...clusterChoices(known, undefined), other], {
    title: l10n.t('Set up a cluster'),
    placeHolder: l10n.t('Its login node: a host of the SSH configuration, or another'),
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.cluster?.name ?? (await typeHost(engine, known));
}

async function typeHost(engine: EngineClient, known: readonly ClusterInfo[]): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: l10n.t('Set up a cluster'),
    prompt: l10n.t('The login node, as for ssh: user@host, with :port where it is not 22'),
    validateInput: (text) =>
      parseHost(text) ? undefined : l10n.t('Write it as user@login.example.org or user@host:2222.'),
    ignoreFocusOut: true,
  });
  const host = typed === undefined ? undefined : parseHost(typed);
  if (!host) return undefined;
  const taken = new Set([...known.map(({ name }) => name), 'local']);
  const name = await vscode.window.showInputBox({
    title: l10n.t('Set up a cluster'),
    prompt: l10n.t('The name that it has in Vigil'),
    value: /^[0-9.:]+$/.test(host.host) ? '' : (host.host.split('.')[0] ?? ''),
    validateInput: (text) => {
      if (!/^[\w.-]+$/.test(text)) return l10n.t('Letters, digits, - and . only.');
      return taken.has(text) ? l10n.t('There is a cluster of that name already.') : undefined;
    },
    ignoreFocusOut: true,
  });
  if (name === undefined) return undefined;
  await changeSettings((clusters) => [...clusters, { name, ...host }]);
  // The engine must know of it before it is connected to.
  await engine.link.ensure();
  await engine.settingsChanged();
  return name;
}

async function askWorkdir(name: string): Promise<void> {
  const own = clusterSettings(vscode.workspace.getConfiguration('vigil').get('clusters')).find(
    (one) => one.name === name,
  );
  const workdir = await vscode.window.showInputBox({
    title: plainLine(name, 80),
    prompt: l10n.t('The directory on the cluster that is proposed for its jobs'),
    value: own?.workdir ?? '~',
    validateInput: checkWorkdir,
    ignoreFocusOut: true,
  });
  if (workdir === undefined) return;
  const changed = { ...own, name, workdir: workdir.trim() };
  await changeSettings((clusters) => [...clusters.filter((one) => one.name !== name), changed]);
}

/** Of the user: clusters are the same in all workspaces. */
async function changeSettings(
  change: (clusters: readonly ClusterSettings[]) => readonly ClusterSettings[],
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('vigil');
  const own = clusterSettings(configuration.inspect('clusters')?.globalValue);
  await configuration.update('clusters', change(own), vscode.ConfigurationTarget.Global);
}
