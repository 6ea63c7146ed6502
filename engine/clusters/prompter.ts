/** Who is asked for passwords, codes and host keys: a window of the editor, a terminal, or nobody. */
import type { HostKeyPrompt, InputPrompt } from '../protocol.ts';

export interface Prompter {
  /** `undefined`: declined, or nobody is there to ask. */
  input(prompt: InputPrompt): Promise<string | undefined>;
  /** False: declined, or nobody is there to ask. */
  confirmHostKey(prompt: HostKeyPrompt): Promise<boolean>;
}

/**
 * Does this prompt ask for a password or passphrase, the same each time, and not for a one-time code? Most servers ask
 * for the password by keyboard-interactive: there only the question tells.
 */
export function asksForPassword({ kind, question, secret }: InputPrompt): boolean {
  if (kind !== 'keyboard-interactive') return true;
  return secret && /password:?\s*$/i.test(question) && !/one-time|otp|token|code|verification/i.test(question);
}
