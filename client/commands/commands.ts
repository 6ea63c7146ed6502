/** What each command does. Every one takes its subject as an argument (a row of the tree, a job's key) or asks for it. */
import * as vscode from 'vscode';
import type { JobInfo, ReplaySource } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import * as clusters from '../clusters/cluster-commands.ts';
import type { ClusterLogDocuments } from '../clusters/cluster-log.ts';
import type { ClustersView } from '../clusters/clusters-view.ts';
import { setUpCluster } from '../clusters/setup-cluster.ts';
import { explainDiagnostic } from '../diagnostic-pages.ts';
import type { OutputStream } from '../documents/job-uri.ts';
import type { OutputDocuments } from '../documents/output-documents.ts';
import type { RunEventlogs } from '../documents/run-eventlogs.ts';
import type { ScriptDocuments } from '../documents/script-documents.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { muteNotifications, showMutes } from '../engine/mutes.ts';
import type { ActionSecrets } from '../engine/secrets.ts';
import type { RemoteFiles } from '../files/remote-files.ts';
import type { OutputSearch } from '../files/search-output.ts';
import type { ComparedJobs } from '../jobs/compare-jobs.ts';
import { forwardPort, stopForwarding } from '../jobs/forward-port.ts';
import { compareScript } from '../jobs/job-files.ts';
import { isEnded } from '../jobs/job-states.ts';
import { openTerminal } from '../jobs/job-terminal.ts';
import type { JobsView } from '../jobs/jobs-view.ts';
import { openWorkdir } from '../jobs/open-workdir.ts';
import * as orders from '../jobs/order-commands.ts';
import { takeUpPastJobs, watchForeignJob } from '../jobs/take-up-jobs.ts';
import * as view from '../jobs/view-commands.ts';
import type { LanguageService } from '../language-service.ts';
import { reportError } from '../report-error.ts';
import { firstScript } from '../submit/first-script.ts';
import { type ResubmitChoices, resubmit, submitAfter } from '../submit/submit-commands.ts';
import type { SubmitDiagnostics } from '../submit/submit-diagnostics.ts';
import type { SubmitChoices, Submitter } from '../submit/submit-job.ts';
import { type SeveralChoices, submitToSeveral } from '../submit/submit-several.ts';
import { uploadFiles } from '../submit/upload-files.ts';
import { plainLine } from '../text/plain-text.ts';
import type { TimelinePanels } from '../timeline/timeline-panels.ts';
import type { Trials } from '../trials/trials.ts';
import type { ReplayDocuments } from '../watchers/replay-documents.ts';
import { reportOnOutput, tryHere, tryOnOutput } from '../watchers/try-on-output.ts';
import { watchLinesLikeThis } from '../watchers/watch-line.ts';
import * as watchers from '../watchers/watcher-commands.ts';
import type { GraphPanels } from '../workflows/graph-panels.ts';
import {
  answerStep,
  cancelRun,
  copyRunId,
  emitEvent,
  filterRuns,
  openRunEventlog,
  openWorkflowFile,
  retryFromStep,
  retryRun,
  showGraph,
} from '../workflows/run-commands.ts';
import { everyRun } from '../workflows/run-filter.ts';
import type { RunsView } from '../workflows/runs-view.ts';
import { runWorkflow, scheduleWorkflow } from '../workflows/start-workflow.ts';
import { type CommandId, commandTable } from './command-table.ts';
import { chooseJob, chooseJobs } from './subjects.ts';

export interface Services {
  /** The folder that it is installed in. */
  readonly extension: vscode.Uri;
  readonly engine: EngineClient;
  readonly jobsView: JobsView;
  readonly clustersView: ClustersView;
  readonly clusterLogs: ClusterLogDocuments;
  readonly outputs: OutputDocuments;
  readonly scripts: ScriptDocuments;
  readonly replays: ReplayDocuments;
  readonly trials: Trials;
  readonly timelines: TimelinePanels;
  readonly runsView: RunsView;
  readonly runEventlogs: RunEventlogs;
  readonly compared: ComparedJobs;
  readonly graphs: GraphPanels;
  readonly search: OutputSearch;
  readonly files: RemoteFiles;
  readonly submitter: Submitter;
  readonly diagnostics: SubmitDiagnostics;
  readonly languageService: LanguageService;
  readonly secrets: ActionSecrets;
  readonly log: vscode.LogOutputChannel;
}

