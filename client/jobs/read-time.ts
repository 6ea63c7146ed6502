/** Times as people write them in input boxes. */

const unitSeconds: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `10m`, `1.5h`, `1d` in whole seconds; `undefined` for what is none, and for 0. */
export function readTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])$/i.exec(text.trim());
  if (!match) return undefined;
  const seconds = Math.ceil(Number(match[1]) * (unitSeconds[(match[2] ?? '').toLowerCase()] ?? 1));
  return seconds > 0 ? seconds : undefined;
}
