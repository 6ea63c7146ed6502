/** Asks the person at the window what the engine needs to know: passwords, one-time codes, whether a host key is right. */
import * as vscode from 'vscode';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { HostKeyPrompt, InputPrompt } from '../../engine/protocol.ts';
import { plainLine } from '../text/plain-text.ts';

/** `null`: declined, or the engine no longer waits for it. */
export async function askInput(prompt: InputPrompt, token: CancellationToken): Promise<string | null> {
  const answer = await vscode.window.showInputBox(
    {
      title: `Log in to ${plainLine(prompt.cluster)}: ${plainLine(prompt.address)}`,
      prompt: plainLine(prompt.message),
      password: prompt.secret,
      ignoreFocusOut: true,
    },
    token,
  );
  return answer ?? null;
}

export async function confirmHostKey(prompt: HostKeyPrompt): Promise<boolean> {
  const { cluster, host, port, keyType, fingerprint } = prompt;
  const accept = 'Trust and Connect';
  const detail = [
    `Cluster ${cluster}: ${host}, port ${port}, shows a key that is not in your known_hosts file.`,
    `${keyType}\n${fingerprint}`,
    'Connect only if the operators of the cluster publish this fingerprint.',
  ].join('\n\n');
  const answer = await vscode.window.showWarningMessage(
    `The host key of ${plainLine(host)} is unknown.`,
    { modal: true, detail },
    accept,
  );
  return answer === accept;
}
