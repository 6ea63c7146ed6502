/** Relative values of a resubmit (section 8): `*2`, `+2h`, of times, sizes and counts as sbatch(1) writes them. Pure. */
import { parseTimeLimit } from '../../language/directives/values.ts';
import { parseDuration } from '../../language/watcher/read-scalar.ts';

export type Relative = { readonly value: string; readonly problem?: undefined } | { readonly problem: string };

/** What an option may be at most; in seconds, MiB, or a count. */
export interface Cap {
  readonly most: number;
  /** Who sets it, for people: `partition short`. */
  readonly by: string;
}

/** `*FACTOR` or `+AMOUNT`. */
export function isRelative(value: string): boolean {
  return /^\s*[*+]/.test(value);
}

const sizes = new Set(['mem', 'mem-per-cpu', 'mem-per-gpu', 'tmp']);
const times = new Set(['time', 'time-min']);

/** `base` changed by `change`; more than `cap` becomes the cap, and `capped` is called. */
export function relativeValue(
  option: string,
  base: string,
  change: string,
  cap?: Cap,
  capped: (most: string) => void = () => {},
): Relative {
  const kind = times.has(option) ? time : sizes.has(option) ? size : count;
  const parsed = kind.parse(base);
  if (!parsed) return { problem: `--${option}=${base} cannot be changed by ${change.trim()}` };
  const wanted = changed(parsed.amount, change, kind.operand);
  if (wanted === undefined || Number.isNaN(wanted)) return { problem: `${change.trim()} is no change of --${option}` };
  // No limit stays none.
  if (!Number.isFinite(wanted)) return { value: base };
  if (cap === undefined || wanted <= cap.most) return { value: parsed.prefix + kind.write(wanted) };
  const most = parsed.prefix + kind.write(cap.most);
  capped(most);
  return { value: most };
}

function changed(amount: number, change: string, operand: (text: string) => number | undefined): number | undefined {
  const [, sign, text = ''] = /^\s*([*+])\s*(\S+)\s*$/.exec(change) ?? [];
  if (sign === undefined) return undefined;
  if (sign === '*') return /^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0 ? amount * Number(text) : undefined;
  const added = operand(text);
  return added === undefined ? undefined : amount + added;
}

interface Kind {
  /** `prefix`: what stays in front of the amount, e.g. `a100:` of `--gpus`. */
  parse(text: string): { readonly amount: number; readonly prefix: string } | undefined;
  operand(text: string): number | undefined;
  write(amount: number): string;
}

const time: Kind = {
  parse(text) {
    const amount = parseTimeLimit(text);
    return amount === undefined ? undefined : { amount, prefix: '' };
  },
  // A bare number is minutes, as everywhere in sbatch; `2h` is the form of the watcher language.
  operand: (text) => (/[smhd]$/i.test(text) ? parseDuration(text) : parseTimeLimit(text)),
  write(seconds) {
    const whole = Math.ceil(seconds);
    const pad = (value: number) => String(Math.floor(value)).padStart(2, '0');
    const days = Math.floor(whole / 86_400);
    const clock = `${pad((whole % 86_400) / 3600)}:${pad((whole % 3600) / 60)}:${pad(whole % 60)}`;
    return days > 0 ? `${days}-${clock}` : clock;
  },
};

const mebibytes: { readonly [unit: string]: number } = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 };

function parseSize(text: string): number | undefined {
  const [, number, unit = 'M'] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (mebibytes[unit.toUpperCase() || 'M'] ?? 1);
}

const size: Kind = {
  parse(text) {
    const amount = parseSize(text);
    // `--mem=0` is all the memory of a node.
    return amount === undefined || amount === 0 ? undefined : { amount, prefix: '' };
  },
  operand: parseSize,
  write: (amount) => (amount % 1024 === 0 ? `${amount / 1024}G` : `${Math.ceil(amount)}M`),
};

const count: Kind = {
  parse(text) {
    const [, prefix = '', number] = /^((?:[\w-]+:)*)(\d+)$/.exec(text) ?? [];
    return number === undefined ? undefined : { amount: Number(number), prefix };
  },
  operand: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  write: (amount) => String(Math.ceil(amount)),
};