type Run = (services: Services, ...args: readonly unknown[]) => Promise<unknown>;

const runs: { readonly [id in CommandId]: Run } = {
  'vigil.newScript': newScript,
  'vigil.submit': submit,
  'vigil.dryRun': ({ submitter }, uri, choices) => submitter.dryRun(addressOf(uri), isChoices(choices) ? choices : {}),
  'vigil.submitWith': async ({ submitter }, uri) => (await submitter.submitWith(addressOf(uri)))?.key,
  'vigil.submitToSeveral': async (services, uri, choices) =>
    (await submitToSeveral(services, addressOf(uri), severalChoices(choices))).map(({ key }) => key),
  'vigil.submitAfter': submitAfter,
  'vigil.uploadFiles': ({ engine, submitter }, uri, choices) =>
    uploadFiles(engine, submitter.questions, addressOf(uri), uploadChoices(choices)),
  'vigil.resubmit': (services, subject, choices) => resubmit(services, subject, resubmitChoices(choices)),
  'vigil.tryOnOutput': (services, uri, watcher, output) =>
    tryOnOutput(services, addressOf(uri), nameOf(watcher), addressOf(output)),
  'vigil.tryHere': tryHere,
  'vigil.reportOnOutput': (services, uri, watcher, source) =>
    reportOnOutput(services, addressOf(uri), nameOf(watcher), sourceOf(source)),
  'vigil.watchLine': (services, options) =>
    watchLinesLikeThis(services, addressOf(Reflect.get(Object(options), 'script'))),
  'vigil.searchOutput': ({ search }, subject, typed) => search.search(subject, typed),
  'vigil.openFound': openFound,
  'vigil.stopTrying': async ({ trials }) => trials.stop(),
  'vigil.goToMatch': ({ trials }, line) => trials.goToMatch(typeof line === 'number' ? line : undefined),
  'vigil.muteNotifications': ({ engine }, subject, watcher) => muteNotifications(engine, subject, watcher),
  'vigil.showMutes': ({ engine }) => showMutes(engine),
  'vigil.cancelJob': ({ engine }, ...args) => orders.cancelJobs(engine, [args[0], args[1]]),
  'vigil.cancelTasks': ({ engine }, ...args) => orders.cancelTasks(engine, [args[0], args[1]], args[1]),
  'vigil.takeBackCancels': takeBackCancels,
  'vigil.holdJob': ({ engine }, ...args) => orders.holdJobs(engine, [args[0], args[1]]),
  'vigil.releaseJob': ({ engine }, ...args) => orders.releaseJobs(engine, [args[0], args[1]]),
  'vigil.requeueJob': ({ engine }, ...args) => orders.requeueJobs(engine, [args[0], args[1]]),
  'vigil.signalJob': ({ engine }, ...args) => orders.signalJobs(engine, [args[0], args[1]], args[1]),
  'vigil.extendJob': ({ engine }, ...args) => orders.extendJobs(engine, [args[0], args[1]], args[1]),
  'vigil.setUrgency': ({ engine }, ...args) => orders.setUrgency(engine, [args[0], args[1]], args[1]),
  'vigil.raiseException': ({ engine }, ...args) => orders.raiseException(engine, [args[0], args[1]], args[1]),
  'vigil.noteJob': ({ engine }, ...args) => orders.noteJobs(engine, [args[0], args[1]], args[1]),
  'vigil.compareScript': ({ engine }, subject) => withJob(engine, subject, compareScript),
  'vigil.openWorkdir': ({ engine }, subject) => withJob(engine, subject, (job) => openWorkdir(engine, job)),
  'vigil.compareEventlogs': ({ compared }, ...args) => compared.compare('eventlog', [args[0], args[1]]),
  'vigil.compareJobs': ({ compared }, ...args) => compared.compare('job', [args[0], args[1]]),
  'vigil.openTerminal': ({ engine }, subject) => withJob(engine, subject, (job) => openTerminal(engine, job)),
  'vigil.forwardPort': forward,
  'vigil.stopForwarding': ({ engine }, port) => stopForwarding(engine, port),
  'vigil.showTimeline': ({ engine, timelines }, ...args) => showTimeline(engine, timelines, [args[0], args[1]]),
  'vigil.openOutput': (services, subject) => openOutput(services, subject, 'stdout'),
  'vigil.openErrorOutput': (services, subject) => openOutput(services, subject, 'stderr'),
  'vigil.showScript': showScript,
  'vigil.copyJobId': copyJobId,
  'vigil.showJob': showJob,
  'vigil.forgetJob': ({ engine }, ...args) => orders.forgetJobs(engine, [args[0], args[1]]),
  'vigil.attachWatchers': ({ engine }, ...args) => watchers.attach(engine, args[0], args[1], args[2]),
  'vigil.runWatchers': ({ engine, replays }, subject, name) => watchers.run(engine, replays, subject, name),
  'vigil.pauseWatcher': ({ engine }, subject, name) => watchers.control(engine, 'pause', subject, name),
  'vigil.resumeWatcher': ({ engine }, subject, name) => watchers.control(engine, 'resume', subject, name),
  'vigil.stopWatcher': ({ engine }, subject, name) => watchers.control(engine, 'stop', subject, name),
  'vigil.triggerWatcher': ({ engine }, subject, name) => watchers.control(engine, 'trigger', subject, name),
  'vigil.editWatcher': ({ engine }, subject, name) => watchers.edit(engine, subject, name),
  'vigil.watchForeignJob': ({ engine }, subject) => watchForeignJob(engine, subject),
  'vigil.takeUpPastJobs': ({ engine }, subject, days) => takeUpPastJobs(engine, subject, days),
  'vigil.setUpCluster': ({ engine, clusterLogs, submitter }, subject) =>
    setUpCluster(
      {
        engine,
        showLog: (cluster) => clusterLogs.open(cluster),
        submit: (cluster) => submitter.submitWith(undefined, { cluster }),
      },
      subject,
    ),
  'vigil.connectCluster': ({ engine }, subject) => clusters.connectCluster(engine, subject),
  'vigil.disconnectCluster': ({ engine }, subject) => clusters.disconnectCluster(engine, subject),
  'vigil.refreshClusters': ({ clustersView }) => clustersView.refresh(),
  'vigil.showClusterLog': ({ engine, clusterLogs }, subject) => clusters.showClusterLog(engine, clusterLogs, subject),
  'vigil.hideCluster': ({ engine, clustersView }, subject) => clusters.hideCluster(engine, clustersView, subject),
  'vigil.showHiddenClusters': ({ clustersView }) => clusters.showHiddenClusters(clustersView),
  'vigil.refreshJobs': ({ engine }) => engine.refresh(),
  'vigil.groupJobs': ({ jobsView }, group) => view.groupJobs(jobsView, group),
  'vigil.sortJobs': ({ jobsView }, order) => view.sortJobs(jobsView, order),
  'vigil.filterJobs': ({ jobsView }) => view.filterJobs(jobsView),
  'vigil.limitHistory': ({ jobsView }, days) => view.limitHistory(jobsView, days),
  'vigil.findJobs': ({ jobsView }, text) => view.findJobs(jobsView, text),
  'vigil.clearJobFilters': ({ jobsView }) => view.clearJobFilters(jobsView),
  'vigil.showMoreJobs': ({ jobsView }, row) => view.showMoreJobs(jobsView, row),
  'vigil.scheduleWorkflow': (services, uri, params) => scheduleWorkflow(services, uri, params),
  'vigil.startEngine': ({ engine }) => engine.link.ensure().then(() => undefined),
  'vigil.setEmailPassword': ({ secrets }) => secrets.askFor('emailPassword'),
  'vigil.setSlackWebhook': ({ secrets }) => secrets.askFor('slackWebhook'),
  'vigil.runWorkflow': (services, uri, params) => runWorkflow(services, uri, params),
  'vigil.cancelRun': ({ engine }, subject, options) => cancelRun(engine, subject, options),
  'vigil.retryRun': ({ engine }, subject) => retryRun(engine, subject),
  'vigil.retryFromStep': ({ engine }, subject) => retryFromStep(engine, subject),
  'vigil.filterRuns': ({ engine, runsView }, filter) => filterRuns(engine, runsView, filter),
  'vigil.clearRunFilters': ({ runsView }) => runsView.setFilter(everyRun),
  'vigil.approveStep': ({ engine }, subject) => answerStep(engine, subject, true),
  'vigil.denyStep': ({ engine }, subject) => answerStep(engine, subject, false),
  'vigil.emitEvent': ({ engine }, subject) => emitEvent(engine, subject),
  'vigil.openWorkflowFile': ({ engine }, subject) => openWorkflowFile(engine, subject),
  'vigil.showGraph': ({ engine, graphs }, subject) => showGraph(engine, graphs, subject),
  'vigil.openRunEventlog': ({ engine, runEventlogs }, subject) => openRunEventlog(engine, runEventlogs, subject),
  'vigil.copyRunId': ({ engine }, subject) => copyRunId(engine, subject),
  'vigil.explainDiagnostic': ({ extension }, code) => explainDiagnostic(extension, code),
  'vigil.restartLanguageServer': ({ languageService }) => languageService.restart(),
  'vigil.showLog': async ({ log }) => log.show(),
};

