/** A row that only tells something. */
import type { TreeNode } from '../jobs/tree-node.ts';
import { inlineCode } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';

export interface Row {
  /** What schedulers and servers say goes in here too. */
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  readonly color?: string;
  /** Default: label and description as code. */
  readonly tooltip?: () => string;
}

/** @param id what it is within its cluster */
export function rowNode(cluster: string, id: string, { label, description, icon, color, tooltip }: Row): TreeNode {
  return {
    id: `clusters:${cluster}:${id}`,
    subject: { kind: 'clusterRow', cluster },
    label: plainLine(label, 300),
    ...(description !== undefined && { description: plainLine(description, 300) }),
    icon: { id: icon, ...(color !== undefined && { color }) },
    tooltip:
      tooltip ??
      (() =>
        [label, description]
          .filter((text) => text !== undefined)
          .map(inlineCode)
          .join('\n\n')),
    contextValue: 'row',
    expansion: 'none',
  };
}
