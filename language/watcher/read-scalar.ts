/** The values of properties that are one word: times, numbers, flags, choices; with problems for what is none. */

import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { PropertyNode } from './node.ts';

export interface Read<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

const unitSeconds: { readonly [unit: string]: number } = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** `90`, `90s`, `10m`, `2h`, `1d` in seconds. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd]?)$/i.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * (unitSeconds[(match[2] ?? '').toLowerCase()] ?? 1);
}

/** true/false/yes/no, in capitals or not; ssync also takes 1/0 and on/off. */
export function parseFlag(text: string): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  return /^(false|no|off|0)$/i.test(text) ? false : undefined;
}

export function readText(node: PropertyNode): Read<string> {
  const { value } = node;
  if (value.kind === 'text') return { value: value.fragment.text, problems: [] };
  return { problems: [] };
}

export function readSeconds(node: PropertyNode, type: { readonly min: number; readonly max?: number }): Read<number> {
  const text = readText(node).value;
  if (text === undefined) return { problems: [] };
  const seconds = parseDuration(text);
  if (seconds === undefined) return wrongType(node, l10n.t('a time: seconds, or `90s`, `10m`, `2h`, `1d`'));
  return bounded(node, seconds, type.min, type.max, (count) => l10n.t('{0} seconds', count));
}

export function readCount(node: PropertyNode, type: { readonly min: number }): Read<number> {
  const text = readText(node).value;
  if (text === undefined) return { problems: [] };
  const count = /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
  if (count === undefined || !Number.isSafeInteger(count)) return wrongType(node, l10n.t('a whole number'));
  return bounded(node, count, type.min, undefined, String);
}

export function readFlag(node: PropertyNode): Read<boolean> {
  const text = readText(node).value;
  if (text === undefined) return { problems: [] };
  const flag = parseFlag(text);
  return flag === undefined ? wrongType(node, l10n.t('`true` or `false`')) : { value: flag, problems: [] };
}

export function readChoice(node: PropertyNode, values: readonly string[]): Read<string> {
  const text = readText(node).value;
  if (text === undefined) return { problems: [] };
  const found = values.find((value) => value === text.toLowerCase());
  if (found !== undefined) return { value: found, problems: [] };
  return wrongType(
    node,
    l10n.t('one of {0}', values.map((value) => `\`${value}\``).join(', ')),
    nearestName(text, values),
  );
}

export function readStates(node: PropertyNode, values: readonly string[]): Read<readonly string[]> {
  if (node.value.kind !== 'list') return { problems: [] };
  const states: string[] = [];
  const problems: Problem[] = [];
  for (const item of node.value.items) {
    const text = item.fragment.text.toLowerCase();
    if (values.includes(text)) states.push(text);
    else {
      const near = nearestName(text, values);
      const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), item.span, near)] : [];
      const words = l10n.t(
        '`{0}` is no end state: it is one of {1}.',
        item.fragment.text,
        values.map((value) => `\`${value}\``).join(', '),
      );
      problems.push(problem('watcher/wrong-type', item.span, words, fixes));
    }
  }
  return { value: states, problems };
}

function wrongType(node: PropertyNode, wanted: string, near?: string): Read<never> {
  const { span } = node.value;
  const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
  return { problems: [problem('watcher/wrong-type', span, l10n.t('`{0}` takes {1}.', node.key.text, wanted), fixes)] };
}

function bounded(
  node: PropertyNode,
  value: number,
  min: number,
  max: number | undefined,
  spell: (value: number) => string,
): Read<number> {
  if (value >= min && (max === undefined || value <= max)) return { value, problems: [] };
  const nearest = value < min ? min : (max ?? min);
  const range = max === undefined ? l10n.t('at least {0}', spell(min)) : l10n.t('from {0} to {1}', min, spell(max));
  const fix = replaceFix(l10n.t('Replace with `{0}`', nearest), node.value.span, String(nearest));
  return {
    problems: [
      problem('watcher/out-of-range', node.value.span, l10n.t('`{0}` must be {1}.', node.key.text, range), [fix]),
    ],
  };
}
