/** `vigil` and `words` as a line for a POSIX shell. */
import { quoteWord } from '../../engine/clusters/quoting.ts';

const plain = /^[\w@%+=:,./-]+$/;

export function commandLine(words: readonly string[]): string {
  return ['vigil', ...words].map((word) => (plain.test(word) ? word : quoteWord(word))).join(' ');
}
