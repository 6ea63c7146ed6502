/** Diagnostics, hover and quick fixes over the wire. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type LanguageClient, startInProcess, uri } from './harness.ts';

let client: LanguageClient;
beforeAll(async () => {
  client = await startInProcess();
});
afterAll(() => client.stop());

const examples = join(import.meta.dirname, '..', '..', 'examples');
const example = (name: string) => readFileSync(join(examples, name), 'utf8');

describe('initialize', () => {
  it('tells what the server can do', () => {
    expect(client.initializeResult?.capabilities).toMatchObject({
      textDocumentSync: { openClose: true, change: 2 },
      hoverProvider: true,
      codeActionProvider: { codeActionKinds: ['quickfix', 'refactor.rewrite', 'refactor.extract'] },
    });
  });
});

describe('diagnostics', () => {
  it('are exact, with code and source', async () => {
    const text = '#!/bin/bash\n#WATCHER pattern="x" action=notfy()\n';
    const diagnostics = await client.open(text);
    expect(diagnostics).toEqual([
      {
        range: { start: { line: 1, character: 28 }, end: { line: 1, character: 33 } },
        severity: DiagnosticSeverity.Error,
        code: 'action/unknown',
        source: 'vigil',
        message: 'There is no action `notfy`: did you mean `notify`?',
      },
    ]);
    expect((await client.close()).diagnostics).toEqual([]);
  });

  it('follow incremental changes', async () => {
    expect(await client.open('#!/bin/bash\n#WATCHER pattern="x" action=log_event()\n')).toEqual([]);
    const broken = await client.insert(1, 18, '(');
    expect(broken).toMatchObject({ uri, version: 2, diagnostics: [{ code: 'pattern/syntax' }] });
    expect(await client.insert(1, 20, ')')).toMatchObject({ version: 3, diagnostics: [] });
    await client.close();
  });

  it('are one answer to a burst of keystrokes', async () => {
    await client.open('#!/bin/bash\n#WATCHER pattern="x" action=log_event()\n');
    const versions = [];
    const answers = [client.insert(2, 0, 'e'), client.insert(2, 1, 'c'), client.insert(2, 2, 'h')];
    for (const answer of await Promise.all(answers)) versions.push(answer.version);
    expect(versions).toEqual([4, 4, 4]);
    await client.close();
  });

  it('leave scripts alone that have nothing to do with jobs', async () => {
    expect(await client.open('echo hello\r\necho world\r\n')).toEqual([]);
    await client.close();
    expect(await client.open('# a watcher process\nprint("x")\n', 'python')).toEqual([]);
    await client.close();
  });

  it('show directives without effect faded', async () => {
    const diagnostics = await client.open('#!/bin/bash\n#SBATCH -n1 -t9\ntrue\n#SBATCH -t5\n');
    expect(diagnostics).toMatchObject([
      { code: 'directive/after-command', tags: [DiagnosticTag.Unnecessary], range: { start: { line: 3 } } },
    ]);
    await client.close();
  });

  it('find nothing in the example, and the mistakes in the other', async () => {
    expect(await client.open(example('train.sh'))).toEqual([]);
    await client.close();
    const codes = (await client.open(example('broken.sh'))).map(({ code }) => code);
    expect(codes).toEqual(
      expect.arrayContaining(['action/unknown', 'watcher/unknown-key', 'action/unknown-variable', 'pattern/syntax']),
    );
    await client.close();
  });
});

describe('settings', () => {
  it('bound the number of watchers, and are asked again when they change', async () => {
    const settings: { [name: string]: unknown } = { 'vigil.maxWatchersPerJob': 1 };
    const configured = await startInProcess(settings);
    const text = '#!/bin/bash\n#WATCHER pattern="a" action=log_event()\n#WATCHER pattern="b" action=log_event()\n';
    const codes = () => configured.latest.map(({ code }) => code);
    await configured.open(text);
    await expect.poll(codes).toEqual(['watcher/too-many']);
    settings['vigil.maxWatchersPerJob'] = 2;
    await configured.changeConfiguration();
    await expect.poll(codes).toEqual([]);
    await configured.stop();
  });
});

describe('hover', () => {
  const script = String.raw`#!/bin/bash
#SBATCH -J train --ntasks=4
#WATCHER_BEGIN
# pattern: "epoch (\d+) loss: ([\d.]+)"
# captures: [epoch, loss]
# condition: float(loss) > 5 and elapsed > 60
# actions:
#   - notify(message="loss ${'$'}{loss} on ${'$'}HOSTNAME", level="error")
#WATCHER_END
#WATCHER pattern="(?P<what>OOM)" action=run(command="x")
`;
  async function hover(word: string, within = 0): Promise<string> {
    const result = await client.hover(script, script.indexOf(word) + within);
    const contents = result?.contents;
    return contents && typeof contents === 'object' && 'value' in contents ? contents.value : '';
  }

  it.each([
    ['-J train', 0, '-J, --job-name'],
    ['--ntasks', 4, 'How many tasks'],
    ['condition: float', 3, 'Captures are text'],
    ['captures:', 0, 'Names for the groups'],
    ['epoch (', 2, '`$2` = `loss`'],
    ['float(loss)', 1, 'floating-point number'],
    ['loss) > 5', 1, 'a capture of this watcher'],
    ['elapsed', 3, 'Seconds since the job started'],
    ['notify', 1, 'notification in every open VS Code window'],
    ['level=', 1, 'How serious'],
    ['{loss}', 2, 'a capture of this watcher'],
    ['$HOSTNAME', 3, 'The cluster'],
    ['(?P<what', 3, '`$1` = `what`'],
    ['run(', 1, 'on the cluster'],
  ])('%s', async (word, within, wanted) => {
    expect(await hover(word, within)).toContain(wanted);
  });

  it('says nothing about the rest', async () => {
    expect(await hover('#!/bin')).toBe('');
    expect(await hover('on ${')).toBe('');
  });
});

describe('quick fixes', () => {
  it('make a script right', async () => {
    let text = example('broken.sh');
    for (let round = 0; round < 10; round++) {
      const [action] = (await client.codeActions(text)).filter(
        ({ diagnostics }) => diagnostics?.[0]?.severity !== DiagnosticSeverity.Hint,
      );
      const edits = action?.edit?.changes?.[uri];
      if (!edits) break;
      text = TextDocument.applyEdits(TextDocument.create(uri, 'shellscript', 1, text), edits);
    }
    const left = (await client.open(text)).filter(({ severity }) => severity !== DiagnosticSeverity.Hint);
    await client.close();
    expect(text).toContain('action=log_event(message="${text}")');
    expect(text).toContain('# condition: float(loss) > 5');
    expect(text).toContain('loss ${loss}');
    expect(text).toContain('pattern="(out of memory|OOM)"');
    expect(left).toEqual([]);
  });

  it('belong to their diagnostic', async () => {
    const [action] = await client.codeActions('#!/bin/bash\n#WATCHER pattern="x" action=notfy()\n');
    expect(action).toMatchObject({
      title: 'Replace with `notify`',
      kind: 'quickfix',
      isPreferred: true,
      diagnostics: [{ code: 'action/unknown' }],
    });
  });
});
