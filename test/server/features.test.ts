/** Every feature over the wire: it is advertised, and answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DefinitionRequest,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SelectionRangeRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
} from 'vscode-languageserver-protocol';
import { type LanguageClient, startInProcess, uri } from './harness.ts';

const text = `#!/bin/bash
#SBATCH -t 120
#WATCHER_BEGIN
#pattern: "(x)"
# captures: [loss]
# condition: loss == "x"
# actions:
#   - submit(script="next.sh")
#WATCHER_END
`;
const position = { line: 5, character: 14 };
const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
const options = { tabSize: 2, insertSpaces: true };

describe('features', () => {
  let client: LanguageClient;
  beforeAll(async () => {
    client = await startInProcess();
    await client.open(text);
  });
  afterAll(() => client.stop());

  it('are advertised', () => {
    expect(client.initializeResult?.capabilities).toMatchObject({
      signatureHelpProvider: {},
      codeActionProvider: { codeActionKinds: ['quickfix', 'refactor.rewrite', 'refactor.extract'] },
      documentSymbolProvider: {},
      foldingRangeProvider: true,
      selectionRangeProvider: true,
      semanticTokensProvider: { full: true, range: true },
      documentHighlightProvider: true,
      definitionProvider: true,
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
      inlayHintProvider: true,
      documentLinkProvider: {},
      documentFormattingProvider: true,
      documentRangeFormattingProvider: true,
      diagnosticProvider: {},
    });
  });

  it('answer', async () => {
    expect(await client.ask(DocumentSymbolRequest.type, {})).toContainEqual(
      expect.objectContaining({ name: 'watcher-1', location: expect.anything() }),
    );
    expect(await client.ask(FoldingRangeRequest.type, {})).toMatchObject([{ startLine: 2, endLine: 8 }]);
    expect(await client.ask(SelectionRangeRequest.type, { positions: [position] })).toHaveLength(1);
    expect((await client.ask(SemanticTokensRequest.type, {}))?.data.slice(0, 3)).toEqual([2, 0, 14]);
    expect((await client.ask(SemanticTokensRangeRequest.type, { range }))?.data.slice(0, 3)).toEqual([2, 0, 14]);
    expect(await client.ask(DocumentHighlightRequest.type, { position })).toHaveLength(2);
    expect(await client.ask(DefinitionRequest.type, { position })).toMatchObject({
      uri,
      range: { start: { line: 4 } },
    });
    const references = await client.ask(ReferencesRequest.type, { position, context: { includeDeclaration: true } });
    expect(references).toHaveLength(2);
    expect(await client.ask(PrepareRenameRequest.type, { position })).toMatchObject({ placeholder: 'loss' });
    const renamed = await client.ask(RenameRequest.type, { position, newName: 'error' });
    expect(renamed?.changes?.[uri]).toHaveLength(2);
    const inCall = { line: 7, character: 13 };
    expect(await client.ask(SignatureHelpRequest.type, { position: inCall })).toMatchObject({ activeParameter: 0 });
    expect(await client.ask(InlayHintRequest.type, { range })).toMatchObject([{ label: '= 2 h' }, { label: 'loss:' }]);
    expect(await client.ask(DocumentLinkRequest.type, {})).toMatchObject([{ target: 'file:///work/next.sh' }]);
    const edits = [{ newText: '# ' }];
    expect(await client.ask(DocumentFormattingRequest.type, { options })).toMatchObject(edits);
    expect(await client.ask(DocumentRangeFormattingRequest.type, { options, range })).toMatchObject(edits);
  });

  it('say why a name is refused', async () => {
    await expect(client.ask(RenameRequest.type, { position, newName: 'float' })).rejects.toThrow(/of their own/);
  });
});

describe('a client that asks for diagnostics', () => {
  it('is told them, and is pushed none', async () => {
    const client = await startInProcess(undefined, { diagnostic: {} });
    const pushed = client.nextDiagnostics().then(() => 'pushed');
    await client.show('#!/bin/bash\n#WATCHER pattern="(" action=log_event()\n');
    const report = await client.ask(DocumentDiagnosticRequest.type, {});
    expect(report).toMatchObject({ kind: 'full', items: [{ code: 'pattern/syntax' }] });
    const waited = new Promise((resolve) => setTimeout(resolve, 300, 'nothing'));
    expect(await Promise.race([pushed, waited])).toBe('nothing');
    await client.stop();
  });
});

it('a client that knows trees gets symbols as a tree', async () => {
  const client = await startInProcess(undefined, { documentSymbol: { hierarchicalDocumentSymbolSupport: true } });
  await client.open(text);
  expect(await client.ask(DocumentSymbolRequest.type, {})).toMatchObject([
    { name: '#SBATCH', children: [{ name: '-t', detail: '120' }] },
    { name: 'watcher-1' },
  ]);
  await client.stop();
});

it('inlay hints can be switched off', async () => {
  const settings: { [name: string]: unknown } = { 'vigil.inlayHints.enabled': false };
  const client = await startInProcess(settings);
  await client.open(text);
  await expect.poll(() => client.ask(InlayHintRequest.type, { range })).toEqual([]);
  settings['vigil.inlayHints.enabled'] = true;
  await client.changeConfiguration();
  await expect.poll(() => client.ask(InlayHintRequest.type, { range })).toHaveLength(2);
  await client.stop();
});

it('formatting is registered for shell scripts alone, where the client can tell', async () => {
  const dynamic = { dynamicRegistration: true };
  const client = await startInProcess(undefined, { formatting: dynamic, rangeFormatting: dynamic });
  expect(client.initializeResult?.capabilities.documentFormattingProvider).toBeUndefined();
  await expect
    .poll(() => client.registered)
    .toMatchObject([
      { method: 'textDocument/formatting', registerOptions: { documentSelector: [{ language: 'shellscript' }] } },
      { method: 'textDocument/rangeFormatting' },
    ]);
  await client.stop();
});
