/** Where the expressions of a document are: conditions of watchers and of actions, `${{ … }}` of workflow files. */
import { findAction, findParameter } from '../language/actions/catalogue.ts';
import { conditionOf } from '../language/actions/read-action.ts';
import type { Fragment } from '../language/text/fragment.ts';
import { touches } from '../language/text/span.ts';
import type { WatcherNode } from '../language/watcher/node.ts';
import { lineAt, watcherAt } from './cursor.ts';
import type { Analysis } from './documents.ts';

export interface ExpressionPlace {
  readonly fragment: Fragment;
  /** The offset asked for, in the fragment. */
  readonly offset: number;
}

/** The expression that `offset` of the document is in. */
export function expressionAt(analysis: Analysis, offset: number): ExpressionPlace | undefined {
  for (const fragment of candidates(analysis, offset)) {
    const at = touches(fragment.span, offset) ? fragment.fromDocument(offset) : undefined;
    if (at !== undefined) return { fragment, offset: at };
    // Blanks behind what is being typed belong to no fragment.
    const { text } = analysis.workflow?.document ?? analysis.script;
    const isBehind = offset > fragment.span.end && /^[ \t]+$/.test(text.slice(fragment.span.end, offset));
    if (isBehind) return { fragment, offset: fragment.text.length };
  }
  return undefined;
}

function candidates({ script, workflow }: Analysis, offset: number): readonly Fragment[] {
  if (workflow) return workflow.document.expressions.map(({ fragment }) => fragment);
  const watcher = watcherAt(script, lineAt(script, offset));
  return watcher ? conditionFragments(watcher) : [];
}

function conditionFragments(watcher: WatcherNode): readonly Fragment[] {
  return watcher.properties.flatMap(({ info, value }) => {
    if (info?.type.kind === 'condition' && value.kind === 'text') return [value.fragment];
    if (value.kind !== 'actions') return [];
    return value.items.flatMap((action) => {
      const known = findAction(action.name);
      return action.parameters.flatMap((node) => {
        const isCondition = known && findParameter(known, node.name)?.type === 'condition';
        return (isCondition && conditionOf(node)) || [];
      });
    });
  });
}
