/**
 * The extension: builds its parts, connects them, and takes them down. Activation does no more than register: the language
 * server starts with the first suitable document, the engine when the jobs view is shown or a command needs it. One that runs
 * already is attached to in every window (hence `onStartupFinished`), so that notifications of watchers are seen.
 *
 * package.json asks for `extensionKind: ["workspace", "ui"]`: in a Remote-SSH window on a login node Vigil runs there, where
 * `sbatch`, the scripts and the output files are, needs no key, and goes on while the laptop sleeps. Who would rather use the
 * keys of the laptop sets `remote.extensionKind` to `ui`; scripts reach the engine as text, so that works too.
 */

import './translate.ts';

import { userInfo } from 'node:os';
import * as vscode from 'vscode';
import { connectToEngine } from '../engine/launch.ts';
import { windowFocused } from '../engine/protocol/notifications.ts';
import { portEnded } from '../engine/protocol/ports.ts';
import type { RunInfo } from '../engine/protocol/workflows.ts';
import type { EventlogEntry, JobInfo, JobKey } from '../engine/protocol.ts';
import * as l10n from '../language/text/l10n.ts';
import type { GraphView } from '../webview/messages.ts';
import type { TimelineView } from '../webview/timeline-view.ts';
import { getApi } from './api/create-api.ts';
import type { VigilExports } from './api/vigil.d.ts';
import { jobTools, registerJobTools } from './assistant/job-tools.ts';
import { FactsFeed } from './cluster-facts.ts';
import { ClusterLogDocuments } from './clusters/cluster-log.ts';
import { ClustersView } from './clusters/clusters-view.ts';
import { registerCommands } from './commands/commands.ts';
import { LineMarks } from './documents/line-marks.ts';
import { OutputDocuments } from './documents/output-documents.ts';
import { RunEventlogs } from './documents/run-eventlogs.ts';
import { ScriptDocuments } from './documents/script-documents.ts';
import { TerminalColors } from './documents/terminal-colors.ts';
import { WatchMarks } from './documents/watch-marks.ts';
import { EngineClient } from './engine/engine-client.ts';
import { defaultRetryDelaysMs, type LinkState } from './engine/engine-link.ts';
import { showBesideWindow, showJobMessage, showNotification } from './engine/notifications.ts';
import { askInput, confirmCommand, confirmHostKey } from './engine/prompts.ts';
import { ActionSecrets } from './engine/secrets.ts';
import { EventlogFiles } from './eventlogs/eventlog-files.ts';
import { ClusterFileSystem } from './files/cluster-file-system.ts';
import { RemoteFiles } from './files/remote-files.ts';
import { OutputSearch } from './files/search-output.ts';
import { ComparedJobs } from './jobs/compare-jobs.ts';
import { followElsewhere } from './jobs/follow-elsewhere.ts';
import { tellPortEnded } from './jobs/forward-port.ts';
import { JobsView } from './jobs/jobs-view.ts';
import { LanguageService, scriptSchemes, scriptSelector } from './language-service.ts';
import { reportError } from './report-error.ts';
import { engineSettings, outputKeepBytes, type SettingKey } from './settings.ts';
import { createStatusBar } from './status-bar.ts';
import { SubmitDiagnostics } from './submit/submit-diagnostics.ts';
import { Submitter } from './submit/submit-job.ts';
import { SubmitLens, watchActiveScript } from './submit/submit-lens.ts';
import { plainLine } from './text/plain-text.ts';
import { TimelinePanels } from './timeline/timeline-panels.ts';
import { Trials } from './trials/trials.ts';
import { ReplayDocuments } from './watchers/replay-documents.ts';
import { WatcherLenses } from './watchers/watcher-lenses.ts';
import { GraphPanels } from './workflows/graph-panels.ts';
import { answerStep } from './workflows/run-commands.ts';
import { RunsView } from './workflows/runs-view.ts';

/** Put in by the build, from package.json. */
declare const VIGIL_VERSION: string;

/** What the tests in VS Code look at, beside the API for other extensions. No promise to anybody. */
export interface VigilInternals {
  jobs(): readonly JobInfo[];
  /** Read from the engine as far as it is known. */
  eventlog(job: JobKey): Promise<readonly EventlogEntry[]>;
  /** The newest first. */
  runs(): readonly RunInfo[];
  /** The graphs in the tabs, by the run's id or the file's address. */
  graphs(): ReadonlyMap<string, GraphView | undefined>;
  /** The timelines in the tabs, in the order in which they were opened. */
  timelines(): readonly TimelineView[];
  /** `info` tells the engine's process. */
  engineState(): LinkState;
  readonly tools: ReturnType<typeof jobTools>;
}

