/** Lints of actions: resubmits without a bound or a checkpoint, jobs both cancelled and resubmitted, notifications without a target, commands the policy refuses. */

import { findAction } from '../actions/catalogue.ts';
import { literalValue } from '../actions/literal.ts';
import type { ActionNode } from '../actions/node.ts';
import { type Problem, problem } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import { captureNames, type ReadWatcher } from '../watcher/read-watcher.ts';
import { checkActionValues } from './action-values.ts';
import { addProperty } from './add-property.ts';
import { findProperty, inScript } from './watcher-lints.ts';

/** What `run_command` may do: the settings `vigil.actions.runCommand` and `vigil.actions.allowedCommands`. */
export interface CommandPolicy {
  readonly runCommand: 'allowlist' | 'ask' | 'any' | 'never';
  readonly allowedCommands: readonly string[];
}

export function lintActions(
  document: ScriptDocument,
  watchers: readonly ReadWatcher[],
  policy: CommandPolicy | undefined,
): readonly Problem[] {
  return watchers.flatMap((watcher) => [
    ...resubmits(document, watcher),
    ...cancelAndResubmit(watcher),
    ...allItems(watcher).flatMap((node) => checkActionValues(node, captureNames(watcher.node))),
    ...itemsOf(watcher, 'notify_email').flatMap((node) => withoutTarget(node, 'to', 'SSYNC_EMAIL')),
    ...itemsOf(watcher, 'notify_slack').flatMap((node) => withoutTarget(node, 'webhook', 'SSYNC_SLACK_WEBHOOK')),
    ...itemsOf(watcher, 'run_command').flatMap((node) => (policy ? commandPolicy(node, policy) : [])),
  ]);
}

function allItems({ node }: ReadWatcher): readonly ActionNode[] {
  return node.properties.flatMap(({ value }) => (value.kind === 'actions' ? value.items : []));
}

/** The actions of a watcher with this name or one of its aliases. */
function itemsOf(watcher: ReadWatcher, name: string): readonly ActionNode[] {
  return allItems(watcher).filter((item) => findAction(item.name)?.name === name);
}

function resubmits(document: ScriptDocument, watcher: ReadWatcher): readonly Problem[] {
  const [action] = itemsOf(watcher, 'resubmit');
  if (!action) return [];
  const { node, spec } = watcher;
  const problems: Problem[] = [];
  const last = node.properties.findLast(({ value }) => value.kind === 'actions');
  if (!findProperty(node, 'remaining_resubmits') && spec.maxTriggers === undefined && last) {
    const words = l10n.t('How often the job may be resubmitted is not said: `remaining_resubmits` is 10 then.');
    const fix = addProperty(document, node, last, 'remaining_resubmits', '3');
    problems.push(problem('watcher/resubmit-limit', action.nameSpan, words, [fix]));
  }
  const goesOn = action.parameters.some(({ name }) => name === 'modifications') || findsCheckpoint(document, watcher);
  if (!goesOn) {
    const words = l10n.t(
      'The new job begins from the start: no capture of this watcher occurs in the script as `${name}`, and the script does not look for a checkpoint.',
    );
    problems.push(problem('watcher/resubmit-from-start', action.nameSpan, words));
  }
  return problems;
}

/** A capture that is filled into the script, or a script that speaks of checkpoints itself. */
function findsCheckpoint(document: ScriptDocument, { node, spec }: ReadWatcher): boolean {
  const named = [...spec.captures, ...(spec.pattern ?? '').matchAll(/\(\?P<(\w+)>/g)].map((each) =>
    typeof each === 'string' ? each : (each[1] ?? ''),
  );
  if (named.some((name) => inScript(document, name))) return true;
  return document.lines.some(
    ({ kind, span }) =>
      kind === 'command' &&
      !(node.span.start <= span.start && span.end <= node.span.end) &&
      /resum|restart|checkpoint|ckpt|\bchk\b|latest|SLURM_RESTART_COUNT/i.test(
        document.text.slice(span.start, span.end),
      ),
  );
}

function cancelAndResubmit(watcher: ReadWatcher): readonly Problem[] {
  const [resubmit] = itemsOf(watcher, 'resubmit');
  const [cancel] = itemsOf(watcher, 'cancel_job');
  if (!resubmit || !cancel) return [];
  const isConditional = [resubmit, cancel].some(({ parameters }) =>
    parameters.some(({ name }) => name === 'condition'),
  );
  const keeps = watcher.spec.actions.some(
    ({ name, params }) => name === 'resubmit' && params.cancel_original === false,
  );
  const signals = cancel.parameters.some(({ name }) => name === 'signal');
  if (isConditional || keeps || signals) return [];
  const words = l10n.t('`resubmit` cancels the job itself, unless `cancel_original` is false.');
  return [problem('watcher/cancel-and-resubmit', cancel.nameSpan, words)];
}

function withoutTarget(node: ActionNode, parameter: string, variable: string): readonly Problem[] {
  if (node.parameters.some(({ name }) => name === parameter)) return [];
  const words = l10n.t(
    'Without `{0}` the settings or the variable {1} have to say where this goes.',
    parameter,
    variable,
  );
  return [problem('action/no-target', node.nameSpan, words)];
}

function commandPolicy(node: ActionNode, policy: CommandPolicy): readonly Problem[] {
  const parameter = node.parameters.find(({ name }) => name === 'command');
  const command = parameter?.literal ? literalValue(parameter.literal) : parameter?.value.text;
  if (!parameter || typeof command !== 'string' || command.trim() === '') return [];
  const refusal = refusedBecause(command, policy);
  if (refusal === undefined) return [];
  return [problem('action/command-policy', parameter.value.span, refusal)];
}

/** The rough form of what the engine decides when the command is due; there it sees what the variables hold. */
function refusedBecause(command: string, { runCommand, allowedCommands }: CommandPolicy): string | undefined {
  if (runCommand === 'never') return l10n.t('Vigil runs no commands: `vigil.actions.runCommand` is `never`.');
  if (runCommand !== 'allowlist') return undefined;
  const plain = command.replace(/'[^']*'|"(?:[^"\\]|\\.)*"|\\["']/g, 'x').replace(/\$\{\w+(:[-+][^}$]*)?\}/g, 'x');
  const pieces = plain.split(/&&|\|\||;|\n/).map((each) => each.trim());
  for (const piece of pieces) {
    const [first = '', ...piped] = piece.split('|').map((each) => each.trim());
    if (/[<>`&]|\$\(/.test(piece) || piped.some((each) => !/^(logger\b|tee\s+-a\b)/.test(each))) {
      return l10n.t(
        'Under the policy `allowlist` a command has no redirections, substitutions or pipes, but those to `logger` and `tee -a`.',
      );
    }
    const program = /^\S+/.exec(first)?.[0];
    if (program !== undefined && !program.startsWith('$') && !allowedCommands.includes(program)) {
      return l10n.t(
        '`{0}` is not in `vigil.actions.allowedCommands`: the policy `allowlist` does not run it.',
        program,
      );
    }
  }
  return undefined;
}
