/** From an action's syntax tree to what it means, with every problem that can be told before it runs. */

import { findLongOption, findShortOption } from '../directives/option-lookup.ts';
import { checkConditionText, placeProblems } from '../expression/check-condition.ts';
import { decodeString } from '../expression/literals.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { parseTemplate, type TemplatePart } from '../template/parse-template.ts';
import type { Fragment } from '../text/fragment.ts';
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import type { ActionSpec } from '../watcher/spec.ts';
import {
  type ActionInfo,
  actionVariables,
  allActionNames,
  conditionParameter,
  findAction,
  findParameter,
} from './catalogue.ts';
import { type JsonValue, literalValue } from './literal.ts';
import type { ActionNode, ParameterNode } from './node.ts';
import { parameterValue } from './parameter-value.ts';

export interface ActionContext {
  readonly captures: readonly string[];
  readonly groupCount: number;
  /** Names of all watchers of the script. */
  readonly watcherNames: readonly string[];
}

/** No `spec` for an action that does not exist. */
export function readAction(
  node: ActionNode,
  context: ActionContext,
): { readonly spec?: ActionSpec; readonly problems: readonly Problem[] } {
  if (node.name === '') {
    const empty = node.span.start === node.span.end;
    return {
      problems: empty ? [problem('watcher/missing-value', node.nameSpan, l10n.t('An action is missing here.'))] : [],
    };
  }
  const info = findAction(node.name);
  if (!info) return { problems: [unknownAction(node)] };
  return new ActionReader(node, info, context).read();
}

function unknownAction(node: ActionNode): Problem {
  const near = nearestName(node.name, allActionNames);
  const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), node.nameSpan, near)] : [];
  const hint = near ? l10n.t(': did you mean `{0}`?', near) : '.';
  return problem('action/unknown', node.nameSpan, l10n.t('There is no action `{0}`{1}', node.name, hint), fixes);
}

class ActionReader {
  private readonly node: ActionNode;
  private readonly info: ActionInfo;
  private readonly context: ActionContext;
  private readonly problems: Problem[] = [];
  private readonly params: { [name: string]: JsonValue } = {};
  private readonly given = new Map<string, ParameterNode>();
  private condition: string | undefined;

  constructor(node: ActionNode, info: ActionInfo, context: ActionContext) {
    this.node = node;
    this.info = info;
    this.context = context;
  }

  read(): { readonly spec: ActionSpec; readonly problems: readonly Problem[] } {
    for (const parameter of this.node.parameters) this.readParameter(parameter);
    this.checkRequired();
    this.checkSpecials();
    const { params, condition, problems } = this;
    return { spec: { name: this.info.name, params, ...(condition !== undefined && { condition }) }, problems };
  }

  private readParameter(node: ParameterNode): void {
    if (node.name === '') {
      this.reportUnnamed(node);
      return;
    }
    const info = findParameter(this.info, node.name);
    if (!info) {
      this.reportUnknown(node);
      return;
    }
    if (this.given.has(info.name)) {
      const fix = this.removeFix(node);
      this.problems.push(
        problem('action/duplicate-parameter', node.nameSpan, l10n.t('`{0}` is given twice.', info.name), fix),
      );
      return;
    }
    this.given.set(info.name, node);
    if (node.value.text.trim() === '') {
      const span = { start: node.span.end, end: node.span.end };
      this.problems.push(problem('watcher/missing-value', span, l10n.t('A value is missing here.')));
      return;
    }
    if (info.type === 'condition') {
      this.readCondition(node);
      return;
    }
    this.checkVariables(node.value);
    const written = node.literal ? literalValue(node.literal) : node.value.text;
    if (written === undefined) return;
    const value = parameterValue(info, written);
    if (value.problem !== undefined) {
      this.problems.push(
        problem(
          'action/wrong-type',
          node.value.span,
          l10n.t('`{0}` takes {1}.', info.name, value.problem),
          value.near
            ? [replaceFix(l10n.t('Replace with `{0}`', value.near), node.value.span, JSON.stringify(value.near))]
            : [],
        ),
      );
      return;
    }
    if (!node.literal && info.type !== 'duration' && node.nameSpan.start < node.nameSpan.end) {
      this.reportUnquoted(node, info.name);
    }
    this.params[info.name] = value.value;
  }

