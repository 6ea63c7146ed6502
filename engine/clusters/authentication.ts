/** Logs in step by step: which method comes next, by what the server still takes, what was tried, and what people answer. */
import type { AnyAuthMethod, KeyboardInteractiveCallback, Prompt } from 'ssh2';
import type { Logger } from '../logger.ts';
import { ConnectionError } from './connection.ts';
import type { Prompter } from './prompter.ts';
import { messageOf, showable } from './showable.ts';
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

type Attempt =
  | { readonly kind: 'publickey'; readonly agent: SingleKeyAgent }
  /** Nothing but asking the server what it takes. */
  | { readonly kind: 'probe' | 'keyboard-interactive' | 'password' };

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
  #last: Attempt | undefined;
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
    const askPassphrase = (file: string, attempt: number) => {
      const question = `Passphrase for the key ${file}:`;
      const message = `${attempt > 1 ? 'That passphrase was wrong, please try again.\n' : ''}${question}`;
      const { cluster } = target;
      return prompter.input({
        cluster,
        kind: 'passphrase',
        address: addressOf(target),
        question,
        message,
        secret: true,
      });
    };
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
    if (last.kind === 'publickey') {
      if (last.agent.wasAccepted) {
        this.#stepTaken('publickey');
        return this.#probe();
      }
    } else {
      this.#offered = offered ?? [];
      if (isPartial && last.kind !== 'probe') this.#stepTaken(last.kind);
      else this.#countRefusal(last.kind);
    }
    for (const method of this.#options.target.methods) {
      if (this.#isDeclined) return false;
      const attempt = this.#offered.includes(method) ? await this.#attempt(method) : undefined;
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

  /** It was right but not enough: what comes now is another step, with tries of its own. */
  #stepTaken(method: AuthenticationMethod): void {
    this.#accepted.push(method);
    this.#answersRefused = 0;
    this.#isInteractiveSpent = false;
  }

  #countRefusal(kind: 'probe' | AuthenticationMethod): void {
    if (kind === 'probe') return;
    // A server that offers keyboard-interactive but asks nothing would refuse it for ever.
    if (kind === 'keyboard-interactive' && this.#promptsInAttempt === 0) this.#isInteractiveSpent = true;
    else this.#answersRefused += 1;
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
    const decline = (why: string, cause?: unknown) => {
      this.#isDeclined = true;
      const words = `Not connected to ${addressOf(target)}: ${why}. Connect again to be asked again.`;
      onDeclined(new ConnectionError('declined', target.cluster, words, { cause }));
      return undefined;
    };
    try {
      const answer = await prompter.input({
        cluster: target.cluster,
        kind,
        address: addressOf(target),
        question: showable(text),
        message,
        secret: isSecret,
      });
      return answer ?? decline(`${question(kind, text)} was not answered`);
    } catch (error) {
      return decline(`${question(kind, text)} could not be asked: ${messageOf(error)}`, error);
    }
  }

  #noteTried(method: string): void {
    if (!this.#tried.includes(method)) this.#tried.push(method);
  }
}

/** How to name a prompt in a message. */
function question(kind: 'password' | 'keyboard-interactive', text: string): string {
  return kind === 'password' ? 'the password' : `“${showable(text).split('\n').at(-1)?.trim()}”`;
}
