/** Ports of jobs in the browser: asks which one, says where it is, and ends it. */
import * as vscode from 'vscode';
import { closePort, type ForwardedPort, listPorts, openPort, type PortEnded } from '../../engine/protocol/ports.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { outputScheme, parseJobUri } from '../documents/job-uri.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { type SuggestedPage, suggestedPages } from './suggested-pages.ts';

/**
 * `wanted`: in place of what the person would be asked for. The result is where it is, once there is something; what to do with it
 * is asked meanwhile.
 */
export async function forwardPort(
  engine: EngineClient,
  job: JobInfo,
  wanted: unknown,
  onError: (error: unknown) => void,
): Promise<ForwardedPort | undefined> {
  const pages = suggestedPages(openOutput(job));
  const port = typeof wanted === 'number' ? wanted : await askPort(job, pages);
  if (port === undefined) return undefined;
  const connection = await engine.link.ensure();
  const opened = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: l10n.t('Connecting to port {0} of job {1}', port, job.jobId),
    },
    () => connection.sendRequest(openPort, { job: job.key, port }),
  );
  const page = pages.find((one) => one.port === port);
  offer(engine, opened, page).catch(onError);
  return opened;
}

/** `wanted`: a port of the node, of whichever job; else the person is asked, where there are several. */
export async function stopForwarding(engine: EngineClient, wanted: unknown): Promise<void> {
  const connection = await engine.link.ensure();
  const ports = await connection.sendRequest(listPorts);
  const meant = ports.filter(({ port }) => wanted === undefined || port === wanted);
  if (meant.length === 0) {
    void vscode.window.showInformationMessage(l10n.t('No port is forwarded.'));
    return;
  }
  const items = meant.map((forwarded) => ({
    label: addressOf(forwarded),
    description: placeOf(forwarded),
    forwarded,
  }));
  const isClear = wanted !== undefined && items.length === 1;
  const chosen = isClear
    ? items[0]
    : await vscode.window.showQuickPick(items, { placeHolder: l10n.t('The port to stop forwarding') });
  if (chosen) await connection.sendRequest(closePort, chosen.forwarded);
}

/** The job ended, or moved: the page that shows it would not tell why nothing moves any more. */
export function tellPortEnded({ port, why }: PortEnded): void {
  if (why !== 'job') return;
  const words = l10n.t('{0} leads nowhere any more: {1} is not there now.', addressOf(port), placeOf(port));
  void vscode.window.showInformationMessage(words);
}

async function askPort(job: JobInfo, pages: readonly SuggestedPage[]): Promise<number | undefined> {
  const title = plainLine(l10n.t('Forward a port of job {0}', job.jobId), 100);
  if (pages.length > 0) {
    const other = { label: l10n.t('Another port…'), port: undefined };
    const items = pages.map(({ port }) => ({ label: String(port), description: l10n.t('in its output'), port }));
    const chosen = await vscode.window.showQuickPick([...items, other], { title });
    if (!chosen) return undefined;
    if (chosen.port !== undefined) return chosen.port;
  }
  const typed = await vscode.window.showInputBox({
    title,
    prompt: l10n.t('The port that the program in the job listens on: 8888 for Jupyter, 6006 for TensorBoard'),
    validateInput: (text) => (isPort(text) ? undefined : l10n.t('a number from 1 to 65535')),
  });
  return typed === undefined ? undefined : Number(typed);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** What VS Code has of it: nothing is read for this. */
function openOutput({ key }: JobInfo): string {
  return vscode.workspace.textDocuments
    .filter(({ uri }) => uri.scheme === outputScheme && parseJobUri(uri)?.job === key)
    .map((document) => document.getText())
    .join('\n');
}

async function offer(engine: EngineClient, forwarded: ForwardedPort, page: SuggestedPage | undefined): Promise<void> {
  const open = l10n.t('Open in Browser');
  const copy = l10n.t('Copy Address');
  const stop = l10n.t('Stop');
  const place = placeOf(forwarded);
  // Not what lets somebody in: screens are shared.
  const address = addressOf(forwarded, page && { ...page, path: '' });
  const words = forwarded.isHere
    ? l10n.t('{0} is {1}: it runs on this machine.', address, place)
    : l10n.t('{0} is {1}, for as long as the job runs and this window is open.', address, place);
  const chosen = await vscode.window.showInformationMessage(words, open, copy, ...(forwarded.isHere ? [] : [stop]));
  if (chosen === undefined) return;
  if (chosen === stop) {
    await (await engine.link.ensure()).sendRequest(closePort, forwarded);
    return;
  }
  // Where the window is of another machine, VS Code forwards it once more, to the one with the browser.
  const reachable = await vscode.env.asExternalUri(vscode.Uri.parse(addressOf(forwarded, page)));
  if (chosen === open) await vscode.env.openExternal(reachable);
  else await vscode.env.clipboard.writeText(reachable.toString(true));
}

/** `page`: what the output says of it. */
function addressOf(
  { localPort }: ForwardedPort,
  { scheme, path }: Omit<SuggestedPage, 'port'> = { scheme: 'http', path: '' },
): string {
  return `${scheme}://127.0.0.1:${localPort}${path}`;
}

function placeOf({ job, node, port, isHere }: ForwardedPort): string {
  const name = plainLine(job, 100);
  return isHere
    ? l10n.t('port {0} of job {1}', port, name)
    : l10n.t('port {0} of {1}, job {2}', port, plainLine(node, 80), name);
}
