/** The commands that do something to jobs: cancel, forget, hold, release, requeue, signal, more time, urgency, exceptions, notes. */
import * as vscode from 'vscode';
import { type JobOrder, urgencies } from '../../engine/protocol/jobs.ts';
import type { JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { chooseJobs } from '../commands/subjects.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { plainLine } from '../text/plain-text.ts';
import { isEnded } from './job-states.ts';
import { readTime } from './read-time.ts';

/** The row that a command was called on, and all rows that are selected: as menus of trees pass them. */
export type Subjects = readonly [subject: unknown, selection: unknown];

const isOpen = (job: JobInfo) => !isEnded(job);
const waits = (job: JobInfo) => job.state === 'pending';
const runs = (job: JobInfo) => isOpen(job) && !waits(job);

/** Each job gets its order, whatever becomes of the others; what was refused is told together. */
async function order(engine: EngineClient, jobs: readonly JobInfo[], wanted: JobOrder, done: string): Promise<void> {
  await forEach(jobs, (job) => engine.order(job.key, wanted), done);
}

async function forEach(
  jobs: readonly JobInfo[],
  work: (job: JobInfo) => Promise<unknown>,
  done: string,
): Promise<void> {
  const results = await Promise.allSettled(jobs.map(work));
  const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
  const [first] = refused;
  if (first !== undefined && jobs.length === 1) throw first;
  if (refused.length > 0) {
    const words = refused.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
    throw new Error(
      l10n.t('{0} of {1} jobs refused it. {2}', refused.length, jobs.length, [...new Set(words)].join(' ')),
    );
  }
  vscode.window.setStatusBarMessage(`${done}: ${jobs.map(({ jobId }) => jobId).join(', ')}`, 5000);
}

/** `{ confirm: false }` in place of the selection: nothing is asked. */
export async function cancelJobs(engine: EngineClient, subjects: Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to cancel'), isOpen);
  if (!jobs) return;
  if (Reflect.get(Object(subjects[1]), 'confirm') !== false) {
    const [only, ...others] = jobs;
    const question =
      only && others.length === 0
        ? l10n.t('Cancel job {0} ({1}) on {2}?', only.jobId, plainLine(only.name, 80), plainLine(only.cluster, 80))
        : l10n.t('Cancel {0}?', namesOf(jobs));
    const button = others.length === 0 ? l10n.t('Cancel Job') : l10n.t('Cancel Jobs');
    if ((await vscode.window.showWarningMessage(question, { modal: true }, button)) !== button) return;
  }
  await forEach(jobs, (job) => engine.cancel(job.key), l10n.t('Asked to cancel'));
}

/** Further argument: the tasks, as in `--array`. */
export async function cancelTasks(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const isOpenArray = (job: JobInfo) => job.isArray === true && isOpen(job);
  const jobs = await chooseJobs(engine, subjects, l10n.t('The array whose tasks to cancel'), isOpenArray);
  if (!jobs) return;
  const isList = (text: string) => /^\d+(-\d+(:\d+)?)?(,\d+(-\d+(:\d+)?)?)*$/.test(text);
  const tasks =
    typeof wanted === 'string'
      ? wanted
      : await vscode.window.showInputBox({
          title: l10n.t('Cancel tasks of {0}', namesOf(jobs)),
          prompt: l10n.t('Which tasks: 3, 1-5,8 or 0-99:2; those that wait, too'),
          validateInput: (text) => (isList(text.trim()) ? undefined : l10n.t('tasks such as 3, 1-5,8 or 0-99:2')),
        });
  if (tasks === undefined) return;
  await order(engine, jobs, { verb: 'cancel-tasks', tasks: tasks.trim() }, l10n.t('Asked to cancel tasks'));
}

export async function forgetJobs(engine: EngineClient, subjects: Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to forget'), isEnded);
  if (jobs) await forEach(jobs, (job) => engine.forget(job.key), l10n.t('Forgotten'));
}

export async function holdJobs(engine: EngineClient, subjects: Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to hold'), waits);
  if (jobs) await order(engine, jobs, { verb: 'hold' }, l10n.t('Held'));
}

export async function releaseJobs(engine: EngineClient, subjects: Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to release'), waits);
  if (jobs) await order(engine, jobs, { verb: 'release' }, l10n.t('Released'));
}

/** `{ confirm: false }` in place of the selection: nothing is asked. */
export async function requeueJobs(engine: EngineClient, subjects: Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to requeue'), runs);
  if (!jobs) return;
  if (Reflect.get(Object(subjects[1]), 'confirm') !== false) {
    const button = l10n.t('Requeue');
    const question = l10n.t(
      'Requeue {0}? It ends now and starts from the beginning when there is room again.',
      namesOf(jobs),
    );
    if ((await vscode.window.showWarningMessage(question, { modal: true }, button)) !== button) return;
  }
  await order(engine, jobs, { verb: 'requeue' }, l10n.t('Requeued'));
}

const signals: readonly (readonly [string, string])[] = [
  ['USR1', l10n.t('often: write a checkpoint')],
  ['USR2', ''],
  ['TERM', l10n.t('end in order')],
  ['INT', l10n.t('as Ctrl+C')],
  ['HUP', ''],
  ['STOP', l10n.t('stop for a while')],
  ['CONT', l10n.t('go on')],
  ['KILL', l10n.t('end at once')],
];

/** Further argument: the signal. */
export async function signalJobs(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to send a signal to'), runs);
  if (!jobs) return;
  const items = signals.map(([label, description]) => ({ label, description }));
  const placeHolder = l10n.t('The signal for {0}', namesOf(jobs));
  const signal =
    typeof wanted === 'string' ? wanted : (await vscode.window.showQuickPick(items, { placeHolder }))?.label;
  if (signal !== undefined) await order(engine, jobs, { verb: 'signal', signal }, l10n.t('Sent {0}', signal));
}

const extensions: readonly string[] = ['10m', '30m', '1h', '4h', '12h', '1d'];

/** Further argument: the time, e.g. `2h`. */
export async function extendJobs(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to give more time'), isOpen);
  if (!jobs) return;
  const text = typeof wanted === 'string' ? wanted : await askForTime(jobs);
  const seconds = text === undefined ? undefined : readTime(text);
  if (seconds !== undefined) {
    await order(engine, jobs, { verb: 'extend', seconds }, l10n.t('{0} more', text ?? ''));
  }
}

async function askForTime(jobs: readonly JobInfo[]): Promise<string | undefined> {
  const other = { label: l10n.t('Another time…'), other: true };
  const items = [...extensions.map((label) => ({ label, other: false })), other];
  const placeHolder = l10n.t('How much more time for {0}; many clusters leave this to operators', namesOf(jobs));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  if (!chosen?.other) return chosen?.label;
  return vscode.window.showInputBox({
    prompt: l10n.t('How much more time: 90s, 10m, 2h, 1d'),
    validateInput: (text) => (readTime(text) === undefined ? l10n.t('a time such as 10m, 2h or 1d') : undefined),
  });
}

/** Further argument: the urgency. */
export async function setUrgency(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job whose urgency to change'), waits);
  if (!jobs) return;
  const items = [
    { label: l10n.t('Default'), description: '16', urgency: urgencies.default },
    { label: l10n.t('Later: let others go first'), description: '8', urgency: 8 },
    { label: l10n.t('Last'), description: '1', urgency: 1 },
    { label: l10n.t('Hold'), description: '0', urgency: urgencies.hold },
    { label: l10n.t('Earlier (operators)'), description: '24', urgency: 24 },
    { label: l10n.t('Before all others (operators)'), description: '31', urgency: urgencies.expedite },
  ];
  const placeHolder = l10n.t('The urgency of {0}: 0 to 31', namesOf(jobs));
  const urgency =
    typeof wanted === 'number' ? wanted : (await vscode.window.showQuickPick(items, { placeHolder }))?.urgency;
  if (urgency !== undefined) {
    await order(engine, jobs, { verb: 'urgency', urgency }, l10n.t('Urgency {0}', urgency));
  }
}

/** Further argument: `{ type, severity, note }`. */
export async function raiseException(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to raise an exception on'), isOpen);
  if (!jobs) return;
  const exception = isException(wanted) ? wanted : await askForException(jobs);
  if (exception) {
    await order(engine, jobs, { verb: 'raise', ...exception }, l10n.t('Raised {0}', exception.type));
  }
}

type Exception = Omit<Extract<JobOrder, { readonly verb: 'raise' }>, 'verb'>;

function isException(value: unknown): value is Exception {
  return typeof Reflect.get(Object(value), 'type') === 'string';
}

async function askForException(jobs: readonly JobInfo[]): Promise<Exception | undefined> {
  const type = await vscode.window.showInputBox({
    title: l10n.t('Raise an exception on {0}', namesOf(jobs)),
    prompt: l10n.t('Its type: a word such as oom, diverged, cancel'),
    validateInput: (text) => (/^[a-z][\w.-]*$/i.test(text) ? undefined : l10n.t('a word')),
  });
  if (type === undefined) return undefined;
  const severities = [
    { label: '0', description: l10n.t('fatal: the job ends'), severity: 0 },
    ...[1, 2, 3, 4, 5, 6, 7].map((severity) => ({
      label: String(severity),
      description: severity === 7 ? l10n.t('least: only logged') : l10n.t('only logged'),
      severity,
    })),
  ];
  const chosen = await vscode.window.showQuickPick(severities, { placeHolder: l10n.t('How severe it is') });
  if (!chosen) return undefined;
  const note = await vscode.window.showInputBox({ prompt: l10n.t('A note; may be empty') });
  return note === undefined ? undefined : { type, severity: chosen.severity, ...(note ? { note } : {}) };
}

/** The note that has no other name. */
const plainNote = 'note';

/** Further argument: the changes, `{ note: 'good run' }`; `null` takes one away. */
export async function noteJobs(engine: EngineClient, subjects: Subjects, wanted: unknown): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job to write a note on'), () => true);
  const [first] = jobs ?? [];
  if (!jobs || !first) return;
  const changes =
    wanted !== null && typeof wanted === 'object' && !Array.isArray(wanted)
      ? (wanted as { readonly [key: string]: string | null })
      : await askForNote(first);
  if (!changes) return;
  for (const job of jobs) await engine.note(job.key, changes);
}

async function askForNote(job: JobInfo): Promise<{ readonly [key: string]: string | null } | undefined> {
  const { memo = {} } = job;
  const others = Object.keys(memo).filter((key) => key !== plainNote);
  const items = [plainNote, ...others].map((key) => ({
    label: key,
    description: plainLine(memo[key] ?? '', 120),
    key,
  }));
  const placeHolder = l10n.t('Which note; an empty text takes it away');
  const key = others.length === 0 ? plainNote : (await vscode.window.showQuickPick(items, { placeHolder }))?.key;
  if (key === undefined) return undefined;
  const text = await vscode.window.showInputBox({
    title: l10n.t('Note on {0}', namesOf([job])),
    prompt: l10n.t('An empty text takes the note away'),
    value: memo[key] ?? '',
  });
  return text === undefined ? undefined : { [key]: text === '' ? null : text };
}

function namesOf(jobs: readonly JobInfo[]): string {
  const [first] = jobs;
  if (jobs.length !== 1 || !first) return l10n.t('{0} jobs', jobs.length);
  return l10n.t('job {0} ({1})', first.jobId, plainLine(first.name, 80));
}
