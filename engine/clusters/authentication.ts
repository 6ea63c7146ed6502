/** Logs in step by step: which method comes next, by what the server still takes, what was tried, and what people answer. */
import type { AnyAuthMethod, KeyboardInteractiveCallback, Prompt } from 'ssh2';
import type { Logger } from '../logger.ts';
import { ConnectionError } from './connection.ts';
import type { Prompter } from './prompter.ts';
import { type KeyCandidate, keyCandidates, type Patience, type SingleKeyAgent } from './ssh-keys.ts';
import { type AuthenticationMethod, addressOf, type SshTarget } from './ssh-target.ts';

export interface AuthenticationOptions {
  readonly target: SshTarget;
  readonly prompter: Prompter;
  readonly patience: Patience;
  readonly log: Logger;
  /** The person did not answer: there is no point in going on. */
  readonly onDeclined: (error: ConnectionError) => void;
}

/**
 * Decides for ssh2's `authHandler`. The order is ssh(1)'s: keys, keyboard-interactive, password; each as long as the
 * server offers it. A step that the server takes but that is not enough (AuthenticationMethods in sshd_config(5))
 * starts the next round.
 */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #keys: KeyCandidate[];
  readonly #tried: string[] = [];
  readonly #accepted: string[] = [];
  #offered: readonly string[] = [];
  #last: { readonly kind: AuthenticationMethod | 'probe'; readonly agent?: SingleKeyAgent } | undefined;
  #answersRefused = 0;
  #promptsInAttempt = 0;
  #isInteractiveSpent = false;
  #isDeclined = false;

  private constructor(options: AuthenticationOptions, keys: readonly KeyCandidate[]) {
    this.#options = options;
    this.#keys = [...keys];
  }

  static async create(options: AuthenticationOptions): Promise<Authentication> {
    const { target, prompter, patience, log } = options;
    const askPassphrase = (file: string, attempt: number) =>
      prompter.input({
        cluster: target.cluster,
        kind: 'passphrase',
        message: `${attempt > 1 ? 'That passphrase was wrong, please try again.\n' : ''}Passphrase for the key ${file}:`,
        secret: true,
      });
    const keys = target.methods.includes('publickey') ? await keyCandidates(target, askPassphrase, patience, log) : [];
    return new Authentication(options, keys);
  }

  /**
   * The next thing to try; `false`: nothing is left. `offered` and `isPartial` as ssh2 tells them, which is only to be
   * believed after other methods than an agent's keys: for those it keeps to itself what the server answered.
   */
  async next(offered: readonly string[] | null, isPartial: boolean | null): Promise<AnyAuthMethod | false> {
    const last = this.#last;
    if (!last) return this.#probe();
    if (last.agent?.wasAccepted) {
      this.#accepted.push('publickey');
      this.#startRound();
      return this.#probe();
    }
    if (last.kind !== 'publickey') {
      this.#offered = offered ?? [];
      if (isPartial === true && last.kind !== 'probe') {
        this.#accepted.push(last.kind);
        this.#startRound();
      }
    }
    if (last.kind === 'keyboard-interactive' && this.#promptsInAttempt === 0) this.#isInteractiveSpent = true;
    if (last.kind === 'password' || (last.kind === 'keyboard-interactive' && this.#promptsInAttempt > 0)) {
      if (this.#accepted.at(-1) !== last.kind || isPartial !== true) this.#answersRefused += 1;
    }
    for (const method of this.#options.target.methods) {
      if (this.#isDeclined) return false;
      if (!this.#offered.includes(method)) continue;
      const attempt = await this.#attempt(method);
      if (attempt) return attempt;
    }
    return false;
  }

  /** What to tell when the server did not let us in. */
  failure(words?: string): ConnectionError {
    const { cluster } = this.#options.target;
    const tried = this.#tried.length > 0 ? `tried: ${this.#tried.join(', ')}` : 'nothing could be tried';
    const accepted = this.#accepted.length > 0 ? `; accepted, but not enough: ${this.#accepted.join(', ')}` : '';
    const offered = this.#offered.length > 0 ? `; the server takes: ${this.#offered.join(', ')}` : '';
    const advice = 'Check the user name, the keys (IdentityFile, ssh-add -l) and the password.';
    return new ConnectionError(
      'authentication',
      cluster,
      `${addressOf(this.#options.target)} did not let us in (${tried}${accepted}${offered})${words ? `: ${words}` : '.'} ${advice}`,
    );
  }

  #startRound(): void {
    this.#answersRefused = 0;
    this.#isInteractiveSpent = false;
  }

  /** RFC 4252, 5.2: the answer to `none` is the list of what can continue. */
  #probe(): AnyAuthMethod {
    this.#last = { kind: 'probe' };
    return { type: 'none', username: this.#options.target.user };
  }

  async #attempt(method: AuthenticationMethod): Promise<AnyAuthMethod | undefined> {
    switch (method) {
      case 'publickey':
        return this.#nextKey();
      case 'keyboard-interactive':
        return this.#isInteractiveSpent || !this.#mayAsk() ? undefined : this.#interactive();
      case 'password':
        return this.#mayAsk() ? this.#password() : undefined;
    }
  }

  #mayAsk(): boolean {
    return this.#answersRefused < this.#options.target.passwordPrompts;
  }

  async #nextKey(): Promise<AnyAuthMethod | undefined> {
    for (let key = this.#keys.shift(); key; key = this.#keys.shift()) {
      const agent = await key.load();
      if (!agent) continue;
      this.#tried.push(`publickey (${key.label})`);
      this.#last = { kind: 'publickey', agent };
      return { type: 'agent', username: this.#options.target.user, agent };
    }
    return undefined;
  }

  async #password(): Promise<AnyAuthMethod | undefined> {
    const { target } = this.#options;
    this.#noteTried('password');
    const password = await this.#ask('password', `Password of ${addressOf(target)}:`, true);
    if (password === undefined) return undefined;
    this.#last = { kind: 'password' };
    return { type: 'password', username: target.user, password };
  }

  #interactive(): AnyAuthMethod {
    this.#noteTried('keyboard-interactive');
    this.#last = { kind: 'keyboard-interactive' };
    this.#promptsInAttempt = 0;
    const prompt = (
      name: string,
      instructions: string,
      _language: string,
      prompts: Prompt[],
      finish: KeyboardInteractiveCallback,
    ) => {
      void this.#answer([name, instructions], prompts).then((answers) => answers && finish([...answers]));
    };
    return { type: 'keyboard-interactive', username: this.#options.target.user, prompt };
  }

  async #answer(heading: readonly string[], prompts: readonly Prompt[]): Promise<readonly string[] | undefined> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const text = [...heading, prompt].filter((part) => part.trim() !== '').join('\n');
      const answer = await this.#ask('keyboard-interactive', text, echo !== true);
      if (answer === undefined) return undefined;
      this.#promptsInAttempt += 1;
      answers.push(answer);
    }
    return answers;
  }

  async #ask(kind: 'password' | 'keyboard-interactive', text: string, isSecret: boolean): Promise<string | undefined> {
    const { target, prompter, onDeclined } = this.#options;
    const isRetry = this.#answersRefused > 0 && (kind === 'password' || this.#promptsInAttempt === 0);
    const message = `${isRetry ? 'Permission denied, please try again.\n' : ''}${showable(text)}`;
    const answer = await prompter.input({ cluster: target.cluster, kind, message, secret: isSecret });
    if (answer === undefined) {
      this.#isDeclined = true;
      const question = kind === 'password' ? 'the password' : `“${showable(text).split('\n').at(-1)?.trim()}”`;
      onDeclined(
        new ConnectionError(
          'declined',
          target.cluster,
          `Not connected to ${addressOf(target)}: ${question} was not answered. Connect again to be asked again.`,
        ),
      );
    }
    return answer;
  }

  #noteTried(method: string): void {
    if (!this.#tried.includes(method)) this.#tried.push(method);
  }
}

/** Text from a server, as it may be shown: control characters (escape sequences, say) and changes of direction taken out. */
export function showable(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  return lines.trim().slice(0, 4000);
}
