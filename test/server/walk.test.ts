/** The built server over stdio, through every feature, with a script and a workflow file that lie on disk, as another editor has them. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

const server = join(import.meta.dirname, '..', '..', 'dist', 'server.js');
const folder = mkdtempSync(join(tmpdir(), 'vigil-walk-'));
const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;

const script = `#!/bin/bash
#SBATCH --time=120
#WATCHER_BEGIN
# name: loss
# pattern: "epoch (\\d+) loss (?P<loss>[\\d.]+)"
# captures: [epoch]
# condition: float(loss) > 5
# cooldown: 7200
# actions:
#   - emit_event(name="diverged", payload={"loss": "\${loss}"})
#WATCHER_END
#WATCHER pattern="done" action=stop_watcher(name="loss")
echo "accuracy=$acc"
`;
const workflow = `params:
  lr: 0.1
steps:
  - id: train
    submit: train.sh
  - id: bad
    needs: [train]
    await_event: { name: diverged, timeout: 3600 }
  - run: echo \${{ round(params.lr, 2) }} \${{ steps.bad.payload }}
`;
const texts: { readonly [name: string]: string } = { 'train.sh': script, 'flow.vigil.yaml': workflow };

describe.skipIf(!existsSync(server))('dist/server.js --stdio', () => {
  let child: ChildProcessWithoutNullStreams;
  let client: ProtocolConnection;

  beforeAll(async () => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    child = spawn(process.execPath, [server, '--stdio']);
    client = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    client.listen();
    await client.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: { textDocument: { diagnostic: {}, documentSymbol: { hierarchicalDocumentSymbolSupport: true } } },
      initializationOptions: { commands: true },
    });
    await client.sendNotification('initialized', {});
    for (const [name, text] of Object.entries(texts)) await open(name, text);
  });

  afterAll(() => {
    client?.dispose();
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (name: string, text: string) =>
    client.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uriOf(name), languageId: name.endsWith('.sh') ? 'shellscript' : 'yaml', version: 1, text },
    });

  /** The answer about the first place of `mark` in the document; a `¦` in it is the cursor. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, which expectations look into
  async function ask(method: string, name: string, mark: string, params: object = {}): Promise<any> {
    const text = texts[name] ?? '';
    const at = text.indexOf(mark.replace('¦', '')) + Math.max(0, mark.indexOf('¦'));
    const document = TextDocument.create('a:', 'a', 1, text);
    const position = document.positionAt(at);
    const range = { start: position, end: position };
    const textDocument = { uri: uriOf(name) };
    const whole = { start: document.positionAt(0), end: document.positionAt(text.length) };
    const ranged = method.endsWith('inlayHint') ? whole : range;
    return client.sendRequest(method, { textDocument, position, range: ranged, positions: [position], ...params });
  }

  it('finds no errors', async () => {
    for (const name of Object.keys(texts)) {
      const { items } = await ask('textDocument/diagnostic', name, '');
      expect(items.filter(({ severity }: { severity: number }) => severity === 1)).toEqual([]);
    }
  });

  it.each([
    ['train.sh', 'float(¦loss) >', ['epoch', 'loss', 'float']],
    ['train.sh', '# ¦cooldown', ['max_triggers']],
    ['train.sh', 'stop_watcher(name="¦', ['loss']],
    ['flow.vigil.yaml', 'needs: [¦', ['train']],
    ['flow.vigil.yaml', 'steps.¦bad', ['train', 'bad']],
    ['flow.vigil.yaml', 'submit: ¦', ['train.sh']],
    ['flow.vigil.yaml', 'name: ¦diverged', ['diverged']],
  ])('completes in %s at %s', async (name, mark, wanted) => {
    const items: { label: string }[] = await ask('textDocument/completion', name, mark);
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(wanted));
  });

  it.each([
    ['train.sh', '(\\d¦+)', 'a digit; once or more'],
    ['train.sh', 'cooldown: 7¦200', '2 h'],
    ['train.sh', 'div¦erged', 'flow.vigil.yaml'],
    ['flow.vigil.yaml', 'name: div¦erged', 'train.sh'],
    ['flow.vigil.yaml', 'timeout: 3¦600', '1 h'],
    ['flow.vigil.yaml', 'par¦ams.lr', 'parameters'],
  ])('explains in %s at %s', async (name, mark, wanted) => {
    expect(JSON.stringify(await ask('textDocument/hover', name, mark))).toContain(wanted);
  });

  it('goes from an awaited event to the watcher that emits it, and back', async () => {
    const definition = await ask('textDocument/definition', 'flow.vigil.yaml', 'name: div¦erged');
    expect(definition).toMatchObject([{ uri: uriOf('train.sh'), range: { start: { line: 9 } } }]);
    const context = { context: { includeDeclaration: false } };
    const references = await ask('textDocument/references', 'train.sh', 'div¦erged', context);
    expect(references).toMatchObject([{ uri: uriOf('flow.vigil.yaml'), range: { start: { line: 7 } } }]);
  });

  it.each([
    ['train.sh', '# name: l¦oss', 'train-loss', 2],
    ['train.sh', '(?P<l¦oss>', 'value', 3],
    ['flow.vigil.yaml', 'id: tr¦ain', 'fit', 2],
    ['flow.vigil.yaml', 'params.l¦r', 'rate', 2],
  ])('renames in %s at %s', async (name, mark, newName, places) => {
    const { changes } = await ask('textDocument/rename', name, mark, { newName });
    expect(changes[uriOf(name)]).toHaveLength(places);
    expect(await ask('textDocument/documentHighlight', name, mark)).toHaveLength(places);
    expect(await ask('textDocument/prepareRename', name, mark)).not.toBeNull();
  });

  it('shows signatures, lenses, hints, links, symbols, folds, colours and selections', async () => {
    expect(await ask('textDocument/signatureHelp', 'train.sh', 'float(¦loss')).toMatchObject({ activeParameter: 0 });
    expect(await ask('textDocument/signatureHelp', 'flow.vigil.yaml', 'lr, ¦2)')).toMatchObject({ activeParameter: 1 });
    const lenses = await ask('textDocument/codeLens', 'train.sh', '');
    expect(lenses).toMatchObject([{ range: { start: { line: 2 } } }, { range: { start: { line: 11 } } }]);
    const hints = (await ask('textDocument/inlayHint', 'train.sh', '')).map(({ label }: { label: string }) => label);
    expect(hints).toEqual(['= 2 h', 'epoch:', '= 2 h']);
    const links = await ask('textDocument/documentLink', 'flow.vigil.yaml', '');
    expect(links).toMatchObject([{ target: uriOf('train.sh') }]);
    for (const name of Object.keys(texts)) {
      expect((await ask('textDocument/documentSymbol', name, '')).length).toBeGreaterThan(1);
      expect((await ask('textDocument/foldingRange', name, '')).length).toBeGreaterThan(0);
      expect((await ask('textDocument/semanticTokens/full', name, '')).data.length).toBeGreaterThan(40);
      expect(await ask('textDocument/selectionRange', name, 'loss')).toHaveLength(1);
    }
  });

  it('offers to watch for what is printed', async () => {
    const actions = await ask('textDocument/codeAction', 'train.sh', '¦echo "acc', { context: { diagnostics: [] } });
    const titles = actions.map(({ title }: { title: string }) => title);
    expect(titles).toContain('Watch for this output: accuracy=(?P<acc>\\S+)');
  });
});
