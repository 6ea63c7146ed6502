/** Commands, subsystems and TCP connections through the master connection of the ssh program, each a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { Environment } from '../environment.ts';
import { sessionArguments, subsystemArguments, tunnelArguments } from './openssh-master.ts';
import { openProcessChannel, openProcessTunnel } from './process-channel.ts';

export interface SessionsOptions {
  readonly environment: Environment;
  /** Default: `ssh`. */
  readonly program?: string;
}

const checkTimeoutMs = 10_000;

/** The ssh processes of running commands. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #controlPath: string;
  readonly #whyRefused: () => string | undefined;
  readonly #running = new Set<ChildProcess>();

  /** `whyRefused`: what the master has said of the last channel that was not opened, where it says it to us. */
  constructor(options: SessionsOptions, controlPath: string, whyRefused: () => string | undefined = () => undefined) {
    this.#options = options;
    this.#controlPath = controlPath;
    this.#whyRefused = whyRefused;
  }

  open(commandLine: string) {
    return openProcessChannel(this.#start(sessionArguments(this.#controlPath, commandLine)), this.#isConnected);
  }

  openSubsystem(name: string, hello: Uint8Array) {
    return openProcessChannel(this.#start(subsystemArguments(this.#controlPath, name)), this.#isConnected, hello);
  }

  openTunnel(host: string, port: number) {
    const child = this.#start(tunnelArguments(this.#controlPath, host, port));
    return openProcessTunnel(child, this.#isConnected, this.#whyRefused);
  }

  readonly #isConnected = () => isMasterOpen(this.#controlPath, this.#options.environment, this.#options.program);

  #start(args: readonly string[]) {
    const { program = 'ssh', environment } = this.#options;
    const child = spawn(program, args, { env: environment });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return child;
  }

  end(): void {
    for (const child of this.#running) child.kill();
  }
}

/** Is there a master behind this socket that is connected? */
export function isMasterOpen(controlPath: string, environment: Environment, program = 'ssh'): Promise<boolean> {
  const args = ['-F', '/dev/null', '-S', controlPath, '-O', 'check', '--', 'master'];
  return new Promise((settle) => {
    execFile(program, args, { env: environment, timeout: checkTimeoutMs }, (error) => settle(error === null));
  });
}
