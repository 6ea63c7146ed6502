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
  | { readonly kind: 'publickey'; readonly agent: SingleKeyAgent; readonly label: string }
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
  readonly #accepted: AuthenticationMethod[] = [];
  /** The same with the keys' names. */
  readonly #stepsTaken: string[] = [];
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
      const { cluster } = target;
      return prompter.input({
        cluster,
        kind: 'passphrase',
        address: addressOf(target),
        isJumpHost: target.isJumpHost === true,
        question: `Passphrase for the key ${file}:`,
        isRetry: attempt > 1,
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

  /** What the server accepted, in order; to be asked once it has let us in. */
  get steps(): readonly string[] {
    return this.#last ? [...this.#stepsTaken, stepOf(this.#last)] : this.#stepsTaken;
  }

  /** What to tell when the server did not let us in. */
  failure(words?: string): ConnectionError {
    const { cluster } = this.#options.target;
    const tried = this.#tried.length > 0 ? `tried: ${this.#tried.join(', ')}` : 'nothing could be tried';
    const accepted = this.#accepted.length > 0 ? `; accepted, but not enough: ${this.#accepted.join(', ')}` : '';
    const offered = this.#offered.length > 0 ? `; the server takes: ${this.#offered.join(', ')}` : '';
    const others = this.#offered.filter((method) => /^(gssapi|hostbased)/.test(method)).join(', ');
    const advice =
      others === ''
        ? 'Check the user name, the keys (IdentityFile, ssh-add -l) and the password.'
        : `Check the user name, the keys and the password; for ${others}, which only ssh itself can do (Kerberos: after kinit), set "transport": "openssh" for ${cluster} in the setting vigil.clusters.`;
    return new ConnectionError(
      'authentication',
      cluster,
      `${addressOf(this.#options.target)} did not let us in (${tried}${accepted}${offered})${words ? `: ${words}` : '.'} ${advice}`,
    );
  }

  /** It was right but not enough: what comes now is another step, with tries of its own. */
  #stepTaken(method: AuthenticationMethod): void {
    this.#accepted.push(method);
    if (this.#last) this.#stepsTaken.push(stepOf(this.#last));
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
      this.#last = { kind: 'publickey', agent, label: key.label };
      return { type: 'agent', username: this.#options.target.user, agent };
    }
    return undefined;
  }

  async #password(): Promise<AnyAuthMethod | undefined> {
    const { target } = this.#options;
    this.#noteTried('password');
    const password = await this.#ask('password', { question: `Password of ${addressOf(target)}:` }, true);
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
      void this.#answer({ title: name, instructions }, prompts).then((answers) => answers && finish([...answers]));
    };
    return { type: 'keyboard-interactive', username: this.#options.target.user, prompt };
  }

  async #answer(heading: Heading, prompts: readonly Prompt[]): Promise<readonly string[] | undefined> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const answer = await this.#ask('keyboard-interactive', { ...heading, question: prompt }, echo !== true);
      if (answer === undefined) return undefined;
      this.#promptsInAttempt += 1;
      answers.push(answer);
    }
    return answers;
  }

  async #ask(
    kind: 'password' | 'keyboard-interactive',
    words: Heading & { readonly question: string },
    isSecret: boolean,
  ): Promise<string | undefined> {
    const { target, prompter, onDeclined } = this.#options;
    const [title, instructions, question] = [words.title, words.instructions, words.question].map((text = '') =>
      showable(text),
    );
    const decline = (why: string, cause?: unknown) => {
      this.#isDeclined = true;
      const message = `Not connected to ${addressOf(target)}: ${why}. Connect again to be asked again.`;
      onDeclined(new ConnectionError('declined', target.cluster, message, { cause }));
      return undefined;
    };
    const asked = nameOf(kind, question ?? '');
    try {
      const answer = await prompter.input({
        cluster: target.cluster,
        kind,
        address: addressOf(target),
        isJumpHost: target.isJumpHost === true,
        ...(title && { title }),
        ...(instructions && { instructions }),
        question: question ?? '',
        isRetry: this.#answersRefused > 0 && (kind === 'password' || this.#promptsInAttempt === 0),
        secret: isSecret,
      });
      return answer ?? decline(`${asked} was not answered`);
    } catch (error) {
      return decline(`${asked} could not be asked: ${messageOf(error)}`, error);
    }
  }

  #noteTried(method: string): void {
    if (!this.#tried.includes(method)) this.#tried.push(method);
  }
}

interface Heading {
  readonly title?: string;
  readonly instructions?: string;
}

function stepOf(attempt: Attempt): string {
  return attempt.kind === 'publickey'
    ? `publickey (${attempt.label})`
    : attempt.kind === 'probe'
      ? 'none'
      : attempt.kind;
}

/** How to name a prompt in a message. */
function nameOf(kind: 'password' | 'keyboard-interactive', question: string): string {
  return kind === 'password' ? 'the password' : `“${question.split('\n').at(-1)?.trim()}”`;
}
