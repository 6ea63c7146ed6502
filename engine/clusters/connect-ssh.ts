/** Connects to a cluster over SSH as its settings and the SSH configuration say at this moment, whichever way that is. */
import type { Environment } from '../environment.ts';
import type { Logger } from '../logger.ts';
import type { ClusterSettings } from '../protocol.ts';
import type { Connection } from './connection.ts';
import { openOpenSshConnection } from './openssh-connection.ts';
import type { Prompter } from './prompter.ts';
import { localContext, resolveSshTarget, sshProgramArguments } from './ssh-config.ts';
import { openSshConnection } from './ssh-connection.ts';
import { chooseTransport, transportChecks } from './transport.ts';

export interface ConnectSshOptions {
  readonly settings: ClusterSettings;
  readonly sshConfigFile: string;
  /** That only this user can enter: for the sockets of the ssh program. */
  readonly directory: string;
  readonly environment: Environment;
  readonly log: Logger;
}

/** Rejects with ConnectionError, or with the reason of `signal`. */
export async function connectSsh(
  options: ConnectSshOptions,
  prompter: Prompter,
  signal: AbortSignal,
): Promise<Connection> {
  const { settings, sshConfigFile, directory, environment, log } = options;
  const context = localContext(environment);
  const target = await resolveSshTarget(settings, sshConfigFile, { context });
  const transport = await chooseTransport(settings.transport, target, transportChecks(environment));
  if (transport.kind === 'ssh2') return openSshConnection(target, prompter, log, signal);
  const { reason, userControlPath } = transport;
  return openOpenSshConnection(
    {
      target,
      ...(await sshProgramArguments(settings, sshConfigFile, context)),
      reason,
      ...(userControlPath !== undefined && { userControlPath }),
      directory,
      environment,
      nodeProgram: process.execPath,
    },
    prompter,
    log,
    signal,
  );
}