/** Registers all commands. What acts needs a trusted workspace and says so; an error that gets here is shown. */
export function registerCommands(services: Services): vscode.Disposable {
  const registrations = (Object.keys(commandTable) as CommandId[]).map((id) =>
    vscode.commands.registerCommand(id, async (...args: readonly unknown[]) => {
      if (commandTable[id].needsTrust && !vscode.workspace.isTrusted) {
        void explainTrust();
        return undefined;
      }
      try {
        return await runs[id](services, ...args);
      } catch (error) {
        void reportError(error, doing[id] ?? 'Vigil', services.log);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

/** Beginnings of error messages. */
const doing: { readonly [id in CommandId]?: string } = {
  'vigil.submitToSeveral': l10n.t('Submitting'),
  'vigil.submitAfter': l10n.t('Submitting'),
  'vigil.resubmit': l10n.t('Submitting again'),
  'vigil.uploadFiles': l10n.t('Uploading'),
  'vigil.newScript': l10n.t('Opening a new script'),
  'vigil.tryOnOutput': l10n.t('Trying the watchers'),
  'vigil.tryHere': l10n.t('Trying the watchers'),
  'vigil.reportOnOutput': l10n.t('Trying the watchers'),
  'vigil.goToMatch': l10n.t('Going to the match'),
  'vigil.watchLine': l10n.t('Making a watcher'),
  'vigil.searchOutput': l10n.t('Searching the output'),
  'vigil.openFound': l10n.t('Opening the line'),
  'vigil.muteNotifications': l10n.t('Muting notifications'),
  'vigil.showMutes': l10n.t('Reading what is muted'),
  'vigil.cancelJob': l10n.t('Cancelling the job'),
  'vigil.cancelTasks': l10n.t('Cancelling tasks of the array'),
  'vigil.takeBackCancels': l10n.t('Taking the cancel back'),
  'vigil.holdJob': l10n.t('Holding the job'),
  'vigil.releaseJob': l10n.t('Releasing the job'),
  'vigil.requeueJob': l10n.t('Requeuing the job'),
  'vigil.signalJob': l10n.t('Sending the signal'),
  'vigil.extendJob': l10n.t('Extending the time limit'),
  'vigil.setUrgency': l10n.t('Setting the urgency'),
  'vigil.raiseException': l10n.t('Raising the exception'),
  'vigil.noteJob': l10n.t('Writing the note'),
  'vigil.compareScript': l10n.t('Comparing the script'),
  'vigil.openWorkdir': l10n.t('Opening the directory'),
  'vigil.compareEventlogs': l10n.t('Comparing the eventlogs'),
  'vigil.compareJobs': l10n.t('Comparing the jobs'),
  'vigil.openTerminal': l10n.t('Opening the terminal'),
  'vigil.forwardPort': l10n.t('Forwarding the port'),
  'vigil.stopForwarding': l10n.t('Stopping to forward the port'),
  'vigil.showTimeline': l10n.t('Showing the timeline'),
  'vigil.openOutput': l10n.t('Opening the output'),
  'vigil.openErrorOutput': l10n.t('Opening the error output'),
  'vigil.showScript': l10n.t('Reading the script'),
  'vigil.showJob': l10n.t('Showing the job'),
  'vigil.forgetJob': l10n.t('Forgetting the job'),
  'vigil.attachWatchers': l10n.t('Attaching the watchers'),
  'vigil.runWatchers': l10n.t('Running the watchers'),
  'vigil.pauseWatcher': l10n.t('Pausing the watcher'),
  'vigil.resumeWatcher': l10n.t('Resuming the watcher'),
  'vigil.stopWatcher': l10n.t('Stopping the watcher'),
  'vigil.triggerWatcher': l10n.t('Triggering the watcher'),
  'vigil.editWatcher': l10n.t('Changing the watcher'),
  'vigil.watchForeignJob': l10n.t('Taking up the job'),
  'vigil.takeUpPastJobs': l10n.t('Taking up past jobs'),
  'vigil.setUpCluster': l10n.t('Setting up the cluster'),
  'vigil.connectCluster': l10n.t('Connecting to the cluster'),
  'vigil.disconnectCluster': l10n.t('Disconnecting from the cluster'),
  'vigil.refreshClusters': l10n.t('Refreshing the clusters'),
  'vigil.showClusterLog': l10n.t('Reading the log'),
  'vigil.refreshJobs': l10n.t('Refreshing the jobs'),
  'vigil.scheduleWorkflow': l10n.t('Scheduling the workflow'),
  'vigil.startEngine': l10n.t('Starting the engine'),
  'vigil.runWorkflow': l10n.t('Running the workflow'),
  'vigil.cancelRun': l10n.t('Cancelling the run'),
  'vigil.retryRun': l10n.t('Retrying the run'),
  'vigil.retryFromStep': l10n.t('Retrying the run'),
  'vigil.approveStep': l10n.t('Approving'),
  'vigil.denyStep': l10n.t('Denying'),
  'vigil.emitEvent': l10n.t('Emitting the event'),
  'vigil.openWorkflowFile': l10n.t('Opening the workflow file'),
  'vigil.showGraph': l10n.t('Showing the graph'),
  'vigil.openRunEventlog': l10n.t('Opening the eventlog'),
  'vigil.setEmailPassword': l10n.t('Keeping the password'),
  'vigil.setSlackWebhook': l10n.t('Keeping the webhook'),
};

async function explainTrust(): Promise<void> {
  const manage = l10n.t('Manage Workspace Trust');
  const message = l10n.t(
    'Vigil submits and follows jobs only in a trusted workspace: scripts and settings of others could act on your clusters.',
  );
  const chosen = await vscode.window.showWarningMessage(message, manage);
  if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Arguments: the script's address (else the active editor), `SubmitChoices`. Returns the job's key. */
async function submit({ submitter }: Services, uri: unknown, choices: unknown): Promise<string | undefined> {
  const job = await submitter.submit(uri instanceof vscode.Uri ? uri : undefined, isChoices(choices) ? choices : {});
  return job?.key;
}

/** Arguments: the script's address (else the active editor), the name of one watcher, a `ReplaySource`. */
function addressOf(uri: unknown): vscode.Uri | undefined {
  const address = typeof uri === 'string' ? vscode.Uri.parse(uri) : uri;
  return address instanceof vscode.Uri ? address : undefined;
}

/** The editor's context menu passes a context of its own as second argument. */
function nameOf(watcher: unknown): string | undefined {
  return typeof watcher === 'string' ? watcher : undefined;
}

function sourceOf(source: unknown): ReplaySource | undefined {
  return typeof Reflect.get(Object(source), 'kind') === 'string' ? (source as ReplaySource) : undefined;
}

/** The editor's title passes a context of its own as second argument; ours names a cluster. */
function isChoices(value: unknown): value is SubmitChoices {
  return typeof Reflect.get(Object(value), 'cluster') === 'string';
}

function severalChoices(value: unknown): SeveralChoices | undefined {
  return Array.isArray(Reflect.get(Object(value), 'clusters')) ? (value as SeveralChoices) : undefined;
}

type UploadChoices = Parameters<typeof uploadFiles>[3];

function uploadChoices(value: unknown): UploadChoices {
  return Array.isArray(Reflect.get(Object(value), 'entries')) ? (value as UploadChoices) : undefined;
}

/** A tree passes the selected rows as second argument. */
function resubmitChoices(value: unknown): ResubmitChoices | undefined {
  return Array.isArray(Reflect.get(Object(value), 'options')) ? (value as ResubmitChoices) : undefined;
}

/** Not in a file: whoever only wants to see how it works leaves nothing behind. */
async function newScript(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'shellscript', content: firstScript });
  await vscode.window.showTextDocument(document);
}

/** Arguments: the row, all rows that are selected. */
async function showTimeline(engine: EngineClient, timelines: TimelinePanels, subjects: orders.Subjects): Promise<void> {
  const jobs = await chooseJobs(engine, subjects, l10n.t('The job whose timeline to show'), () => true);
  if (jobs) await timelines.open(jobs);
}

async function withJob(engine: EngineClient, subject: unknown, work: (job: JobInfo) => Promise<void>): Promise<void> {
  const job = await chooseJob(engine, subject, l10n.t('The job'), () => true);
  if (job) await work(job);
}

/** What a watcher wants to cancel goes on, if its grace period is not over. */
async function takeBackCancels({ engine }: Services, subject: unknown): Promise<void> {
  const placeHolder = l10n.t('The job that is to go on');
  const job = await chooseJob(engine, subject, placeHolder, (candidate) => !isEnded(candidate));
  if (!job) return;
  const isTaken = await engine.takeBackCancels(job.key);
  const message = isTaken
    ? l10n.t('Job {0} goes on.', plainLine(job.jobId, 40))
    : l10n.t('No cancel of job {0} waits to be taken back (any more).', plainLine(job.jobId, 40));
  void vscode.window.showInformationMessage(message);
}

async function openOutput({ engine, outputs }: Services, subject: unknown, stream: OutputStream): Promise<void> {
  const job = await chooseJob(engine, subject, l10n.t('The job whose output to open'), () => true);
  if (job) await outputs.open(job, stream);
}

async function openFound({ search, files }: Services, number: unknown, index: unknown): Promise<void> {
  const uri = search.windowOf(number, index);
  if (!uri) throw new Error(l10n.t('These results are gone: search again.'));
  await files.openWindow(uri);
}

async function forward({ engine, log }: Services, subject: unknown, port: unknown): Promise<unknown> {
  const runs = ({ state }: JobInfo) => state === 'running';
  const job = await chooseJob(engine, subject, l10n.t('The job whose port to forward'), runs);
  const onError = (error: unknown) => void reportError(error, l10n.t('Forwarding the port'), log);
  return job && forwardPort(engine, job, port, onError);
}

async function showScript({ engine, scripts }: Services, subject: unknown): Promise<void> {
  const job = await chooseJob(engine, subject, l10n.t('The job whose script to show'), () => true);
  if (job) await scripts.open(job);
}

async function copyJobId({ engine }: Services, subject: unknown): Promise<void> {
  const job = await chooseJob(engine, subject, l10n.t('The job whose id to copy'), () => true);
  if (job) await vscode.env.clipboard.writeText(job.jobId);
}

async function showJob({ engine, jobsView }: Services, subject: unknown): Promise<void> {
  const job = await chooseJob(engine, subject, l10n.t('The job to show'), () => true);
  if (job) await jobsView.reveal(job.key);
}
