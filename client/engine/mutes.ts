/** What a person does not want to be told: of a job, of a watcher, or of anything for a while. */
import * as vscode from 'vscode';
import type { Mute } from '../../engine/protocol/notifications.ts';
import * as l10n from '../../language/text/l10n.ts';
import { namedJob, namedWatcher } from '../commands/subjects.ts';
import { plainLine } from '../text/plain-text.ts';
import { clockTime } from '../text/time.ts';
import type { EngineClient } from './engine-client.ts';

interface MuteChoice extends vscode.QuickPickItem {
  readonly mute: { readonly job?: string; readonly watcher?: string; readonly seconds?: number };
}

const hour = 3600;

/** Arguments: a row of the tree, or a job's key (`null`: none), and the watcher that spoke. */
export async function muteNotifications(engine: EngineClient, subject: unknown, speaker: unknown): Promise<void> {
  const job = namedJob(subject);
  const watcher = typeof speaker === 'string' ? speaker : namedWatcher(subject);
  const choices = muteChoices(job, watcher);
  const placeHolder = l10n.t('What not to be told: it stays in the eventlogs');
  const chosen = await vscode.window.showQuickPick(choices, { placeHolder });
  if (chosen) await engine.mute(chosen.mute);
}

function muteChoices(job: string | undefined, watcher: string | undefined): readonly MuteChoice[] {
  const name = watcher === undefined ? '' : plainLine(watcher, 80);
  const ofJob: readonly MuteChoice[] =
    job === undefined ? [] : [{ label: l10n.t('Of job {0}', plainLine(job, 80)), mute: { job } }];
  const ofWatcher: readonly MuteChoice[] =
    watcher === undefined
      ? []
      : [
          ...(job === undefined
            ? []
            : [
                {
                  label: l10n.t('Of watcher {0} of job {1}', name, plainLine(job, 80)),
                  mute: { job, watcher },
                },
              ]),
          { label: l10n.t('Of watchers named {0} of all jobs', name), mute: { watcher } },
        ];
  const later = l10n.t('shown afterwards, as one notification');
  return [
    ...ofJob,
    ...ofWatcher,
    { label: l10n.t('Everything for an hour'), description: later, mute: { seconds: hour } },
    { label: l10n.t('Everything for eight hours'), description: later, mute: { seconds: 8 * hour } },
  ];
}

/** Shows what is muted; what is picked is told again. */
export async function showMutes(engine: EngineClient): Promise<void> {
  const mutes = await engine.mutes();
  if (mutes.length === 0) {
    void vscode.window.showInformationMessage(l10n.t('No notifications are muted.'));
    return;
  }
  const now = Date.now() / 1000;
  const choices = mutes.map((mute) => ({
    label: describeMute(mute),
    ...(mute.until === undefined ? {} : { description: l10n.t('until {0}', clockTime(mute.until, now)) }),
    mute,
  }));
  const placeHolder = l10n.t('Choose what to be told again');
  const chosen = await vscode.window.showQuickPick(choices, { placeHolder, canPickMany: true });
  for (const { mute } of chosen ?? []) {
    const { until, ...subject } = mute;
    await engine.unmute(subject);
  }
}

function describeMute({ job, watcher }: Mute): string {
  if (watcher !== undefined && job !== undefined)
    return l10n.t('Watcher {0} of job {1}', plainLine(watcher, 80), plainLine(job, 80));
  if (watcher !== undefined) return l10n.t('Watchers named {0}', plainLine(watcher, 80));
  return job === undefined ? l10n.t('Everything') : l10n.t('Job {0}', plainLine(job, 80));
}
