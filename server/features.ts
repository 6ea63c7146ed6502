/** Ties the features to the protocol: what is advertised, and which function answers which request. */
import {
  type ClientCapabilities,
  type Connection,
  DocumentDiagnosticReportKind,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  LSPErrorCodes,
  ResponseError,
  type ServerCapabilities,
  type TextDocumentIdentifier,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { codeActionsAt } from './code-actions.ts';
import { codeLenses } from './code-lenses.ts';
import { completionsAt } from './completion.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { documentLinks } from './document-links.ts';
import { documentSymbols, flatSymbols } from './document-symbols.ts';
import type { Analyser, Analysis } from './documents.ts';
import { foldingRanges } from './folding.ts';
import { formatBlocks } from './formatting.ts';
import { hoverAt } from './hover.ts';
import { inlayHints } from './inlay-hints.ts';
import { definitionAt, highlightsAt, referencesAt, renameableAt, renamedAt } from './navigation.ts';
import { recipeCompletions, recipeDefinition, recipeHover } from './recipe-features.ts';
import { selectionRanges } from './selection-ranges.ts';
import { semanticTokens, tokensLegend } from './semantic-tokens.ts';
import type { Settings } from './settings.ts';
import { signatureAt } from './signature-help.ts';
import { workflowCompletions } from './workflow-completion.ts';
import { workflowHover } from './workflow-hover.ts';
import { workflowSelections } from './workflow-structure.ts';

const always: ServerCapabilities = {
  completionProvider: { triggerCharacters: [' ', '=', ':', '(', ',', '$', '{', '-', '[', '.', '"', '\\', '?'] },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  codeActionProvider: { codeActionKinds: ['quickfix', 'refactor.rewrite', 'refactor.extract'] },
  documentSymbolProvider: { label: 'Vigil' },
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  semanticTokensProvider: { legend: tokensLegend, full: true, range: true },
  documentHighlightProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  inlayHintProvider: true,
  documentLinkProvider: {},
  diagnosticProvider: { identifier: 'vigil', interFileDependencies: true, workspaceDiagnostics: false },
};

/**
 * What is told at the start; see `registerFormatting` for the one exception.
 * @param hasCommands the client has the commands that code lenses name
 */
export function featureCapabilities(client: ClientCapabilities, hasCommands: boolean): ServerCapabilities {
  return {
    ...always,
    ...(hasCommands && { codeLensProvider: { resolveProvider: false } }),
    ...(!canRegisterFormatting(client) && { documentFormattingProvider: true, documentRangeFormattingProvider: true }),
  };
}

function canRegisterFormatting({ textDocument }: ClientCapabilities): boolean {
  const { formatting, rangeFormatting } = textDocument ?? {};
  return formatting?.dynamicRegistration === true && rangeFormatting?.dynamicRegistration === true;
}

/**
 * Formatting is for shell scripts only, where the client can tell: a second formatter for Python or R would make editors ask which
 * one is meant, and stop formatting when a file is saved.
 */
export async function registerFormatting(connection: Connection, client: ClientCapabilities): Promise<void> {
  if (!canRegisterFormatting(client)) return;
  const options = { documentSelector: [{ language: 'shellscript' }] };
  await connection.client.register(DocumentFormattingRequest.type, options);
  await connection.client.register(DocumentRangeFormattingRequest.type, options);
}

export interface FeatureContext {
  readonly documents: TextDocuments<TextDocument>;
  readonly analysisOf: Analyser;
  settings(): Settings;
  capabilities(): ClientCapabilities;
  /** The workflow files that are open. */
  workflows(): readonly Analysis[];
}

export function registerFeatures(connection: Connection, context: FeatureContext): void {
  const textDocument = () => context.capabilities().textDocument;
  /** A document that was closed in the meantime has nothing. */
  const answer =
    <Params extends { readonly textDocument: TextDocumentIdentifier }, Result, Nothing>(
      find: (analysis: Analysis, params: Params) => Result,
      nothing: Nothing,
    ) =>
    (params: Params): Result | Nothing => {
      const document = context.documents.get(params.textDocument.uri);
      return document ? find(context.analysisOf(document), params) : nothing;
    };
  registerAtCursor(connection, answer, {
    snippets: () => textDocument()?.completion?.completionItem?.snippetSupport === true,
    workflows: context.workflows,
  });
  registerNavigation(connection, answer, context.workflows);
  connection.onCodeAction(
    answer((analysis, { range, context: wanted }) => [...codeActionsAt(analysis, range, wanted)], []),
  );
  connection.onDocumentSymbol(
    answer((analysis) => {
      const symbols = documentSymbols(analysis);
      return textDocument()?.documentSymbol?.hierarchicalDocumentSymbolSupport
        ? symbols
        : flatSymbols(analysis.uri, symbols);
    }, []),
  );
  connection.onFoldingRanges(answer(foldingRanges, []));
  connection.onSelectionRanges(
    answer((analysis, { positions }) => {
      const { workflow } = analysis;
      return workflow ? workflowSelections(analysis, workflow, positions) : selectionRanges(analysis, positions);
    }, null),
  );
  connection.onCodeLens(answer(codeLenses, []));
  connection.onDocumentLinks(answer(documentLinks, []));
  connection.onDocumentFormatting(answer((analysis) => formatBlocks(analysis), []));
  connection.onDocumentRangeFormatting(answer((analysis, { range }) => formatBlocks(analysis, range), []));
  connection.languages.semanticTokens.on(answer((analysis) => semanticTokens(analysis), { data: [] }));
  connection.languages.semanticTokens.onRange(
    answer((analysis, { range }) => semanticTokens(analysis, range), { data: [] }),
  );
  connection.languages.inlayHint.on(
    answer((analysis, { range }) => (context.settings().inlayHints ? inlayHints(analysis, range) : []), []),
  );
  connection.languages.diagnostics.on(
    answer((analysis) => ({ kind: DocumentDiagnosticReportKind.Full, items: diagnosticsOf(analysis).diagnostics }), {
      kind: DocumentDiagnosticReportKind.Full,
      items: [],
    }),
  );
}

type Answer = <Params extends { readonly textDocument: TextDocumentIdentifier }, Result, Nothing>(
  find: (analysis: Analysis, params: Params) => Result,
  nothing: Nothing,
) => (params: Params) => Result | Nothing;

interface AtCursor {
  snippets(): boolean;
  workflows(): readonly Analysis[];
}

function registerAtCursor(connection: Connection, answer: Answer, { snippets, workflows }: AtCursor): void {
  connection.onCompletion(
    answer((analysis, { position }) => {
      const { workflow, recipe } = analysis;
      const offset = analysis.offsetAt(position);
      if (recipe) return recipeCompletions(analysis, recipe, offset);
      return workflow
        ? [...workflowCompletions(analysis, workflow, offset, snippets())]
        : [...completionsAt(analysis, offset, snippets(), workflows())];
    }, []),
  );
  connection.onHover(
    answer((analysis, { position }) => {
      const { workflow, recipe } = analysis;
      const offset = analysis.offsetAt(position);
      if (recipe) return recipeHover(analysis, recipe, offset);
      return workflow ? workflowHover(analysis, workflow, offset) : hoverAt(analysis, offset, workflows());
    }, null),
  );
  connection.onSignatureHelp(
    answer((analysis, { position }) => signatureAt(analysis, analysis.offsetAt(position)), null),
  );
}

function registerNavigation(connection: Connection, answer: Answer, workflows: () => readonly Analysis[]): void {
  connection.onDocumentHighlight(
    answer((analysis, { position }) => highlightsAt(analysis, analysis.offsetAt(position)), null),
  );
  connection.onDefinition(
    answer((analysis, { position }) => {
      const offset = analysis.offsetAt(position);
      return analysis.recipe ? recipeDefinition(analysis.recipe, offset) : definitionAt(analysis, offset);
    }, null),
  );
  connection.onReferences(
    answer(
      (analysis, { position, context }) =>
        referencesAt(analysis, analysis.offsetAt(position), context.includeDeclaration, workflows()),
      null,
    ),
  );
  connection.onPrepareRename(
    answer((analysis, { position }) => renameableAt(analysis, analysis.offsetAt(position)), null),
  );
  connection.onRenameRequest(
    answer((analysis, { position, newName }) => {
      const renamed = renamedAt(analysis, analysis.offsetAt(position), newName, workflows());
      return typeof renamed === 'string' ? new ResponseError(LSPErrorCodes.RequestFailed, renamed) : renamed;
    }, null),
  );
}
