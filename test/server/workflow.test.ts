/** Workflow files in the language server; `¦` in a text is the cursor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import {
  CodeActionRequest,
  CompletionRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ReferencesRequest,
  SelectionRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analysis, WorkflowAnalysis } from '../../server/documents.ts';
import { startServer } from '../../server/server.ts';
import { workflowCompletions } from '../../server/workflow-completion.ts';
import { workflowHover } from '../../server/workflow-hover.ts';
import { workflowDefinition, workflowReferences } from '../../server/workflow-navigation.ts';
import { analyse, scripts } from './analysis.ts';

const uri = 'file:///work/flow.vigil.yaml';
const example = readFileSync(
  join(import.meta.dirname, '..', '..', 'examples', 'train-then-publish.vigil.yaml'),
  'utf8',
);

function at(marked: string): { analysis: Analysis; workflow: WorkflowAnalysis; offset: number; text: string } {
  const offset = marked.indexOf('¦');
  const text = marked.replace('¦', '');
  const analysis = analyse(text, uri);
  if (!analysis.workflow) throw new Error('no workflow file');
  return { analysis, workflow: analysis.workflow, offset, text };
}

function complete(marked: string) {
  const { analysis, workflow, offset } = at(marked);
  return workflowCompletions(analysis, workflow, offset, true);
}

const labels = (marked: string) => complete(marked).map(({ label }) => label);

/** The file after taking the item `label`, its snippet's stops removed. */
function take(marked: string, label: string): string {
  const item = complete(marked).find((candidate) => candidate.label === label);
  if (!item?.textEdit || !('range' in item.textEdit)) throw new Error(`no ${label}`);
  const newText = item.textEdit.newText.replace(/\$\d/g, '');
  const document = TextDocument.create('a:', 'a', 1, marked.replace('¦', ''));
  return TextDocument.applyEdits(document, [{ range: item.textEdit.range, newText }]);
}

const train = 'steps:\n  - id: train\n    run: a\n';

