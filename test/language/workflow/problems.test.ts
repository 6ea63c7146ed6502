/** Every diagnostic of workflow files: what brings it up, where it stands, and what its quick fix makes of the file. */
import { describe, expect, it } from 'vitest';
import { problemCodes } from '../../../language/problem/codes.ts';
import type { Problem } from '../../../language/problem/problem.ts';
import { checkWorkflow } from '../../../language/workflow/check-workflow.ts';
import { parseWorkflow } from '../../../language/workflow/parse-workflow.ts';
import { applyFix } from '../support.ts';

const files: { readonly [path: string]: string } = {
  'a.sh': '#!/bin/bash\ntrue\n',
  'emits.sh': '#!/bin/bash\n#WATCHER pattern="(\\d+)" captures=[n] action=emit_event(name="done:${n}")\n',
  'fixed.sh': '#!/bin/bash\n#WATCHER pattern="x" action=emit_event(name="ready")\n',
  'prints.sh': '#!/bin/bash\necho "::event printed {}"\nvigil emit told\n',
  'itself.vigil.yaml': 'steps:\n  - workflow: itself.vigil.yaml\n',
  'ends.vigil.yaml': 'steps:\n  - { workflow: ends.vigil.yaml, if: "1 > 2" }\n',
  'sub/b.vigil.yaml': 'steps:\n  - workflow: c.vigil.yaml\n',
  'sub/c.vigil.yaml': 'steps:\n  - run: a\n  - workflow: ../a.vigil.yaml\n',
  'sub/../a.vigil.yaml': 'steps:\n  - workflow: sub/b.vigil.yaml\n',
  'd.vigil.yaml': 'steps:\n  - { workflow: e.vigil.yaml, if: "1 > 2" }\n',
  'e.vigil.yaml': 'steps:\n  - workflow: d.vigil.yaml\n',
  'child.vigil.yaml': 'params: { lr: 0.1, name: a }\nsteps:\n  - emit_event: from-child\n',
};
const provider = { read: (path: string) => files[path] };

function problemsOf(text: string): readonly Problem[] {
  return checkWorkflow(parseWorkflow(text), provider);
}

const steps = (...lines: readonly string[]) => `steps:\n${lines.map((line) => `  ${line}\n`).join('')}`;

/** File, `code "text of its place"` of each problem, and the file after the first quick fix of the first problem. */
type Case = readonly [text: string, problems: readonly string[], fixed?: string];

