/** One row of a tree as data: view models make it, a generic adapter turns it into a row of VS Code's. */
import type { JobKey } from '../../engine/protocol.ts';

/** What a row stands for; commands of its context menu read this. */
export type NodeSubject =
  | { readonly kind: 'cluster'; readonly cluster: string }
  /** Of the clusters view: a row that only tells something, and one of the user's accounts. */
  | { readonly kind: 'clusterRow'; readonly cluster: string }
  | { readonly kind: 'account'; readonly cluster: string; readonly account: string }
  | { readonly kind: 'job'; readonly job: JobKey }
  | { readonly kind: 'watcher'; readonly job: JobKey; readonly watcher: string }
  | { readonly kind: 'event'; readonly job: JobKey; readonly seq: number }
  /** A group of jobs that is no cluster, by its id: see `JobGroup`. */
  | { readonly kind: 'group'; readonly group: string }
  /** Stands for the rows beyond those of a long list that are shown. */
  | { readonly kind: 'more'; readonly list: string }
  /** Of the workflows view: a run, and one of its steps. */
  | { readonly kind: 'run'; readonly run: string }
  | { readonly kind: 'step'; readonly run: string; readonly step: string }
  /** Entries of a long eventlog: those from `from` on, before `to`. */
  | { readonly kind: 'events'; readonly job: JobKey; readonly from: number; readonly to: number };

/** A codicon and, where it says something, a colour of the theme. */
export interface NodeIcon {
  readonly id: string;
  readonly color?: string;
}

export interface TreeNode {
  /** Stable: keeps what is expanded and selected over refreshes. */
  readonly id: string;
  readonly subject: NodeSubject;
  readonly label: string;
  readonly description?: string;
  readonly icon: NodeIcon;
  /** Markdown; made when it is looked at. */
  readonly tooltip: () => string;
  /** Words that the `when` clauses of package.json look for. */
  readonly contextValue: string;
  /** The command that Enter and a click run, with this node. */
  readonly command?: string;
  /** For who hears the row instead of seeing it, where its signs say too little. */
  readonly spoken?: string;
  readonly expansion: 'none' | 'collapsed' | 'expanded';
}