describe('completion', () => {
  it.each([
    ['¦', ['name', 'params', 'steps', 'cleanup']],
    ['name: x\n¦\nsteps:\n', ['timeout', 'params']],
    ['steps:\n  - ¦', ['submit', 'run', 'await_event', 'id']],
    ['steps:\n- ¦', ['submit', 'run']],
    ['steps:\n  - su¦', ['submit']],
    ['steps:\n  - id: a\n    ¦', ['submit', 'needs']],
    ['steps:\n  - submit:\n      ¦', ['script', 'env', 'options']],
    ['steps:\n  - submit:\n      script: a\n      env:\n        A: 1\n      ¦', ['options']],
    ['steps:\n  - run: a\n    retry: { ¦ }', ['attempts', 'backoff', 'on']],
    ['steps:\n  - run: a\n    retry: { attempts: 3, ba¦ }', ['backoff', 'base']],
    ['steps:\n  - run: a\n    retry: { backoff: ¦ }', ['fixed', 'exponential']],
    ['steps:\n  - run: a\n    retry: { on: [timeout, ¦', ['node_fail']],
    ['steps:\n  - run: a\n    retry:\n      on:\n        - ¦', ['node_fail']],
    ['steps:\n  - run: a\n    on_timeout: ¦', ['fail', 'continue']],
    ['steps:\n  - run: a\n    continue_on_error: t¦', ['true', 'false']],
    [`${train}  - run: b\n    needs: [¦]`, ['train']],
    [`${train}  - run: b\n    needs: tr¦`, ['train']],
    ['steps:\n  - submit: emit.sh\n  - await_event: ¦', ['converged']],
    ['steps:\n  - submit: emit.sh\n  - await_event: { name: con¦ }', ['converged']],
    ['steps:\n  - run: echo ${{ ¦', ['params', 'run', 'steps', 'float']],
    ['steps:\n  - run: echo ${{ run.¦ }}', ['id', 'name', 'cluster']],
    ['params:\n  lr: 1\nsteps:\n  - run: echo ${{ params.¦', ['lr']],
    [`${train}  - run: echo \${{ steps.¦ }}`, ['train']],
    [`${train}  - run: echo \${{ steps.train.¦ }}`, ['stdout', 'exit_code', 'status']],
    [`${train}  - run: b\n    if: steps.train.st¦`, ['stdout']],
    [`${train}  - run: b\n    if: run.id.¦`, ['lower', 'startswith']],
    ['steps:\n  - await_event: { name: a, match: ¦ }', ['payload', 'params']],
    ['steps:\n  - run: a ${{ it¦ }}\n    foreach: [1]', ['item']],
    ['on:\n  ¦\nsteps:\n  - run: a', ['cron', 'timezone', 'event', 'match']],
    ['on: { timezone: ¦ }', ['UTC', 'Europe/Berlin']],
    ['on: { event: a, match: ¦ }', ['payload', 'params']],
    ['steps:\n  - sleep: { ¦ }', ['for', 'until', 'cron', 'timezone']],
    ['steps:\n  - sleep: { cron: "@daily", timezone: ¦ }', ['UTC', 'Europe/Berlin']],
    ['steps:\n  - submit: emit.sh\n  - await_event: { any_of: [¦] }', ['converged']],
    ['steps:\n  - submit: emit.sh\n  - await_event:\n      all_of:\n        - ¦', ['converged']],
    [`${train}  - run: b\n    trigger_rule: ¦`, ['all_success', 'one_failed', 'none_skipped']],
    [`${train}  - run: b\n    ¦`, ['trigger_rule', 'matrix', 'fail_fast']],
    ['steps:\n  - run: a\n    matrix: { x: [1], ¦ }', ['include', 'exclude']],
    ['steps:\n  - run: a ${{ ma¦ }}\n    matrix: { x: [1] }', ['matrix']],
    ['steps:\n  - run: a ${{ matrix.¦ }}\n    matrix: { x: [1], include: [{ y: 2 }] }', ['x', 'y']],
  ])('%s', (marked, wanted) => {
    expect(labels(marked)).toEqual(expect.arrayContaining(wanted));
  });

  it('leaves out what is there', () => {
    expect(labels('name: x\n¦')).not.toContain('name');
    expect(labels('steps:\n  - id: a\n    run: b\n    ¦')).not.toContain('run');
    expect(labels('steps:\n  - id: a\n    run: b\n    ¦')).not.toContain('submit');
    expect(labels('steps:\n  - id: a\n    run: b\n  - ¦')).toContain('submit');
    expect(labels('steps:\n  - ¦\n    run: b')).not.toContain('submit');
    expect(labels('steps:\n  - run: a ${{ ¦ }}')).not.toContain('item');
  });

  it('says nothing in comments and in free text', () => {
    expect(labels('# na¦')).toEqual([]);
    expect(labels('steps:\n  - run: echo na¦')).toEqual([]);
    expect(labels('steps:\n  - run: a\n    env:\n      ¦')).toEqual([]);
  });

  it('replaces what is typed', () => {
    expect(take('nam¦', 'name')).toBe('name: ');
    expect(take('na¦me: x', 'name')).toBe('name: x');
    expect(take('steps:\n  - run: a\n    on_timeout: con¦', 'continue')).toBe(
      'steps:\n  - run: a\n    on_timeout: continue',
    );
    expect(take('steps:\n  - run: a ${{ run.i¦ }}', 'id')).toBe('steps:\n  - run: a ${{ run.id }}');
    expect(take('¦', 'steps')).toBe('steps:\n  - ');
  });
});

