/** The watchers of a script's text as the engine runs them: what has errors is refused, never run otherwise than written. */
import { checkScript } from '../language/check/check-script.ts';
import { parseScript, type ScriptDocument } from '../language/script/parse-script.ts';
import { bindWatchers, type WatcherSpec } from '../language/watcher/spec.ts';
import { SubmitRefusedError } from './refusal.ts';
import { invalidWatchers, rangeOf } from './script-problems.ts';

export interface ScriptWatchers {
  readonly document: ScriptDocument;
  readonly specs: readonly WatcherSpec[];
}

/** `what`: the beginning of the message when there are errors. Throws `SubmitRefusedError` at the first of them. */
export function scriptWatchers(script: string, maxWatchers: number, what: string): ScriptWatchers {
  const document = parseScript(script);
  const problem = invalidWatchers(checkScript(document, { maxWatchers }))[0];
  if (problem) {
    const range = rangeOf(script, problem.span);
    const words = `line ${range.start.line + 1}: ${problem.message}`;
    throw new SubmitRefusedError(`${what} ${words}`, { words: problem.message, range }, false);
  }
  return { document, specs: bindWatchers(document, { maxWatchers }) };
}

/** The one watcher of that name; errors of the others do not count. Throws as `scriptWatchers`, or when there is none. */
export function scriptWatcher(script: string, name: string, maxWatchers: number, what: string): ScriptWatchers {
  const document = parseScript(script);
  const spec = bindWatchers(document, { maxWatchers }).find((one) => one.name === name);
  if (spec) return { document, specs: [spec] };
  const { specs } = scriptWatchers(script, maxWatchers, what);
  const known = specs.map((one) => one.name).join(', ');
  throw new Error(`${what} The script has no watcher "${name}"${known ? `; it has ${known}` : ' and no other'}.`);
}
