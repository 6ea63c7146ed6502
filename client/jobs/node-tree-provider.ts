/** Shows tree nodes in a view of VS Code: the only place where a node becomes a `TreeItem`. */
import * as vscode from 'vscode';
import type { NodeSubject, TreeNode } from './tree-node.ts';

export interface TreeModel {
  roots(): readonly TreeNode[];
  children(subject: NodeSubject): Promise<readonly TreeNode[]>;
  parent(subject: NodeSubject): TreeNode | undefined;
  /** The row as it is now; `undefined`: as it was. Absent: rows never change but with the row above them. */
  renew?(subject: NodeSubject): TreeNode | undefined;
}

export class NodeTreeProvider implements vscode.TreeDataProvider<TreeNode> {
  readonly #model: TreeModel;
  readonly #changes = new vscode.EventEmitter<TreeNode[] | undefined>();
  /** As last given to VS Code, which knows rows by these very objects. */
  readonly #shown = new Map<string, TreeNode>();

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(model: TreeModel) {
    this.#model = model;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    const children = node ? await this.#model.children(node.subject) : this.#model.roots();
    if (!node) this.#shown.clear();
    for (const child of children) this.#shown.set(child.id, child);
    return [...children];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    const parent = this.#model.parent(node.subject);
    return parent && (this.#shown.get(parent.id) ?? parent);
  }

  getTreeItem(shown: TreeNode): vscode.TreeItem {
    // A row that is drawn anew is asked for by the object that it had at first.
    const node = this.#model.renew?.(shown.subject) ?? shown;
    const item = new vscode.TreeItem(node.label, collapsibleStates[node.expansion]);
    item.id = node.id;
    if (node.description !== undefined) item.description = node.description;
    item.iconPath = new vscode.ThemeIcon(
      node.icon.id,
      node.icon.color === undefined ? undefined : new vscode.ThemeColor(node.icon.color),
    );
    item.contextValue = node.contextValue;
    if (node.spoken !== undefined) item.accessibilityInformation = { label: node.spoken };
    if (node.command !== undefined) item.command = { command: node.command, title: node.label, arguments: [node] };
    return item;
  }

  /** Called when the mouse rests on a row. */
  resolveTreeItem(item: vscode.TreeItem, shown: TreeNode): vscode.TreeItem {
    const node = this.#model.renew?.(shown.subject) ?? shown;
    // Never trusted: job names and lines of output are in it.
    item.tooltip = new vscode.MarkdownString(node.tooltip());
    return item;
  }

  isShown(id: string): boolean {
    return this.#shown.has(id);
  }

  /** Draws these rows and what is under them anew, those of them that are shown; all without `ids`. */
  refresh(ids?: ReadonlySet<string>): void {
    if (!ids) {
      this.#changes.fire(undefined);
      return;
    }
    const nodes = [...ids].map((id) => this.#shown.get(id)).filter((node) => node !== undefined);
    if (nodes.length > 0) this.#changes.fire(nodes);
  }

  dispose(): void {
    this.#changes.dispose();
  }
}

const collapsibleStates = {
  none: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
} as const;
