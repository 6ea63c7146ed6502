/** Whether the values of a workflow file fit the types of their keys; collects the expressions on the way. */

import { type Fix, type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { parseDuration } from '../watcher/read-scalar.ts';
import { CronError, parseCron } from './cron.ts';
import { type EmbeddedText, hasExpression, parseEmbedded, parseExpressionValue } from './embedded.ts';
import type { PlacedExpression, StepNode } from './node.ts';
import { type KeyInfo, type ValueType, wanted } from './value-types.ts';
import { isMissing, type YamlMap, type YamlNode, type YamlPair, type YamlScalar } from './yaml-tree.ts';
import { isTimeZone, parseTime } from './zoned-time.ts';

export const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class ValueReader {
  readonly problems: Problem[] = [];
  readonly expressions: PlacedExpression[] = [];

  /** Keys of `map` against `keys`, and their values; `step` is the one that they belong to. */
  readMap(map: YamlMap, keys: readonly KeyInfo[], step?: StepNode, oneOf?: readonly string[]): void {
    const seen = new Set<string>();
    for (const pair of map.pairs) {
      this.checkDuplicate(pair, seen);
      const info = keys.find(({ name }) => name === pair.name);
      if (info) this.readValue(pair, info, step);
      else if (!isMissing(pair.value) || pair.name !== '') this.reportUnknownKey(pair, keys);
    }
    for (const { name, required } of keys) {
      if (!required || seen.has(name)) continue;
      const span = { start: map.span.start, end: map.pairs[0]?.key.span.end ?? map.span.end };
      this.problems.push(problem('workflow/missing-key', span, l10n.t('`{0}` is missing here.', name)));
    }
    if (oneOf) this.checkOneOf(map, oneOf);
  }

  private checkOneOf(map: YamlMap, names: readonly string[]): void {
    const [first, ...others] = map.pairs.filter(({ name }) => names.includes(name));
    const listed = names.map((name) => `\`${name}\``).join(', ');
    if (!first) {
      const span = { start: map.span.start, end: map.pairs[0]?.key.span.end ?? map.span.end };
      this.problems.push(problem('workflow/missing-key', span, l10n.t('One of {0} is needed here.', listed)));
    }
    for (const { name, key } of others) {
      if (!first || name === first.name) continue;
      const words = l10n.t('Only one of {0} goes: `{1}` stands here already.', listed, first.name);
      this.problems.push(problem('workflow/conflicting-keys', key.span, words));
    }
  }

  private checkDuplicate(pair: YamlPair, seen: Set<string>): void {
    if (seen.has(pair.name)) {
      this.problems.push(problem('workflow/duplicate-key', pair.key.span, l10n.t('`{0}` is given twice.', pair.name)));
    }
    seen.add(pair.name);
  }

  private reportUnknownKey(pair: YamlPair, keys: readonly KeyInfo[]): void {
    const near = nearestName(
      pair.name,
      keys.map(({ name }) => name),
    );
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), pair.key.span, near)] : [];
    const words = l10n.t(
      'There is no key `{0}` here{1}',
      pair.name,
      near ? l10n.t(': did you mean `{0}`?', near) : '.',
    );
    this.problems.push(problem('workflow/unknown-key', pair.key.span, words, fixes));
  }

  private readValue(pair: YamlPair, info: KeyInfo, step: StepNode | undefined): void {
    const { value } = pair;
    if (value.kind === 'unread') return;
    if (isMissing(value)) {
      const words = l10n.t('`{0}` has no value: it takes {1}.', info.name, wanted(info));
      this.problems.push(problem('workflow/wrong-type', pair.key.span, words));
      return;
    }
    if (value.kind === 'scalar' && this.readExpressions(value, info, step)) return;
    const fitting = info.types.find((type) => this.fits(value, type));
    if (!fitting) this.reportWrongType(value, info);
    else this.readInside(value, fitting, info, step);
  }

  /** true: the value is known only when the workflow runs, or stands for itself. */
  private readExpressions(value: YamlScalar, info: KeyInfo, step: StepNode | undefined): boolean {
    const isExpression = info.types.some(({ kind }) => kind === 'expression');
    if (!isExpression && !hasExpression(value.fragment.text)) return false;
    if (info.types.some(({ kind }) => literalOnly.has(kind))) {
      this.problems.push(
        problem('workflow/wrong-type', value.span, l10n.t('`{0}` takes {1}, no expression.', info.name, wanted(info))),
      );
      return true;
    }
    this.collect(isExpression ? parseExpressionValue(value.fragment) : parseEmbedded(value.fragment), info, step);
    return true;
  }

  private collect({ parts, problems }: EmbeddedText, info: KeyInfo | undefined, step: StepNode | undefined): void {
    this.problems.push(...problems);
    const isWhole = parts.length === 1;
    for (const part of parts) {
      if (typeof part === 'string') continue;
      this.expressions.push({
        ...part,
        ...(step && { step }),
        ...(info && isWhole && { whole: info }),
        hasPayload: info?.name === 'match',
      });
    }
  }

  private fits(value: YamlNode, type: ValueType): boolean {
    switch (type.kind) {
      case 'text':
      case 'event':
      case 'file':
        return value.kind === 'scalar' && value.value !== null && typeof value.value !== 'boolean';
      case 'id':
        return value.kind === 'scalar' && value.value !== null;
      case 'time':
        return value.kind === 'scalar' && parseTime(value.fragment.text, 'UTC') !== undefined;
      case 'cron':
        return value.kind === 'scalar' && typeof value.value === 'string';
      case 'timezone':
        return value.kind === 'scalar' && isTimeZone(value.fragment.text);
      case 'duration':
        return value.kind === 'scalar' && durationSeconds(value) !== undefined;
      case 'flag':
        return value.kind === 'scalar' && typeof value.value === 'boolean';
      case 'count':
        return value.kind === 'scalar' && Number.isSafeInteger(value.value);
      case 'choice':
        return value.kind === 'scalar' && type.values.includes(value.fragment.text);
      case 'expression':
        return value.kind === 'scalar';
      case 'any':
        return true;
      case 'list':
      case 'crons':
      case 'events':
      case 'step-list':
        return value.kind === 'list';
      case 'choices':
      case 'steps':
        return value.kind === 'list' || (value.kind === 'scalar' && typeof value.value === 'string');
      case 'maps':
        return value.kind === 'list' && value.items.every(({ kind }) => kind === 'map' || kind === 'unread');
      case 'scalars':
      case 'params':
      case 'map':
      case 'matrix':
        return value.kind === 'map';
    }
  }

  private readInside(value: YamlNode, type: ValueType, info: KeyInfo, step: StepNode | undefined): void {
    switch (type.kind) {
      case 'map':
        if (value.kind === 'map') this.readMap(value, type.keys, step, type.oneOf);
        return;
      case 'count':
        if (value.kind === 'scalar' && Number(value.value) < type.min) {
          const fix = replaceFix(l10n.t('Replace with `{0}`', type.min), value.span, String(type.min));
          const words = l10n.t('`{0}` must be at least {1}.', info.name, type.min);
          this.problems.push(problem('workflow/out-of-range', value.span, words, [fix]));
        }
        return;
      case 'scalars':
        if (value.kind === 'map') this.readScalars(value, step);
        return;
      case 'matrix':
        if (value.kind === 'map') this.readMatrix(value, type.keys, step);
        return;
      case 'any':
      case 'list':
      case 'maps':
        this.readAny(value, step);
        return;
      case 'cron':
        this.readCron(value);
        return;
      case 'crons':
        for (const item of value.kind === 'list' ? value.items : []) this.readCron(item);
        return;
      case 'events':
        this.readEvents(value, info, step);
        return;
      case 'choices':
        for (const item of value.kind === 'list' ? value.items : [value]) this.readChoice(item, type.values, info);
        return;
    }
  }

  private readCron(value: YamlNode): void {
    if (value.kind === 'unread') return;
    try {
      if (value.kind !== 'scalar') throw new CronError(l10n.t('it is a text'));
      parseCron(value.fragment.text);
    } catch (error) {
      if (!(error instanceof CronError)) throw error;
      this.problems.push(
        problem('workflow/wrong-type', value.span, l10n.t('This is no schedule: {0}.', error.message)),
      );
    }
  }

  private readEvents(value: YamlNode, info: KeyInfo, step: StepNode | undefined): void {
    for (const item of value.kind === 'list' ? value.items : []) {
      if (this.fits(item, { kind: 'event' })) this.readAny(item, step);
      else if (item.kind !== 'unread') this.reportWrongType(item, info);
    }
  }

  /** Beside its keys any name may stand, with a list or an expression for one. */
  private readMatrix(map: YamlMap, keys: readonly KeyInfo[], step: StepNode | undefined): void {
    const seen = new Set<string>();
    for (const pair of map.pairs) {
      this.checkDuplicate(pair, seen);
      const axis: KeyInfo = { name: pair.name, types: [{ kind: 'list' }], doc: () => '' };
      if (!identifier.test(pair.name)) {
        const words = l10n.t(
          'The name of an axis is made of letters, digits and `_`, so that expressions can name it.',
        );
        this.problems.push(problem('workflow/bad-name', pair.key.span, words));
      }
      this.readValue(pair, keys.find(({ name }) => name === pair.name) ?? axis, step);
    }
  }

  private readChoice(item: YamlNode, values: readonly string[], info: KeyInfo): void {
    if (item.kind === 'scalar' && values.includes(item.fragment.text)) return;
    if (item.kind !== 'unread') this.reportWrongType(item, info);
  }

  private readScalars(map: YamlMap, step: StepNode | undefined): void {
    const seen = new Set<string>();
    for (const pair of map.pairs) {
      this.checkDuplicate(pair, seen);
      if (pair.value.kind === 'scalar') this.readAny(pair.value, step);
      else if (pair.value.kind !== 'unread') {
        const words = l10n.t('`{0}` takes a text, a number or a flag.', pair.name);
        this.problems.push(problem('workflow/wrong-type', pair.value.span, words));
      }
    }
  }

  /** Any value, for its expressions. */
  private readAny(value: YamlNode, step: StepNode | undefined): void {
    if (value.kind === 'scalar') {
      if (hasExpression(value.fragment.text)) this.collect(parseEmbedded(value.fragment), undefined, step);
    } else if (value.kind === 'list') for (const item of value.items) this.readAny(item, step);
    else if (value.kind === 'map') {
      const seen = new Set<string>();
      for (const pair of value.pairs) {
        this.checkDuplicate(pair, seen);
        this.readAny(pair.value, step);
      }
    }
  }

  private reportWrongType(value: YamlNode, info: KeyInfo): void {
    const fixes: Fix[] = [];
    const values = info.types.flatMap((type) => ('values' in type ? type.values : []));
    if (value.kind === 'scalar') {
      const near = nearestName(value.fragment.text, values);
      if (near) fixes.push(replaceFix(l10n.t('Replace with `{0}`', near), value.span, near));
    }
    const words = l10n.t('`{0}` takes {1}.', info.name, wanted(info));
    this.problems.push(problem('workflow/wrong-type', value.span, words, fixes));
  }
}

/** Where an expression makes no sense: what they say is needed before the workflow runs. */
const literalOnly: ReadonlySet<ValueType['kind']> = new Set([
  'id',
  'steps',
  'choice',
  'choices',
  'params',
  'matrix',
  'step-list',
]);

/** `90`, `90s`, `10m`, `2h`, `1d` in seconds. */
export function durationSeconds(value: YamlScalar): number | undefined {
  if (typeof value.value === 'number') return value.value >= 0 ? value.value : undefined;
  return typeof value.value === 'string' ? parseDuration(value.value) : undefined;
}
