/** Jobs that were submitted elsewhere, taken up by hand: one that is open, or those of the last days. */
import * as vscode from 'vscode';
import { adoptJob, type ForeignJob, listForeignJobs } from '../../engine/protocol/watchers.ts';
import type { JobInfo, JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { namedCluster } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { fullTime } from '../text/time.ts';
import { looks } from './job-states.ts';
import { takeUpEach } from './take-up-each.ts';

/** A job of this person that was submitted elsewhere, from now on among the jobs here. */
export async function watchForeignJob(engine: EngineClient, subject: unknown): Promise<JobKey | undefined> {
  const cluster = await chooseConnected(engine, subject, l10n.t('The cluster that the job is on'));
  if (cluster === undefined) return undefined;
  const connection = await engine.link.ensure();
  const jobs = await connection.sendRequest(listForeignJobs, { cluster });
  if (jobs.length === 0) return noneThere(cluster);
  const items = jobs.map(itemOf);
  const placeHolder = l10n.t('The job to follow');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return chosen && (await takeUp(engine, chosen.job)).key;
}

/**
 * Jobs of the last days, those that are over as accounting has them, from now on among the jobs here.
 * @param wanted how many days, given by a caller: then all are taken up, and nothing is asked
 */
export async function takeUpPastJobs(
  engine: EngineClient,
  subject: unknown,
  wanted: unknown,
): Promise<readonly JobKey[] | undefined> {
  const cluster = await chooseConnected(engine, subject, l10n.t('The cluster whose accounting to ask'));
  if (cluster === undefined) return undefined;
  const days = typeof wanted === 'number' ? wanted : await chooseDays();
  if (days === undefined) return undefined;
  const connection = await engine.link.ensure();
  const jobs = await connection.sendRequest(listForeignJobs, { cluster, days });
  if (jobs.length === 0) {
    noneThere(cluster);
    return undefined;
  }
  const chosen = typeof wanted === 'number' ? jobs : await chooseMany(jobs);
  if (!chosen) return undefined;
  const title = l10n.t('Taking up {0} jobs of {1}…', chosen.length, plainLine(cluster, 80));
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    // Each asks the scheduler.
    const { taken, refused } = await takeUpEach(chosen, {
      takeUp: async (job) => (await takeUp(engine, job)).key,
      onNext: ({ jobId }) => progress.report({ message: plainLine(jobId, 40), increment: 100 / chosen.length }),
      isCancelled: () => token.isCancellationRequested,
    });
    if (refused.length > 0) {
      const words = [...new Set(refused)].slice(0, 3).join(' ');
      throw new Error(l10n.t('{0} of {1} jobs could not be taken up. {2}', refused.length, chosen.length, words));
    }
    return taken;
  });
}

async function takeUp(engine: EngineClient, { cluster, jobId }: ForeignJob): Promise<JobInfo> {
  const job = await (await engine.link.ensure()).sendRequest(adoptJob, { cluster, jobId });
  engine.store.setJob(job);
  return job;
}

async function chooseConnected(
  engine: EngineClient,
  subject: unknown,
  placeHolder: string,
): Promise<string | undefined> {
  const named = namedCluster(subject);
  if (named !== undefined) return named;
  const clusters = (await engine.clusters()).filter(({ state, kind }) => state === 'connected' && kind === 'ssh');
  return vscode.window.showQuickPick(
    clusters.map(({ name }) => name),
    { placeHolder },
  );
}

async function chooseDays(): Promise<number | undefined> {
  const items = [
    { label: l10n.t('Of the last day'), days: 1 },
    { label: l10n.t('Of the last week'), days: 7 },
    { label: l10n.t('Of the last month'), days: 30 },
    { label: l10n.t('Of the last year'), days: 366 },
  ];
  return (await vscode.window.showQuickPick(items, { placeHolder: l10n.t('Which jobs') }))?.days;
}

async function chooseMany(jobs: readonly ForeignJob[]): Promise<readonly ForeignJob[] | undefined> {
  const placeHolder = l10n.t('The jobs to take up, the newest first');
  const options = { placeHolder, matchOnDescription: true, canPickMany: true } as const;
  return (await vscode.window.showQuickPick(jobs.map(itemOf), options))?.map(({ job }) => job);
}

function itemOf(job: ForeignJob) {
  const { state, submitted, partition, nodes } = job;
  const when = submitted === undefined ? undefined : fullTime(submitted).replace(/\.\d+$/, '');
  return {
    label: plainLine(`${job.jobId} ${job.name}`, 120),
    description: plainLine([looks[state].words, when, partition, nodes].filter(Boolean).join(' · '), 160),
    job,
  };
}

function noneThere(cluster: string): undefined {
  void vscode.window.showInformationMessage(l10n.t('You have no other jobs on {0}.', plainLine(cluster, 80)));
}
