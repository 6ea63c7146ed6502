/** What the editor does in workflow files beyond diagnostics; `¦` is the cursor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SelectionRange } from 'vscode-languageserver';
import { documentLinks } from '../../server/document-links.ts';
import { documentSymbols } from '../../server/document-symbols.ts';
import type { Analysis, WorkflowAnalysis } from '../../server/documents.ts';
import { foldingRanges } from '../../server/folding.ts';
import { inlayHints } from '../../server/inlay-hints.ts';
import { definitionAt, highlightsAt, renameableAt, renamedAt } from '../../server/navigation.ts';
import { semanticTokens, tokensLegend } from '../../server/semantic-tokens.ts';
import { workflowCompletions } from '../../server/workflow-completion.ts';
import { workflowHover } from '../../server/workflow-hover.ts';
import { workflowSelections } from '../../server/workflow-structure.ts';
import { analyse } from './analysis.ts';

const uri = 'file:///work/flow.vigil.yaml';

type WorkflowFile = { readonly analysis: Analysis; readonly workflow: WorkflowAnalysis; readonly offset: number };

function at(marked: string, name = uri): WorkflowFile {
  const analysis = analyse(marked.replace('¦', ''), name);
  if (!analysis.workflow) throw new Error('no workflow file');
  return { analysis, workflow: analysis.workflow, offset: marked.indexOf('¦') };
}

const textAt = ({ analysis, workflow }: WorkflowFile, range: SelectionRange['range']) =>
  workflow.document.text.slice(analysis.offsetAt(range.start), analysis.offsetAt(range.end));

const example = readFileSync(
  join(import.meta.dirname, '..', '..', 'examples', 'train-then-publish.vigil.yaml'),
  'utf8',
);

const flow = `params:
  lr: 0.1
steps:
  - id: train
    submit: { script: emit.sh, env: { LR: "\${{ params.lr }}" } }
    timeout: 7200
  - id: after
    needs: [train]
    if: steps["train"].exit_code == 0 and params.lr < 1
    run: echo \${{ steps.train.job_id }}
cleanup:
  - run: echo \${{ steps.train.status }}
`;

describe('symbols', () => {
  it('are the sections with their parameters and steps', () => {
    const symbols = documentSymbols(at(`¦${flow}`).analysis);
    expect(symbols.map(({ name, children }) => [name, children?.map((child) => [child.name, child.detail])])).toEqual([
      ['params', [['lr', '0.1']]],
      [
        'steps',
        [
          ['train', 'submit emit.sh'],
          ['after', 'run echo ${{ steps.train.job_id }}'],
        ],
      ],
      ['cleanup', [['run', 'echo ${{ steps.train.status }}']]],
    ]);
  });
});

describe('folding', () => {
  it('takes sections, steps and comments', () => {
    const text = '# a\n# b\nsteps:\n  - id: a\n    run: |\n      x\n      y\n\n  - run: b\ncleanup:\n  - run: c\n';
    const ranges = foldingRanges(at(`¦${text}`).analysis).map(({ startLine, endLine }) => [startLine, endLine]);
    expect(ranges).toEqual([
      [0, 1],
      [2, 8],
      [3, 6],
      [4, 6],
      [9, 10],
    ]);
  });
});

describe('selection', () => {
  it('goes from the name outwards', () => {
    const file = at(flow.replace('steps.train.job_id', 'steps.tr¦ain.job_id'));
    const [range] = workflowSelections(file.analysis, file.workflow, [file.analysis.positionAt(file.offset)]);
    const texts: string[] = [];
    for (let each: SelectionRange | undefined = range; each; each = each.parent) texts.push(textAt(file, each.range));
    expect(texts.slice(0, 6)).toEqual([
      'train',
      'steps.train',
      'steps.train.job_id',
      '${{ steps.train.job_id }}',
      'echo ${{ steps.train.job_id }}',
      'run: echo ${{ steps.train.job_id }}',
    ]);
    expect(texts.at(-1)).toBe(flow);
  });
});

it('semantic tokens colour verbs, ids, times and expressions', () => {
  const file = at(`¦${flow}`);
  const { data } = semanticTokens(file.analysis);
  const lines = flow.split('\n');
  let line = 0;
  let character = 0;
  const seen: string[] = [];
  for (let index = 0; index < data.length; index += 5) {
    const [lines_ = 0, start = 0, length = 0, type = 0] = data.slice(index, index + 4);
    line += lines_;
    character = lines_ === 0 ? character + start : start;
    seen.push(`${tokensLegend.tokenTypes[type]} ${lines[line]?.slice(character, character + length)}`);
  }
  expect(seen).toEqual(
    expect.arrayContaining([
      'variable lr',
      'property id',
      'variable train',
      'keyword submit',
      'string emit.sh',
      'number 7200',
      'operator ${{',
      'keyword and',
      'operator ==',
      'number 0',
      'keyword run',
    ]),
  );
});

it('inlay hints spell times out', () => {
  const { analysis, workflow } = at(`¦${flow}`);
  const range = analysis.rangeOf({ start: 0, end: workflow.document.text.length });
  expect(inlayHints(analysis, range).map(({ label, position }) => [label, position.line])).toEqual([['= 2 h', 5]]);
});

it('files are links', () => {
  const text =
    'steps:\n  - submit: jobs/deep.sh\n  - workflow: { file: child.vigil.yaml }\n  - submit: "${{ params.x }}"\n';
  expect(documentLinks(at(`¦${text}`).analysis).map(({ target }) => target)).toEqual([
    'file:///work/jobs/deep.sh',
    'file:///work/child.vigil.yaml',
  ]);
});

describe('hover', () => {
  it.each([
    ['steps:\n  - run: a\n    timeout: 90¦m', '1 h 30 min'],
    ['steps:\n  - await_event: { name: a, timeout: 72¦00 }', '2 h'],
    ['steps:\n  - await_event: a¦\n  - emit_event: a\n', 'awaited by a step'],
  ])('%s', (marked, wanted) => {
    const { analysis, workflow, offset } = at(marked);
    expect(JSON.stringify(workflowHover(analysis, workflow, offset)?.contents)).toContain(wanted);
  });
});

describe('another name', () => {
  const renamed = (marked: string, newName: string, others: readonly Analysis[] = []) => {
    const file = at(marked);
    const edit = renamedAt(file.analysis, file.offset, newName, others);
    if (typeof edit === 'string') return edit;
    const edits = [...(edit.changes?.[uri] ?? [])].sort(
      (a, b) => file.analysis.offsetAt(b.range.start) - file.analysis.offsetAt(a.range.start),
    );
    let { text } = file.workflow.document;
    for (const { range, newText } of edits) {
      text =
        text.slice(0, file.analysis.offsetAt(range.start)) + newText + text.slice(file.analysis.offsetAt(range.end));
    }
    return text;
  };

  it('of a step reaches needs and expressions', () => {
    const wanted = flow.replaceAll('train', 'fit');
    expect(renamed(flow.replace('id: train', 'id: tr¦ain'), 'fit')).toBe(wanted);
    expect(renamed(flow.replace('needs: [train', 'needs: [tr¦ain'), 'fit')).toBe(wanted);
    expect(renamed(flow.replace('steps["train', 'steps["tr¦ain'), 'fit')).toBe(wanted);
  });

  it('of a parameter reaches the workflow files that give it', () => {
    expect(renamed(flow.replace('params.lr <', 'params.l¦r <'), 'rate')).toBe(
      flow.replace('lr: 0.1', 'rate: 0.1').replaceAll('params.lr', 'params.rate'),
    );
    const parent = analyse(
      'steps:\n  - workflow: { file: flow.vigil.yaml, params: { lr: 2 } }\n',
      'file:///work/parent.vigil.yaml',
    );
    const file = at(flow.replace('  lr:', '  l¦r:'));
    const edit = renamedAt(file.analysis, file.offset, 'rate', [parent, file.analysis]);
    if (typeof edit === 'string') throw new Error(edit);
    expect(Object.keys(edit.changes ?? {})).toEqual([uri, parent.uri]);
    expect(edit.changes?.[parent.uri]).toEqual([
      { range: { start: { line: 1, character: 49 }, end: { line: 1, character: 51 } }, newText: 'rate' },
    ]);
  });

  it('is refused where it cannot be', () => {
    expect(renamed(flow.replace('id: train', 'id: tr¦ain'), 'after')).toContain('already');
    expect(renamed(flow.replace('id: train', 'id: tr¦ain'), 'a-b')).toContain('no name');
    expect(renamed(flow.replace('emit.sh', 'em¦it.sh'), 'x')).toContain('Only steps and parameters');
    const file = at(flow.replace('emit.sh', 'em¦it.sh'));
    expect(renameableAt(file.analysis, file.offset)).toBeNull();
    const step = at(flow.replace('id: train', 'id: tr¦ain'));
    expect(renameableAt(step.analysis, step.offset)).toMatchObject({ placeholder: 'train' });
    expect(highlightsAt(step.analysis, step.offset)).toHaveLength(5);
  });
});

it('a parameter that is given leads to the child that declares it', () => {
  const { analysis, offset } = at('steps:\n  - workflow: { file: child.vigil.yaml, params: { ta¦g: x } }\n');
  expect(definitionAt(analysis, offset)).toEqual([
    {
      uri: 'file:///work/child.vigil.yaml',
      range: { start: { line: 2, character: 2 }, end: { line: 2, character: 5 } },
    },
  ]);
});

describe('completion', () => {
  const labels = (marked: string) => {
    const { analysis, workflow, offset } = at(marked);
    return workflowCompletions(analysis, workflow, offset, true).map(({ label }) => label);
  };

  it.each([
    ['steps:\n  - submit: ¦', ['emit.sh', 'jobs/']],
    ['steps:\n  - submit: jobs/d¦', ['jobs/deep.sh']],
    ['steps:\n  - submit: { script: ¦ }', ['emit.sh', 'jobs/']],
    ['steps:\n  - workflow: ¦', ['child.vigil.yaml', 'jobs/']],
    ['steps:\n  - workflow:\n      file: ¦', ['child.vigil.yaml', 'jobs/']],
    ['steps:\n  - workflow:\n      file: child.vigil.yaml\n      params:\n        ¦', ['lr', 'tag']],
    ['steps:\n  - workflow: { file: child.vigil.yaml, params: { lr: 1, ¦ } }', ['tag']],
    ['steps:\n  - await_event: done\n  - emit_event: ¦', ['done']],
    ['steps:\n  - await_event: done\n  - emit_event: { name: ¦ }', ['done']],
    ['cluster: ¦\nsteps: []', ['local']],
    ['params:\n  xs: [1]\n  y: 2\nsteps:\n  - run: a\n    foreach: ¦', ['${{ params.xs }}']],
    ['steps:\n  - submit:\n      script: emit.sh\n      env:\n        ¦', []],
  ])('%s', (marked, wanted) => {
    expect(labels(marked)).toEqual(wanted);
  });

  it('knows options of the scheduler', () => {
    expect(labels('steps:\n  - submit: { script: emit.sh, options: { ¦ } }')).toEqual(
      expect.arrayContaining(['mem', 'time']),
    );
    expect(
      labels('steps:\n  - submit:\n      script: emit.sh\n      options:\n        mem: 1G\n        ¦'),
    ).not.toContain('mem');
  });
});

it('the example has symbols, folds and colours', () => {
  const { analysis } = at(`¦${example}`);
  expect(documentSymbols(analysis).length).toBeGreaterThan(3);
  expect(foldingRanges(analysis).length).toBeGreaterThan(5);
  expect(semanticTokens(analysis).data.length).toBeGreaterThan(100);
});
