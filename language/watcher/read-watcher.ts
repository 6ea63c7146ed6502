/** From a watcher's syntax tree to what it means: values, defaults, and every problem that can be told from the watcher alone. */

import { type ActionContext, readAction } from '../actions/read-action.ts';
import { placeProblems } from '../expression/check-condition.ts';
import { isReservedName } from '../expression/names.ts';
import type { CompiledPattern } from '../pattern/compile.ts';
import { mapProblem, type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { type Checkers, plainCheckers } from './checkers.ts';
import type { ListNode, PropertyNode, WatcherNode } from './node.ts';
import { type PropertyInfo, propertyNames } from './properties.ts';
import { type Read, readChoice, readCount, readFlag, readSeconds, readStates, readText } from './read-scalar.ts';
import type { ActionSpec, WatcherSpec } from './spec.ts';

export interface ReadWatcher {
  readonly node: WatcherNode;
  readonly spec: WatcherSpec;
  readonly problems: readonly Problem[];
}

const maxPatternLength = 1000;
const maxConditionLength = 500;

/** @param check what checks patterns and conditions; checkers that remember save time where a script is read again and again */
export function readWatcher(
  node: WatcherNode,
  watcherNames: readonly string[],
  check: Checkers = plainCheckers,
): ReadWatcher {
  return new WatcherReader(node, watcherNames, check).read();
}

/** The name that a watcher has, given or not. */
export function watcherName(node: WatcherNode): string {
  const property = node.properties.find(({ info }) => info?.name === 'name');
  return (property && readText(property).value) || `watcher-${node.number}`;
}

/** The names that conditions and actions of a watcher may use for what its pattern captured. */
export function captureNames(node: WatcherNode): readonly string[] {
  const findValue = (name: string) => node.properties.find(({ info }) => info?.name === name)?.value;
  const captures = findValue('captures');
  const listed = captures?.kind === 'list' ? captures.items.map(({ fragment }) => fragment.text) : [];
  const pattern = findValue('pattern');
  // Of a broken pattern too: its conditions and actions are not to be blamed for it.
  const source = pattern?.kind === 'text' ? pattern.fragment.text : '';
  const named = Array.from(source.matchAll(/\(\?P<([\p{ID_Start}_]\p{ID_Continue}*)>/gu), ([, name = '']) => name);
  return [...new Set([...listed, ...named])];
}

class WatcherReader {
  private readonly node: WatcherNode;
  private readonly watcherNames: readonly string[];
  private readonly check: Checkers;
  private readonly problems: Problem[] = [];
  private readonly byName = new Map<string, PropertyNode>();

  constructor(node: WatcherNode, watcherNames: readonly string[], check: Checkers) {
    this.check = check;
    this.node = node;
    this.watcherNames = watcherNames;
  }

  read(): ReadWatcher {
    this.checkKeys();
    const pattern = this.readPattern();
    const captures = this.readCaptures(pattern?.compiled);
    const names = captureNames(this.node);
    const condition = this.readCondition(names);
    const actions = this.readActions({
      captures: names,
      // Of a broken pattern it is not known how many groups it has.
      groupCount: pattern?.compiled?.groupCount ?? Number.POSITIVE_INFINITY,
      watcherNames: this.watcherNames,
    });
    const spec = { ...this.readScalars(), captures, actions };
    this.checkPatternPresent(spec);
    this.checkEffects(spec);
    const full: WatcherSpec = {
      ...spec,
      ...(pattern && { pattern: pattern.source }),
      ...(condition !== undefined && { condition }),
    };
    return { node: this.node, spec: full, problems: this.problems };
  }

  private checkKeys(): void {
    for (const property of this.node.properties) {
      const { key, info } = property;
      if (!info) this.reportUnknownKey(key.text, key.span);
      else if (info.name === 'actions') continue;
      else if (this.byName.has(info.name)) {
        const message = l10n.t('`{0}` is given twice.', info.name);
        const edits = (property.lines ?? [property.span]).map((span) => ({ span, newText: '' }));
        this.problems.push(
          problem('watcher/duplicate-key', key.span, message, [{ title: l10n.t('Remove it'), edits }]),
        );
      } else this.byName.set(info.name, property);
    }
  }

  private reportUnknownKey(text: string, span: { start: number; end: number }): void {
    const near = nearestName(text, propertyNames);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
    const hint = near ? l10n.t(': did you mean `{0}`?', near) : '.';
    this.problems.push(
      problem('watcher/unknown-key', span, l10n.t('A watcher has no property `{0}`{1}', text, hint), fixes),
    );
  }

  private take<T>(name: string, read: (node: PropertyNode, info: PropertyInfo) => Read<T>): T | undefined {
    const property = this.byName.get(name);
    if (!property?.info) return undefined;
    const { value, problems } = read(property, property.info);
    this.problems.push(...problems);
    return value;
  }

  private seconds(name: string): number | undefined {
    return this.take(name, (node, { type }) => (type.kind === 'seconds' ? readSeconds(node, type) : { problems: [] }));
  }

  private count(name: string): number | undefined {
    return this.take(name, (node, { type }) => (type.kind === 'count' ? readCount(node, type) : { problems: [] }));
  }

  private readScalars(): Omit<WatcherSpec, 'captures' | 'actions'> {
    const outputType = this.take('output_type', (node, { type }) =>
      type.kind === 'choice' ? readChoice(node, type.values) : { problems: [] },
    );
    const states = this.take('trigger_job_states', (node, { type }) =>
      type.kind === 'states' ? readStates(node, type.values) : { problems: [] },
    );
    const maxTriggers = this.count('max_triggers');
    const silenceSeconds = this.seconds('silence');
    this.take('name', (node) => this.checkName(node));
    return {
      name: watcherName(this.node),
      line: this.node.line,
      intervalSeconds: this.seconds('interval') ?? 60,
      outputType: outputType === 'stderr' || outputType === 'both' ? outputType : 'stdout',
      ...(maxTriggers !== undefined && { maxTriggers }),
      maxFailures: this.count('max_failures') ?? 5,
      cooldownSeconds: this.seconds('cooldown') ?? 0,
      triggerOnJobEnd: this.take('trigger_on_job_end', readFlag) ?? false,
      triggerJobStates: states ?? ['completed', 'failed', 'timeout'],
      timerMode: this.take('timer_mode', readFlag) ?? false,
      timerIntervalSeconds: this.seconds('timer_interval') ?? 30,
      remainingResubmits: this.count('remaining_resubmits') ?? 10,
      ...(silenceSeconds !== undefined && { silenceSeconds }),
      enabled: this.take('enabled', readFlag) ?? true,
    };
  }

  private checkName(node: PropertyNode): Read<string> {
    const read = readText(node);
    if (read.value !== '') return read;
    return { problems: [problem('watcher/wrong-type', node.value.span, l10n.t('The name is empty.'))] };
  }

  private readPattern(): { readonly source: string; readonly compiled?: CompiledPattern } | undefined {
    const property = this.byName.get('pattern');
    if (property?.value.kind !== 'text') return undefined;
    const { fragment, span } = property.value;
    const source = fragment.text;
    if (source.length > maxPatternLength) {
      const words = l10n.t('A pattern has at most 1,000 characters; this one has {0}.', source.length);
      this.problems.push(problem('pattern/too-long', span, words));
      return { source };
    }
    const { pattern, problems } = this.check.pattern(source);
    this.problems.push(...problems.map((found) => mapProblem(found, (inner) => fragment.toSpan(inner))));
    return pattern ? { source, compiled: pattern } : { source };
  }

  private readCaptures(pattern: CompiledPattern | undefined): readonly string[] {
    const property = this.byName.get('captures');
    const list = property?.value;
    const captures: string[] = [];
    if (list?.kind === 'list') this.checkCaptures(list, captures, pattern);
    for (const name of pattern?.groupNames.keys() ?? []) {
      if (!isReservedName(name)) continue;
      const place = this.byName.get('pattern')?.value.span ?? this.node.keywordSpan;
      this.problems.push(
        problem(
          'watcher/bad-capture',
          place,
          l10n.t('The group `{0}` hides what conditions call `{0}`: give it another name.', name),
        ),
      );
    }
    return captures;
  }

  private checkCaptures(list: ListNode, captures: string[], pattern: CompiledPattern | undefined): void {
    const groups = pattern?.groupCount ?? Number.POSITIVE_INFINITY;
    list.items.forEach((item, index) => {
      const name = item.fragment.text;
      let words: string | undefined;
      if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(name))
        words = l10n.t('`{0}` is no name: use letters, digits and `_`.', name);
      else if (isReservedName(name))
        words = l10n.t('Conditions have a `{0}` of their own: a capture may not hide it.', name);
      else if (captures.includes(name)) words = l10n.t('The capture `{0}` is given twice.', name);
      if (words !== undefined) this.problems.push(problem('watcher/bad-capture', item.span, words));
      else if (index >= groups) {
        const count = groups === 1 ? l10n.t('1 group') : l10n.t('{0} groups', groups);
        this.problems.push(
          problem(
            'watcher/too-many-captures',
            item.span,
            l10n.t('The pattern has only {0}: nothing can be bound to `{1}`.', count, name),
          ),
        );
      }
      captures.push(name);
    });
    if (pattern && list.items.length < groups) {
      const words = l10n.t('The pattern has {0} groups, only {1} have a name.', groups, list.items.length);
      this.problems.push(problem('watcher/unnamed-groups', list.span, words));
    }
  }

  private readCondition(captures: readonly string[]): string | undefined {
    const property = this.byName.get('condition');
    if (property?.value.kind !== 'text') return undefined;
    const { fragment, span } = property.value;
    if (fragment.text.length > maxConditionLength) {
      const words = l10n.t('A condition has at most 500 characters; this one has {0}.', fragment.text.length);
      this.problems.push(problem('condition/too-long', span, words));
    } else this.problems.push(...placeProblems(fragment, this.check.condition(fragment.text, captures)));
    return fragment.text;
  }

  private readActions(context: ActionContext): readonly ActionSpec[] {
    const nodes = this.node.properties.filter(({ info }) => info?.name === 'actions');
    const specs: ActionSpec[] = [];
    for (const { value } of nodes) {
      if (value.kind !== 'actions') continue;
      for (const item of value.items) {
        const { spec, problems } = readAction(item, context);
        this.problems.push(...problems);
        if (spec) specs.push(spec);
      }
    }
    if (nodes.length > 0) return specs;
    if (this.node.properties.length > 0) {
      const words = l10n.t('No action is given: `log_event()` writes each match to the job’s eventlog.');
      this.problems.push(problem('watcher/no-action', this.node.keywordSpan, words, [this.addActionFix()]));
    }
    return [{ name: 'log_event', params: {} }];
  }

  private addActionFix() {
    const { span, form, properties: given } = this.node;
    const last = given.at(-1)?.span.end ?? span.end;
    const newText = form === 'inline' ? ' action=log_event()' : '\n# action: log_event()';
    return replaceFix(l10n.t('Write `log_event()`'), { start: last, end: last }, newText);
  }

  /** Properties that only work together with another one. */
  private checkEffects(spec: Omit<WatcherSpec, 'pattern' | 'condition'>): void {
    const needs: readonly (readonly [string, boolean, string])[] = [
      ['timer_interval', spec.timerMode, '`timer_mode: true`'],
      ['trigger_job_states', spec.triggerOnJobEnd, '`trigger_on_job_end: true`'],
      ['remaining_resubmits', spec.actions.some(({ name }) => name === 'resubmit'), l10n.t('a `resubmit` action')],
      ['captures', this.byName.has('pattern'), 'a `pattern`'],
    ];
    for (const [name, isThere, what] of needs) {
      const property = this.byName.get(name);
      if (!property || isThere) continue;
      const words = l10n.t('`{0}` has no effect without {1}.', property.key.text, what);
      this.problems.push(problem('watcher/no-effect', property.key.span, words));
    }
  }

  private checkPatternPresent(spec: Omit<WatcherSpec, 'pattern' | 'condition'>): void {
    if (this.byName.has('pattern') || this.node.properties.length === 0) return;
    if (spec.triggerOnJobEnd || spec.silenceSeconds !== undefined) return;
    const words = l10n.t('A watcher needs a `pattern`, unless it has `trigger_on_job_end` or `silence`.');
    this.problems.push(problem('watcher/missing-pattern', this.node.keywordSpan, words));
  }
}
