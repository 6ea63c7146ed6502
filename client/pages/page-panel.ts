/** A page of ours in a tab: made with its policy, told what to show once it is ready, and again whenever that changes. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './page-html.ts';

export interface PagePanelOptions<FromPage> {
  /** Of its script in dist/. */
  readonly script: 'graph-page' | 'form-page' | 'timeline-page';
  readonly title: string;
  /** `beside` the editor, which keeps the focus. */
  readonly place: 'active' | 'beside';
  /** What was typed survives when another tab is in front. */
  readonly keepsState: boolean;
  readonly onMessage: (message: FromPage) => void;
  readonly onClosed: () => void;
}

const columns = {
  active: { viewColumn: vscode.ViewColumn.Active },
  beside: { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
} as const;

export class PagePanel<ToPage, FromPage extends { readonly kind: string }> {
  readonly #panel: vscode.WebviewPanel;
  #shown: ToPage | undefined;
  #isReady = false;

  constructor(extension: vscode.Uri, options: PagePanelOptions<FromPage>) {
    const { script, title, place, keepsState, onMessage, onClosed } = options;
    const dist = vscode.Uri.joinPath(extension, 'dist');
    this.#panel = vscode.window.createWebviewPanel(`vigil.${script}`, title, columns[place], {
      enableScripts: true,
      localResourceRoots: [dist],
      retainContextWhenHidden: keepsState,
    });
    const { webview } = this.#panel;
    webview.onDidReceiveMessage((message: FromPage) => {
      // Also when its tab comes back to the front and it is loaded anew.
      if (message.kind === 'ready') this.#ready();
      else onMessage(message);
    });
    this.#panel.onDidDispose(onClosed);
    webview.html = pageHtml({
      title: 'Vigil',
      script: String(webview.asWebviewUri(vscode.Uri.joinPath(dist, `${script}.js`))),
      nonce: randomBytes(18).toString('base64'),
      language: vscode.l10n.bundle ? vscode.env.language : 'en',
      translations: vscode.l10n.bundle ?? {},
    });
  }

  #ready(): void {
    this.#isReady = true;
    if (this.#shown !== undefined) this.#send(this.#shown);
  }

  #send(view: ToPage): void {
    // `false`, when it is hidden: it says that it is ready once it is loaded again.
    void this.#panel.webview.postMessage(view);
  }

  show(view: ToPage): void {
    this.#shown = view;
    if (this.#isReady) this.#send(view);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  close(): void {
    this.#panel.dispose();
  }
}
