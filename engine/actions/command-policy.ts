/** Which commands `run_command` may run (section 9): rules for what a job printed, which hold always, and the allowlist. Pure. */
import { isPlainWord } from './plain-word.ts';
import { environmentName, type ScannedCommand, type SimpleCommand } from './scan-command.ts';

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

/** They take every argument as a name or a text, and never as code. */
const tellers = new Set(
  'cat cp date df du echo false grep head hostname ln logger ls mkdir mv notify-send printf pwd rm sacct sinfo sleep squeue sstat tail touch true wc'.split(
    ' ',
  ),
);
const instead = (name: string) =>
  `let a script do that, which reads the environment variable ${environmentName(name)}, or capture less`;

/**
 * Why a captured value could become more than a word here; `undefined`: it cannot. `foreign`: the values that come from the
 * job's output, by the names of their variables.
 */
export function unsafeUse(
  template: string,
  scanned: ScannedCommand,
  foreign: ReadonlyMap<string, string>,
): string | undefined {
  const inShell = byShellVariable(template, foreign);
  if (inShell !== undefined)
    return `\${${inShell}} captured no plain word, and the command has it as a variable of the shell's: ${instead(inShell)}`;
  const used = scanned.commands.flatMap(({ words }) => words.flatMap((word) => word.variables));
  const first = used.find((name) => foreign.has(name));
  if (first === undefined) return undefined;
  if (scanned.unclear !== undefined)
    return `\${${first}} stands in a command that cannot be read for sure (${scanned.unclear}): put that into a script, and give it \${${first}} as an argument`;
  for (const command of scanned.commands) {
    const problem = unsafeInCommand(command, (names) => names.find((name) => foreign.has(name)));
    if (problem) return problem;
  }
  const odd = used.find((name) => !isHarmless(foreign.get(name) ?? ''));
  return odd === undefined ? undefined : (unsafeText(scanned, odd) ?? asOption(scanned, foreign));
}

const isHarmless = (value: string) => value === '' || isPlainWord(value);

/** A capture that is no plain word, and that the shell itself would expand: `$VIGIL_x`, `$$x`, `$((x))`. */
function byShellVariable(template: string, foreign: ReadonlyMap<string, string>): string | undefined {
  const evaluates = /\(\(|\[|\b(?:let|declare|typeset|local|test|eval)\b/.test(template);
  return [...foreign].find(([name, value]) => {
    if (isHarmless(value) || !/^\w+$/.test(name)) return false;
    if (new RegExp(`\\b${environmentName(name)}\\b|\\$\\$\\{?[#!]?${name}\\b`).test(template)) return true;
    return evaluates && new RegExp(`\\b${name}\\b`).test(template);
  })?.[0];
}

/** Why a value that is no plain word may not stand in this command, in which what is printed or written may be run. */
function unsafeText({ commands, features }: ScannedCommand, name: string): string | undefined {
  const what = `\${${name}} captured no plain word, and`;
  const [feature] = features;
  if (feature !== undefined) return `${what} the command has ${feature}: ${instead(name)}`;
  for (const [index, { operator, words }] of commands.entries()) {
    const program = words[0]?.literal ?? '';
    const isPipe = operator === '|';
    if (isPipe && (program === 'logger' || (program === 'tee' && words[1]?.literal === '-a'))) continue;
    if (isPipe && commands[index - 1] !== undefined)
      return `${what} the command has a pipe to ${program}, where only logger and tee -a may stand: ${instead(name)}`;
    if (!tellers.has(program))
      return `${what} ${program || 'a program that is not written out'} might read it as more than a text: ${instead(name)}`;
    if (program === 'printf' && !isPlainFormat(words[1]?.literal))
      return `${what} of printf's formats only %s and %% are safe, written out: ${instead(name)}`;
  }
  return undefined;
}

/** Some shells evaluate what `%d` gets, and `-v` names a variable whose index they evaluate. */
const isPlainFormat = (format: string | undefined) =>
  format !== undefined && !format.startsWith('-') && /^(?:[^%]|%[s%])*$/.test(format);

/** A word that begins with a captured `-` is an option, unless `--` stands before it. */
function asOption({ commands }: ScannedCommand, foreign: ReadonlyMap<string, string>): string | undefined {
  for (const { words } of commands) {
    const end = words.findIndex((word) => word.literal === '--');
    for (const word of words.slice(0, end < 0 ? words.length : end)) {
      const name = word.isLedByVariable && word.variables.find((one) => foreign.get(one)?.startsWith('-'));
      if (name)
        return `what \${${name}} captured begins with - and would be an option: write -- before it, or give it a text in front, such as "value: \${${name}}"`;
    }
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
  if (scanned.unclear !== undefined) return `it cannot be read for sure: ${scanned.unclear}`;
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
