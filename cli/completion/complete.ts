/** `vigil completion SHELL` and what its functions call, `vigil complete -- WORD…`. */
import { choice, readArguments } from '../arguments.ts';
import type { Io } from '../io.ts';
import { printable } from '../table.ts';
import { usage } from '../usage.ts';
import { candidates, files, type Known } from './candidates.ts';
import { commandForms } from './commands.ts';
import { shellFunctions, shells } from './shells.ts';

/** Prints what the shell is to evaluate. */
export async function runCompletion(argv: readonly string[], io: Io): Promise<number> {
  const { positionals } = readArguments(argv, ['bash|zsh|fish'], {});
  io.stdout(shellFunctions[choice('shell', positionals[0] ?? '', shells)]);
  return 0;
}

/**
 * Prints what may stand at the cursor, one a line; `:files` where the shell completes files.
 * @param readKnown asks the engine if one runs; it is not started to complete a word.
 */
export async function runComplete(argv: readonly string[], io: Io, readKnown: () => Promise<Known>): Promise<number> {
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  const nothing: Known = { jobs: [], clusters: [], runs: [] };
  const forms = commandForms(usage);
  // Commands and options need no engine, and a word is completed while somebody waits.
  const isPlain = words.length < 2 || (words.at(-1) ?? '').startsWith('-');
  const known = isPlain ? nothing : await readKnown();
  for (const one of candidates(forms, words, known)) io.stdout(`${one === files ? one : printable(one)}\n`);
  return 0;
}
