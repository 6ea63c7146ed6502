/** What may stand where the cursor is on a command line of `vigil`. Pure. */
import type { JobInfo } from '../../engine/protocol.ts';
import type { CommandForm } from './commands.ts';

/** What the engine knows by name. */
export interface Known {
  readonly jobs: readonly Pick<JobInfo, 'key' | 'watchers'>[];
  readonly clusters: readonly string[];
  readonly runs: readonly string[];
}

/** Stands for the names of files, which the shell completes itself. */
export const files = ':files';

/** @param words those behind `vigil`; the last one, maybe empty, is the one being written. */
export function candidates(forms: readonly CommandForm[], words: readonly string[], known: Known): readonly string[] {
  const [name = '', ...rest] = words;
  if (rest.length === 0) return beginning(name, unique(forms.map((form) => form.name)));
  const current = rest.at(-1) ?? '';
  const before = rest.slice(0, -1);
  // Behind `--` are options of the scheduler.
  if (before.includes('--')) return [files];
  const options = new Map(forms.filter((form) => form.name === name).flatMap(({ options }) => [...options]));
  const asked = options.get(before.at(-1) ?? '');
  if (asked !== undefined) return beginning(current, meaning(asked, before, known));
  if (current.startsWith('-')) return beginning(current, [...options.keys()]);
  const typed = before.filter(
    (word, index) => !word.startsWith('-') && options.get(before[index - 1] ?? '') === undefined,
  );
  const fitting = forms.filter(
    (form) => form.name === name && typed.every((word, at) => fits(form.positionals[at], word)),
  );
  const wanted = fitting.flatMap(({ positionals }) => {
    const last = positionals.at(-1);
    const here = positionals[typed.length] ?? (last?.endsWith('…') ? last : undefined);
    return here === undefined ? [] : meaning(here, typed, known);
  });
  return beginning(current, unique(wanted));
}

/** A literal word of the usage must be typed as it is; all else fits a placeholder. */
function fits(placeholder: string | undefined, word: string): boolean {
  const choices = placeholder === undefined ? undefined : literals(placeholder);
  return choices === undefined || choices.includes(word);
}

function meaning(placeholder: string, typed: readonly string[], known: Known): readonly string[] {
  const choices = literals(placeholder);
  if (choices) return choices;
  switch (placeholder.replace(/…$/, '')) {
    case 'JOB':
      return known.jobs.map(({ key }) => key);
    case 'RUN':
      return known.runs;
    case 'C':
    case 'CLUSTER':
      return known.clusters;
    case 'NAME':
      return known.jobs
        .filter(({ key }) => typed.includes(key))
        .flatMap(({ watchers }) => watchers.map(({ name }) => name));
    default:
      return /^(FILE|SCRIPT|DIR|PATH)/.test(placeholder) ? [files] : [];
  }
}

/** `text|json` and `edit` are words to type; `JOB` and `CODE=error` are not. A `…` among them stands for others. */
function literals(placeholder: string): readonly string[] | undefined {
  const words = placeholder.split('|').filter((word) => !word.includes('…'));
  return words.length > 0 && words.every((word) => /^[a-z][a-z-]*$/.test(word)) ? words : undefined;
}

function beginning(text: string, all: readonly string[]): readonly string[] {
  return all.filter((one) => one === files || one.startsWith(text));
}

function unique(all: readonly string[]): readonly string[] {
  return [...new Set(all)];
}
