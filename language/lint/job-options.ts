/** Lints of what the directives of a Slurm job ask for together: duplicates, conflicts, limits, where the output goes. */

import { findLongOption } from '../directives/option-lookup.ts';
import { countIndices, parseArrayRanges } from '../directives/values.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { lineBreakOf } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import { type Component, commandLines, optionOf, type PlacedOption, removeOption, type SlurmJob } from './slurm-job.ts';

/** What is known of the files beside a script. `path` is relative to the script; undefined: it is not known. */
export interface PathProvider {
  isDirectory(path: string): boolean | undefined;
}

export function lintJobOptions(job: SlurmJob, paths: PathProvider | undefined): readonly Problem[] {
  return [
    ...job.components.flatMap((component) => [...duplicates(job, component), ...memoryConflicts(job, component)]),
    ...timeLimit(job),
    ...arrayOutput(job),
    ...outputDirectories(job, paths),
    ...signalWithoutTrap(job),
  ];
}

function duplicates(job: SlurmJob, component: Component): readonly Problem[] {
  const seen = new Map<string, PlacedOption>();
  const problems: Problem[] = [];
  for (const option of component) {
    const earlier = seen.get(option.name);
    seen.set(option.name, option);
    // Options of plugins may be meant to be repeated; -vv is.
    if (!earlier || !findLongOption(option.name) || option.name === 'verbose') continue;
    const line = earlier.directive.line + 1;
    const isSame = earlier.value === option.value;
    const words = isSame
      ? l10n.t('`--{0}` is given on line {1} already.', option.name, line)
      : l10n.t('`--{0}` is given on line {1} too: this one counts.', option.name, line);
    const fix = removeOption(job.document, isSame ? option : earlier);
    const title = isSame ? fix.title : l10n.t('{0} of line {1}', fix.title, line);
    problems.push(
      problem('directive/duplicate-option', option.span, words, [{ ...fix, title }], isSame ? 'hint' : undefined),
    );
  }
  return problems;
}

const memoryOptions = ['mem', 'mem-per-cpu', 'mem-per-gpu'];

/** sbatch(1): they are mutually exclusive. */
function memoryConflicts(job: SlurmJob, component: Component): readonly Problem[] {
  const given = memoryOptions.flatMap((name) => optionOf(component, name) ?? []);
  const [first, ...others] = given.sort((a, b) => a.span.start - b.span.start);
  return others.flatMap((option) => {
    if (!first) return [];
    const words = l10n.t(
      '`--{0}` and `--{1}` (line {2}) exclude each other.',
      option.name,
      first.name,
      first.directive.line + 1,
    );
    return [problem('directive/memory-conflict', option.span, words, [removeOption(job.document, option)])];
  });
}

function timeLimit(job: SlurmJob): readonly Problem[] {
  const [component = []] = job.components;
  if (component.length === 0 || optionOf(component, 'time')) return [];
  const [{ prefixSpan }] = job.directives;
  const last = job.directives.at(-1)?.span.end ?? prefixSpan.end;
  const newline = lineBreakOf(job.document);
  const fix = replaceFix(l10n.t('Add a time limit'), { start: last, end: last }, `${newline}#SBATCH --time=01:00:00`);
  const words = l10n.t(
    'No `--time`: the job gets the default of its partition, and one that asks for less than the most it may have starts sooner.',
  );
  return [problem('directive/no-time-limit', prefixSpan, words, [fix])];
}

