/** `vigil` in a terminal. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { runActions } from './actions.ts';
import { runCheck } from './check.ts';
import { runComplete, runCompletion } from './completion/complete.ts';
import { runDryRun } from './dry-run.ts';
import { openEngine, readClusterFacts, readKnown, runStopEngine } from './engine-client.ts';
import { runEventlog, runWaitEvent } from './eventlog.ts';
import { runEmit, runEvents } from './events.ts';
import { explain } from './explain.ts';
import { runForward } from './forward.ts';
import { exitUsage, type Io, UsageError } from './io.ts';
import { orderCommands, runMemo } from './job-orders.ts';
import { type EngineTask, runCancel, runClusters, runConnect, runJobs, runOutput, runSubmit } from './jobs.ts';
import { runMcp } from './mcp/mcp.ts';
import { runMetrics } from './metrics.ts';
import { runReplay } from './replay.ts';
import { runScript } from './run-script.ts';
import { runCleanRuns, runDumpRun, runRetryRun } from './run-upkeep.ts';
import { openScreen } from './screen.ts';
import { runStatus } from './status.ts';
import { runTop } from './top/top.ts';
import { usage } from './usage.ts';
import { runWatch, runWatchers } from './watch.ts';
import { runApprove, runCancelRun, runRuns, runSchedule, runWaitRun, runWorkflow } from './workflows.ts';

type Command = (argv: readonly string[], io: Io) => Promise<number>;
/** Reads the command line, and what it names, before an engine is started. */
type EngineCommand = (argv: readonly string[], io: Io) => EngineTask | Promise<EngineTask>;

const withEngine =
  (command: EngineCommand): Command =>
  async (argv, io) => {
    const { cluster, answersPrompts = true, run } = await command(argv, io);
    const engine = await openEngine(answersPrompts ? io : { ...io, isInteractive: false }, __dirname, cluster);
    try {
      return await run(engine);
    } finally {
      engine.dispose();
    }
  };

const commands: { readonly [name: string]: Command } = {
  check: (argv, io) => runCheck(argv, io, (cluster) => readClusterFacts(io, __dirname, cluster)),
  replay: runReplay,
  clusters: withEngine(runClusters),
  connect: withEngine(runConnect),
  submit: withEngine(runSubmit),
  'run-script': withEngine(runScript),
  jobs: withEngine(runJobs),
  watch: withEngine(runWatch),
  watchers: withEngine(runWatchers),
  eventlog: withEngine(runEventlog),
  'wait-event': withEngine(runWaitEvent),
  output: withEngine(runOutput),
  forward: withEngine(runForward),
  cancel: withEngine(runCancel),
  hold: withEngine(orderCommands.hold),
  release: withEngine(orderCommands.release),
  requeue: withEngine(orderCommands.requeue),
  signal: withEngine(orderCommands.signal),
  extend: withEngine(orderCommands.extend),
  urgency: withEngine(orderCommands.urgency),
  raise: withEngine(orderCommands.raise),
  memo: withEngine(runMemo),
  actions: withEngine(runActions),
  metrics: withEngine(runMetrics),
  run: (argv, io) => (argv.includes('--dry-run') ? runDryRun(argv, io) : withEngine(runWorkflow)(argv, io)),
  schedule: withEngine(runSchedule),
  runs: withEngine(runRuns),
  'wait-run': withEngine(runWaitRun),
  'cancel-run': withEngine(runCancelRun),
  'retry-run': withEngine(runRetryRun),
  'dump-run': withEngine(runDumpRun),
  'clean-runs': withEngine(runCleanRuns),
  approve: withEngine(runApprove),
  emit: withEngine(runEmit),
  events: withEngine(runEvents),
  status: withEngine(runStatus),
  top: withEngine(runTop),
  mcp: (argv, io) => {
    const openQuietly = () => openEngine({ ...io, isInteractive: false }, __dirname, undefined);
    return runMcp(argv, io, openQuietly, process.stdin, process.stdout);
  },
  completion: runCompletion,
  // What the shell's functions call.
  complete: (argv, io) => runComplete(argv, io, () => readKnown(io, __dirname)),
  'stop-engine': (argv, io) => runStopEngine(argv, io, __dirname),
};

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage);
    return name === undefined ? exitUsage : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`vigil: there is no command "${name}"\n\n${usage}`);
    return exitUsage;
  }
  try {
    return await command(rest, terminal);
  } catch (error) {
    process.stderr.write(`vigil ${name}: ${explain(error, terminal.isInteractive ? undefined : loginHint)}\n`);
    return error instanceof UsageError ? exitUsage : 1;
  }
}

const loginHint =
  'there is no terminal to ask you: VIGIL_PASSWORD and VIGIL_PASSPHRASE are for the cluster that a command names';

const terminal: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  writeBytes(stream, bytes) {
    let take = () => {};
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    return process[stream].write(bytes, () => take()) ? undefined : taken;
  },
  readFile: (path) => readFile(path, 'utf8'),
  readIfPresent,
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  readBytes: (path) => readFile(path),
  readPieces: (path) => createReadStream(path),
  environment: process.env,
  isColored: process.stdout.isTTY === true && !process.env.NO_COLOR,
  isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask: askOnTerminal,
  openScreen,
};

function readIfPresent(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function askOnTerminal(question: string, secret: boolean, withdrawn: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    process.stderr.write(question);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const reader = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true });
    reader.once('line', (line) => {
      resolve(line);
      reader.close();
    });
    const withdraw = () => {
      process.stderr.write('\n(no longer asked: answered elsewhere, or the attempt has ended)');
      reader.close();
    };
    withdrawn.addEventListener('abort', withdraw, { once: true });
    reader.once('close', () => {
      withdrawn.removeEventListener('abort', withdraw);
      if (secret) process.stderr.write('\n');
      resolve(undefined);
    });
  });
}

// `vigil output JOB | head` has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`vigil: ${error.message}\n`);
  process.exit(1);
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`vigil: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
