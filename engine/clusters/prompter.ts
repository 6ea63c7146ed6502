/** Who is asked for passwords, codes and host keys: a window of the editor, a terminal, or nobody. */
import type { HostKeyPrompt, InputPrompt } from '../protocol.ts';

export interface Prompter {
  /** `undefined`: declined, or nobody is there to ask. */
  input(prompt: InputPrompt): Promise<string | undefined>;
  /** False: declined, or nobody is there to ask. */
  confirmHostKey(prompt: HostKeyPrompt): Promise<boolean>;
}
