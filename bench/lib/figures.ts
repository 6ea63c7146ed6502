/** How every bench prints what it measured: a line a figure, beside its peer of the same run where there is one, and its bar. */

export interface Figure {
  readonly what: string;
  readonly value: number;
  /** E.g. `ms`, `MB/s`, `commands/min`. */
  readonly unit: string;
  /** What a peer needed in the same run, in the same unit. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** The bar: `value` (or `value / peer`, where `of` says so) must not be beyond it. */
  readonly bar?: { readonly most?: number; readonly least?: number; readonly of?: 'ratio' };
}

/** Nearest-rank percentile; `part` from 0 to 1. NaN of nothing. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

const rounded = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Is the figure within its bar? True where there is none. */
export function isMet({ value, peer, bar }: Figure): boolean {
  if (!bar) return true;
  const judged = bar.of === 'ratio' ? value / (peer?.value ?? Number.NaN) : value;
  return judged <= (bar.most ?? Number.POSITIVE_INFINITY) && judged >= (bar.least ?? Number.NEGATIVE_INFINITY);
}

/** One line for people. */
export function formatFigure(figure: Figure): string {
  const { what, value, unit, peer, bar } = figure;
  const beside = peer
    ? `   ${peer.name}: ${rounded(peer.value)} ${unit}, ratio ${(value / peer.value).toPrecision(2)}`
    : '';
  const of = bar?.of === 'ratio' ? ' of the ratio' : '';
  const limits = [
    bar?.most === undefined ? [] : `at most ${bar.most}`,
    bar?.least === undefined ? [] : `at least ${bar.least}`,
  ];
  const judged = bar ? `   [${isMet(figure) ? 'met' : 'NOT MET'}: ${limits.flat().join(', ')}${of}]` : '';
  return `${what.padEnd(52)} ${rounded(value).padStart(8)} ${unit}${beside}${judged}`;
}

/** Prints the figures under a title; the exit status of the bench tells whether every bar was met. */
export function report(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}`);
  for (const figure of figures) console.log(`  ${formatFigure(figure)}`);
  if (!figures.every(isMet)) process.exitCode = 1;
}
