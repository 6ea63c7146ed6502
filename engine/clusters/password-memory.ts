/**
 * Passwords and passphrases for as long as the engine runs, in its memory alone: a connection that drops at night is
 * opened again without a person. One-time codes are never kept.
 */
import type { InputPrompt } from '../protocol.ts';
import { ConnectionError } from './connection.ts';
import { asksForPassword, type Prompter } from './prompter.ts';

export class PasswordMemory {
  readonly #byCluster = new Map<string, ReadonlyMap<string, string>>();

  /**
   * Runs one attempt to connect to `cluster`. What worked is kept and answers the same questions of later attempts, once
   * each; what the server refused is forgotten.
   */
  async during<Result>(
    cluster: string,
    prompter: Prompter,
    attempt: (prompter: Prompter) => Promise<Result>,
  ): Promise<Result> {
    const known = new Map(this.#byCluster.get(cluster));
    const given = new Map<string, string>();
    let unanswered: string | undefined;
    const remembering: Prompter = {
      confirmHostKey: (prompt, signal) => prompter.confirmHostKey(prompt, signal),
      tell: (message) => prompter.tell(message),
      input: async (prompt, signal) => {
        const question = questionOf(prompt);
        unanswered = prompt.question;
        const answer = known.get(question) ?? (await prompter.input(prompt, signal));
        unanswered = undefined;
        // Asked again in the same attempt, it was wrong.
        known.delete(question);
        if (answer !== undefined && asksForPassword(prompt)) given.set(question, answer);
        return answer;
      },
    };
    try {
      const result = await attempt(remembering);
      if (given.size > 0) this.#byCluster.set(cluster, given);
      return result;
    } catch (error) {
      if (ConnectionError.is(error, 'authentication')) this.#byCluster.delete(cluster);
      // A server that hangs up on somebody who is away would be asked again, and would ask, all night.
      if (unanswered === undefined || !ConnectionError.is(error) || error.reason === 'declined') throw error;
      const words = `Not connected to ${cluster}: nobody answered “${unanswered}” in time. Connect again to be asked again.`;
      throw new ConnectionError('declined', cluster, words, { cause: error });
    }
  }

  /** E.g. because a person disconnects. */
  forget(cluster: string): void {
    this.#byCluster.delete(cluster);
  }
}

/** With who asks: a jump host must not be given the password of what is behind it. */
const questionOf = ({ kind, address, question }: InputPrompt) => `${kind} ${address} ${question}`;
