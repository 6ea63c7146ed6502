/** Asks the attached clients what the engine needs of a person: in all windows at once, the first answer counts, the others are taken back. */
import { type CancellationToken, CancellationTokenSource, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Prompter } from './clusters/prompter.ts';
import { type CommandAnswer, type CommandPrompt, promptCommand } from './protocol/actions.ts';
import * as protocol from './protocol.ts';

export interface PromptedClient {
  readonly connection: MessageConnection;
  readonly gone: Promise<void>;
}

type Send<Answer> = (connection: MessageConnection, token: CancellationToken) => Promise<Answer>;

export class ClientPrompts implements Prompter {
  readonly #clients: () => readonly PromptedClient[];
  readonly #notify: (notification: protocol.UserNotification) => void;
  /** Open questions that a client which comes now is asked, too. */
  readonly #open = new Set<(client: PromptedClient) => void>();

  /** `clients`: those that answer prompts, in the order in which they came. */
  constructor(clients: () => readonly PromptedClient[], notify: (notification: protocol.UserNotification) => void) {
    this.#clients = clients;
    this.#notify = notify;
  }

  /** One window is enough to answer: an answer, or a refusal, in one takes the question back in all others. */
  async input(prompt: protocol.InputPrompt, signal?: AbortSignal): Promise<string | undefined> {
    const send: Send<string | null> = (connection, token) =>
      connection.sendRequest(protocol.promptInput, prompt, token);
    return (await this.#askAll(send, signal)) ?? undefined;
  }

  async confirmHostKey(prompt: protocol.HostKeyPrompt, signal?: AbortSignal): Promise<boolean> {
    const send: Send<boolean> = (connection, token) => connection.sendRequest(protocol.promptHostKey, prompt, token);
    return (await this.#askInTurn(send, signal)) ?? false;
  }

  /** May a watcher run this command? `undefined`: nobody is there to be asked, or can answer. */
  confirmCommand(prompt: CommandPrompt, signal?: AbortSignal): Promise<CommandAnswer | undefined> {
    return this.#askInTurn((connection, token) => connection.sendRequest(promptCommand, prompt, token), signal);
  }

  /** In one window at a time, the latest first: the editor's modal dialogs cannot be taken back. */
  async #askInTurn<Answer>(send: Send<Answer>, signal: AbortSignal | undefined): Promise<Answer | undefined> {
    const asked = new Set<PromptedClient>();
    for (;;) {
      const client = this.#clients().findLast((one) => !asked.has(one));
      if (!client || signal?.aborted) return undefined;
      asked.add(client);
      const answer = await askOne(client, send, signal);
      if (answer !== undefined) return answer;
    }
  }

  tell(message: string): void {
    this.#notify({ level: 'info', message });
  }

  /** A client that answers prompts came. */
  clientCame(client: PromptedClient): void {
    for (const ask of this.#open) ask(client);
  }

  #askAll<Answer>(send: Send<Answer>, signal: AbortSignal | undefined): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const settled = new AbortController();
      const stop = AbortSignal.any([settled.signal, ...(signal ? [signal] : [])]);
      let unanswered = 0;
      const settle = (answer: Answer | undefined) => {
        this.#open.delete(ask);
        resolve(answer);
        settled.abort();
      };
      const ask = (client: PromptedClient) => {
        unanswered++;
        void askOne(client, send, stop).then((answer) => {
          unanswered--;
          if (answer !== undefined) settle(answer);
          // Nobody is left who could answer.
          else if (unanswered === 0) settle(undefined);
        });
      };
      const clients = this.#clients();
      if (clients.length === 0 || stop.aborted) return settle(undefined);
      stop.addEventListener('abort', () => settle(undefined), { once: true });
      this.#open.add(ask);
      for (const client of clients) ask(client);
    });
  }
}

/** `undefined`: this client cannot answer, has left, or `signal` took the question back. */
async function askOne<Answer>(
  { connection, gone }: PromptedClient,
  send: Send<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  const source = new CancellationTokenSource();
  const withdrawn = new Promise<undefined>((resolve) => {
    const withdraw = () => {
      source.cancel();
      resolve(undefined);
    };
    if (signal?.aborted) withdraw();
    else signal?.addEventListener('abort', withdraw, { once: true });
  });
  try {
    const answer = send(connection, source.token).catch(() => undefined);
    return await Promise.race([answer, withdrawn, gone.then(() => undefined)]);
  } finally {
    source.dispose();
  }
}
