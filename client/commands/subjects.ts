/** Which job or cluster a command is about: the row it was called on, a key given by a caller, or what the person picks. */
import * as vscode from 'vscode';
import type { JobInfo, JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { newestFirst } from '../jobs/arrangement.ts';
import { jobNode } from '../jobs/job-node.ts';
import type { NodeSubject } from '../jobs/tree-node.ts';

/** The job meant by `subject`; with none given, one of the `wanted` jobs that the person picks (`undefined`: none picked). */
export async function chooseJob(
  engine: EngineClient,
  subject: unknown,
  placeHolder: string,
  wanted: (job: JobInfo) => boolean,
): Promise<JobInfo | undefined> {
  const key = namedJob(subject);
  await engine.link.ensure();
  if (key !== undefined) {
    const job = engine.store.jobs.get(key);
    if (!job) throw new Error(l10n.t('Job {0} is not known (any more).', key));
    return job;
  }
  const now = Date.now() / 1000;
  const choices = [...engine.store.jobs.values()]
    .filter(wanted)
    .sort(newestFirst)
    .map((job) => {
      const { label, description, icon } = jobNode(job, { now, underCluster: true });
      return { label: `$(${icon.id}) ${label}`, description: `${job.cluster} · ${description}`, job };
    });
  if (choices.length === 0) throw new Error(l10n.t('There is no such job.'));
  return (await vscode.window.showQuickPick(choices, { placeHolder, matchOnDescription: true }))?.job;
}

/**
 * The jobs meant by a row and the rows selected beside it (as menus of trees pass them): those of them that are `wanted`.
 * With none given, one that the person picks; `undefined`: none was picked.
 */
export async function chooseJobs(
  engine: EngineClient,
  [subject, selection]: readonly [unknown, unknown],
  placeHolder: string,
  wanted: (job: JobInfo) => boolean,
): Promise<readonly JobInfo[] | undefined> {
  const selected = Array.isArray(selection) ? selectedJobs(selection) : [];
  if (selected.length < 2) {
    const job = await chooseJob(engine, subject, placeHolder, wanted);
    return job && [job];
  }
  await engine.link.ensure();
  const jobs = selected.flatMap((key) => engine.store.jobs.get(key) ?? []).filter(wanted);
  if (jobs.length === 0) throw new Error(l10n.t('None of the selected jobs is in a state for that.'));
  return jobs;
}

/** The cluster of the row that a command was called on, or named by a caller. */
export function namedCluster(subject: unknown): string | undefined {
  if (typeof subject === 'string') return subject;
  const node = nodeSubject(subject);
  return node?.kind === 'cluster' ? node.cluster : undefined;
}

/** The watcher of the row that a command was called on. */
export function namedWatcher(subject: unknown): string | undefined {
  const node = nodeSubject(subject);
  return node?.kind === 'watcher' ? node.watcher : undefined;
}

/** The job of the row that a command was called on, or named by a caller. */
export function namedJob(subject: unknown): JobKey | undefined {
  if (typeof subject === 'string') return subject;
  const node = nodeSubject(subject);
  return node && 'job' in node ? node.job : undefined;
}

/** The rows of watchers and events selected beside a job's own say nothing more: no job is to be given an order twice. */
function selectedJobs(selection: readonly unknown[]): readonly JobKey[] {
  const rows = selection.filter((node) => nodeSubject(node)?.kind === 'job');
  return [...new Set(rows.flatMap((node) => namedJob(node) ?? []))];
}

function nodeSubject(node: unknown): NodeSubject | undefined {
  const subject: unknown = Reflect.get(Object(node), 'subject');
  return typeof Reflect.get(Object(subject), 'kind') === 'string' ? (subject as NodeSubject) : undefined;
}