/** Tasks that write to one file overwrite each other’s output. */
function arrayOutput(job: SlurmJob): readonly Problem[] {
  const [component = []] = job.components;
  const array = optionOf(component, 'array');
  const ranges = array && parseArrayRanges(array.value ?? '');
  if (!array || (ranges && countIndices(ranges) === 1)) return [];
  return ['output', 'error'].flatMap((name) => {
    const option = optionOf(component, name);
    const { value = '', valueSpan } = option ?? {};
    if (!option || !valueSpan || value === '' || value.startsWith('/dev/')) return [];
    // %j is another one for each task, %A is not. %% is a percent sign.
    if (/%\d*[ajJ]/.test(value.replaceAll('%%', '')) || /[{}<>$@!]|%%\w/.test(value)) return [];
    const shown = l10n.t(
      'The tasks of the array all write to `{0}`: what one has written the next one overwrites. Put `%a` into the name.',
      value,
    );
    const source = job.document.text.slice(valueSpan.start, valueSpan.end);
    const dot = /\.\w+["']?$/.exec(source)?.index ?? source.replace(/["']$/, '').length;
    const at = { start: valueSpan.start + dot, end: valueSpan.start + dot };
    return [problem('directive/array-output', option.span, shown, [replaceFix(l10n.t('Add `_%a`'), at, '_%a')])];
  });
}

/** Slurm creates no directories: a job whose output cannot be opened fails at once, without a word. */
function outputDirectories(job: SlurmJob, paths: PathProvider | undefined): readonly Problem[] {
  const [component = []] = job.components;
  if (!paths || optionOf(component, 'chdir')) return [];
  const setup = job.document.loginSetup.some(({ body }) => /\bmkdir\b/.test(body.text));
  if (setup) return [];
  return ['output', 'error'].flatMap((name) => {
    const option = optionOf(component, name);
    const directory = /^(.+)\/[^/]*$/.exec(option?.value ?? '')?.[1];
    // Elsewhere than beside the script it is the cluster that knows.
    if (!option?.valueSpan || directory === undefined || /^[/~]|[%$\\{}<>@!]/.test(directory)) return [];
    if (paths.isDirectory(directory) !== false) return [];
    const words = l10n.t(
      'There is no directory `{0}` beside the script. Slurm does not create it: if it is missing where the job is submitted too, the job fails at once and writes nothing. A `mkdir` in the script comes too late.',
      directory,
    );
    return [problem('directive/missing-directory', option.valueSpan, words)];
  });
}

const signalNumbers: { readonly [number: string]: string } = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  10: 'USR1',
  12: 'USR2',
  15: 'TERM',
};

/** `--signal=B:USR1@120` signals the shell of the script, which a signal without a trap ends. */
function signalWithoutTrap(job: SlurmJob): readonly Problem[] {
  const [component = []] = job.components;
  const option = optionOf(component, 'signal');
  const match = /^(R?B|BR):(?:SIG)?(\w+)(?:@(\d+))?$/i.exec(option?.value ?? '');
  if (!option || !match || !job.isShell || job.shellText().unsure) return [];
  const written = (match[2] ?? '').toUpperCase();
  const name = signalNumbers[written] ?? written;
  const number = Object.entries(signalNumbers).find(([, each]) => each === name)?.[0] ?? name;
  const caught = new RegExp(`\\b(SIG)?(${name}|${number})\\b`, 'i');
  // What another file defines is not known here, and exec puts another program in the place of the shell.
  const unknown = /^\s*(exec|source|\.|eval)\s/;
  const commands = commandLines(job);
  const trapOf = ({ source }: { readonly source: string }) => /\btrap\b.*/i.exec(source)?.[0] ?? '';
  if (commands.some((command) => caught.test(trapOf(command)) || unknown.test(command.source))) return [];
  // A `trap` that goes on in the next line, or whose signals a variable holds.
  const all = Array.from(job.document.text.matchAll(/\btrap\b.*/g), ([trap]) => trap);
  if (all.some((trap) => trap.includes('$') || trap.endsWith('\\'))) return [];
  const words =
    match[3] === undefined
      ? l10n.t('The shell of this script gets {0} and has no `trap` for it: the signal ends the script.', name)
      : l10n.t(
          'The shell of this script gets {0} and has no `trap` for it: the signal ends the script {1} s before the time limit.',
          name,
          match[3],
        );
  const at = endOfDirectives(job);
  const fix = replaceFix(
    l10n.t('Add a `trap` for {0}', name),
    { start: at, end: at },
    `${lineBreakOf(job.document)}trap 'echo "caught ${name}"' ${name}`,
  );
  return [problem('directive/signal-without-trap', option.span, words, [fix])];
}

function endOfDirectives(job: SlurmJob): number {
  return job.directives.at(-1)?.span.end ?? 0;
}
