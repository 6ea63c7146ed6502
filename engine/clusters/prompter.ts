/** Who is asked for passwords, codes and host keys: the windows of the editor, a terminal, or nobody. */
import type { HostKeyPrompt, InputPrompt } from '../protocol.ts';

export interface Prompter {
  /** `undefined`: declined, or nobody is there to ask. `signal`: the answer is no longer wanted. */
  input(prompt: InputPrompt, signal?: AbortSignal): Promise<string | undefined>;
  /** False: declined, or nobody is there to ask. */
  confirmHostKey(prompt: HostKeyPrompt, signal?: AbortSignal): Promise<boolean>;
  /** Something to be done that is not typed: touch a security key, say. */
  tell(message: string): void;
}

/** `prompter`, whose questions are taken back when `signal` is aborted: nobody is left with a prompt of a dead attempt. */
export function withdrawnWith(prompter: Prompter, signal: AbortSignal): Prompter {
  const both = (own: AbortSignal | undefined) => (own ? AbortSignal.any([signal, own]) : signal);
  return {
    input: (prompt, own) => prompter.input(prompt, both(own)),
    confirmHostKey: (prompt, own) => prompter.confirmHostKey(prompt, both(own)),
    tell: (message) => prompter.tell(message),
  };
}

/**
 * Does this prompt ask for a password or passphrase, the same each time, and not for a one-time code? Most servers ask
 * for the password by keyboard-interactive: there only its words tell.
 */
export function asksForPassword({ kind, title = '', instructions = '', question, secret }: InputPrompt): boolean {
  if (kind !== 'keyboard-interactive') return true;
  const words = `${title}\n${instructions}\n${question}`;
  return secret && /password:?\s*$/i.test(question) && !/one-time|otp|token|code|verification/i.test(words);
}

/** All that a prompt has to say, for where there is one text only: a word on a wrong answer, the server's words, the question. */
export function promptText({ isRetry, title = '', instructions = '', question, kind }: InputPrompt): string {
  const wrong =
    kind === 'passphrase' ? 'That passphrase was wrong, please try again.' : 'Permission denied, please try again.';
  return [isRetry ? wrong : '', title, instructions, question].filter((part) => part.trim() !== '').join('\n');
}
