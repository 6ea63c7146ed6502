/** Which step an arrow key leads to. Pure. */
import type { PlacedStep } from './graph-layout.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The nearest step on that side; undefined: there is none. */
export function neighbour(steps: readonly PlacedStep[], key: string, direction: Direction): string | undefined {
  const from = steps.find((step) => step.key === key);
  if (!from) return undefined;
  const isRow = direction === 'left' || direction === 'right';
  const sign = direction === 'up' || direction === 'left' ? -1 : 1;
  let best: { readonly key: string; readonly cost: number } | undefined;
  for (const { key: other, x, y } of steps) {
    const [along, across] = isRow ? [x - from.x, y - from.y] : [y - from.y, x - from.x];
    if (along * sign <= 0 || (isRow && across !== 0)) continue;
    // The next layer before the one behind it, and there the one that is straight on.
    const cost = Math.abs(along) * 1000 + Math.abs(across);
    if (!best || cost < best.cost) best = { key: other, cost };
  }
  return best?.key;
}
