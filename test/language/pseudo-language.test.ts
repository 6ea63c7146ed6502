/** What the language service says, in a language that marks every text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions, actionVariables } from '../../language/actions/catalogue.ts';
import { checkScript } from '../../language/check/check-script.ts';
import { dialectOf, type Scheduler } from '../../language/directives/dialect.ts';
import { functions, historyFunctions, methods, variables } from '../../language/expression/names.ts';
import { explainPattern } from '../../language/pattern/explain.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { configure } from '../../language/text/l10n.ts';
import { properties } from '../../language/watcher/properties.ts';
import { checkWorkflow } from '../../language/workflow/check-workflow.ts';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { stepKeys, workflowKeys } from '../../language/workflow/schema.ts';
import { actionDoc, optionDoc, parameterDoc, propertyDoc } from '../../server/docs.ts';
import { keyDoc } from '../../server/workflow-docs.ts';
import { speakPseudoLanguage, unmarkedWords } from '../support/pseudo-language.ts';

beforeAll(speakPseudoLanguage);
afterAll(() => configure(undefined));

/** Names of programs and schedulers, what Python says, units. */
const untranslated =
  /\b(sbatch|qsub|bsub|flux batch|USR1|Slurm|PBS|TypeError: .*|nothing to repeat|missing \), unterminated subpattern|min|GiB|None|True|SSYNC_\w+)/g;

/** What stands in `…` is written so in every language. */
const english = (text: string) => unmarkedWords(text.replace(/`[^`]*`/g, ' ').replace(untranslated, ' '));

const said = (problems: readonly Problem[]) =>
  problems.flatMap(({ message, fixes }) => [message, ...fixes.map(({ title }) => title)]);

const examples = join(import.meta.dirname, '..', '..', 'examples');

const watchers = [
  '#WATCHER',
  '#WATCHER_END',
  '# WATCHER pattern="x"',
  '#WATCHER pattern="(" action=log_event()',
  '#WATCHER pattern="(a|a)*b" patern="x" action=notfy()',
  '#WATCHER name="a" pattern="\\d*" captures=[if,b] action=cancel_job(reson="x", reason=x)',
  '#WATCHER name="a" pattern="(x)" captures=[loss] condition="loss > 5 and lss" action=resubmit(delay="x") timeout=never',
  '#WATCHER pattern = x cooldown=-1 silence=0 action=webhook() stray',
  '#WATCHER_BEGIN',
  '# actions:',
  '#   - type: notify',
  '#     parms: {}',
  '#   -log',
  'echo',
];

const directives: { readonly [scheduler in Scheduler]?: readonly string[] } = {
  slurm: [
    '#SBATCH --ntask=4 --mem=4GiB -t 1:2:3:4:5 --array=5-1,x',
    '#SBATCH --mem-per-cpu=1 --dependency=after --mail-type=all,x --signal=X@y --gres=a:b:c:d -n=4 --hold=yes',
    '#SBATCH --co -o out_%A.txt --mem=1 stray --time=$HOUR --output="x',
    '#SBATCH --nodes=4-2 --constraint=a&&b --begin=soon --nice=x –-account=x --export=1',
  ],
  pbs: ['#PBS -l walltime=x,mem=4,nods=1 -N "a b" -J x -z y -p 9999'],
  lsf: ['#BSUB -W 1:2:3 -n x -R "span[" -J "a[x]%y" -zz'],
  sge: ['#$ -pe smp -l h_rt=x -t 0 -p 9999 -zz'],
  flux: ['#flux: --time-limit=x --urgency=99 --requires=( --stat -N x stray'],
};

describe('diagnostics and their fixes', () => {
  const scripts: readonly (readonly [name: string, text: string])[] = [
    ['broken.sh', readFileSync(join(examples, 'broken.sh'), 'utf8')],
    ['watchers', ['#!/bin/bash', '#SBATCH --signal=B:USR1@60', ...watchers].join('\n')],
    ...Object.entries(directives).map(([name, lines]): readonly [string, string] => [
      name,
      ['#!/bin/bash', ...lines, 'true', ''].join('\n'),
    ]),
    ['no shebang', '\n#SBATCH -n4\r\ntrue\r\n#SBATCH -n5\r\n'],
  ];
  it.each(scripts)('of %s', (_name, text) => {
    const found = said(checkScript(parseScript(text)));
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((words) => english(words).length > 0)).toEqual([]);
  });

  it('of a workflow', () => {
    const text = [
      'nme: x',
      'steps:',
      '  - { id: α, run: "true", needs: [β], sleep: 1 }',
      '  - { id: α, timeout: never, foreach: 7, if: "steps.γ.status == foo(1)" }',
      '  - { id: "a b", await_event: { count: 0 }, trigger_rule: x, if: "${{ 1 + \'α\' }" }',
      '',
    ].join('\n');
    const found = said(checkWorkflow(parseWorkflow(text)));
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((words) => english(words).length > 0)).toEqual([]);
  });
});

describe('what hovers and proposals say', () => {
  const texts = (of: Iterable<readonly [name: string, text: string]>) =>
    [...of].filter(([, text]) => english(text).length > 0).map(([name, text]) => `${name}: ${text}`);
  /** A default that is a value. */
  const without = (value: unknown, text: string) =>
    typeof value === 'string' ? text.replace(`⟧${value}⟦`, '⟧⟦') : text;

  it('of properties and actions', () => {
    expect(texts(properties.map((info) => [info.name, without(info.default, propertyDoc(info))]))).toEqual([]);
    const parameters = actions.flatMap((info) => info.parameters);
    expect(texts(parameters.map((info) => [info.name, without(info.default, parameterDoc(info))]))).toEqual([]);
    // With their parameters' defaults, which have just been looked at.
    expect(texts(actions.map((info) => [info.name, actionDoc({ ...info, parameters: [] })]))).toEqual([]);
    expect(texts(Object.entries(actionVariables).map(([name, doc]) => [name, doc()]))).toEqual([]);
  });

  it('of names in expressions', () => {
    const all = [functions, historyFunctions, methods, variables].flatMap((table) => Object.entries(table));
    expect(texts(all.map(([name, { doc }]) => [name, doc()]))).toEqual([]);
  });

  it.each(['slurm', 'flux', 'pbs', 'lsf', 'sge'] as const)('of the options of %s', (scheduler) => {
    const { options } = dialectOf(scheduler).table;
    const words = options.map(
      (info) => [info.name, without(info.default, optionDoc(info)).replace(/⟧\d[\d.]*⟦/g, '')] as const,
    );
    expect(texts(words)).toEqual([]);
    const meanings = options.flatMap(({ name, form }) =>
      (form?.values ?? []).map(([, meaning]) => [name, typeof meaning === 'string' ? '' : meaning()] as const),
    );
    expect(texts(meanings)).toEqual([]);
  });

  it('of the keys of workflow files', () => {
    const words = [...workflowKeys, ...stepKeys].map(
      (info) => [info.name, without(info.default, keyDoc(info))] as const,
    );
    expect(texts(words)).toEqual([]);
  });

  it('of the parts of a pattern', () => {
    const words = (parts: ReturnType<typeof explainPattern>): readonly string[] =>
      parts.flatMap((part) => [part.words, ...words(part.parts)]);
    const pattern = '(?i)^(?P<α>\\d+|[^a-z\\s]*?)(?:x{2,3}|)\\b.$';
    expect(words(explainPattern(pattern)).filter((each) => english(each).length > 0)).toEqual([]);
  });
});
