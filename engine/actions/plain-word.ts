/** What a job printed, where something else than a person reads it as a language: nothing but plain words is let through. Pure. */
import type { TemplatePart } from '../../language/template/parse-template.ts';
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';
import { partsOf } from '../watch/action-params.ts';
import type { ActionHost } from './action.ts';

/** Nothing that a shell, a scheduler or a common language reads as more than a word, and no option. */
const plainWord = /^[A-Za-z0-9_./:,+@%=][A-Za-z0-9_./:,+@%=-]{0,1023}$/;

export const isPlainWord = (value: string): boolean => plainWord.test(value);

/** Names that Vigil itself fills in from what the scheduler or the script says. */
const own = new Set([
  'JOB_ID',
  'HOSTNAME',
  'USER',
  'WORK_DIR',
  'JOB_STATE',
  'job_end_state',
  'WATCHER',
  'TRIGGER_COUNT',
]);

/** Does the value of this variable come from elsewhere than the job's output? */
export const isTrusted = (name: string, { captureNames }: Pick<ActionHost, 'captureNames'>): boolean =>
  own.has(name) && !captureNames.includes(name);

/** For a message. */
export const shownValue = (value: string): string => JSON.stringify(value.slice(0, 100));

/** Variables that loaders, shells and interpreters act on before the program that was meant does anything. */
export const isLoaderName = (name: string): boolean =>
  /^(?:PATH|IFS|ENV|BASH_.*|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|CDPATH|HOME|SHELL|EDITOR|VISUAL|PAGER|LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|PYTHON.*|PERL.*|RUBY.*|NODE_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|LUA_.*|R_.*|JULIA_.*|GIT_.*|SSH_.*|MODULEPATH|MODULES.*|LMOD_.*|SBATCH_.*|SLURM_.*|SRUN_.*|FLUX_.*|OMPI_.*|PMIX_.*|UCX_.*|.*_PRELOAD|.*_PROXY)$/i.test(
    name,
  );

/** What the job printed of what stands in `written`: values by the names of their variables. */
export function printedIn(
  written: JsonValue | undefined,
  { variables = {} }: Pick<ActionIntent, 'variables'>,
  host: Pick<ActionHost, 'captureNames'>,
): ReadonlyMap<string, string> {
  const namesIn = (part: TemplatePart): string[] =>
    part.kind === 'variable' ? [part.name, ...part.word.flatMap(namesIn)] : [];
  const names = partsOf(written ?? null).flatMap(namesIn);
  return new Map(Object.entries(variables).filter(([name]) => names.includes(name) && !isTrusted(name, host)));
}

/** Why `what` cannot take these values; `undefined`: each is a plain word or empty. */
export function notPlain(what: string, printed: ReadonlyMap<string, string>): string | undefined {
  const odd = [...printed].find(([, value]) => value !== '' && !isPlainWord(value));
  return odd && `what ${odd[0]} captured is no plain word, which ${what} needs: ${shownValue(odd[1])}`;
}

/** Names of options whose value becomes a script, or the environment of the job. Abbreviations too. */
export const isLoaderOption = (option: string): boolean => /^-*(?:wr|exp|env|prolog|epilog)/i.test(option);
