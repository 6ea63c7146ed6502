/** Asks the person at the window what the engine needs to know: passwords, one-time codes, whether a host key is right. */
import * as vscode from 'vscode';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { CommandAnswer, CommandPrompt } from '../../engine/protocol/actions.ts';
import type { HostKeyPrompt, InputPrompt } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine, stripControls } from '../text/plain-text.ts';

/** `null`: declined, or the engine no longer waits for it. */
export async function askInput(prompt: InputPrompt, token: CancellationToken): Promise<string | null> {
  const { title = '', instructions = '', question } = prompt;
  // An input box has two lines, the title and the prompt below it: what the server says above its question goes first.
  const above = plainLine([title, instructions].filter((text) => text.trim() !== '').join(': '), 200);
  const answer = await vscode.window.showInputBox(
    {
      title: l10n.t('Log in to {0}: {1}', plainLine(prompt.cluster), plainLine(prompt.address)),
      prompt: [prompt.isRetry ? l10n.t('That was not right, please try again.') : '', above, plainLine(question)]
        .filter((text) => text !== '')
        .join(' – '),
      password: prompt.secret,
      ignoreFocusOut: true,
    },
    token,
  );
  return answer ?? null;
}

/** False also when the engine stopped waiting for it: a modal dialog cannot be taken back. */
export async function confirmHostKey(prompt: HostKeyPrompt, token: CancellationToken): Promise<boolean> {
  const { cluster, host, port, keyType, fingerprint } = prompt;
  const accept = l10n.t('Trust and Connect');
  const detail = [
    l10n.t('Cluster {0}: {1}, port {2}, shows a key that is not in your known_hosts file.', cluster, host, port),
    `${keyType}\n${fingerprint}`,
    l10n.t('Connect only if the operators of the cluster publish this fingerprint.'),
  ].join('\n\n');
  const answer = await vscode.window.showWarningMessage(
    l10n.t('The host key of {0} is unknown.', plainLine(host)),
    { modal: true, detail },
    accept,
  );
  if (answer === accept && token.isCancellationRequested) {
    void vscode.window.showInformationMessage(
      l10n.t(
        'The attempt to connect to {0} ended before you answered: nothing was saved. Connect again.',
        plainLine(cluster),
      ),
    );
    return false;
  }
  return answer === accept;
}

/** A command of a watcher under the policy `ask`. Closing the dialog is a no; an answer that comes too late is none. */
export async function confirmCommand(prompt: CommandPrompt): Promise<CommandAnswer> {
  const once = l10n.t('Run Once');
  const always = l10n.t('Allow This Script');
  const detail = [
    l10n.t(
      'Watcher {0} of job {1} ({2}), in {3}:',
      plainLine(prompt.watcher, 80),
      plainLine(prompt.job, 80),
      plainLine(prompt.jobName, 80),
      plainLine(prompt.workdir ?? '~', 200),
    ),
    stripControls(prompt.command).slice(0, 2000),
    l10n.t('"{0}" lets all commands of this very script run from now on.', always),
  ].join('\n\n');
  const answer = await vscode.window.showWarningMessage(
    l10n.t('A watcher wants to run a command on {0}.', plainLine(prompt.job.split('/')[0] ?? '', 80)),
    { modal: true, detail },
    once,
    always,
  );
  return answer === once ? 'once' : answer === always ? 'always' : 'deny';
}
