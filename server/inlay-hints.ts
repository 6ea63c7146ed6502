/** Inlay hints: what the groups of a pattern are called, and long times as a person says them, in workflow files too. */
import { type InlayHint, InlayHintKind } from 'vscode-languageserver';
import type { Range } from 'vscode-languageserver-textdocument';
import { findAction, findParameter } from '../language/actions/catalogue.ts';
import { spellSeconds } from '../language/text/duration.ts';
import { findCaptures } from '../language/watcher/captures.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { parseDuration } from '../language/watcher/read-scalar.ts';
import { keysAt } from '../language/workflow/context.ts';
import { durationSeconds } from '../language/workflow/read-values.ts';
import type { YamlNode } from '../language/workflow/yaml-tree.ts';
import type { Analysis } from './documents.ts';

interface Hint {
  readonly offset: number;
  readonly label: string;
  readonly isName: boolean;
}

export function inlayHints(analysis: Analysis, range: Range): InlayHint[] {
  const from = analysis.offsetAt(range.start);
  const to = analysis.offsetAt(range.end);
  const { root } = analysis.workflow?.document ?? {};
  const hints = root
    ? workflowHints(root, [])
    : [...analysis.script.watchers.flatMap(watcherHints), ...directiveHints(analysis)];
  return hints
    .filter(({ offset }) => from <= offset && offset <= to)
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, label, isName }) => ({
      position: analysis.positionAt(offset),
      label,
      ...(isName && { kind: InlayHintKind.Parameter }),
      paddingLeft: !isName,
    }));
}

function watcherHints(watcher: WatcherNode): readonly Hint[] {
  return [...captureHints(watcher), ...durationHints(watcher)];
}

/** A group that carries the name itself needs no hint. */
function captureHints(watcher: WatcherNode): readonly Hint[] {
  return findCaptures(watcher).captures.flatMap(({ name, group, listed, groupName }) =>
    group && listed && !groupName ? [{ offset: group.bodyStart, label: `${name}:`, isName: true }] : [],
  );
}

function durationHints(watcher: WatcherNode): readonly Hint[] {
  return watcher.properties.flatMap(({ info, value }) => {
    if (info?.type.kind === 'seconds' && value.kind === 'text') {
      return timeHint(value.span.end, value.fragment.text, parseDuration(value.fragment.text));
    }
    if (value.kind !== 'actions') return [];
    return value.items.flatMap((action) => {
      const known = findAction(action.name);
      return action.parameters.flatMap((node) => {
        const isTime = known && findParameter(known, node.name)?.type === 'duration';
        return isTime ? timeHint(node.value.span.end, node.value.text, parseDuration(node.value.text)) : [];
      });
    });
  });
}

/** `timeout: 7200` are seconds. */
function workflowHints(node: YamlNode, path: readonly string[]): readonly Hint[] {
  if (node.kind === 'list') return node.items.flatMap((item) => workflowHints(item, [...path, '*']));
  if (node.kind !== 'map') return [];
  const keys = keysAt(path);
  return node.pairs.flatMap(({ name, value }) => {
    const isTime = keys?.find((key) => key.name === name)?.types.some(({ kind }) => kind === 'duration');
    if (!isTime || value.kind !== 'scalar') return workflowHints(value, [...path, name]);
    return timeHint(value.span.end, value.fragment.text, durationSeconds(value));
  });
}

/** `--time=120` are minutes, `--array=0-99:4` are 25 tasks. */
function directiveHints(analysis: Analysis): readonly Hint[] {
  const options = analysis.script.directives.flatMap((directive) => directive.options);
  return options.flatMap(({ info, value, valueSpan }) => {
    const label = value === undefined ? undefined : info?.form?.spell?.(value);
    return label !== undefined && valueSpan ? [{ offset: valueSpan.end, label: `= ${label}`, isName: false }] : [];
  });
}

/** Only a bare number needs a hint, and only one that is not plain by itself. */
function timeHint(offset: number, text: string, seconds: number | undefined): readonly Hint[] {
  const isPlain = !/^\d+$/.test(text) || seconds === undefined || seconds < 60 || !Number.isFinite(seconds);
  return isPlain ? [] : [{ offset, label: `= ${spellSeconds(seconds)}`, isName: false }];
}
