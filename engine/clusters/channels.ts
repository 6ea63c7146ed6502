/** Opens channels for commands to run on, as soon as the server has a session free. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import { type Carrier, type CommandChannel, NoSessionError, NoSubsystemError } from './command-channel.ts';
import { ConnectionError } from './connection.ts';
import { messageOf, showable } from './showable.ts';
import { type Tunnel, TunnelError } from './tunnel.ts';

export interface ChannelsOptions {
  readonly carrier: Carrier;
  /** Aborted, with a ConnectionError, when the connection ends. */
  readonly ended: AbortSignal;
  readonly log: Logger;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** An error of a breaking connection may come before the news of its end. */
const endGraceMs = 200;

export class Channels {
  readonly #options: ChannelsOptions;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /**
   * A channel on which `commandLine` runs. sshd refuses one too many (MaxSessions), and frees places late: then it is
   * tried again until `signal`. Rejects with ConnectionError or the signal's reason.
   */
  open(commandLine: string, signal: AbortSignal): Promise<CommandChannel> {
    return this.#open(() => this.#options.carrier.openChannel(commandLine), signal);
  }

  /** Likewise, with a subsystem of the server. Rejects with NoSubsystemError, too. */
  openSubsystem(name: string, hello: Uint8Array, signal: AbortSignal): Promise<CommandChannel> {
    return this.#open(() => this.#options.carrier.openSubsystem(name, hello), signal);
  }

  /** A TCP connection from the server, which takes no session. Rejects with TunnelError, ConnectionError or the signal's reason. */
  async openTunnel(host: string, port: number, signal: AbortSignal): Promise<Tunnel> {
    const opened = await this.#try(() => this.#options.carrier.openTunnel(host, port), signal);
    if (!(opened instanceof Error)) return opened;
    signal.throwIfAborted();
    throw opened instanceof TunnelError ? opened : await this.#explain(opened);
  }

  async #open(start: () => Promise<CommandChannel>, signal: AbortSignal): Promise<CommandChannel> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const opened = await this.#try(start, signal);
      if (!(opened instanceof Error)) return opened;
      signal.throwIfAborted();
      if (opened instanceof NoSubsystemError) throw opened;
      if (!(opened instanceof NoSessionError)) throw await this.#explain(opened);
      this.#options.log.debug(`no free session on ${this.#options.carrier.address}, trying again in ${pauseMs} ms`);
      // The sleep's own AbortError says nothing; the signal's reason does.
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #try<Channel extends Tunnel>(start: () => Promise<Channel>, signal: AbortSignal): Promise<Channel | Error> {
    const { log } = this.#options;
    return new Promise((settle, fail) => {
      if (signal.aborted) return fail(signal.reason);
      const onAbort = () => fail(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      start().then(
        (channel) => {
          signal.removeEventListener('abort', onAbort);
          channel.on('error', (error: Error) => log.debug(`a channel: ${error.message}`));
          if (signal.aborted) channel.close();
          settle(channel);
        },
        (error: unknown) => {
          signal.removeEventListener('abort', onAbort);
          settle(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  async #explain(error: Error): Promise<ConnectionError> {
    const { ended, carrier } = this.#options;
    const { cluster, address } = carrier;
    if (!ended.aborted) await sleep(endGraceMs, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return ended.reason;
    // What ssh2 says when the connection is gone but its 'close' has not come yet.
    if (/^(Not connected|No response from server|\(SSH\) Channel open failure)/.test(error.message)) {
      return new ConnectionError('closed', cluster, `The connection to ${cluster} (${address}) is breaking.`, {
        cause: error,
      });
    }
    const words = showable(messageOf(error));
    return new ConnectionError('configuration', cluster, `${address} does not let commands be run: ${words}`, {
      cause: error,
    });
  }
}