describe('hover', () => {
  it.each([
    ['na¦me: x\nsteps: []', 'Name of the workflow'],
    ['steps:\n  - su¦bmit: emit.sh', 'Submits a batch script'],
    ['steps:\n  - submit: { scr¦ipt: emit.sh }', 'Path of the batch script'],
    ['steps:\n  - run: ${{ ru¦n.id }}', 'This run'],
    ['steps:\n  - run: ${{ run.i¦d }}', 'id of the run'],
    ['params: { lr: 0.1 }\nsteps:\n  - run: ${{ params.l¦r }}', 'number, default 0.1'],
    [`${train}  - run: b\n    needs: [tr¦ain]`, 'Step `train`: `run` `a`'],
    [`${train}  - run: \${{ steps.train.std¦out.strip() }}`, 'What the command printed'],
    [`${train}  - run: \${{ steps.train.stdout.st¦rip() }}`, 'white space'],
    ['steps:\n  - submit: emit.sh\n  - await_event: conv¦erged', 'by `emit.sh`'],
    ['steps:\n  - await_event: conv¦erged', 'emitted by nothing'],
    ['steps:\n  - submit: emit.sh\n  - await_event: { any_of: [other, conv¦erged] }', 'by `emit.sh`'],
    ['steps:\n  - sleep: { cr¦on: "@daily" }', 'next time of this schedule'],
    ['on: { cr¦on: "@daily" }', 'A run at each time'],
    [`${train}  - run: b\n    trig¦ger_rule: all_done`, 'When the step starts'],
    [`${train}  - run: b\n    mat¦rix: { x: [1] }`, 'each combination of values'],
    ['steps:\n  - run: a\n    matrix: { x: [1], exc¦lude: [{ x: 1 }] }', 'left out'],
    ['steps:\n  - run: a ${{ matrix.x¦ }}\n    matrix: { x: [1] }', 'number'],
  ])('%s', (marked, wanted) => {
    const { analysis, workflow, offset } = at(marked);
    expect(JSON.stringify(workflowHover(analysis, workflow, offset)?.contents)).toContain(wanted);
  });

  it('of plain text is nothing', () => {
    const { analysis, workflow, offset } = at('steps:\n  - run: ec¦ho');
    expect(workflowHover(analysis, workflow, offset)).toBeNull();
  });
});

/** `file: text at the place`. */
function shown(locations: readonly { uri: string; range: Parameters<TextDocument['getText']>[0] }[], text: string) {
  return locations.map((location) => {
    const path = location.uri.replace('file://', '');
    const document = TextDocument.create(location.uri, 'a', 1, location.uri === uri ? text : (scripts[path] ?? ''));
    return `${path}: ${document.getText(location.range)}`;
  });
}

describe('definition and references', () => {
  const both = 'steps:\n  - submit: emit.sh\n  - { id: c, await_event: conv¦erged }\n';

  it('of an awaited event are in the script that emits it', () => {
    const { analysis, workflow, offset, text } = at(both);
    expect(shown(workflowDefinition(analysis, workflow, offset), text)).toEqual(['/work/emit.sh: converged']);
    expect(shown(workflowReferences(analysis, workflow, offset, true), text)).toEqual([
      '/work/flow.vigil.yaml: converged',
      '/work/emit.sh: converged',
    ]);
    expect(shown(workflowReferences(analysis, workflow, offset, false), text)).toEqual([
      '/work/flow.vigil.yaml: converged',
    ]);
  });

  it('of a script is the file', () => {
    const { analysis, workflow, offset } = at('steps:\n  - submit: emi¦t.sh\n');
    expect(workflowDefinition(analysis, workflow, offset)).toMatchObject([{ uri: 'file:///work/emit.sh' }]);
  });

  it.each([
    [`${train}  - run: \${{ steps.tr¦ain.stdout }}\n    needs: train\n`, 'train', 3],
    [`${train}  - run: \${{ steps.train.stdout }}\n    needs: [tr¦ain]\n`, 'train', 3],
    ['params: { l¦r: 1 }\nsteps:\n  - run: ${{ params.lr + params["lr"] }}\n', 'lr', 3],
  ])('of ids and parameters: %s', (marked, name, count) => {
    const { analysis, workflow, offset, text } = at(marked);
    expect(shown(workflowDefinition(analysis, workflow, offset), text)).toEqual([`/work/flow.vigil.yaml: ${name}`]);
    expect(shown(workflowReferences(analysis, workflow, offset, true), text)).toEqual(
      Array.from({ length: count }, () => `/work/flow.vigil.yaml: ${name}`),
    );
  });
});

it('at every place of the example, cut off there or not, completion and hover answer', () => {
  for (let length = 0; length <= example.length; length++) {
    const cut = at(`${example.slice(0, length)}¦`);
    workflowCompletions(cut.analysis, cut.workflow, length, true);
    workflowHover(cut.analysis, cut.workflow, length);
    workflowDefinition(cut.analysis, cut.workflow, length);
  }
  const { analysis, workflow } = at(`¦${example}`);
  for (let offset = 0; offset <= example.length; offset++) {
    workflowCompletions(analysis, workflow, offset, false);
    workflowReferences(analysis, workflow, offset, true);
  }
});

