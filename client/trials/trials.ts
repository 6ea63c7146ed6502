/** The trial that is under way, at most one: begins and ends it, and says in the script and the status bar what came out. */
import * as vscode from 'vscode';
import * as l10n from '../../language/text/l10n.ts';
import type { CommandId } from '../commands/command-table.ts';
import { plainLine } from '../text/plain-text.ts';
import { type TrialServices, TrialSession } from './trial-session.ts';
import { trialDetails, trialLensText, trialSummary } from './trial-text.ts';

/** The command of the server's lenses; their second argument is the watcher's name. */
const tryCommand: CommandId = 'vigil.tryOnOutput';
const stopCommand: CommandId = 'vigil.stopTrying';

export class Trials {
  readonly #services: TrialServices;
  readonly #refreshLenses: () => void;
  readonly #status: vscode.StatusBarItem;
  readonly #tabs: vscode.Disposable;
  readonly #changes = new vscode.EventEmitter<void>();
  #session: TrialSession | undefined;

  /** One begins or ends. */
  readonly onDidChange = this.#changes.event;

  /** @param refreshLenses has the editors ask for their lenses again */
  constructor(services: TrialServices, refreshLenses: () => void) {
    this.#services = services;
    this.#refreshLenses = refreshLenses;
    this.#status = vscode.window.createStatusBarItem('vigil.trial', vscode.StatusBarAlignment.Left);
    this.#status.name = l10n.t('Vigil: Watchers Tried on Output');
    this.#status.command = stopCommand;
    this.#tabs = vscode.window.tabGroups.onDidChangeTabs(() => this.#endWithTabs());
  }

  /** Watchers are being tried on this text. */
  isOutput(document: vscode.TextDocument): boolean {
    return this.#session?.output === document;
  }

  get session(): TrialSession | undefined {
    return this.#session;
  }

  /** Tries the watchers of `script` on `output` until one of the two is closed. Resolves when the first run is over. */
  async start(script: vscode.TextDocument, output: vscode.TextDocument): Promise<void> {
    if (script === output) throw new Error(l10n.t('The watchers of a text cannot be tried on that text itself.'));
    this.stop();
    const session = new TrialSession(this.#services, script, output);
    this.#session = session;
    this.#changes.fire();
    session.onState(() => this.#show(session));
    void vscode.commands.executeCommand('setContext', 'vigil.isTrying', true);
    await session.run();
  }

  stop(): void {
    if (!this.#session) return;
    this.#session.dispose();
    this.#session = undefined;
    this.#changes.fire();
    this.#status.hide();
    this.#refreshLenses();
    void vscode.commands.executeCommand('setContext', 'vigil.isTrying', false);
  }

  /** Shows the next line of the output that a watcher matches, after `line` (from 0) or after the cursor; the first after the last. */
  async goToMatch(line?: number): Promise<void> {
    const session = this.#session;
    if (!session) throw new Error(l10n.t('No watchers are being tried: try some on an output first.'));
    const lines = session.marked.map((mark) => mark.line).sort((a, b) => a - b);
    const open = vscode.window.visibleTextEditors.find(({ document }) => document === session.output);
    const from = open?.selection.active.line ?? -1;
    const next = line ?? lines.find((one) => one > from) ?? lines[0];
    if (next === undefined) throw new Error(l10n.t('The watchers match nothing in this output.'));
    const column = open?.viewColumn ?? vscode.ViewColumn.Beside;
    const editor = await vscode.window.showTextDocument(session.output, { viewColumn: column, preview: false });
    editor.selection = new vscode.Selection(next, 0, next, 0);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** The lenses that an editor shows, given those that it has otherwise: behind *Try on output* what came out. */
  extend(document: vscode.TextDocument, lenses: readonly vscode.CodeLens[]): vscode.CodeLens[] {
    const session = this.#session;
    const result = session?.result;
    if (!result || document !== session.script) return [...lenses];
    return lenses.flatMap((lens) => {
      const name: unknown = lens.command?.command === tryCommand ? lens.command.arguments?.[1] : undefined;
      const watcher = result.watchers.find((one) => one.name === name);
      if (!watcher) return [lens];
      const own = session.marked.filter(({ match }) => match.watcher === name);
      const target = own.find(({ match }) => match.actions.length > 0) ?? own[0];
      const goTo: CommandId = 'vigil.goToMatch';
      const command = {
        title: trialLensText(
          watcher,
          own.map(({ match }) => match),
        ),
        tooltip: l10n.t('Show the line in the output'),
        command: target ? goTo : '',
        arguments: target ? [target.line] : [],
      };
      return [lens, new vscode.CodeLens(lens.range, command)];
    });
  }

  dispose(): void {
    this.#session?.dispose();
    this.#tabs.dispose();
    this.#changes.dispose();
    this.#status.dispose();
  }

  #show(session: TrialSession): void {
    if (session !== this.#session) return;
    const { state, result } = session;
    const [script, output] = [session.script, session.output].map(({ uri }) => uri.path.split('/').at(-1) ?? '');
    const names = l10n.t('{0} on {1}', plainLine(script ?? '', 40), plainLine(output ?? '', 40));
    if (state.kind === 'failed') {
      this.#status.text = `$(error) ${l10n.t('Watchers not tried')}`;
      this.#status.tooltip = l10n.t('{0} Click to stop.', state.message);
    } else {
      const icon = state.kind === 'trying' ? '$(loading~spin)' : '$(beaker)';
      this.#status.text = `${icon} ${result ? trialSummary(result) : l10n.t('trying watchers…')}`;
      this.#status.tooltip = result
        ? new vscode.MarkdownString(trialDetails(script ?? '', output ?? '', result))
        : l10n.t('{0}. Nothing is performed. Click to stop.', names);
    }
    this.#status.show();
    if (state.kind === 'done') this.#refreshLenses();
  }

  /** A trial of which only one side is left has nothing to show. */
  #endWithTabs(): void {
    const session = this.#session;
    if (session && !(isInTab(session.script.uri) && isInTab(session.output.uri))) this.stop();
  }
}

function isInTab(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all.some((group) =>
    group.tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString()),
  );
}
