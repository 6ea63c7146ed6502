/** The language server: its documents, its settings, its life. What it can do is in features.ts. */
import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
  TextDocumentSyncKind,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type ClusterFactsParams, clusterFactsMethod } from '../language/directives/cluster-facts.ts';
import * as l10n from '../language/text/l10n.ts';
import { type WatcherOfLineParams, watcherOfLine, watcherOfLineMethod } from '../language/watcher/pattern-of-line.ts';
import { isWorkflowFile } from '../language/workflow/parse-workflow.ts';
import { createDiagnosticsPublisher } from './diagnostics.ts';
import { createAnalyser, createDocuments } from './documents.ts';
import { featureCapabilities, registerFeatures, registerFormatting } from './features.ts';

import { createRelatedFiles, type IsDirectory, type ListFolder, type ReadFile } from './related-files.ts';
import { defaultSettings, readSettings } from './settings.ts';

/** What the server may see of this machine's files: those that workflow files name and no editor has open. */
export interface Files {
  readonly read: ReadFile;
  readonly list: ListFolder;
  /** Of the directories that output files name. */
  readonly isDirectory?: IsDirectory;
}

/** What a client may say at the start, each part only if it has it. */
interface InitializationOptions {
  /** `true`: it has the commands that code lenses name. */
  readonly commands?: unknown;
  /** English text → its translation, of l10n/bundle.l10n.LANGUAGE.json. */
  readonly translations?: unknown;
}

const noFiles: Files = { read: () => undefined, list: () => [] };

/** Listens on `connection` until it is closed. */
export function startServer(connection: Connection, files: Files = noFiles): void {
  const documents = createDocuments();
  let settings = defaultSettings;
  let capabilities: ClientCapabilities = {};
  const related = createRelatedFiles(() => documents.all(), files.read, files.list, files.isDirectory);
  const analysisOf = createAnalyser(() => settings, related);
  connection.onInitialize((params) => {
    capabilities = params.capabilities;
    const options: InitializationOptions = Object(params.initializationOptions);
    l10n.configure(readTranslations(options.translations));
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...featureCapabilities(capabilities, options.commands === true),
      },
      serverInfo: { name: 'Vigil' },
    };
  });
  const diagnostics = createDiagnosticsPublisher(analysisOf, (params) => void connection.sendDiagnostics(params));
  // A client that asks for them would show each problem twice.
  const pushes = () => capabilities.textDocument?.diagnostic === undefined;
  documents.onDidChangeContent(({ document }) => {
    if (!pushes()) return;
    diagnostics.changed(document);
    // It may be a script that an open workflow submits.
    for (const other of documents.all()) {
      if (other !== document && isWorkflowFile(other.uri)) diagnostics.changed(other);
    }
  });
  documents.onDidClose(({ document }) => {
    if (pushes()) diagnostics.closed(document.uri);
  });
  const refresh = async () => {
    const { workspace } = capabilities;
    if (pushes()) for (const document of documents.all()) diagnostics.changed(document);
    else if (workspace?.diagnostics?.refreshSupport) await connection.languages.diagnostics.refresh();
    if (workspace?.inlayHint?.refreshSupport) await connection.languages.inlayHint.refresh();
  };
  const updateSettings = async () => {
    if (!capabilities.workspace?.configuration) return;
    const { facts } = settings;
    settings = { ...(await readSettings(connection)), ...(facts && { facts }) };
    await refresh();
  };
  connection.onNotification(clusterFactsMethod, async ({ facts }: ClusterFactsParams) => {
    const { facts: _, ...rest } = settings;
    settings = { ...rest, ...(facts && { facts }) };
    await refresh();
  });
  connection.onRequest(
    watcherOfLineMethod,
    ({ script, line }: WatcherOfLineParams) => watcherOfLine(script, line) ?? null,
  );
  connection.onInitialized(async () => {
    if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'vigil' });
    }
    await registerFormatting(connection, capabilities);
    await updateSettings();
  });
  connection.onDidChangeConfiguration(updateSettings);
  connection.onShutdown(() => diagnostics.dispose());
  registerFeatures(connection, {
    documents,
    analysisOf,
    settings: () => settings,
    capabilities: () => capabilities,
    workflows: () =>
      documents
        .all()
        .filter(({ uri }) => isWorkflowFile(uri))
        .map(analysisOf),
  });
  listen(documents, connection);
}

/** Whatever the client sent: only texts are kept. */
function readTranslations(sent: unknown): l10n.Translations {
  return Object.fromEntries(
    Object.entries(Object(sent)).filter(([, text]) => typeof text === 'string'),
  ) as l10n.Translations;
}

function listen(documents: TextDocuments<TextDocument>, connection: Connection): void {
  documents.listen(connection);
  connection.listen();
}
