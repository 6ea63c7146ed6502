/** `vigil check`: the problems of scripts and workflow files, without an editor and without an engine. */
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CheckOptions, checkScript, schedulerChoices } from '../language/check/check-script.ts';
import { shownProblems, shownWorkflowProblems } from '../language/check/shown-problems.ts';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { Problem, Severity } from '../language/problem/problem.ts';
import { readSeverities, type Severities } from '../language/problem/severities.ts';
import { checkRecipe } from '../language/recipe/check-recipe.ts';
import { recipeFolder } from '../language/recipe/recipe-keys.ts';
import { parseScript } from '../language/script/parse-script.ts';
import { LineIndex } from '../language/text/line-index.ts';
import { checkWorkflow } from '../language/workflow/check-workflow.ts';
import { isWorkflowFile, parseWorkflow } from '../language/workflow/parse-workflow.ts';
import { choice } from './arguments.ts';
import { type Io, UsageError } from './io.ts';
import { sarifLog } from './sarif.ts';

/** One problem as `--format json` writes it: lines and columns from 1, columns in UTF-16 units. */
export interface CheckedProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly fixes: readonly { readonly title: string }[];
}

type CheckIo = Pick<Io, 'stdout' | 'stderr' | 'readFile' | 'readIfPresent' | 'isDirectory'>;

interface CheckSettings {
  readonly options: CheckOptions;
  readonly severities: Severities;
}

const formats = ['text', 'json', 'sarif'] as const;

/** Of the cluster that `--cluster` names, as the engine knows them; `null`: it is not connected to it. */
export type ReadFacts = (cluster: string) => Promise<ClusterFacts | null>;

/** Exit status 0 without errors, 1 with, 2 for wrong usage and files that cannot be read. */
export async function runCheck(argv: readonly string[], io: CheckIo, readFacts: ReadFacts): Promise<number> {
  const { files, format, cluster, ...read } = readCheckArguments(argv);
  const facts = cluster === undefined ? null : await readFacts(cluster);
  if (cluster !== undefined && !facts) {
    io.stderr(
      `vigil check: the engine is not connected to ${cluster}, so its partitions and accounts are not checked ("vigil connect ${cluster}" connects)\n`,
    );
  }
  const settings = { options: { ...read.options, ...(facts && { facts }) }, severities: read.severities };
  const problems: CheckedProblem[] = [];
  let unreadable = false;
  for (const file of files) {
    let text: string;
    try {
      text = await io.readFile(file);
    } catch (error) {
      unreadable = true;
      io.stderr(`vigil check: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
      continue;
    }
    for (const found of checkText(file, text, settings, io)) problems.push(found);
  }
  io.stdout(formatProblems(problems, format));
  if (unreadable) return 2;
  return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function readCheckArguments(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'text' },
        scheduler: { type: 'string', default: 'auto' },
        cluster: { type: 'string' },
        severity: { type: 'string', multiple: true, default: [] },
      },
    });
    if (positionals.length === 0) throw new UsageError('FILE is missing');
    const format = choice('format', values.format, formats);
    const options: CheckOptions = { scheduler: choice('scheduler', values.scheduler, schedulerChoices) };
    const severities = chosenSeverities(values.severity);
    return { files: positionals, format, options, severities, cluster: values.cluster };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `--severity CODE=error|warning|information|hint|off`, as often as one likes; several are separated by commas. */
function chosenSeverities(given: readonly string[]): Severities {
  const pairs = given.flatMap((each) => each.split(',')).map((each) => each.trim());
  const wrong = pairs.find((pair) => !/^[^=]+=[^=]+$/.test(pair));
  if (wrong !== undefined) throw new UsageError(`--severity is CODE=SEVERITY, not "${wrong}"`);
  const { severities, invalid } = readSeverities(Object.fromEntries(pairs.map((pair) => pair.split('='))));
  if (invalid[0] !== undefined) throw new UsageError(`--severity: ${invalid[0]}`);
  return severities;
}

function problemsOf(
  file: string,
  text: string,
  { options, severities }: CheckSettings,
  io: CheckIo,
): readonly Problem[] {
  const folder = dirname(file);
  const recipe = recipeFolder(resolve(file));
  if (recipe) {
    const read = (path: string) => io.readIfPresent(resolve(folder, path));
    return shownWorkflowProblems(text, checkRecipe(text, recipe, { read }), severities);
  }
  if (!isWorkflowFile(file)) {
    const script = parseScript(text);
    const paths = { isDirectory: (path: string) => io.isDirectory(resolve(folder, path)) };
    return shownProblems(script, checkScript(script, { ...options, paths }), severities);
  }
  const found = checkWorkflow(parseWorkflow(text), { read: (path) => io.readIfPresent(resolve(folder, path)) });
  return shownWorkflowProblems(text, found, severities);
}

function checkText(file: string, text: string, settings: CheckSettings, io: CheckIo): readonly CheckedProblem[] {
  const lines = new LineIndex(text);
  return problemsOf(file, text, settings, io).map((found) => {
    const start = lines.positionAt(found.span.start);
    const end = lines.positionAt(found.span.end);
    return {
      file,
      line: start.line + 1,
      column: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
      severity: found.severity,
      code: found.code,
      message: found.message,
      fixes: found.fixes.map(({ title }) => ({ title })),
    };
  });
}

function formatProblems(problems: readonly CheckedProblem[], format: (typeof formats)[number]): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(problems, undefined, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(sarifLog(problems), undefined, 2)}\n`;
    case 'text':
      return problems
        .map(
          (found) =>
            `${found.file}:${found.line}:${found.column}: ${found.severity}: ${found.message} [${found.code}]\n`,
        )
        .join('');
  }
}
