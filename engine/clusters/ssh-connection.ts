/** The connection to a cluster by Vigil's own SSH client: the channels of one ssh2 client carry commands. */
import type { Client, ClientChannel } from 'ssh2';
import type { Logger } from '../logger.ts';
import { CarriedConnection } from './carried-connection.ts';
import { type Carrier, type CommandChannel, NoSessionError } from './command-channel.ts';
import type { Connection } from './connection.ts';
import { type Prompter, withdrawnWith } from './prompter.ts';
import { endSession, openSession, type SshSession } from './ssh-client.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';

/** Rejects with ConnectionError, or with the reason of `signal`. Prompts are withdrawn when it settles. */
export async function openSshConnection(
  target: SshTarget,
  prompter: Prompter,
  log: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  const attempt = new AbortController();
  try {
    const asking = withdrawnWith(prompter, AbortSignal.any([signal, attempt.signal]));
    const session = await openSession(target, asking, log, signal);
    log.info(`connected to ${addressOf(target)}${target.jump ? ` through ${addressOf(target.jump)}` : ''}`);
    return new CarriedConnection(sshCarrier(session, target), log);
  } finally {
    attempt.abort();
  }
}

/** Commands on the channels of an ssh2 client. */
export function sshCarrier(session: SshSession, target: SshTarget): Carrier {
  const { client, authentication } = session;
  let lastError: Error | undefined;
  client.on('error', (error: Error) => {
    lastError = error;
  });
  return {
    cluster: target.cluster,
    address: addressOf(target),
    info: { transport: 'ssh2', authentication },
    tellsSignals: true,
    openChannel: (commandLine) => openChannel(client, commandLine),
    onEnded: (listener) => {
      client.once('close', () => {
        endSession(session);
        listener(lastError);
      });
    },
    end: () => void client.end(),
    destroy: () => endSession(session),
  };
}

function openChannel(client: Client, commandLine: string): Promise<CommandChannel> {
  return new Promise((succeed, fail) => {
    const onOpened = (error: Error | undefined, channel: ClientChannel) => {
      if (!error) succeed(channel);
      else fail(/open failed/.test(error.message) ? new NoSessionError(error.message) : error);
    };
    try {
      client.exec(commandLine, onOpened);
    } catch (error) {
      fail(error);
    }
  });
}
