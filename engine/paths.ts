/** Where the engine keeps its things on this machine. */
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface EnginePaths {
  /** Database, log, jobs of the embedded scheduler. Kept. */
  readonly stateDirectory: string;
  readonly database: string;
  /** Workflow runs, in OpenWorkflow's tables. */
  readonly runsDatabase: string;
  /** What the setting `vigil.store` was when the engine started last. */
  readonly storeFile: string;
  /** Tells this state folder from all others, for other engines on the same store. */
  readonly placeFile: string;
  readonly logFile: string;
  /** Held by the one engine that runs. */
  readonly lockFile: string;
  /** Where that one is and listens. */
  readonly engineFile: string;
  readonly localJobs: string;
  /** For the socket; mode 0700. Empty on Windows, where the socket is a named pipe. */
  readonly runtimeDirectory: string;
  /** Path of a UNIX socket or name of a Windows pipe. */
  readonly socket: string;
}

/**
 * By the XDG base directories on Linux, `~/Library` on macOS, `%LOCALAPPDATA%` on Windows. `VIGIL_STATE_DIR` and
 * `VIGIL_RUNTIME_DIR` override both: an engine of its own for tests, or for a second account.
 */
export function enginePaths(
  environment: { readonly [name: string]: string | undefined },
  platform: string = process.platform,
): EnginePaths {
  const home = homedir();
  const state =
    environment.VIGIL_STATE_DIR ??
    (platform === 'win32'
      ? join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'vigil')
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support', 'vigil')
        : join(environment.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'vigil'));
  const user = userInfo();
  const runtime =
    environment.VIGIL_RUNTIME_DIR ??
    (environment.XDG_RUNTIME_DIR && platform === 'linux'
      ? join(environment.XDG_RUNTIME_DIR, 'vigil')
      : join(tmpdir(), `vigil-${user.uid}`));
  const pipe = `\\\\.\\pipe\\vigil-${user.username.replace(/[^\w.-]/g, '_')}${environment.VIGIL_RUNTIME_DIR ? `-${hashOf(runtime)}` : ''}`;
  return {
    stateDirectory: state,
    database: join(state, 'vigil.db'),
    runsDatabase: join(state, 'runs.db'),
    storeFile: join(state, 'store'),
    placeFile: join(state, 'place'),
    logFile: join(state, 'engine.log'),
    lockFile: join(state, 'engine.lock'),
    engineFile: join(state, 'engine.json'),
    localJobs: join(state, 'local-jobs'),
    runtimeDirectory: platform === 'win32' ? '' : runtime,
    socket: platform === 'win32' ? pipe : join(runtime, 'engine.sock'),
  };
}

/** Short and stable: a name of a pipe may not hold a path. */
function hashOf(text: string): string {
  let hash = 5381;
  for (const character of text) hash = ((hash * 33) ^ (character.codePointAt(0) ?? 0)) >>> 0;
  return hash.toString(36);
}
