/** The ssh process that holds a connection (ControlMaster in ssh_config(5)), through which others run commands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../environment.ts';
import { authenticationSteps } from './openssh-failure.ts';

export interface MasterOptions {
  readonly program: string;
  /** What stands before our own options, and after them: the configuration file, and the host. */
  readonly configuration: readonly string[];
  readonly host: string;
  readonly controlPath: string;
  readonly environment: Environment;
  readonly connectTimeoutSeconds: number;
  readonly keepAliveSeconds: number;
  readonly keepAliveCount: number;
}

export interface MasterEnd {
  readonly status: number | null;
  readonly stderr: string;
}

/**
 * Ends ssh when this process is gone, however it ended: by the end of stdin. It is a shell, not ssh, that reads it: a
 * master without a session takes no notice of its stdin.
 */
const guard = [
  'exec 3<&0',
  '"$@" </dev/null 3<&- & master=$!',
  '(cat <&3; kill "$master") >/dev/null 2>&1 &',
  'exec 3<&-',
  'wait "$master"',
].join('\n');

const lookMs = 20;
const keptCharacters = 16_000;

export class Master {
  readonly ended: Promise<MasterEnd>;
  readonly #child: ChildProcess;
  readonly #controlPath: string;
  #stderr = '';
  #isOver = false;

  constructor(options: MasterOptions) {
    const { program, environment, controlPath } = options;
    this.#controlPath = controlPath;
    // In a session of its own, away from any terminal: ssh asks through SSH_ASKPASS, and all of it can be ended at once.
    this.#child = spawn('sh', ['-c', guard, 'sh', program, ...masterArguments(options)], {
      env: environment,
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-keptCharacters);
    });
    this.ended = new Promise((resolve) => {
      const onEnd = (status: number | null) => {
        this.#isOver = true;
        this.#child.stdin?.destroy();
        void rm(controlPath, { force: true });
        resolve({ status, stderr: this.#stderr });
      };
      this.#child.once('error', (error) => {
        this.#stderr += error.message;
        onEnd(null);
      });
      this.#child.once('close', onEnd);
    });
  }

  /** All that ssh printed, from the end of it. */
  get stderr(): string {
    return this.#stderr;
  }

  get authentication(): readonly string[] {
    return authenticationSteps(this.#stderr);
  }

  /** True once it is logged in and takes commands; false when it has ended instead, or `signal` is aborted. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    while (!this.#isOver && !signal.aborted) {
      const isThere = await access(this.#controlPath).then(
        () => true,
        () => false,
      );
      if (isThere) return true;
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  end(): void {
    this.#child.stdin?.end();
  }

  destroy(): void {
    if (this.#isOver || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended in this very moment.
    }
  }
}

function masterArguments(options: MasterOptions): readonly string[] {
  const { configuration, host, controlPath, connectTimeoutSeconds, keepAliveSeconds, keepAliveCount } = options;
  const own = {
    ControlPersist: 'no',
    // Says which methods were accepted.
    LogLevel: 'VERBOSE',
    ClearAllForwardings: 'yes',
    RemoteCommand: 'none',
    PermitLocalCommand: 'no',
    ConnectTimeout: connectTimeoutSeconds,
    ServerAliveInterval: keepAliveSeconds,
    ServerAliveCountMax: keepAliveCount,
  };
  const settings = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return [...configuration, '-M', '-N', '-T', '-x', '-a', '-S', controlPath, ...settings, '--', host];
}

/** For a command through a master. */
export function sessionArguments(controlPath: string, commandLine: string): readonly string[] {
  return throughMaster(controlPath, [], commandLine);
}

/** For a subsystem of the server, likewise. */
export function subsystemArguments(controlPath: string, name: string): readonly string[] {
  return throughMaster(controlPath, ['-s'], name);
}

/** For a TCP connection from the server. At this level ssh(1) tells that the channel is open. */
export function tunnelArguments(controlPath: string, host: string, port: number): readonly string[] {
  return throughMaster(controlPath, ['-o', 'LogLevel=DEBUG', '-W', `${host}:${port}`]);
}

/** What it tells then, on stderr. */
export const tunnelIsOpen = /master session id: \d/;

/** Where the master is gone or full, ssh must fail and not connect by itself: hence the ProxyCommand. */
function throughMaster(controlPath: string, flags: readonly string[], wanted?: string): readonly string[] {
  const own = ['ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=exit 255', 'LogLevel=ERROR'];
  const settings = own.flatMap((setting) => ['-o', setting]);
  const command = wanted === undefined ? [] : [wanted];
  // Of a setting that is given twice, ssh(1) takes the first.
  return ['-F', '/dev/null', '-S', controlPath, ...flags, ...settings, '-T', '-x', '-a', '--', 'master', ...command];
}
