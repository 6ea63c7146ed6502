/** Reads the command lines of `vigil`. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './io.ts';

export interface Arguments<Options extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>['values'];
  readonly positionals: readonly string[];
  /** What stands behind `--`. */
  readonly rest: readonly string[];
}

/** Throws `UsageError` for unknown options and for too few or too many positionals. `names`: one a positional, `…` at the end of the last for any number. */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  argv: readonly string[],
  names: readonly string[],
  options: Options,
): Arguments<Options> {
  const split = argv.indexOf('--');
  const own = split < 0 ? argv : argv.slice(0, split);
  const rest = split < 0 ? [] : argv.slice(split + 1);
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true });
    const isOpen = names.at(-1)?.endsWith('…') === true;
    const missing = names[positionals.length];
    if (missing !== undefined && !missing.endsWith('…')) throw new UsageError(`${missing} is missing`);
    const extra = isOpen ? undefined : positionals[names.length];
    if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many`);
    return { values, positionals, rest };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** One of `allowed`, or `UsageError`. */
export function choice<const Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (!found) throw new UsageError(`--${name} is one of ${allowed.join(', ')}, not "${value}"`);
  return found;
}
