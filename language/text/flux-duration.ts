/** Flux Standard Duration (RFC 23). */

const secondsOf: { readonly [unit: string]: number } = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90`, `0.5s`, `100ms`, `2m`, `1.5h`, `1d`, `inf`; undefined for anything else, and for what is negative. */
export function parseFluxDuration(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)(ms|s|m|h|d)?$/i.exec(text);
  const unit = secondsOf[match?.[2] ?? 's'];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}