  private reportUnnamed(node: ParameterNode): void {
    const free = this.info.parameters.filter(
      (parameter) => !this.node.parameters.some(({ name }) => name === parameter.name),
    );
    const [first] = free;
    const fixes = first
      ? [
          replaceFix(
            l10n.t('Write `{0}=`', first.name),
            { start: node.span.start, end: node.span.start },
            `${first.name}=`,
          ),
        ]
      : [];
    this.problems.push(
      problem('action/unnamed-parameter', node.span, l10n.t('A parameter is written `name=value`.'), fixes),
    );
  }

  private reportUnknown(node: ParameterNode): void {
    const shortForm = node.nameSpan.start === node.nameSpan.end;
    if (shortForm) {
      const words = l10n.t('`{0}` takes no message: write its parameters as `(name=value)`.', this.info.name);
      this.problems.push(problem('action/unknown-parameter', node.value.span, words));
      return;
    }
    const names = [
      ...this.info.parameters.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]),
      conditionParameter.name,
    ];
    const near = nearestName(node.name, names);
    const quoted = /^["']/.exec(this.nameSource(node))?.[0] ?? '';
    const fixes = near
      ? [replaceFix(l10n.t('Replace with `{0}`', near), node.nameSpan, quoted + near + quoted)]
      : this.removeFix(node);
    const known = names.map((name) => `\`${name}\``).join(', ');
    this.problems.push(
      problem(
        'action/unknown-parameter',
        node.nameSpan,
        l10n.t('`{0}` has no parameter `{1}`: it has {2}.', this.info.name, node.name, known),
        fixes,
      ),
    );
  }

  /** In a map the name of a parameter stands in quotes: its place is two characters longer. */
  private nameSource(node: ParameterNode): string {
    return node.nameSpan.end - node.nameSpan.start > node.name.length ? '"' : '';
  }

  /** Takes a parameter out together with the comma before it (or behind it, for the first). */
  private removeFix(node: ParameterNode) {
    const index = this.node.parameters.indexOf(node);
    const before = this.node.parameters[index - 1];
    const after = this.node.parameters[index + 1];
    const span = before
      ? { start: before.span.end, end: node.span.end }
      : { start: node.span.start, end: after?.span.start ?? node.span.end };
    return [replaceFix(l10n.t('Remove it'), span, '')];
  }

  private reportUnquoted(node: ParameterNode, name: string): void {
    const text = node.value.text.trim();
    // A capture in quotes is its name and no number; the check of the value says how it is written.
    if (this.info.name === 'store_metric' && name === 'value' && this.context.captures.includes(text)) return;
    const span = node.value.span;
    const fix = replaceFix(l10n.t('Put it in quotes'), span, JSON.stringify(text));
    this.problems.push(problem('action/unquoted-text', span, l10n.t('A text is written in quotes.'), [fix]));
  }

  private readCondition(node: ParameterNode): void {
    const inner = conditionOf(node);
    if (!inner) {
      this.problems.push(
        problem('action/wrong-type', node.value.span, l10n.t('`condition` takes a Python expression in quotes.')),
      );
      return;
    }
    this.condition = inner.text;
    this.problems.push(...placeProblems(inner, checkConditionText(inner.text, this.context.captures)));
  }

  private checkVariables(value: Fragment): void {
    const visit = (part: TemplatePart) => {
      if (part.kind !== 'variable') return;
      part.word.forEach(visit);
      if (this.isKnown(part.name) || this.isEnvironment(part)) return;
      const near = nearestName(part.name, [...this.context.captures, ...Object.keys(actionVariables)]);
      const span = value.toSpan(part.nameSpan);
      const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), span, near)] : [];
      const words = /^\d+$/.test(part.name)
        ? l10n.t('The pattern has no group {0}; `${0}` is left as it stands.', part.name)
        : l10n.t('There is no variable `{0}`; it is left as it stands.', part.name);
      this.problems.push(problem('action/unknown-variable', span, words, fixes));
    };
    parseTemplate(value.text).forEach(visit);
  }

  private isKnown(name: string): boolean {
    if (/^\d+$/.test(name)) return name.length === 1 && Number(name) <= this.context.groupCount;
    return this.context.captures.includes(name) || Object.hasOwn(actionVariables, name);
  }

  /** A command may use the environment of the cluster's shell: `$HOME`. */
  private isEnvironment(part: TemplatePart & { kind: 'variable' }): boolean {
    return this.info.name === 'run_command' && /^[A-Z_][A-Z0-9_]*$/.test(part.name);
  }

  private checkRequired(): void {
    const missing = this.info.parameters.filter((parameter) => parameter.required && !this.given.has(parameter.name));
    // Without a name there is no telling which parameter was meant.
    if (this.node.parameters.some(({ name }) => name === '')) return;
    const needsNumber = this.info.name === 'store_metric' && !this.given.has('value') && !this.given.has('variable');
    const names = [
      ...missing.map(({ name }) => `\`${name}\``),
      ...(needsNumber ? [l10n.t('`value` (or `variable`)')] : []),
    ];
    if (names.length === 0) return;
    this.problems.push(
      problem(
        'action/missing-parameter',
        this.node.nameSpan,
        l10n.t('`{0}` needs {1}.', this.info.name, names.join(l10n.t(' and '))),
      ),
    );
  }

  private checkSpecials(): void {
    if (this.node.name.toLowerCase() === 'notify' && !this.given.has('level')) {
      const fix = replaceFix(l10n.t('Replace with `notify_email`'), this.node.nameSpan, 'notify_email');
      const words = l10n.t('In ssync `notify` sends an e-mail; here it shows a notification in VS Code.');
      this.problems.push(problem('action/ssync-notify', this.node.nameSpan, words, [fix]));
    }
    if (this.info.name === 'pause_watcher' || this.info.name === 'stop_watcher') this.checkWatcherName();
    if (this.info.name === 'resubmit') this.checkModifications();
    if (this.info.name === 'store_metric') this.checkMetricVariable();
  }

  private checkWatcherName(): void {
    const node = this.given.get('name');
    const name = this.params.name;
    if (!node || typeof name !== 'string' || name.includes('$') || this.context.watcherNames.includes(name)) return;
    const near = nearestName(name, this.context.watcherNames);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), node.value.span, JSON.stringify(near))] : [];
    this.problems.push(
      problem('action/unknown-watcher', node.value.span, l10n.t('This script has no watcher `{0}`.', name), fixes),
    );
  }

  private checkMetricVariable(): void {
    const node = this.given.get('variable');
    const name = this.params.variable;
    if (!node || typeof name !== 'string' || this.isKnown(name.replace(/^\$/, ''))) return;
    const near = nearestName(name, this.context.captures);
    const fixes = near ? [replaceFix(l10n.t('Replace with `{0}`', near), node.value.span, JSON.stringify(near))] : [];
    this.problems.push(
      problem('action/unknown-variable', node.value.span, l10n.t('There is no capture `{0}`.', name), fixes),
    );
  }

  private checkModifications(): void {
    const node = this.given.get('modifications');
    const literal = node?.literal;
    if (!node || literal?.kind !== 'dict') return;
    for (const { key } of literal.entries) {
      if (key.kind !== 'literal') continue;
      const name = String(key.value).replace(/^--?/, '');
      if (name.length === 1 ? findShortOption(name) : findLongOption(name)) continue;
      const variable = name.toUpperCase().replaceAll('-', '_');
      const words = l10n.t(
        '`{0}` is no option of sbatch: the new job gets it as the environment variable `{1}`.',
        name,
        variable,
      );
      this.problems.push(problem('action/environment-variable', node.value.toSpan(key.span), words));
    }
  }
}

/** The expression that a `condition` holds, in quotes or, in a map item, without; undefined when it is no text. */
export function conditionOf(node: ParameterNode): Fragment | undefined {
  return node.literal ? stringContent(node) : node.value;
}

/** What stands between the quotes of a text literal; undefined when it is none. */
function stringContent(node: ParameterNode): Fragment | undefined {
  const { literal, value } = node;
  if (literal?.kind !== 'literal' || typeof literal.value !== 'string') return undefined;
  const opening = /^([rRuU]?)("""|'''|"|')/.exec(value.text);
  if (!opening) return undefined;
  const body = { start: opening[0].length, end: value.text.trimEnd().length - (opening[2]?.length ?? 1) };
  const { parts } = decodeString(value.text, body, /r/i.test(opening[1] ?? ''));
  // An escape that stands for another character than it shows keeps its place, but not its text: such a text has no fragment.
  const picked = value.pick(parts.map(({ span, text }) => ({ start: span.end - text.length, end: span.end })));
  return picked.text === literal.value ? picked : value.slice(body.start, body.end);
}
