import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GraphStep, layoutGraph, stepHeight } from '../../webview/graph-layout.ts';

const step = (key: string, ...needs: string[]): GraphStep => ({ key, needs, isCleanup: false });
const cleanup = (key: string, ...needs: string[]): GraphStep => ({ key, needs, isCleanup: true });

/** Rows from above, each from the left. */
function rows(steps: readonly GraphStep[]): string[][] {
  const layout = layoutGraph(steps);
  const ys = [...new Set(layout.steps.map(({ y }) => y))].toSorted((a, b) => a - b);
  return ys.map((y) =>
    layout.steps
      .filter((one) => one.y === y)
      .toSorted((a, b) => a.x - b.x)
      .map(({ key }) => key),
  );
}

describe('the layout of a graph', () => {
  it('is one column for steps in order', () => {
    const layout = layoutGraph([step('a'), step('b', 'a'), step('c', 'b')]);
    expect(rows([step('a'), step('b', 'a'), step('c', 'b')])).toEqual([['a'], ['b'], ['c']]);
    expect(new Set(layout.steps.map(({ x }) => x)).size).toBe(1);
    expect(layout.edges.map(({ from, to }) => [from, to])).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    expect(layout.cleanupTop).toBeUndefined();
  });

  it('has side by side what needs nothing of one another', () => {
    expect(rows([step('a'), step('b', 'a'), step('c', 'a'), step('d', 'b', 'c')])).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('does not depend on the order of the file', () => {
    expect(rows([step('d', 'b', 'c'), step('c', 'a'), step('b', 'a'), step('a')]).map((row) => row.toSorted())).toEqual(
      [['a'], ['b', 'c'], ['d']],
    );
  });

  it('turns what would cross', () => {
    const crossed = [step('a'), step('b'), step('of_b', 'b'), step('of_a', 'a')];
    expect(rows(crossed)).toEqual([
      ['a', 'b'],
      ['of_a', 'of_b'],
    ]);
  });

  it('leads an edge past the steps that it skips', () => {
    const layout = layoutGraph([step('a'), step('b', 'a'), step('c', 'a', 'b')]);
    const b = layout.steps.find(({ key }) => key === 'b');
    const long = layout.edges.find(({ from, to }) => from === 'a' && to === 'c');
    // The upright part beside b.
    const [, x = ''] = / L ([\d.]+) /.exec(long?.path ?? '') ?? [];
    expect(b && (Number(x) < b.x || Number(x) > b.x + b.width)).toBe(true);
  });

  it('has the clean-up below all steps', () => {
    const layout = layoutGraph([step('a'), cleanup('rm'), step('b', 'a'), cleanup('tell', 'rm')]);
    expect(rows([step('a'), cleanup('rm'), step('b', 'a'), cleanup('tell', 'rm')])).toEqual([
      ['a'],
      ['b'],
      ['rm'],
      ['tell'],
    ]);
    const b = layout.steps.find(({ key }) => key === 'b');
    expect(layout.cleanupTop).toBeGreaterThan((b?.y ?? 0) + stepHeight);
  });

  it('takes a circle, a need of itself, and what is not there', () => {
    expect(
      rows([step('a', 'b'), step('b', 'a'), step('c', 'c', 'nowhere')])
        .flat()
        .toSorted(),
    ).toEqual(['a', 'b', 'c']);
    expect(layoutGraph([])).toMatchObject({ steps: [], edges: [] });
  });

  it('is quick for a chain and for a fan of 1,000 steps', () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `s${n}`);
    const began = performance.now();
    const chain = layoutGraph(keys.map((key, n) => step(key, ...(n > 0 ? [`s${n - 1}`] : []))));
    const fan = layoutGraph([step('top'), ...keys.map((key) => step(key, 'top')), step('end', ...keys)]);
    expect([chain.steps.length, fan.steps.length]).toEqual([1000, 1002]);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  const graphs = fc
    .array(fc.tuple(fc.array(fc.nat(30), { maxLength: 4 }), fc.boolean()), { maxLength: 30 })
    .map((specs) =>
      specs.map(([needs, isCleanup], n) => ({ key: `s${n}`, needs: needs.map((m) => `s${m}`), isCleanup })),
    );

  it('never lays one step over another, and none outside', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const { steps: placed, width, height } = layoutGraph(steps);
        expect(placed.map(({ key }) => key).toSorted()).toEqual(steps.map(({ key }) => key).toSorted());
        for (const [n, a] of placed.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
          for (const b of placed.slice(n + 1)) {
            const apart =
              a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
            expect(apart, `${a.key} ${b.key}`).toBe(true);
          }
        }
      }),
    );
  });

  it('has each step below what it needs where there is no circle', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const forward = steps.map((one, n) => ({
          ...one,
          isCleanup: false,
          needs: one.needs.filter((need) => Number(need.slice(1)) < n),
        }));
        const layout = layoutGraph(forward);
        const y = new Map(layout.steps.map((one) => [one.key, one.y]));
        for (const { key, needs } of forward)
          for (const need of needs) expect(y.get(need)).toBeLessThan(y.get(key) ?? 0);
        expect(layout.edges.length).toBe(forward.reduce((sum, { needs }) => sum + new Set(needs).size, 0));
      }),
    );
  });
});