const groups: { readonly [name: string]: readonly Case[] } = {
  'the file': [
    ['', []],
    ['# only a comment\n', []],
    ['just text\n', ['workflow/wrong-type "just text"']],
    ['- run: a\n', ['workflow/wrong-type "- run: a⏎"']],
    ['name: x\n', ['workflow/missing-key "name"']],
    ['name: "x\nsteps: [{ run: a }]\n', ['workflow/missing-key "name"', 'workflow/yaml ""']],
    ['a: &x { b: 1 }\nsteps: [*x]\n', ['workflow/unknown-key "a"', 'workflow/not-supported "*x"']],
    ['? [a]\n: 1\nsteps: [{ run: a }]\n', ['workflow/not-supported "[a]"']],
    [`nmae: x\n${steps('- run: a')}`, ['workflow/unknown-key "nmae"'], `name: x\n${steps('- run: a')}`],
    [`name: x\nname: y\n${steps('- run: a')}`, ['workflow/duplicate-key "name"']],
    [`timeout: soon\n${steps('- run: a')}`, ['workflow/wrong-type "soon"']],
    [`timeout:\n${steps('- run: a')}`, ['workflow/wrong-type "timeout"']],
    [`on: { cron: 0 6 * * 1-5, timezone: Europe/Berlin, event: [a, b], match: payload > 1 }\n${steps('- run: a')}`, []],
    [`on: { cron: ["@daily", 5 4 * * *] }\n${steps('- run: a')}`, []],
    [`params: { x: a }\non: { event: "\${{ params.x }}" }\n${steps('- run: ${{ run.trigger.payload }}')}`, []],
    [`on: { cron: ["@daily", 5 4 * *] }\n${steps('- run: a')}`, ['workflow/wrong-type "5 4 * *"']],
    [`on: { cron: [[1]] }\n${steps('- run: a')}`, ['workflow/wrong-type "[1]"']],
    [`on: { cron: daily }\n${steps('- run: a')}`, ['workflow/wrong-type "daily"']],
    [`on: push\n${steps('- run: a')}`, ['workflow/wrong-type "push"']],
    [
      `on: { timezone: UTC }\n${steps('- run: a')}`,
      ['workflow/missing-key "{ timezone"', 'workflow/no-effect "timezone"'],
    ],
    [`on: { cron: "@daily", match: payload }\n${steps('- run: a')}`, ['workflow/no-effect "match"']],
    [`on: { event: a, match: payloda }\n${steps('- run: a')}`, ['workflow/unknown-name "payloda"']],
    [`params: 5\n${steps('- run: a')}`, ['workflow/wrong-type "5"']],
    [
      `params: { a-b: 5 }\n${steps('- run: a')}`,
      ['workflow/bad-name "a-b"'],
      `params: { a_b: 5 }\n${steps('- run: a')}`,
    ],
    [`params: { a: 5, a: 6 }\n${steps('- run: a')}`, ['workflow/duplicate-key "a"']],
    ['steps: go\n', ['workflow/wrong-type "go"']],
    [steps('- go'), ['workflow/wrong-type "go"']],
  ],
  steps: [
    [steps('- id: a'), ['workflow/missing-verb "id"']],
    [steps('- run: a', '  sleep: 5'), ['workflow/several-verbs "sleep"']],
    [steps('- run: a', '  run: b'), ['workflow/duplicate-key "run"']],
    [steps('- submti: a.sh'), ['workflow/missing-verb "submti"', 'workflow/unknown-key "submti"']],
    [steps('- submit: { script: a.sh, opts: 1 }'), ['workflow/unknown-key "opts"']],
    [
      steps('- submit: { script: a.sh, optoins: { mem: 1G } }'),
      ['workflow/unknown-key "optoins"'],
      steps('- submit: { script: a.sh, options: { mem: 1G } }'),
    ],
    [steps('- submit: { env: { A: 1 } }'), ['workflow/missing-key "{ env"']],
    [steps('- submit: a.sh', '  env: { A: [1] }'), ['workflow/wrong-type "[1]"']],
    [steps('- sleep: 5 minutes'), ['workflow/wrong-type "5 minutes"']],
    [steps('- sleep: 90', '- sleep: 1.5h', '- sleep: "2d"'), []],
    [steps('- sleep: -1'), ['workflow/wrong-type "-1"']],
    [steps('- run: a', '  retry: 0'), ['workflow/out-of-range "0"'], steps('- run: a', '  retry: 1')],
    [steps('- run: a', '  retry: { attempts: 2, on: timeout }'), []],
    [
      steps('- run: a', '  retry: { backoff: exponentail }'),
      ['workflow/wrong-type "exponentail"'],
      steps('- run: a', '  retry: { backoff: exponential }'),
    ],
    [
      steps('- run: a', '  retry: { on: [timeout, node_fial] }'),
      ['workflow/wrong-type "node_fial"'],
      steps('- run: a', '  retry: { on: [timeout, node_fail] }'),
    ],
    [steps('- run: a', '  continue_on_error: yes'), ['workflow/wrong-type "yes"']],
    [steps('- run: a', '  id: my-step'), ['workflow/bad-name "my-step"'], steps('- run: a', '  id: my_step')],
    [steps('- run: a', '  id: 1a'), ['workflow/bad-name "1a"'], steps('- run: a', '  id: _1a')],
    [steps('- { run: a, id: x }', '- { run: b, id: x }'), ['workflow/duplicate-id "x"']],
    [steps('- run: a', '  on_timeout: continue'), ['workflow/unreachable-timeout "on_timeout"']],
    [steps('- run: a', '  on_timeout: continue', '  timeout: 5m'), []],
    [steps('- run: a', '  max_parallel: 2'), ['workflow/no-effect "max_parallel"']],
    [steps('- run: a', '  foreach: [1, 2]', '  max_parallel: 2'), []],
    [steps('- run: a', '  fail_fast: false'), ['workflow/no-effect "fail_fast"']],
    [steps('- run: a', '  matrix: { x: [1, 2] }', '  fail_fast: false', '  max_parallel: 1'), []],
    [steps('- sleep: { until: 2026-11-22T06:00, timezone: Europe/Berlin }', '- sleep: { cron: 0 6 * * 1-5 }'), []],
    [steps('- sleep: { until: soon }'), ['workflow/wrong-type "soon"']],
    [steps('- sleep: { until: 2026-02-30 }'), ['workflow/wrong-type "2026-02-30"']],
    [steps('- sleep: { cron: 0 6 * * 8 }'), ['workflow/wrong-type "0 6 * * 8"']],
    [steps('- sleep: { cron: 60 }'), ['workflow/wrong-type "60"']],
    [steps('- sleep: { cron: "@daily", timezone: Berlin }'), ['workflow/wrong-type "Berlin"']],
    [steps('- sleep: { for: 5m, timezone: UTC }'), ['workflow/no-effect "timezone"']],
    [steps('- sleep: { timezone: UTC }'), ['workflow/missing-key "{ timezone"', 'workflow/no-effect "timezone"']],
    [steps('- sleep: { for: 5m, until: 2026-11-22 }'), ['workflow/conflicting-keys "until"']],
    [steps('- await_event: { timeout: 5m }'), ['workflow/missing-key "{ timeout"']],
    [
      steps('- submit: fixed.sh', '- await_event: { any_of: [ready, raedy] }'),
      ['workflow/never-emitted "raedy"'],
      steps('- submit: fixed.sh', '- await_event: { any_of: [ready, ready] }'),
    ],
    [steps('- submit: fixed.sh', '- await_event: { all_of: [ready], count: 2 }'), ['workflow/no-effect "count"']],
    [
      steps('- submit: fixed.sh', '- await_event: { name: ready, any_of: [ready] }'),
      ['workflow/conflicting-keys "any_of"'],
    ],
    [steps('- await_event: { any_of: [[a]] }'), ['workflow/wrong-type "[a]"']],
    [steps('- await_event: { any_of: a }'), ['workflow/wrong-type "a"']],
    [
      `params: { n: [a], s: a }\n${steps('- submit: ${{ params.s }}', '- await_event: { any_of: "${{ params.n }}" }')}`,
      [],
    ],
    [
      `params: { s: a }\n${steps('- await_event: { any_of: "${{ params.s }}" }')}`,
      ['workflow/type-mismatch "${{ params.s }}"'],
    ],
    [
      `params: { s: a, n: 5 }\n${steps('- sleep: { until: "${{ params.s }}" }', '- sleep: { cron: "${{ params.n }}" }')}`,
      ['workflow/type-mismatch "${{ params.n }}"'],
    ],
    [steps('- run: a', '  trigger_rule: all_done'), ['workflow/no-effect "trigger_rule"']],
    [steps('- run: a', '- run: b', '  needs: []', '  trigger_rule: all_done'), ['workflow/no-effect "trigger_rule"']],
    [steps('- run: a', '- run: b', '  trigger_rule: one_failed'), []],
    [steps('- run: a', '- run: b', '  trigger_rule: any_failed'), ['workflow/wrong-type "any_failed"']],
    [steps('- run: a', '  foreach: [1]', '  matrix: { x: [1] }'), ['workflow/conflicting-keys "matrix"']],
    [steps('- run: a', '  matrix: [1]'), ['workflow/wrong-type "[1]"']],
    [
      `params: { m: { x: [1] } }\n${steps('- run: a', '  matrix: ${{ params.m }}')}`,
      ['workflow/wrong-type "${{ params.m }}"'],
    ],
    [`params: { l: [{ x: 2 }] }\n${steps('- run: a', '  matrix: { x: [1], include: "${{ params.l }}" }')}`, []],
    [steps('- run: a', '  matrix: { x: 1 }'), ['workflow/wrong-type "1"']],
    [steps('- run: a', '  matrix: { x-y: [1] }'), ['workflow/bad-name "x-y"']],
    [steps('- run: a', '  matrix: { x: [1], include: [5] }'), ['workflow/wrong-type "[5]"']],
    [
      steps('- run: a', '  matrix: { rate: [1], exclude: [{ rat: 1 }] }'),
      ['workflow/unknown-name "rat"'],
      steps('- run: a', '  matrix: { rate: [1], exclude: [{ rate: 1 }] }'),
    ],
    [steps('- run: a', '  needs: ${{ x }}'), ['workflow/wrong-type "${{ x }}"']],
    [steps('- notify: { message: a, level: warn }'), ['workflow/wrong-type "warn"']],
  ],
  order: [
    [
      steps('- { id: train, run: a }', '- { run: b, needs: [trian] }'),
      ['workflow/unknown-step "trian"'],
      steps('- { id: train, run: a }', '- { run: b, needs: [train] }'),
    ],
    [steps('- { id: a, run: a }', '- { run: b, needs: a }', '- { run: c, needs: [] }'), []],
    [steps('- { id: a, run: a, needs: [a] }'), ['workflow/cycle "a"']],
    [steps('- { id: a, run: a, needs: [b] }', '- { id: b, run: b, needs: [a] }'), ['workflow/cycle "a"']],
    [steps('- { id: a, run: a, needs: [c] }', '- { id: b, run: b }', '- { id: c, run: c }'), ['workflow/cycle "c"']],
    [`${steps('- { id: a, run: a }')}cleanup:\n  - { run: b, needs: [a] }\n`, ['workflow/unknown-step "a"']],
  ],
  expressions: [
    [
      `params: { lr: 1 }\n${steps('- run: echo ${{ params.rl }}')}`,
      ['workflow/unknown-name "rl"'],
      `params: { lr: 1 }\n${steps('- run: echo ${{ params.lr }}')}`,
    ],
    [
      `params: { lr: 1 }\n${steps('- run: echo ${{ lr }}')}`,
      ['workflow/unknown-name "lr"'],
      `params: { lr: 1 }\n${steps('- run: echo ${{ params.lr }}')}`,
    ],
    [steps('- run: echo ${{ run.idd }} ${{ run.id }}'), ['workflow/unknown-name "idd"']],
    [steps('- run: echo ${{ run["idd"] }}'), ['workflow/unknown-name "idd"'], steps('- run: echo ${{ run["id"] }}')],
    [steps('- run: echo ${{ stesp.a }}'), ['workflow/unknown-name "stesp"'], steps('- run: echo ${{ steps.a }}')],
    [steps('- run: echo ${{ run.id'), ['workflow/open-expression "${{"'], steps('- run: echo ${{ run.id }}')],
    [steps(`- run: 'a \${{ {"a": {"b": "}}"}}["a"] }} }}'`), []],
    [steps('- run: "x ${{ \\"a\\" + 1 }}"'), ['workflow/type-mismatch "+"']],
    [steps("- run: 'x ${{ ''a'' - 1 }}'"), ['workflow/type-mismatch "-"']],
    [steps('- run: |', '    a', '    b ${{ run.foo }}'), ['workflow/unknown-name "foo"']],
    [steps('- run: ${{ }}'), ['condition/syntax ""']],
    [steps('- run: ${{ lambda x }}'), ['condition/not-supported "lambda x"']],
    [steps('- run: ${{ flaot("1") }}'), ['condition/unknown-function "flaot"']],
    [steps('- run: a', '  if: run.id == "x" and not Fasle'), ['workflow/unknown-name "Fasle"']],
    [steps('- run: a', '  if: ${{ run.id < 5 }}'), ['workflow/type-mismatch "run.id"']],
    [steps('- run: ${{ item }}'), ['workflow/unknown-name "item"']],
    [steps('- run: a ${{ item }}', '  foreach: [1]'), []],
    [steps('- run: a ${{ matrix.x }}'), ['workflow/unknown-name "matrix"']],
    [steps('- run: a ${{ matrix.x }}', '  matrix: { x: [1] }'), []],
    [steps('- run: a ${{ matrix.z }}', '  matrix: { x: [1], include: [{ z: 5 }] }'), []],
    [
      steps('- run: a ${{ matrix.rat }}', '  matrix: { rate: [1] }'),
      ['workflow/unknown-name "rat"'],
      steps('- run: a ${{ matrix.rate }}', '  matrix: { rate: [1] }'),
    ],
    [steps('- run: a', '  if: matrix.x + "a"', '  matrix: { x: [1, 2] }'), ['workflow/type-mismatch "+"']],
    [
      steps(
        '- id: s',
        '  run: a',
        '  matrix: { x: [1] }',
        '- run: ${{ steps.s.cells["1"].stdout }} ${{ steps.s.items }}',
      ),
      [],
    ],
    [steps('- id: s', '  run: a', '- run: ${{ steps.s.error }}'), []],
    [`params: { names: [a] }\n${steps('- run: a ${{ item }}', '  foreach: ${{ params.names }}')}`, []],
    [
      `params: { names: a }\n${steps('- run: a ${{ item }}', '  foreach: ${{ params.names }}')}`,
      ['workflow/type-mismatch "${{ params.names }}"'],
    ],
    [`params: { n: [1] }\n${steps('- sleep: ${{ params.n }}')}`, ['workflow/type-mismatch "${{ params.n }}"']],
    [`params: { n: 5 }\n${steps('- sleep: ${{ params.n * 60 }}')}`, []],
    [steps('- { id: a, run: x }', '- run: ${{ steps.b.stdout }}'), ['workflow/unknown-step "b"']],
    [steps('- { id: a, run: x }', '- run: ${{ steps.a.payload }}'), ['workflow/unknown-name "payload"']],
    [
      steps('- { id: a, run: x }', '- run: ${{ steps.a.stdotu }}'),
      ['workflow/unknown-name "stdotu"'],
      steps('- { id: a, run: x }', '- run: ${{ steps.a.stdout }}'),
    ],
    [steps('- { id: a, run: x }', '- run: ${{ steps.a.exit_code + "" }}'), ['workflow/type-mismatch "+"']],
    [steps('- run: ${{ steps.a.stdout }}', '- { id: a, run: x }'), ['workflow/not-before "a"']],
    [steps('- { id: a, run: x }', '- { run: "${{ steps.a.stdout }}", needs: [] }'), ['workflow/not-before "a"']],
    [`${steps('- { id: a, run: x }')}cleanup:\n  - run: echo \${{ steps.a.status }}\n`, []],
  ],
  files: [
    [steps('- submit: b.sh'), ['workflow/missing-file "b.sh"']],
    [steps('- submit: "b.sh"'), ['workflow/missing-file "b.sh"']],
    [`params: { s: a }\n${steps('- submit: ${{ params.s }}')}`, []],
    [steps('- workflow: itself.vigil.yaml'), ['workflow/cycle "itself.vigil.yaml"']],
    [steps('- { workflow: ends.vigil.yaml, if: "1 > 2" }'), []],
    [steps('- workflow: sub/b.vigil.yaml'), ['workflow/cycle "sub/b.vigil.yaml"']],
    [`name: other\n${steps('- workflow: sub/b.vigil.yaml')}`, []],
    [steps('- workflow: d.vigil.yaml'), []],
    [steps('- workflow: other.vigil.yaml'), ['workflow/missing-file "other.vigil.yaml"']],
    [steps('- workflow: { file: child.vigil.yaml, params: { lr: 1 } }'), ['workflow/never-awaited "child.vigil.yaml"']],
    [
      steps('- workflow: { file: child.vigil.yaml, params: { rl: 1 } }', '- await_event: from-child'),
      ['workflow/unknown-parameter "rl"'],
      steps('- workflow: { file: child.vigil.yaml, params: { lr: 1 } }', '- await_event: from-child'),
    ],
    [
      steps('- workflow: { file: child.vigil.yaml, params: { lr: high, name: 5 } }', '- await_event: from-child'),
      ['workflow/parameter-type "high"', 'workflow/parameter-type "5"'],
    ],
    [
      steps('- workflow: { file: child.vigil.yaml, params: { lr: "${{ run.id }}" } }', '- await_event: from-child'),
      ['workflow/parameter-type ""${{ run.id }}""'],
    ],
  ],
  events: [
    [steps('- await_event: nothing'), ['workflow/never-emitted "nothing"']],
    [steps('- submit: b.sh', '- await_event: nothing'), ['workflow/missing-file "b.sh"']],
    [
      steps('- submit: fixed.sh', '- await_event: raedy'),
      ['workflow/never-awaited "fixed.sh"', 'workflow/never-emitted "raedy"'],
    ],
    [steps('- submit: fixed.sh', '- await_event: { name: ready }'), []],
    [steps('- submit: emits.sh', '- await_event: "done:${{ run.id }}"'), []],
    [steps('- submit: emits.sh', '- await_event: "done:7"'), []],
    [
      steps('- submit: emits.sh', '- await_event: "dome:7"'),
      ['workflow/never-awaited "emits.sh"', 'workflow/never-emitted "dome:7"'],
    ],
    [steps('- submit: prints.sh', '- await_event: printed', '- await_event: told'), []],
    [steps('- emit_event: a', '- await_event: a'), []],
    [steps('- emit_event: a'), []],
    [steps('- run: ./x && vigil emit "a"', '- await_event: a'), []],
    [steps('- emit_event: a', '- await_event: { name: a, match: payload.loss < 1 }'), []],
    [
      steps('- emit_event: a', '- await_event: { name: a, match: paylaod.loss < 1 }'),
      ['workflow/unknown-name "paylaod"'],
      steps('- emit_event: a', '- await_event: { name: a, match: payload.loss < 1 }'),
    ],
    [steps('- run: a', '  if: payload'), ['workflow/unknown-name "payload"']],
  ],
};

const cases = Object.values(groups).flat();

describe.each(Object.entries(groups))('%s', (_name, group) => {
  const named = group.map(([text, expected, fixed]) => ({ text, expected, fixed }));
  it.each(named)('$text', ({ text, expected, fixed }) => {
    const problems = problemsOf(text);
    const found = problems.map(
      ({ code, span }) => `${code} "${text.slice(span.start, span.end).replaceAll('\n', '⏎')}"`,
    );
    expect(found).toEqual(expected);
    if (fixed === undefined) return;
    const [fix] = problems.flatMap(({ fixes }) => fixes);
    expect(fix && applyFix(text, fix)).toBe(fixed);
  });
});

describe('problems of workflow files', () => {
  it('of every code are among these', () => {
    const seen = new Set(cases.flatMap(([, expected]) => expected.map((each) => each.split(' ')[0])));
    const codes = Object.keys(problemCodes).filter((code) => code.startsWith('workflow/'));
    expect(codes.filter((code) => !seen.has(code))).toEqual([]);
  });

  it('that need other files are left out without them', () => {
    const text = steps('- submit: b.sh', '- await_event: nothing');
    expect(checkWorkflow(parseWorkflow(text))).toEqual([]);
  });
});