describe('over the protocol', () => {
  function start() {
    const toServer = new PassThrough();
    const toClient = new PassThrough();
    startServer(
      createConnection(ProposedFeatures.all, new StreamMessageReader(toServer), new StreamMessageWriter(toClient)),
      { read: (path) => scripts[path], list: () => [] },
    );
    const client = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
    const waiting: { uri: string; resolve: (params: PublishDiagnosticsParams) => void }[] = [];
    client.onNotification(PublishDiagnosticsNotification.type, (params) => {
      const index = waiting.findIndex((each) => each.uri === params.uri);
      if (index >= 0) waiting.splice(index, 1)[0]?.resolve(params);
    });
    client.listen();
    const published = (of: string) =>
      new Promise<readonly unknown[]>((resolve) =>
        waiting.push({ uri: of, resolve: ({ diagnostics }) => resolve(diagnostics.map(({ code }) => code)) }),
      );
    return { client, published };
  }

  it('a workflow file is checked again when a script that it submits changes', async () => {
    const { client, published } = start();
    await client.sendRequest(InitializeRequest.type, { processId: null, rootUri: null, capabilities: {} });
    await client.sendNotification(InitializedNotification.type, {});
    const text = 'steps:\n  - submit: emit.sh\n  - await_event: converged\n';
    let next = published(uri);
    const open = (of: string, content: string, languageId: string) =>
      client.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri: of, languageId, version: 1, text: content },
      });
    await open(uri, text, 'yaml');
    expect(await next).toEqual([]);
    const script = 'file:///work/emit.sh';
    next = published(uri);
    await open(script, scripts['/work/emit.sh'] ?? '', 'shellscript');
    expect(await next).toEqual([]);
    next = published(uri);
    await client.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: script, version: 2 },
      contentChanges: [{ text: '#!/bin/bash\n' }],
    });
    expect(await next).toEqual(['workflow/never-emitted']);
    const textDocument = { uri };
    const position = { line: 2, character: 20 };
    const definition = await client.sendRequest(DefinitionRequest.type, { textDocument, position });
    expect(definition).toEqual([]);
    const context = { includeDeclaration: true };
    expect(await client.sendRequest(ReferencesRequest.type, { textDocument, position, context })).toHaveLength(1);
    expect(await client.sendRequest(HoverRequest.type, { textDocument, position })).not.toBeNull();
    const completed = await client.sendRequest(CompletionRequest.type, {
      textDocument,
      position: { line: 1, character: 4 },
    });
    expect(completed).not.toEqual([]);
    const symbols = await client.sendRequest(DocumentSymbolRequest.type, { textDocument });
    expect(symbols?.map(({ name }) => name)).toEqual(['steps', 'submit', 'await_event']);
    const tokens = await client.sendRequest(SemanticTokensRequest.type, { textDocument });
    expect(tokens?.data.length).toBe(5 * 5);
    expect(await client.sendRequest(FoldingRangeRequest.type, { textDocument })).toEqual([
      { startLine: 0, endLine: 2 },
    ]);
    const links = await client.sendRequest(DocumentLinkRequest.type, { textDocument });
    expect(links).toMatchObject([{ target: 'file:///work/emit.sh', tooltip: 'Open the script' }]);
    expect(await client.sendRequest(DocumentHighlightRequest.type, { textDocument, position })).toHaveLength(1);
    expect(await client.sendRequest(PrepareRenameRequest.type, { textDocument, position })).toBeNull();
    expect(await client.sendRequest(SignatureHelpRequest.type, { textDocument, position })).toBeNull();
    const options = { tabSize: 2, insertSpaces: true };
    // YAML has formatters of its own.
    expect(await client.sendRequest(DocumentFormattingRequest.type, { textDocument, options })).toEqual([]);
    const selections = await client.sendRequest(SelectionRangeRequest.type, { textDocument, positions: [position] });
    expect(selections?.[0]?.range).toEqual({ start: { line: 2, character: 17 }, end: { line: 2, character: 26 } });
    const range = { start: { line: 0, character: 0 }, end: position };
    expect(await client.sendRequest(InlayHintRequest.type, { textDocument, range })).toEqual([]);
    const actions = { textDocument, range, context: { diagnostics: [] } };
    expect(await client.sendRequest(CodeActionRequest.type, actions)).toMatchObject([
      { title: 'Switch off workflow/never-emitted here' },
      { title: 'Switch off workflow/never-emitted in this file' },
    ]);
    client.dispose();
  });
});
