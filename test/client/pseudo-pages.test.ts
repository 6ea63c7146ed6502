/** What the pages in tabs say by themselves, in a language that marks every text. */
import { expect, it } from 'vitest';
import type { TimelineView } from '../../webview/timeline-view.ts';
import { speakPseudoLanguage, unmarkedWords } from '../support/pseudo-language.ts';

speakPseudoLanguage();

// Constants have texts, too: these modules are read after the language is known, as in a page.
const { momentAt } = await import('../../webview/timeline-replay.ts');
const { rowText, timelineCsv } = await import('../../webview/timeline-text.ts');
const { treeView } = await import('../../webview/timeline-tree.ts');
const { readField } = await import('../../webview/param-field.ts');

/** Units. */
const english = (text: string) => unmarkedWords(text).filter((word) => word !== 'min');
const clock = (seconds: number) => `${seconds}`;

const row = (index: number, to: number | null) => ({
  key: `κ:${index}`,
  label: `α${index}`,
  state: 'δ',
  isPart: false,
  host: 'η',
  ...(index > 0 ? { resubmitOf: 0 } : {}),
  spans: [
    { kind: 'waits' as const, from: index * 100, to: index * 100 + 10, words: 'ω' },
    { kind: 'runs' as const, from: index * 100 + 20, to, words: 'ρ' },
  ],
  marks: { times: [1, 2, 3, 4, 5, 6, 7], kinds: 'smafncw', words: ['σ', 'μ', 'α', 'φ', 'ν', 'κ', 'ξ'] },
});

const view: TimelineView = {
  title: 'τ',
  isLive: true,
  now: 500,
  rows: [row(0, 90), row(1, null)],
  leftOut: 0,
  series: [
    { name: 'λ', row: 1, times: [1, 2], values: [3, 4] },
    { name: 'ε', row: 1, times: [], values: [] },
  ],
  usage: [],
  replay: {
    key: 'κ:1',
    states: [{ time: 0, state: 'δ', reason: 'λ', started: 1 }],
    captures: [{ time: 1, name: 'γ', value: 'β' }],
  },
};

it('the timeline as text, and the job after an event', () => {
  const tree = treeView(view, new Set(['κ:0', 'κ:1']));
  expect(tree.rows.length).toBeGreaterThan(6);
  const moment = momentAt(view, 6);
  const texts = [
    ...view.rows.flatMap((_, index) => rowText(view, index, clock)),
    ...tree.rows.flatMap(({ label, state }) => [label, state]),
    moment?.event ?? 'none',
    ...(moment?.facts ?? []).flat(),
  ];
  expect(texts.filter((text) => english(text).length > 0)).toEqual([]);
});

it('what is wrong with a parameter', () => {
  const problems = (['x', '', '[1]'] as const).flatMap((text) =>
    [1, true, [1], { a: 1 }].map((standard) => readField(text, standard)),
  );
  const texts = problems.flatMap((read) =>
    'problem' in read ? [read.problem.replace(/⟧[^⟦⟧]*JSON[^⟦⟧]*⟦/g, '⟧⟦')] : [],
  );
  expect(texts.length).toBeGreaterThan(7);
  expect(texts.filter((text) => english(text).length > 0)).toEqual([]);
});

it('what is exported as data is the same in every language', () => {
  expect(timelineCsv(view)).not.toContain('⟦');
});
