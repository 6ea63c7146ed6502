/** Hover in workflow files: keys, steps, parameters, events, files, names in expressions, times. */

import type { Hover } from 'vscode-languageserver';
import { walk } from '../language/expression/ast.ts';
import { functions, methods, type NameInfo } from '../language/expression/names.ts';
import { spellSeconds } from '../language/text/duration.ts';
import * as l10n from '../language/text/l10n.ts';
import { type Span, touches } from '../language/text/span.ts';
import { rootNames } from '../language/workflow/check-expressions.ts';
import { findStep } from '../language/workflow/check-graph.ts';
import { keysAt } from '../language/workflow/context.ts';
import { awaitedEvents, emissions, mayBeSame, showEvent } from '../language/workflow/events.ts';
import { memberOf } from '../language/workflow/expression-type.ts';
import { matrixFields, resultFields, runFields } from '../language/workflow/names.ts';
import { durationSeconds } from '../language/workflow/read-values.ts';
import type { YamlNode } from '../language/workflow/yaml-tree.ts';
import { code } from './docs.ts';
import type { Analysis, WorkflowAnalysis } from './documents.ts';
import { keyDoc, parameterText, stepText } from './workflow-docs.ts';
import { mentionAt, type Subject } from './workflow-mentions.ts';

export function workflowHover(analysis: Analysis, workflow: WorkflowAnalysis, offset: number): Hover | null {
  const { document } = workflow;
  const found = mentionAt(workflow, offset) ?? expressionNameAt(workflow, offset) ?? keyAt(document.root, [], offset);
  if (!found) return null;
  const value = 'markdown' in found ? found.markdown : subjectDoc(workflow, found.subject);
  return { range: analysis.rangeOf(found.span), contents: { kind: 'markdown', value } };
}

function subjectDoc({ document, provider }: WorkflowAnalysis, subject: Subject): string {
  switch (subject.kind) {
    case 'step': {
      const step = findStep(document, subject.name);
      return step ? stepText(step) : l10n.t('There is no step {0}.', code(subject.name));
    }
    case 'param': {
      const param = document.params.find(({ name }) => name === subject.name);
      return param
        ? l10n.t('Parameter {0}: {1}', code(param.name), code(parameterText(document, param)))
        : l10n.t('There is no parameter {0}.', code(subject.name));
    }
    case 'file':
      return l10n.t('{0}, relative to this file', code(subject.path));
    case 'event': {
      const emitters = emissions(document, provider).filter(({ name }) => mayBeSame(name, subject.name));
      const lines = emitters.map(({ name, file }) =>
        l10n.t('{0} by {1}', code(showEvent(name)), file === undefined ? l10n.t('a step of this file') : code(file)),
      );
      const what =
        lines.length > 0
          ? l10n.t('emitted\n{0}', [...new Set(lines)].map((line) => `- ${line}`).join('\n'))
          : l10n.t('emitted by nothing that is known here');
      const count = awaitedEvents(document).filter(({ name }) => mayBeSame(name, subject.name)).length;
      const waits =
        count === 0
          ? l10n.t('awaited by no step of this file')
          : count === 1
            ? l10n.t('awaited by a step')
            : l10n.t('awaited by {0} steps', count);
      return l10n.t('Event {0}, {1}, {2}', code(showEvent(subject.name)), waits, what);
    }
  }
}

interface Described {
  readonly span: Span;
  readonly markdown: string;
}

function expressionNameAt({ document }: WorkflowAnalysis, offset: number): Described | undefined {
  const placed = document.expressions.find(({ span }) => touches(span, offset));
  const at = placed?.fragment.fromDocument(offset);
  if (!placed || at === undefined) return undefined;
  let found: Described | undefined;
  const tell = (span: Span, table: { readonly [name: string]: NameInfo }, name: string) => {
    const info = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!info || !touches(span, at)) return;
    found = { span: placed.fragment.toSpan(span), markdown: `${code(info.signature)}\n\n${info.doc()}` };
  };
  walk(placed.expression, (node) => {
    if (node.kind === 'name') tell(node.span, rootNames(placed), node.name);
    else if (node.kind === 'call') tell(node.nameSpan, functions, node.name);
    else if (node.kind === 'method') tell(node.nameSpan, methods, node.name);
    const member = memberOf(node);
    if (!member) return;
    const outer = memberOf(member.target);
    const step =
      outer?.target.kind === 'name' && outer.target.name === 'steps' ? findStep(document, outer.name) : undefined;
    if (step) tell(member.nameSpan, resultFields(step), member.name);
    else if (member.target.kind === 'name' && member.target.name === 'matrix' && placed.step)
      tell(member.nameSpan, matrixFields(placed.step), member.name);
    else if (member.target.kind === 'name' && member.target.name === 'run')
      tell(member.nameSpan, runFields, member.name);
  });
  return found;
}

function keyAt(node: YamlNode | undefined, path: readonly string[], offset: number): Described | undefined {
  if (node?.kind === 'list') {
    const item = node.items.find(({ span }) => touches(span, offset));
    return keyAt(item, [...path, '*'], offset);
  }
  if (node?.kind !== 'map') return undefined;
  for (const { key, name, value } of node.pairs) {
    const info = keysAt(path)?.find((each) => each.name === name);
    if (info && touches(key.span, offset)) return { span: key.span, markdown: `**${info.name}**\n\n${keyDoc(info)}` };
    if (!touches(value.span, offset)) continue;
    const isTime = value.kind === 'scalar' && info?.types.some(({ kind }) => kind === 'duration');
    const seconds = isTime ? durationSeconds(value) : undefined;
    if (seconds !== undefined)
      return { span: value.span, markdown: `${code(info?.name ?? '')}: ${spellSeconds(seconds)}` };
    return keyAt(value, [...path, name], offset);
  }
  return undefined;
}
