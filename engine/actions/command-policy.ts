/** Which commands `run_command` may run (section 9): rules for what a job printed, which hold always, and the allowlist. Pure. */
import type { ScannedCommand, SimpleCommand } from './scan-command.ts';

/** They read their arguments as commands, assignments or arithmetic: what a job printed would run. */
const evaluators = new Set(
  'eval . source exec trap alias let declare typeset local export readonly unset read mapfile readarray test [ ssh su parallel'.split(
    ' ',
  ),
);
/** Their arguments may hold a program in a language of theirs. */
const interpreters = new Set(
  'sh bash dash ash ksh zsh csh tcsh fish python python2 python3 perl ruby node php lua julia Rscript R awk gawk mawk nawk sed find xargs env sudo make expr bc dc m4 vim vi ex ed tclsh gnuplot sqlite3 mysql psql octave matlab'.split(
    ' ',
  ),
);
/** They run the program that their arguments name. */
const wrappers = new Set(
  'command builtin nice nohup time timeout stdbuf setsid ionice taskset numactl srun mpirun mpiexec env sudo xargs flock watch singularity apptainer docker podman uv uvx'.split(
    ' ',
  ),
);
/** Options whose value is a program: `-c`, `-lc`, `-e`, `--eval`, `-exec`. */
const codeOption =
  /^(?:-[A-Za-z]*[ceEfr]|--?(?:eval|execute|command|expression|exec|execdir|ok|okdir|init-command|print))$/;

/**
 * Why a captured value could become more than a word here; `undefined`: it cannot. `isTrusted`: variables that do not come
 * from the job's output.
 */
export function unsafeUse(scanned: ScannedCommand, isTrusted: (variable: string) => boolean): string | undefined {
  const foreign = (names: readonly string[]) => names.find((name) => !isTrusted(name));
  const first = scanned.commands
    .flatMap(({ words }) => words.flatMap((word) => word.variables))
    .find((name) => !isTrusted(name));
  if (first === undefined) return undefined;
  if (scanned.isUnclear)
    return `\${${first}} stands in a command with \`$(…)\`, backquotes, \`\${…}\`, a here-document, a comment or arithmetic: put that into a script, and give it \${${first}} as an argument`;
  for (const command of scanned.commands) {
    const problem = unsafeInCommand(command, foreign);
    if (problem) return problem;
  }
  return undefined;
}

function unsafeInCommand(
  { words }: SimpleCommand,
  foreign: (names: readonly string[]) => string | undefined,
): string | undefined {
  const program = words.findIndex((word) => !word.isAssignment);
  const name = foreign(words[program]?.variables ?? []);
  if (name !== undefined) return `\${${name}} would decide which program runs`;
  const assigned = words.slice(0, Math.max(0, program)).flatMap((word) => word.variables);
  const set = foreign(assigned);
  if (set !== undefined) return `\${${set}} would set a variable of the program's: give it as an argument`;
  const isWrapper = wrappers.has(baseName(words[program]?.literal ?? ''));
  for (let at = program; at >= 0 && at < words.length && (at === program || isWrapper); at++) {
    const called = baseName(words[at]?.literal ?? '');
    const given = words.slice(at + 1);
    const used = foreign(given.flatMap((word) => word.variables));
    if (used === undefined) break;
    // `test` and `[` among them: some shells compare numbers as arithmetic, which runs `a[$(…)]`.
    // A program that runs another one runs no builtin of the shell's.
    const evaluates = at === program ? evaluators.has(called) : /^(?:ssh|su|parallel)$/.test(called);
    if (evaluates) return `${called} would read \${${used}} as more than a word`;
    if (!interpreters.has(called)) continue;
    const bad = given.find(
      (word, index) =>
        foreign(word.variables) !== undefined &&
        (!word.isVariable || codeOption.test(given[index - 1]?.literal ?? '') || isFirstOperand(called, given, index)),
    );
    if (bad)
      return `${called} would read \${${foreign(bad.variables)}} as a program: give it as an argument of its own`;
  }
  return undefined;
}

/** Of these the first operand is the program. */
function isFirstOperand(called: string, given: SimpleCommand['words'], index: number): boolean {
  if (/^(?:sudo|env|xargs|make|expr|find|ed|ex|vi|vim)$/.test(called)) return true;
  return given.slice(0, index).every((word) => word.literal?.startsWith('-') === true);
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Why the allowlist does not let this command run; `undefined`: it does. */
export function refusedByAllowlist(scanned: ScannedCommand, allowed: readonly string[]): string | undefined {
  const [feature] = scanned.features;
  if (feature !== undefined)
    return `it has ${feature}, and vigil.actions.runCommand is "allowlist": only programs of vigil.actions.allowedCommands, joined by && || ; or piped to logger or tee -a`;
  if (scanned.isUnclear) return 'its quotes do not match';
  if (scanned.commands.length === 0) return 'it is empty';
  for (const { operator, words } of scanned.commands) {
    const program = words[0]?.literal;
    if (program === undefined) return 'its program is not written out';
    if (operator === '|') {
      if (program === 'logger' || (program === 'tee' && words[1]?.literal === '-a')) continue;
      return `it pipes to ${program}: only pipes to logger and tee -a are allowed`;
    }
    if (!allowed.includes(program)) return `${program} is not in vigil.actions.allowedCommands`;
  }
  return undefined;
}
