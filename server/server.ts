/** The language server: which features it has, and which function answers what. */
import {
  type Connection,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { codeActionsAt } from './code-actions.ts';
import { completionsAt } from './completion.ts';
import { createDiagnosticsPublisher } from './diagnostics.ts';
import { createAnalyser, createDocuments } from './documents.ts';
import { hoverAt } from './hover.ts';

/** Listens on `connection` until it is closed. */
export function startServer(connection: Connection): void {
  const documents = createDocuments();
  const analysisOf = createAnalyser();
  let snippets = false;
  connection.onInitialize((params) => {
    snippets = supportsSnippets(params);
    return initializeResult;
  });
  const diagnostics = createDiagnosticsPublisher(analysisOf, (params) => void connection.sendDiagnostics(params));
  documents.onDidChangeContent(({ document }) => diagnostics.changed(document));
  documents.onDidClose(({ document }) => diagnostics.closed(document.uri));
  connection.onShutdown(() => diagnostics.dispose());

  connection.onCompletion(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document ? [...completionsAt(analysisOf(document), document.offsetAt(position), snippets)] : [];
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document ? hoverAt(analysisOf(document), document.offsetAt(position)) : null;
  });
  connection.onCodeAction(({ textDocument, range, context }) => {
    const document = documents.get(textDocument.uri);
    return document ? [...codeActionsAt(analysisOf(document), range, context)] : [];
  });
  listen(documents, connection);
}

function listen(documents: TextDocuments<TextDocument>, connection: Connection): void {
  documents.listen(connection);
  connection.listen();
}

const initializeResult: InitializeResult = {
  capabilities: {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    completionProvider: { triggerCharacters: [' ', '=', ':', '(', ',', '$', '{', '-', '[', '.', '"'] },
    hoverProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
  },
  serverInfo: { name: 'Vigil' },
};

function supportsSnippets(params: InitializeParams): boolean {
  return params.capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
}
