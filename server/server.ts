/** The language server: which features it has, and which function answers what. */
import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
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
import { defaultSettings, readSettings } from './settings.ts';

/** Listens on `connection` until it is closed. */
export function startServer(connection: Connection): void {
  const documents = createDocuments();
  let settings = defaultSettings;
  let snippets = false;
  let capabilities: ClientCapabilities = {};
  const analysisOf = createAnalyser(() => settings);
  connection.onInitialize((params) => {
    capabilities = params.capabilities;
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    return initializeResult;
  });
  const diagnostics = createDiagnosticsPublisher(analysisOf, (params) => void connection.sendDiagnostics(params));
  documents.onDidChangeContent(({ document }) => diagnostics.changed(document));
  documents.onDidClose(({ document }) => diagnostics.closed(document.uri));
  const updateSettings = async () => {
    if (!capabilities.workspace?.configuration) return;
    settings = await readSettings(connection);
    for (const document of documents.all()) diagnostics.changed(document);
  };
  connection.onInitialized(async () => {
    if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'vigil' });
    }
    await updateSettings();
  });
  connection.onDidChangeConfiguration(updateSettings);
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
