/** Lints of watchers: those that cannot trigger, that trigger twice, that name what nobody uses, that match their own text. */

import { parseTimeLimit } from '../directives/values.ts';
import type { Expression } from '../expression/ast.ts';
import { parseExpression } from '../expression/parse.ts';
import { compilePattern } from '../pattern/compile.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import { shellTextOf } from '../script/document-facts.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import { spellSeconds } from '../text/duration.ts';
import * as l10n from '../text/l10n.ts';
import type { Span } from '../text/span.ts';
import { findCaptures } from '../watcher/captures.ts';
import type { PropertyNode, WatcherNode } from '../watcher/node.ts';
import type { ReadWatcher } from '../watcher/read-watcher.ts';
import type { WatcherSpec } from '../watcher/spec.ts';
import { addProperty } from './add-property.ts';
import { type Component, isShellScript, optionOf, type SlurmJob } from './slurm-job.ts';

/** `job`: what the script asks Slurm for, if it does. */
export function lintWatchers(
  document: ScriptDocument,
  watchers: readonly ReadWatcher[],
  job: SlurmJob | undefined,
): readonly Problem[] {
  if (watchers.length === 0) return [];
  const [component = []] = job?.components ?? [];
  const limit = parseTimeLimit(optionOf(component, 'time')?.value ?? '');
  return [
    ...inHereDocuments(document),
    ...samePatterns(watchers),
    ...arrayJob(watchers, optionOf(component, 'array') !== undefined),
    ...matchingThemselves(document, watchers),
    ...watchers.flatMap(({ node, spec }) => [
      ...commentsInValues(node),
      ...unusedCaptures(document, node, spec),
      ...neverTriggers(node, spec, limit),
      ...wrongStream(document, node, spec, component),
      ...defaultStates(document, node, spec),
    ]),
  ];
}

export function findProperty(node: WatcherNode, name: string): PropertyNode | undefined {
  return node.properties.find(({ info }) => info?.name === name);
}

/** A watcher is one wherever it stands, as in ssync; in text for another program it is hardly meant. */
function inHereDocuments(document: ScriptDocument): readonly Problem[] {
  const command = document.lines.findIndex(({ kind }) => kind === 'command');
  // Nothing is open before the first command.
  const late = document.watchers.filter(({ line }) => command >= 0 && line > command);
  if (late.length === 0 || !isShellScript(document)) return [];
  const text = shellTextOf(document);
  if (text.unsure) return [];
  return late
    .filter(({ line }) => text.inside[line])
    .map(({ keywordSpan }) => {
      const words = l10n.t(
        'This stands in a here-document or a quotation. It is a watcher of this script all the same.',
      );
      return problem('watcher/in-here-document', keywordSpan, words);
    });
}

function samePatterns(watchers: readonly ReadWatcher[]): readonly Problem[] {
  const problems: Problem[] = [];
  watchers.forEach(({ node, spec }, index) => {
    const earlier = watchers.slice(0, index).find((other) => isSame(other.spec, spec));
    const pattern = findProperty(node, 'pattern');
    if (!earlier || !pattern) return;
    const words = l10n.t(
      'The watcher `{0}` on line {1} has the same pattern: each line triggers both. One watcher may have several actions.',
      earlier.spec.name,
      earlier.node.line + 1,
    );
    problems.push(problem('watcher/same-pattern', pattern.value.span, words));
  });
  return problems;
}

function isSame(a: WatcherSpec, b: WatcherSpec): boolean {
  const streams = a.outputType === b.outputType || a.outputType === 'both' || b.outputType === 'both';
  const kinds = a.triggerOnJobEnd === b.triggerOnJobEnd && a.silenceSeconds === b.silenceSeconds;
  const triggers = a.pattern !== undefined && a.pattern === b.pattern && a.condition === b.condition;
  const states = !a.triggerOnJobEnd || a.triggerJobStates.some((state) => b.triggerJobStates.includes(state));
  const runs = a.enabled && b.enabled && a.maxTriggers === b.maxTriggers && a.timerMode === b.timerMode;
  return triggers && streams && kinds && states && runs;
}

function arrayJob([first]: readonly ReadWatcher[], isArray: boolean): readonly Problem[] {
  if (!first || !isArray) return [];
  const words = l10n.t('An array job: each of its tasks gets an instance of each watcher when it starts.');
  return [problem('watcher/array-job', first.node.keywordSpan, words)];
}

