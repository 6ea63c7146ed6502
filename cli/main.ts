/** `vigil` in a terminal. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ResponseError } from 'vscode-jsonrpc/node';
import { errorCodes, type Refusal } from '../engine/protocol.ts';
import { runActions } from './actions.ts';
import { runCheck } from './check.ts';
import { runDryRun } from './dry-run.ts';
import { openEngine, readClusterFacts, runStopEngine } from './engine-client.ts';
import { runEventlog, runWaitEvent } from './eventlog.ts';
import { runEmit, runEvents } from './events.ts';
import { exitUsage, type Io, UsageError } from './io.ts';
import { orderCommands, runMemo } from './job-orders.ts';
import { type EngineTask, runCancel, runClusters, runConnect, runJobs, runOutput, runSubmit } from './jobs.ts';
import { runMetrics } from './metrics.ts';
import { runReplay } from './replay.ts';
import { runScript } from './run-script.ts';
import { runCleanRuns, runDumpRun, runRetryRun } from './run-upkeep.ts';
import { runStatus } from './status.ts';
import { runWatch, runWatchers } from './watch.ts';
import { runApprove, runCancelRun, runRuns, runSchedule, runWaitRun, runWorkflow } from './workflows.ts';

const usage = `vigil: batch jobs that are watched

Without an engine:
  vigil check FILE… [--format text|json|sarif] [--scheduler auto|slurm|flux|…] [--cluster C]
                    [--severity CODE=error|warning|information|hint|off]…
                                        with --cluster: by what C says of itself, if the engine is connected to it
  vigil replay SCRIPT --stdout FILE [--stderr FILE] [--state completed|failed|…] [--format text|json]

With Vigil's engine, which is started when it is needed:
  vigil clusters [--format text|json]
  vigil connect CLUSTER
  vigil submit SCRIPT [--cluster C] [--workdir DIR] [--format text|json] [-- SBATCH OPTIONS]
  vigil run-script SCRIPT [--cluster C] [--workdir DIR] [--format text|json] [-- SBATCH OPTIONS]
  vigil jobs [--cluster C] [--format text|json]
  vigil jobs --foreign --cluster C      your jobs there that were submitted elsewhere and are not watched
  vigil watch JOB --with SCRIPT [--watcher NAME] [--from start|end] [--act] [--stdout PATH] [--stderr PATH]
                                        attaches SCRIPT's watchers; a job that is over is only replayed unless --act
  vigil watchers JOB [--format text|json]
  vigil watchers pause|resume|stop|trigger JOB NAME
  vigil watchers edit JOB NAME --with SCRIPT
  vigil watchers run JOB [NAME…] [--act] over the output of a job that is over; without --act nothing is done
  vigil eventlog JOB [-F|--follow] [--name GLOB] [LOG OPTIONS]
  vigil wait-event JOB EVENT [-t DURATION] [-c COUNT] [-q|--quiet] [-v|--verbose] [--raise] [LOG OPTIONS]
  vigil output JOB [--stream stdout|stderr] [--follow]
  vigil cancel JOB
  vigil hold|release|requeue JOB
  vigil signal JOB SIGNAL
  vigil extend JOB TIME                 adds to the time limit: 90s, 10m, 2h, 1d
  vigil urgency JOB 0…31|hold|default|expedite
  vigil raise JOB [--type T] [--severity 0…7] [NOTE]   an exception (Flux only); severity 0 ends the job
  vigil memo JOB [KEY=VALUE…]           notes on a job; KEY= takes one away, no pair prints them
  vigil actions JOB [--format text|json]
  vigil metrics JOB [--name N] [--format csv|json]
  vigil run FILE.vigil.yaml [-p NAME=VALUE]… [--cluster C] [--follow] [--delay 2h|--at TIME] [--idempotency-key K]
                                        a workflow; --dry-run: says what would be done, and does nothing
  vigil schedule FILE.vigil.yaml [-p NAME=VALUE]… [--cluster C]
                                        a run whenever the file says so under "on"; cancel-run of the one that waits ends it
  vigil runs [--state S] [--name GLOB] [--limit N] [--run RUN] [--format text|json]
  vigil wait-run RUN
  vigil cancel-run RUN|--all [--reason R] [--wait]
  vigil retry-run RUN [--from STEP] [--new] [--follow]   again, but for what has completed
  vigil dump-run RUN                    all that is known of it, as JSON
  vigil clean-runs [--older-than 30d] [--limit 1000]     forgets runs that are over
  vigil approve RUN STEP [--no]
  vigil emit EVENT [--payload JSON]
  vigil events [--name N] [--awaited] [--format text|json]   with --awaited: what runs wait for
  vigil status [--format text|json]     the engine's health: clusters, jobs, database, memory
  vigil stop-engine                     jobs go on; the next engine takes up their watchers

LOG OPTIONS, as of flux-job(1): -f text|json, -T raw|iso|offset|human, -H, -L auto|always|never, -m KEY=VALUE,
-p exec|output|… (another log of a Flux job).

A job is named CLUSTER/JOBID, e.g. local/3. The cluster is "local" unless --cluster names a Host of
~/.ssh/config or one of the setting vigil.clusters. Passwords are asked for, or, for the cluster that a
command names, taken from VIGIL_PASSWORD and VIGIL_PASSPHRASE. Exit status: 0 well, 1 not, 2 wrong usage; run-script exits as the job did.
`;

type Command = (argv: readonly string[], io: Io) => Promise<number>;
/** Reads the command line, and what it names, before an engine is started. */
type EngineCommand = (argv: readonly string[], io: Io) => EngineTask | Promise<EngineTask>;

const withEngine =
  (command: EngineCommand): Command =>
  async (argv, io) => {
    const { cluster, run } = await command(argv, io);
    const engine = await openEngine(io, __dirname, cluster);
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
    process.stderr.write(`vigil ${name}: ${explain(error)}\n`);
    return error instanceof UsageError ? exitUsage : 1;
  }
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const refusal = error instanceof ResponseError ? (error.data as Refusal | undefined) : undefined;
  if (error instanceof ResponseError && error.code === errorCodes.authentication && !terminal.isInteractive)
    return `${message}\n  (there is no terminal to ask you: VIGIL_PASSWORD and VIGIL_PASSPHRASE are for the cluster that a command names)`;
  return refusal?.range ? `${message}\n  (line ${refusal.range.start.line + 1} of the script)` : message;
}

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
