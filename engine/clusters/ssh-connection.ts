/** The connection to a cluster by Vigil's own SSH client: the channels of one ssh2 client carry commands. */
import type { ClientChannel } from 'ssh2';
import type { Logger } from '../logger.ts';
import { CarriedConnection } from './carried-connection.ts';
import { type Carrier, type CommandChannel, NoSessionError, NoSubsystemError } from './command-channel.ts';
import type { Connection } from './connection.ts';
import { type Prompter, withdrawnWith } from './prompter.ts';
import { showable } from './showable.ts';
import { endSession, openSession, type SshSession } from './ssh-client.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';
import { TunnelError } from './tunnel.ts';

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
    openChannel: (commandLine) => opened((onOpened) => client.exec(commandLine, onOpened)),
    openSubsystem: async (name, hello) => {
      const channel = await opened((onOpened) => client.subsys(name, onOpened));
      channel.write(hello);
      return channel;
    },
    openTunnel: (host, port) =>
      opened(
        (onOpened) => client.forwardOut('127.0.0.1', 0, host, port, onOpened),
        (error) => (isChannelRefusal(error) ? new TunnelError(tunnelWords(error), { cause: error }) : error),
      ),
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

function opened(
  open: (onOpened: (error: Error | undefined, channel: ClientChannel) => void) => void,
  explain: (error: Error) => Error = sessionError,
): Promise<CommandChannel> {
  return new Promise((succeed, fail) => {
    const onOpened = (error: Error | undefined, channel: ClientChannel) => {
      if (!error) succeed(channel);
      else fail(explain(error));
    };
    try {
      open(onOpened);
    } catch (error) {
      fail(error);
    }
  });
}

function sessionError(error: Error): Error {
  if (/^Unable to start subsystem/.test(error.message)) return new NoSubsystemError(error.message);
  return /open failed/.test(error.message) ? new NoSessionError(error.message) : error;
}

/** The server said so: one that is gone gives no reason. */
function isChannelRefusal(error: Error): boolean {
  return typeof Reflect.get(error, 'reason') === 'number';
}

/** The server's own words; it may say nothing beside the reason of RFC 4254, 5.1. */
function tunnelWords(error: Error): string {
  const reason = Reflect.get(error, 'reason') === 1 ? 'administratively prohibited: ' : '';
  return `${reason}${showable(error.message.replace(/^\(SSH\) Channel open failure: /, ''))}`;
}
