/** Opens channels on an ssh2 client for commands to run on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import type { Logger } from '../logger.ts';
import { ConnectionError } from './connection.ts';
import { showable } from './showable.ts';

export interface ChannelsOptions {
  readonly client: Client;
  readonly cluster: string;
  /** `user@host:port`, for messages. */
  readonly address: string;
  /** Aborted, with a ConnectionError, when the connection ends. */
  readonly ended: AbortSignal;
  readonly log: Logger;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;

export class SshChannels {
  readonly #options: ChannelsOptions;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /**
   * A channel on which `commandLine` runs. sshd refuses one too many (MaxSessions), and frees places late: then it is
   * tried again until `signal`. Rejects with ConnectionError or the signal's reason.
   */
  async open(commandLine: string, signal: AbortSignal): Promise<ClientChannel> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const opened = await this.#try(commandLine, signal);
      if (!(opened instanceof Error)) return opened;
      signal.throwIfAborted();
      if (!/open failed/.test(opened.message)) throw this.#explain(opened);
      this.#options.log.debug(`no free session on ${this.#options.address}, trying again in ${pauseMs} ms`);
      // The sleep's own AbortError says nothing; the signal's reason does.
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #try(commandLine: string, signal: AbortSignal): Promise<ClientChannel | Error> {
    const { client, log } = this.#options;
    return new Promise((settle, fail) => {
      if (signal.aborted) return fail(signal.reason);
      const onAbort = () => fail(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const onOpened = (error: Error | undefined, channel: ClientChannel) => {
        signal.removeEventListener('abort', onAbort);
        if (error) return settle(error);
        channel.on('error', (channelError: Error) => log.debug(`a channel: ${channelError.message}`));
        if (signal.aborted) channel.close();
        settle(channel);
      };
      try {
        client.exec(commandLine, onOpened);
      } catch (error) {
        signal.removeEventListener('abort', onAbort);
        settle(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #explain(error: Error): ConnectionError {
    const { ended, cluster, address } = this.#options;
    if (ended.aborted) return ended.reason;
    // What ssh2 says when the connection is gone but its 'close' has not come yet.
    if (/^(Not connected|No response from server|\(SSH\) Channel open failure)/.test(error.message)) {
      return new ConnectionError('closed', cluster, `The connection to ${cluster} (${address}) is breaking.`, {
        cause: error,
      });
    }
    const words = showable(error.message);
    return new ConnectionError('configuration', cluster, `${address} does not let commands be run: ${words}`, {
      cause: error,
    });
  }
}
