/** Processes of the embedded scheduler: started so that they outlive the engine, found again and ended by their session. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { waitStatus } from './local-job.ts';

/**
 * Runs the script and leaves its exit status in a file. It is the leader of the job's session: a signal to the whole
 * session must not end it before it has written that file, so it traps what the script is ended by. The inner shell
 * says that it is there, and so will hear a signal, before it becomes the script. First of all it claims the job, once
 * and for all (noclobber): an engine that was killed before it wrote down what it had started leads to no second run.
 */
const wrapper = `trap : TERM INT HUP QUIT USR1 USR2 ALRM
{ IFS= read -r stat </proc/$$/stat; } 2>/dev/null || stat=$$
set -C; { printf '%s\\n' "$stat" >"$4"; } 2>/dev/null || exit 0; set +C
/bin/sh -c ': >"$1" && exec "$0"' "$1" "$3" </dev/null
status=$?
printf '%s\\n' "$status" >"$2.new" && mv "$2.new" "$2"`;

export interface StartRequest {
  readonly program: string;
  readonly statusFile: string;
  /** Is made when the script is about to begin. */
  readonly begunFile: string;
  /** Names the process that runs the job; whoever finds it there does not run it. */
  readonly claimFile: string;
  readonly workdir: string;
  readonly environment: { readonly [name: string]: string };
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export interface StartedProcess {
  readonly pid: number;
  readonly pidStarted: string;
  readonly exited: Promise<void>;
}

/** Starts a job's process, if nobody claimed it. Throws with a message for people when its directory or its output cannot be had. */
export function startProcess(request: StartRequest): StartedProcess {
  if (!existsSync(request.workdir)) throw new Error(`the working directory ${request.workdir} does not exist`);
  mkdirSync(dirname(request.statusFile), { recursive: true });
  const stdout = openSync(request.stdoutPath, 'w');
  const stderr = request.stderrPath === request.stdoutPath ? stdout : openSync(request.stderrPath, 'w');
  try {
    const child = spawn(
      '/bin/sh',
      ['-c', wrapper, 'vigil-job', request.program, request.statusFile, request.begunFile, request.claimFile],
      {
        cwd: request.workdir,
        env: request.environment,
        // Append mode is not needed: one open file description is shared by all that the job starts.
        stdio: ['ignore', stdout, stderr],
        detached: true,
      },
    );
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    if (child.pid === undefined) throw new Error('/bin/sh could not be started');
    child.unref();
    return { pid: child.pid, pidStarted: processStart(child.pid) ?? '', exited };
  } finally {
    closeSync(stdout);
    if (stderr !== stdout) closeSync(stderr);
  }
}

/** Is the process that was started as `pid` at `pidStarted` still there? A number that was given to another process is not it. */
export function isAlive(pid: number, pidStarted: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const started = processStart(pid);
  return started === undefined || pidStarted === '' || started === pidStarted;
}

/** Sends `signal` to the whole session of a job; one that is gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The process that claimed a job, if one has. */
export function claimant(claimFile: string): { readonly pid: number; readonly pidStarted: string } | undefined {
  if (!existsSync(claimFile)) return undefined;
  const text = readFileSync(claimFile, 'utf8');
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? undefined : { pid, pidStarted: startedIn(text) ?? '' };
}

/** The wait(2) status that the wrapper left, if it has. */
export function recordedStatus(statusFile: string): number | undefined {
  if (!existsSync(statusFile)) return undefined;
  const code = Number.parseInt(readFileSync(statusFile, 'utf8'), 10);
  return Number.isNaN(code) ? undefined : waitStatus(code);
}

/** When the process began, in clock ticks since boot (proc(5), field 22); where there is no /proc: unknown. A zombie is gone. */
function processStart(pid: number): string | undefined {
  try {
    return startedIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

function startedIn(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'zombie' : fields[19];
}
