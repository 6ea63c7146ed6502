/** A page of docs/diagnostics: what it says of its code, and what the language service says of its examples. */
import { type CheckOptions, checkScript } from '../../language/check/check-script.ts';
import { shownProblems, shownWorkflowProblems } from '../../language/check/shown-problems.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import type { CommandPolicy } from '../../language/lint/action-lints.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { checkRecipe } from '../../language/recipe/check-recipe.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { checkWorkflow } from '../../language/workflow/check-workflow.ts';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { readManifest } from '../support/manifest.ts';

export interface DiagnosticPage {
  readonly title: string | undefined;
  readonly severity: string | undefined;
  readonly hasFix: boolean;
  /** As they follow one another. */
  readonly sections: readonly string[];
  readonly wrong: Example;
  readonly mended: Example;
  /** What the examples name, by the path that they name it by: blocks with `file=PATH` behind their language. */
  readonly files: ReadonlyMap<string, string>;
  /** What is said of the wrong example, quoted below it. */
  readonly message: string | undefined;
  /** What the section on the quick fix says; '' without one. */
  readonly fixText: string;
}

interface Example {
  readonly language: string;
  readonly text: string;
}

export function readPage(markdown: string): DiagnosticPage {
  const [, severity, fix] = /^\*\*(\w+)\*\*(, with a quick fix)?/m.exec(markdown) ?? [];
  const sections = markdown.split(/^## /m).slice(1);
  const section = (name: string) => sections.find((each) => each.startsWith(`${name}\n`)) ?? '';
  const blocks = [...markdown.matchAll(/^```(\w+) file=(\S+)\n(.*?)^```$/gms)];
  return {
    title: /^# (.*)$/m.exec(markdown)?.[1],
    severity: severity?.toLowerCase(),
    hasFix: fix !== undefined,
    sections: sections.map((each) => each.slice(0, each.indexOf('\n'))),
    message: /^> (.*)$/m.exec(section('Wrong'))?.[1],
    wrong: exampleOf(section('Wrong')),
    mended: exampleOf(section('Mended')),
    files: new Map(blocks.map(([, , path = '', text = '']) => [path, text])),
    fixText: section('Quick fix').replace(/\s+/g, ' '),
  };
}

/** `␍` at the end of a line stands for the carriage return of DOS. */
function exampleOf(section: string): Example {
  const [, language = '', text = ''] = /^```(\w+)\n(.*?)^```$/ms.exec(section) ?? [];
  return { language, text: text.replaceAll('␍\n', '\r\n') };
}

/** What is shown of an example in the editor, with the settings as they are at first. */
export function problemsOf(code: string, page: DiagnosticPage, { language, text }: Example): readonly Problem[] {
  if (language === 'bash') {
    const script = parseScript(text);
    return shownProblems(script, checkScript(script, optionsFor(code)));
  }
  const files = { read: (path: string) => page.files.get(path) };
  const found = code.startsWith('recipe/')
    ? checkRecipe(text, 'recipes', files)
    : checkWorkflow(parseWorkflow(text), files);
  return shownWorkflowProblems(text, found);
}

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: {
        readonly 'vigil.actions.runCommand': { readonly default: CommandPolicy['runCommand'] };
        readonly 'vigil.actions.allowedCommands': { readonly default: CommandPolicy['allowedCommands'] };
      };
    };
  };
}

const settings = readManifest<Manifest>().contributes.configuration.properties;
const commandPolicy: CommandPolicy = {
  runCommand: settings['vigil.actions.runCommand'].default,
  allowedCommands: settings['vigil.actions.allowedCommands'].default,
};

function optionsFor(code: string): CheckOptions {
  return {
    paths: { isDirectory: () => false },
    commandPolicy,
    ...(ofCluster.has(code) && { facts: cluster }),
  };
}

/** The pages whose examples are for this cluster, of which they tell. */
const ofCluster: ReadonlySet<string> = new Set([
  'directive/unknown-name',
  'directive/beyond-limit',
  'directive/no-access',
]);

const cluster: ClusterFacts = {
  cluster: 'hpc',
  scheduler: 'slurm',
  gathered: 0,
  partitions: [
    { name: 'short', isDefault: true, state: 'up', timeLimitSeconds: 3600, nodes: { free: 1, total: 4 } },
    {
      name: 'gpu',
      isDefault: false,
      state: 'up',
      timeLimitSeconds: 86_400,
      nodes: { free: 0, total: 20 },
      gres: ['gpu:a100:4'],
      allowAccounts: ['ml'],
    },
  ],
  accounts: [
    { name: 'ml', qos: ['normal'] },
    { name: 'bio', qos: ['normal'] },
  ],
  defaultAccount: 'bio',
  qos: [{ name: 'normal' }],
  limits: { enforcesAccounts: true, enforcesQos: true },
};