const printsItself =
  /\bset\s+-[a-z]*v|\bset\s+-o\s+verbose|\bcat\s+["']?\$(0\b|\{0\}|\{?BASH_SOURCE)|scontrol\s+(write|show)\s+batch_script/;

function matchingThemselves(document: ScriptDocument, watchers: readonly ReadWatcher[]): readonly Problem[] {
  const { text, shebang } = document;
  const isVerbose = shebang && /\bsh\s+-\w*v/.test(text.slice(shebang.start, shebang.end));
  if (!isVerbose && !printsItself.test(text)) return [];
  return watchers.flatMap(({ node, spec }) => {
    const property = findProperty(node, 'pattern');
    const compiled = spec.pattern === undefined ? undefined : compilePattern(spec.pattern).pattern;
    const lines = text.slice(node.span.start, node.span.end).split(/\r?\n/);
    if (!property || !compiled || !lines.some((line) => compiled.search(line))) return [];
    const words = l10n.t('The script prints itself, and this pattern matches the line that it is written in.');
    return [problem('pattern/matches-itself', property.value.span, words)];
  });
}

/** In a block a value runs to the end of its line. */
function commentsInValues(node: WatcherNode): readonly Problem[] {
  if (node.form !== 'block') return [];
  return node.properties.flatMap(({ info, value }) => {
    if (value.kind !== 'text' || value.quoted || (info?.name !== 'pattern' && info?.name !== 'name')) return [];
    const { text } = value.fragment;
    const at = /(?<!\s)\s+#\s.*$/.exec(text);
    if (!at || /\(\?[a-zA-Z]*x/.test(text)) return [];
    const span = value.fragment.toSpan({ start: at.index, end: text.length });
    const words = l10n.t(
      'This is part of the {0}: a value runs to the end of its line. A comment is a line of its own, `# # text`.',
      info.name,
    );
    return [problem('watcher/comment-in-value', span, words, [replaceFix(l10n.t('Remove it'), span, '')])];
  });
}

function unusedCaptures(document: ScriptDocument, node: WatcherNode, spec: WatcherSpec): readonly Problem[] {
  // These keep what was captured without naming it.
  if (
    spec.actions.some(({ name, params }) => name === 'log_event' || (name === 'emit_event' && !('payload' in params)))
  )
    return [];
  const { captures, numbers } = findCaptures(node);
  return captures.flatMap(({ name, group, listed, groupName, uses }) => {
    const place = listed ?? groupName;
    const isUsed = uses.length > 0 || numbers.some(({ index }) => index === group?.index);
    if (!place || isUsed || name.startsWith('_') || inScript(document, name)) return [];
    return [problem('watcher/unused-capture', place, l10n.t('Nothing uses the capture `{0}`.', name))];
  });
}

/** `resubmit` fills in `${name}` in the script. */
export function inScript({ text, lines }: ScriptDocument, name: string): boolean {
  const use = new RegExp(`\\$\\{${name.replace(/[^\w]/g, '')}(\\}|:[-+])`);
  if (!use.test(text)) return false;
  return lines.some(({ kind, span }) => kind === 'command' && use.test(text.slice(span.start, span.end)));
}

function neverTriggers(node: WatcherNode, spec: WatcherSpec, limit: number | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  const condition = findProperty(node, 'condition')?.value;
  if (condition?.kind === 'text') {
    for (const part of conjuncts(parseExpression(condition.fragment.text).expression)) {
      const words = unreachable(part, spec, limit);
      if (words) problems.push(problem('watcher/never-triggers', condition.fragment.toSpan(part.span), words));
    }
  }
  if (limit === undefined || !Number.isFinite(limit)) return problems;
  const waits: readonly (readonly [string, number | undefined])[] = [
    ['silence', spec.silenceSeconds],
    ['timer_interval', spec.timerMode ? spec.timerIntervalSeconds : undefined],
  ];
  for (const [name, seconds] of waits) {
    const span: Span | undefined = findProperty(node, name)?.value.span;
    if (!span || seconds === undefined || seconds < limit) continue;
    const words = l10n.t('The job ends after {0} (`--time`), before `{1}` is over.', spellSeconds(limit), name);
    problems.push(problem('watcher/never-triggers', span, words));
  }
  return problems;
}

/** What Slurm itself writes into the error output of a batch script. */
const slurmMessages = [
  'slurmstepd: error: *** JOB 4711 ON node1 CANCELLED AT 2026-11-21T05:00:00 DUE TO TIME LIMIT ***',
  'slurmstepd: error: *** JOB 4711 ON node1 CANCELLED AT 2026-11-21T05:00:00 DUE TO PREEMPTION ***',
  'slurmstepd: error: *** STEP 4711.0 ON node1 CANCELLED AT 2026-11-21T05:00:00 DUE TO TIME LIMIT ***',
  'slurmstepd: error: Detected 1 oom_kill event in StepId=4711.batch. Some of the step tasks have been OOM Killed.',
  'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=4711.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.',
];

/** Patterns that match anything, as `error`, say nothing of Slurm. */
const meansSlurm = /TIME.{1,3}LIMIT|CANCELL?ED|oom.?kill|slurmstepd/i;

function wrongStream(
  document: ScriptDocument,
  node: WatcherNode,
  spec: WatcherSpec,
  component: Component,
): readonly Problem[] {
  const error = optionOf(component, 'error')?.value;
  const pattern = findProperty(node, 'pattern');
  if (spec.outputType !== 'stdout' || !pattern || spec.pattern === undefined || !meansSlurm.test(spec.pattern))
    return [];
  if (error === undefined || error === (optionOf(component, 'output')?.value ?? 'slurm-%j.out')) return [];
  const compiled = compilePattern(spec.pattern).pattern;
  if (!compiled || !slurmMessages.some((line) => compiled.search(line))) return [];
  const given = findProperty(node, 'output_type');
  const fixes = ['both', 'stderr'].map((stream) =>
    given
      ? replaceFix(l10n.t('Replace with `{0}`', stream), given.value.span, stream)
      : addProperty(document, node, pattern, 'output_type', stream),
  );
  const words = l10n.t(
    'Slurm writes this to the error output, which `--error` sends to another file; this watcher reads stdout only: `output_type` is `stderr` or `both`.',
  );
  return [problem('watcher/never-triggers', pattern.value.span, words, fixes)];
}

/** What all have to be true: the parts of `a and b and c`. */
function conjuncts(expression: Expression): readonly Expression[] {
  if (expression.kind !== 'logical' || expression.operator !== 'and') return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}

/** Why a comparison is never true, in words. */
function unreachable(part: Expression, spec: WatcherSpec, limit: number | undefined): string | undefined {
  if (part.kind !== 'comparison' || part.rest.length !== 1) return undefined;
  const [comparison] = part.rest;
  if (!comparison) return undefined;
  const { first } = part;
  const { operator, operand } = comparison;
  const over = elapsedBound(first, operator, operand) ?? elapsedBound(operand, mirrored[operator], first);
  if (over !== undefined && limit !== undefined && over >= limit && !spec.triggerOnJobEnd) {
    return l10n.t('The job ends after {0} (`--time`): `elapsed` does not get there.', spellSeconds(limit));
  }
  const state = operator === '==' ? (endState(first, operand) ?? endState(operand, first)) : undefined;
  if (state === undefined || !spec.triggerOnJobEnd || coversState(spec.triggerJobStates, state)) return undefined;
  return l10n.t('`trigger_job_states` leaves `{0}` out: the actions never run in this state.', state);
}

const mirrored: { readonly [operator: string]: string } = { '<': '>', '<=': '>=' };

function elapsedBound(left: Expression, operator: string | undefined, right: Expression): number | undefined {
  if (left.kind !== 'name' || left.name !== 'elapsed' || (operator !== '>' && operator !== '>=')) return undefined;
  if (right.kind === 'binary' && right.operator === '*') {
    const [a, b] = [literalNumber(right.left), literalNumber(right.right)];
    return a === undefined || b === undefined ? undefined : a * b;
  }
  return literalNumber(right);
}

function literalNumber(node: Expression): number | undefined {
  const isNumber = node.kind === 'literal' && (typeof node.value === 'number' || typeof node.value === 'bigint');
  return isNumber ? Number(node.value) : undefined;
}

const stateVariables = new Set(['job_end_state', 'job_state']);

function endState(name: Expression, value: Expression): string | undefined {
  if (name.kind !== 'name' || !stateVariables.has(name.name)) return undefined;
  return value.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined;
}

/** `failed` covers every unsuccessful end that has no name of its own among the default states. */
function coversState(states: readonly string[], state: string): boolean {
  if (states.includes('any') || states.includes(state)) return true;
  return states.includes('failed') && !['completed', 'cancelled', 'timeout'].includes(state);
}

function defaultStates(document: ScriptDocument, node: WatcherNode, spec: WatcherSpec): readonly Problem[] {
  const property = findProperty(node, 'trigger_on_job_end');
  if (!property || !spec.triggerOnJobEnd || findProperty(node, 'trigger_job_states')) return [];
  const words = l10n.t(
    'The actions run when the job is completed, failed or timed out, not when it is cancelled: `trigger_job_states` says so.',
  );
  const value = '[completed, failed, timeout]';
  return [
    problem('watcher/default-states', property.key.span, words, [
      addProperty(document, node, property, 'trigger_job_states', value),
    ]),
  ];
}
