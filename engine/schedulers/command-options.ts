/** The options a job is submitted with: the script's directives, overridden by the command line, as sbatch(1) has it. */
import { parseOptions } from '../../language/directives/directive.ts';
import { parseScript, type ScriptDocument } from '../../language/script/parse-script.ts';

/** By canonical long name, e.g. `job-name`; an option without a value maps to the empty string. */
export function commandOptions(document: ScriptDocument, argv: readonly string[]): ReadonlyMap<string, string> {
  const fromScript = document.directives
    .filter((directive) => directive.scheduler === 'slurm' && directive.effective)
    .flatMap((directive) => directive.options);
  return new Map([...fromScript, ...parseOptions(argv)].map((option) => [option.name, option.value ?? '']));
}

/** The other clusters of the site that a job with these options may go to (`-M`); one that is empty: the login node's own. */
export function clustersOf(options: ReadonlyMap<string, string>): readonly string[] {
  const named = (options.get('clusters') ?? '').split(',').filter((name) => /^[\w.-]+$/.test(name));
  return named.length > 0 ? named : [''];
}

/** Does a job that runs again add to its output (sbatch(1), `--open-mode`)? `siteAppends`: where it does not say. */
export function appendsOutput(script: string, argv: readonly string[], siteAppends: boolean): boolean {
  const mode = commandOptions(parseScript(script), argv).get('open-mode');
  return mode === undefined ? siteAppends : /^a/i.test(mode);
}
