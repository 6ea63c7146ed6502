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
    const remembering: Prompter = {
      confirmHostKey: (prompt) => prompter.confirmHostKey(prompt),
      input: async (prompt) => {
        const question = questionOf(prompt);
        const answer = known.get(question) ?? (await prompter.input(prompt));
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
      throw error;
    }
  }

  /** E.g. because a person disconnects. */
  forget(cluster: string): void {
    this.#byCluster.delete(cluster);
  }
}

const questionOf = ({ kind, message }: InputPrompt) => `${kind} ${message}`;
