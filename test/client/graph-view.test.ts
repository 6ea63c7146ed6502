import { describe, expect, it } from 'vitest';
import { eventlogText } from '../../client/documents/eventlog-text.ts';
import { pageHtml } from '../../client/pages/page-html.ts';
import { brokenGraph, fileGraph, runGraph } from '../../client/workflows/graph-view.ts';
import type { RunInfo, StepInfo } from '../../engine/protocol/workflows.ts';
import { layoutGraph } from '../../webview/graph-layout.ts';
import { neighbour } from '../../webview/neighbour.ts';

const step = (fields: Partial<StepInfo> = {}): StepInfo => ({
  key: 'train',
  verb: 'submit',
  isCleanup: false,
  needs: [],
  status: 'pending',
  attempts: 0,
  ...fields,
});
const run = (steps: readonly StepInfo[]): RunInfo => ({
  id: '7',
  name: 'demo',
  file: '/w/demo.vigil.yaml',
  cluster: 'local',
  params: {},
  status: 'sleeping',
  created: 1000,
  steps,
});

describe('a run as a graph', () => {
  it('says of each step what it does, how it is and what it waits for', () => {
    const { title, status, steps } = runGraph(
      run([
        step({ status: 'completed', attempts: 2 }),
        step({
          key: 'go',
          verb: 'await_event',
          status: 'waiting',
          attempts: 1,
          waitsFor: 'event:go:7',
          waitsUntil: 4660,
        }),
        step({
          key: 'ok',
          verb: 'approve',
          needs: ['train', 'go'],
          status: 'waiting',
          asks: [{ unit: 'ok', text: 'Well?', attempt: 1 }],
        }),
        step({ key: 'rm', verb: 'run', isCleanup: true }),
      ]),
      1060,
    );
    expect([title, status]).toEqual(['demo', 'sleeping: awaits go:7, 1 h left; asks: Well?']);
    expect(steps.map(({ words }) => words)).toEqual([
      'submit · completed · attempt 2',
      'awaits go:7, 1 h left',
      'asks: Well?',
      'run',
    ]);
    expect(steps.map(({ asks }) => asks)).toEqual([false, false, true, false]);
    expect(steps.map(({ details }) => details)).toEqual([
      ['train, submit', 'completed · attempt 2'],
      ['go, await_event', 'awaits go:7, 1 h left'],
      ['ok, approve', 'asks: Well?', 'needs train, go'],
      ['rm, run, clean-up', 'pending'],
    ]);
  });

  it('shows what a job printed as plain text', () => {
    const hostile = '<img src=x onerror=alert(1)>\u001b[31m\u202e';
    const [shown] = runGraph(run([step({ status: 'failed', detail: hostile })]), 1060).steps;
    expect(shown?.details[1]).toBe('failed: <img src=x onerror=alert(1)>');
  });
});

describe('a workflow file as a graph', () => {
  const description = { params: {}, steps: [step(), step({ key: 'b', verb: 'run', needs: ['train'] })] };

  it('has its steps, and no states', () => {
    const view = fileGraph('a.vigil.yaml', description, 0);
    expect([view.title, view.status]).toEqual(['a.vigil.yaml', 'a.vigil.yaml · 2 steps']);
    expect(view.steps.map(({ words, details }) => [words, details])).toEqual([
      ['submit', ['train, submit']],
      ['run', ['b, run', 'needs train']],
    ]);
    expect(view.layout.edges.length).toBe(1);
  });

  it('keeps the last graph while the file has errors, and says so', () => {
    const view = fileGraph('a.vigil.yaml', description, 0);
    const broken = brokenGraph(view, 'a.vigil.yaml', 'it has errors');
    expect([broken.steps.length, broken.status]).toEqual([2, 'it has errors']);
    expect(brokenGraph(undefined, 'a.vigil.yaml', 'x')).toMatchObject({ title: 'a.vigil.yaml', steps: [] });
  });
});

describe('the arrow keys', () => {
  const { steps } = layoutGraph(
    [['a'], ['b', 'a'], ['c', 'a'], ['d', 'b', 'c']].map(([key = '', ...needs]) => ({ key, needs, isCleanup: false })),
  );

  it.each([
    ['a', 'down', 'b'],
    ['b', 'right', 'c'],
    ['c', 'left', 'b'],
    ['c', 'down', 'd'],
    ['d', 'up', 'b'],
    ['a', 'up', undefined],
    ['a', 'left', undefined],
    ['c', 'right', undefined],
    ['nowhere', 'down', undefined],
  ] as const)('lead from %s %s to %s', (from, direction, to) => expect(neighbour(steps, from, direction)).toBe(to));
});

describe('the shell of a page', () => {
  it('lets nothing run and load but its own script and style', () => {
    const html = pageHtml({
      title: 'Vigil',
      script: 'https://host/graph-page.js',
      nonce: 'abc',
      language: 'de',
      translations: { Approve: '</script><script>alert(1)</script>' },
    });
    expect(html).toContain(`content="default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'"`);
    expect([...html.matchAll(/<(script|style).*?>/g)].map(([tag]) => tag)).toEqual([
      '<style nonce="abc">',
      // Data, which no browser runs.
      '<script type="application/json" id="translations">',
      '<script nonce="abc" src="https://host/graph-page.js">',
    ]);
    expect(html).toContain('<html lang="de">');
    const translations = /id="translations">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(JSON.parse(translations)).toEqual({ Approve: '</script><script>alert(1)</script>' });
    expect(html).not.toMatch(/unsafe|\son\w+=|style="/);
  });
});

describe('an eventlog as text', () => {
  it('has an entry a line, its texts quoted where they are no plain words', () => {
    const text = eventlogText([
      { seq: 0, timestamp: 1000.5, observed: 0, name: 'submit', context: { name: 'demo', mark: 'submit' } },
      { seq: 1, timestamp: 1001, observed: 0, name: 'step.error', context: { message: 'a\nb\u001b[31m', attempt: 1 } },
      { seq: 2, timestamp: 1002, observed: 0, name: 'clean' },
    ]);
    expect(text.split('\n').map((line) => line.slice(24))).toEqual([
      ' submit      name=demo',
      ' step.error  message="a\\nb\\u001b[31m" attempt=1',
      ' clean',
      '',
    ]);
  });
});