export function activate(context: vscode.ExtensionContext): VigilExports & { readonly internals: VigilInternals } {
  const log = vscode.window.createOutputChannel('Vigil', { log: true });
  const languageService = new LanguageService(context.asAbsolutePath('dist/server.js'), log, (document, lenses) =>
    trials.extend(document, watcherLenses.extend(document, lenses)),
  );
  const readSetting = (key: SettingKey): unknown => vscode.workspace.getConfiguration('vigil').get(key);
  const outputs = new OutputDocuments(
    () => engine,
    () => outputKeepBytes(readSetting),
    log,
  );
  const secrets = new ActionSecrets(context.secrets, () => readSetting('slack.webhook'));
  const engine = createEngine(context, log, readSetting, outputs, secrets);
  const watcherLenses = new WatcherLenses(engine, () => languageService.refreshLenses());
  const marks = new LineMarks((name) => vscode.Uri.joinPath(context.extensionUri, 'media', name));
  const trials = new Trials({ engine, outputs, marks }, () => languageService.refreshLenses());
  const isTaken = (document: vscode.TextDocument) => trials.isOutput(document);
  const watchMarks = new WatchMarks({ engine, outputs, marks, isTaken }, trials.onDidChange);
  const scripts = new ScriptDocuments(engine);
  const replays = new ReplayDocuments();
  const files = new RemoteFiles(engine, outputs);
  const search = new OutputSearch(engine);
  const jobsView = new JobsView(engine, context.workspaceState, () => startEngineForView(engine));
  const clustersView = new ClustersView(engine, context.globalState, () => startEngineForView(engine));
  const clusterLogs = new ClusterLogDocuments(engine);
  const warn = (error: unknown) => log.warn(String(error));
  const runsView = new RunsView({
    runs: engine.runs,
    memory: context.workspaceState,
    onShown: () => startEngineForView(engine),
    answer: (run, unit, approved) =>
      engine
        .approveStep(run, unit, approved, userInfo().username)
        .catch((error: unknown) => reportError(error, l10n.t('Answering'), log)),
  });
  const runEventlogs = new RunEventlogs(engine);
  const compared = new ComparedJobs(engine);
  const timelines = new TimelinePanels(
    engine,
    context.extensionUri,
    (error) => void reportError(error, l10n.t('The timeline'), log),
    warn,
  );
  const graphs = new GraphPanels({
    extension: context.extensionUri,
    engine,
    answer: (run, step, approved) => answerStep(engine, { subject: { kind: 'step', run, step } }, approved),
    log,
  });
  const diagnostics = new SubmitDiagnostics();
  const onSubmitted = (job: JobInfo) => {
    announce(job);
    facts.refresh();
    // It was submitted all the same when the view cannot show it (it may be hidden for good).
    jobsView.reveal(job.key).catch(warn);
  };
  const submitter = new Submitter({
    engine,
    diagnostics,
    reports: replays,
    memory: context.workspaceState,
    log,
    onSubmitted,
  });
  const facts = new FactsFeed({
    store: engine.store,
    lastUsed: () => submitter.lastCluster,
    ask: (cluster) => engine.clusterFacts(cluster),
    send: (known) => languageService.setClusterFacts(known),
    log,
  });
  context.subscriptions.push(
    log,
    facts,
    vscode.window.onDidChangeActiveTextEditor(() => facts.refresh()),
    languageService,
    outputs,
    engine,
    scripts,
    new ClusterFileSystem(engine),
    files,
    search,
    replays,
    watcherLenses,
    trials,
    watchMarks,
    new TerminalColors(outputs),
    marks,
    jobsView,
    followElsewhere(engine, jobsView, log),
    clustersView,
    clusterLogs,
    runsView,
    runEventlogs,
    compared,
    new EventlogFiles(),
    graphs,
    timelines,
    diagnostics,
    createStatusBar(engine),
    registerJobTools(engine),
    registerCommands({
      extension: context.extensionUri,
      engine,
      jobsView,
      clustersView,
      clusterLogs,
      outputs,
      scripts,
      replays,
      trials,
      runsView,
      runEventlogs,
      compared,
      graphs,
      search,
      files,
      timelines,
      submitter,
      diagnostics,
      languageService,
      secrets,
      log,
    }),
    secrets.onChange(() => tellSecrets(engine, secrets).catch(warn)),
    vscode.languages.registerCodeLensProvider(scriptSelector, new SubmitLens()),
    watchActiveScript(scriptSchemes),
    engine.link.onState((state) => showLinkState(state, log)),
    engine.store.onChange((change) => change.kind === 'job' && outputs.jobChanged(change.key)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('vigil')) engine.settingsChanged().catch(warn);
      if (event.affectsConfiguration('vigil.slack')) tellSecrets(engine, secrets).catch(warn);
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) engine.windowFocused().catch(warn);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() =>
      jobsView.visible ? startEngineForView(engine) : attachToRunningEngine(engine),
    ),
  );
  attachToRunningEngine(engine);
  return {
    getAPI: (version) => getApi(version, engine),
    internals: {
      jobs: () => [...engine.store.jobs.values()],
      eventlog: async (job) => {
        await engine.loadEventlog(job);
        return engine.store.eventlogs.get(job) ?? [];
      },
      runs: () => engine.runs.all,
      graphs: () => graphs.shown,
      timelines: () => timelines.shown,
      engineState: () => engine.link.state,
      tools: jobTools(engine),
    },
  };
}

function createEngine(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  readSetting: (key: SettingKey) => unknown,
  outputs: OutputDocuments,
  secrets: ActionSecrets,
): EngineClient {
  return new EngineClient({
    connect: async (startIfAbsent, register) => {
      // Also for what asks by itself: documents of a former session that VS Code restores.
      if (!vscode.workspace.isTrusted) throw new Error(l10n.t('The engine is reached only from a trusted workspace.'));
      return connectToEngine({
        engineProgram: context.asAbsolutePath('dist/engine.js'),
        nodeProgram: process.execPath,
        environment: process.env,
        startIfAbsent,
        initialize: {
          client: 'vscode',
          version: VIGIL_VERSION,
          settings: engineSettings(readSetting),
          secrets: await secrets.all(),
          answersPrompts: true,
        },
        prepare: register,
      });
    },
    retryDelaysMs: defaultRetryDelaysMs,
    stableAfterMs: 60_000,
    log,
    audience: {
      input: askInput,
      confirmHostKey,
      confirmCommand,
      notify: (notification) => {
        for (const show of [showNotification, showBesideWindow])
          void show(notification).catch((error) => log.warn(String(error)));
      },
    },
    settings: () => engineSettings(readSetting),
    register: (connection) => {
      outputs.register(connection);
      connection.onNotification(portEnded, (ended) => tellPortEnded(ended));
    },
    onConnected: (connection) => {
      outputs.attach(connection);
      if (vscode.window.state.focused) void connection.sendNotification(windowFocused, null);
    },
  });
}

/** All of them: one that was removed is empty now. */
async function tellSecrets(engine: EngineClient, secrets: ActionSecrets): Promise<void> {
  await engine.secretsChanged({ emailPassword: '', slackWebhook: '', ...(await secrets.all()) });
}

/** Jobs that are followed already show up, and their notifications, without anybody asking. */
function attachToRunningEngine(engine: EngineClient): void {
  // Why it failed is the link's state, which the view and the status bar show.
  if (vscode.workspace.isTrusted) engine.link.attach().catch(() => undefined);
}

function startEngineForView(engine: EngineClient): void {
  // As above.
  if (vscode.workspace.isTrusted && engine.link.state.kind === 'idle') engine.link.ensure().catch(() => undefined);
}

function announce(job: JobInfo): void {
  const message = l10n.t(
    'Submitted {0} to {1} as job {2}.',
    plainLine(job.name, 80),
    plainLine(job.cluster, 80),
    plainLine(job.jobId, 40),
  );
  void showJobMessage('info', message, job.key);
}

function showLinkState(state: LinkState, log: vscode.LogOutputChannel): void {
  void vscode.commands.executeCommand('setContext', 'vigil.engine', state.kind);
  if (state.kind !== 'failed') return;
  const show = async () => {
    const [again, showLog] = [l10n.t('Start Again'), l10n.t('Show Log')];
    const message = l10n.t("Vigil's engine is not running: {0} Nothing recorded is lost.", plainLine(state.reason));
    const chosen = await vscode.window.showErrorMessage(message, again, showLog);
    if (chosen === again) await vscode.commands.executeCommand('vigil.startEngine');
    else if (chosen === showLog) log.show();
  };
  void show();
}
