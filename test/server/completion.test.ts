/** Completion: `|` in a script is the cursor; what is offered, and what the script becomes with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionItem } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type LanguageClient, startInProcess } from './harness.ts';

let client: LanguageClient;
beforeAll(async () => {
  client = await startInProcess();
});
afterAll(() => client.stop());

function split(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf('¦');
  return { text: marked.replace('¦', ''), offset };
}

async function complete(marked: string): Promise<readonly CompletionItem[]> {
  const { text, offset } = split(marked);
  return client.complete(text, offset);
}

async function labels(marked: string): Promise<readonly string[]> {
  return (await complete(marked)).map(({ label }) => label);
}

/** The script after taking the item `label`, its snippet's stops removed. */
async function take(marked: string, label: string): Promise<string> {
  const { text } = split(marked);
  const item = (await complete(marked)).find((candidate) => candidate.label === label);
  if (!item?.textEdit || !('range' in item.textEdit)) throw new Error(`no ${label}`);
  const newText = item.textEdit.newText
    .replace(/(?<!\\)\$\d/g, '')
    .replace(/(?<!\\)\$\{\d:((?:\\.|[^}])*)\}/g, '$1')
    .replace(/\\([$}\\])/g, '$1');
  return TextDocument.applyEdits(TextDocument.create('a:', 'a', 1, text), [{ range: item.textEdit.range, newText }]);
}

const inline = (rest: string) => `#!/bin/bash\n#WATCHER ${rest}`;
const block = (...lines: readonly string[]) =>
  ['#!/bin/bash', '#WATCHER_BEGIN', ...lines, '#WATCHER_END', ''].join('\n');

describe('properties', () => {
  it('are offered behind #WATCHER', async () => {
    expect(await labels(inline('¦'))).toEqual(
      expect.arrayContaining(['name', 'pattern', 'captures', 'action', 'silence']),
    );
  });

  it('are offered without those that are there', async () => {
    const offered = await labels(inline('pattern="x" ¦ action=log_event()'));
    expect(offered).not.toContain('pattern');
    expect(offered).toEqual(expect.arrayContaining(['name', 'action']));
  });

  it('replace what is typed', async () => {
    expect(await take(inline('pa¦'), 'pattern')).toBe(inline('pattern=""'));
    expect(await take(inline('patt¦ern="x"'), 'pattern')).toBe(inline('pattern="x"'));
    expect(await take(block('# pa¦'), 'pattern')).toBe(block('# pattern: ""'));
    expect(await take(block('# ¦'), 'actions')).toBe(block('# actions:\n#   - '));
  });

  it('are not offered inside of a text', async () => {
    expect(await labels(inline('pattern="a ¦b"'))).toEqual([]);
  });
});

describe('values', () => {
  it.each([
    [inline('output_type=¦'), ['stdout', 'stderr', 'both']],
    [inline('output_type=st¦'), ['stdout', 'stderr', 'both']],
    [block('# output_type: ¦'), ['stdout', 'stderr', 'both']],
    [block('# timer_mode: ¦'), ['true', 'false']],
    [block('# trigger_job_states: [fa¦]'), ['completed', 'failed']],
    [block('# trigger_job_states:', '#   - ¦'), ['completed', 'failed']],
  ])('%s', async (marked, wanted) => {
    expect(await labels(marked)).toEqual(expect.arrayContaining(wanted));
  });

  it('replace what is typed', async () => {
    expect(await take(inline('output_type=st¦'), 'stderr')).toBe(inline('output_type=stderr'));
    expect(await take(block('# trigger_job_states: [failed, ti¦]'), 'timeout')).toBe(
      block('# trigger_job_states: [failed, timeout]'),
    );
  });
});

describe('actions', () => {
  it.each([
    inline('pattern="x" action=¦'),
    inline('pattern="x" action=can¦'),
    block('# actions:', '#   - ¦'),
    block('# actions:', '#   - log_event()', '#   - can¦'),
    block('# action: ¦'),
    block('# actions:', '#   - type: ¦'),
  ])('%s', async (marked) => {
    expect(await labels(marked)).toEqual(expect.arrayContaining(['cancel_job', 'notify', 'resubmit']));
  });

  it('keep their arguments', async () => {
    expect(await take(inline('action=can¦(reason="x")'), 'cancel_job')).toBe(inline('action=cancel_job(reason="x")'));
    expect(await take(block('# actions:', '#   - can¦'), 'cancel_job')).toBe(
      block('# actions:', '#   - cancel_job(reason="")'),
    );
  });

  it('offer their parameters', async () => {
    expect(await labels(inline('action=cancel_job(¦)'))).toEqual(['reason', 'signal', 'condition']);
    expect(await labels(inline('action=cancel_job(¦'))).toEqual(['reason', 'signal', 'condition']);
    expect(await labels(inline('action=notify(message="a, b", ¦)'))).toEqual(['level', 'condition']);
    expect(await labels(block('# actions:', '#   - notify(mess¦)'))).toContain('message');
    expect(await take(block('# actions:', '#   - notify(mess¦)'), 'message')).toBe(
      block('# actions:', '#   - notify(message="")'),
    );
  });

  it('offer the values of parameters', async () => {
    expect(await take(inline('action=notify(level=¦)'), '"warning"')).toBe(inline('action=notify(level="warning")'));
    expect(await take(inline('action=notify(level="w¦")'), 'warning')).toBe(inline('action=notify(level="warning")'));
    expect(await labels(inline('action=resubmit(cancel_original=¦)'))).toEqual(['True', 'False']);
    expect(await labels(inline('name=oom action=stop_watcher(name="¦")'))).toEqual(['oom']);
  });

  it('offer variables', async () => {
    const marked = inline('pattern="(?P<path>x)(y)" captures=[whole, loss] action=notify(message="is ${¦")');
    expect(await labels(marked)).toEqual(expect.arrayContaining(['${whole}', '${loss}', '${path}', '${JOB_ID}']));
    expect(await take(inline('captures=[loss] action=notify(message="is ${lo¦}")'), '${loss}')).toBe(
      inline('captures=[loss] action=notify(message="is ${loss}")'),
    );
    expect(await take(inline('captures=[loss] action=notify(message="is $¦")'), '${loss}')).toBe(
      inline('captures=[loss] action=notify(message="is ${loss}")'),
    );
  });
});

describe('patterns', () => {
  it('offer classes, groups and sets where one is begun', async () => {
    expect(await labels(inline('pattern="a \\¦"'))).toEqual(expect.arrayContaining(['\\d', '\\s', '\\b']));
    expect(await labels(inline('pattern="a (¦)"'))).toEqual(expect.arrayContaining(['(?P<name>…)', '(?:…)']));
    expect(await labels(block('# pattern: (?¦'))).toEqual(expect.arrayContaining(['(?P<name>…)', '(?:…)']));
    expect(await labels(block('# pattern: [¦'))).toContain('[\\d.]');
    expect(await labels(block('# pattern: [a\\¦'))).toContain('\\d');
  });

  it.each(['a¦', '\\\\¦', '[a¦', '[(¦', '\\(¦', '(?P<¦', '(?:¦', 'a¦(b)'])('offer nothing at %s', async (pattern) => {
    expect(await labels(block(`# pattern: ${pattern}`))).toEqual([]);
  });

  it('replace what is typed', async () => {
    expect(await take(inline('pattern="a \\¦"'), '\\d')).toBe(inline('pattern="a \\d"'));
    expect(await take(inline('pattern="a (?¦)"'), '(?:…)')).toBe(inline('pattern="a (?:)"'));
    expect(await take(block('# pattern: (¦'), '(?P<name>…)')).toBe(block('# pattern: (?P<name>)'));
    expect(await take(block('# pattern: [¦]+'), '[0-9]')).toBe(block('# pattern: [0-9]+'));
  });

  it('have their names offered to captures', async () => {
    const pattern = 'pattern="(?P<a>x)(?P<b>y)"';
    expect(await labels(inline(`${pattern} captures=[¦]`))).toEqual(['a', 'b']);
    expect(await labels(inline(`${pattern} captures=[a, b¦]`))).toEqual(['b']);
    expect(await take(inline(`${pattern} captures=[a, ¦]`), 'b')).toBe(inline(`${pattern} captures=[a, b]`));
    expect(await labels(block('# pattern: (?P<a>x)', '# captures:', '#   - ¦'))).toEqual(['a']);
  });
});

describe('conditions', () => {
  it('offer captures, functions and names', async () => {
    const offered = await labels(block('# captures: [loss]', '# condition: ¦'));
    expect(offered).toEqual(expect.arrayContaining(['loss', 'float', 'elapsed', 'previous', 'mean', 'and']));
  });

  it('offer methods behind a dot, but not behind a number', async () => {
    expect(await labels(block('# captures: [loss]', '# condition: loss.¦'))).toEqual(
      expect.arrayContaining(['strip', 'startswith']),
    );
    expect(await labels(block('# condition: 5.¦'))).toEqual([]);
  });

  it('offer captures to the history functions', async () => {
    expect(await labels(block('# captures: [epoch, loss]', '# condition: mean("lo¦"'))).toEqual(['epoch', 'loss']);
    expect(await labels(inline('captures=[loss] condition="previous[\\"¦"'))).toEqual(['loss']);
  });

  it('complete inside quotes and half-typed calls', async () => {
    expect(await take(inline('captures=[loss] condition="float(lo¦"'), 'loss')).toBe(
      inline('captures=[loss] condition="float(loss"'),
    );
    expect(await labels(inline('captures=[loss] action=notify(condition="lo¦")'))).toContain('loss');
  });
});

describe('half-typed input', () => {
  it('of Grid Engine: a dash alone', async () => {
    expect(await labels('#!/bin/bash\n#$ -¦')).toEqual(expect.arrayContaining(['-N', '-cwd']));
    expect(await take('#!/bin/bash\n#$ -¦', '-cwd')).toBe('#!/bin/bash\n#$ -cwd');
  });

  it('in a comment behind a directive gets nothing', async () => {
    expect(await labels('#!/bin/bash\n#SBATCH --time=1 # --p¦')).toEqual([]);
    expect(await labels('#!/bin/bash\n#SBATCH --comment="a # b" --p¦')).toContain('--partition');
  });

  it('puts captures in the quotes that are free', async () => {
    const doubled = inline('captures=[loss] condition="previous[¦"');
    expect(await take(doubled, "'loss'")).toBe(inline(`captures=[loss] condition="previous['loss'"`));
    const single = inline("captures=[loss] condition='mean(lo¦'");
    expect(await take(single, '"loss"')).toBe(inline(`captures=[loss] condition='mean("loss"'`));
  });

  it('of a file name is one of its symbols', async () => {
    const line = '#!/bin/bash\n#SBATCH -o x_%';
    expect(await labels(`${line}¦`)).toEqual(expect.arrayContaining(['%j', '%x', '%a', '%A', '%u', '%N', '%%']));
    expect(await take(`${line}¦.out`, '%j')).toBe(`${line}j.out`);
    expect(await take(`${line}4¦`, '%4a')).toBe(`${line}4a`);
    expect(await labels(`${line}%¦`)).not.toContain('%j');
    expect(await labels('#!/bin/bash\n#SBATCH -o %¦')).toEqual(expect.arrayContaining(['%j', '%x-%j.out']));
  });

  it('of modifications is an option of the scheduler', async () => {
    const line = inline('pattern="x" action=resubmit(modifications={"me¦"})');
    expect(await take(line, 'mem')).toBe(inline('pattern="x" action=resubmit(modifications={"mem"})'));
    expect(await labels(inline('pattern="x" action=resubmit(modifications={"mem": "4¦"})'))).toEqual([]);
  });
});

describe('directives', () => {
  it('offer options, with those that are there left out', async () => {
    const offered = await labels('#!/bin/bash\n#SBATCH --time=5\n#SBATCH --¦\n');
    expect(offered).toEqual(expect.arrayContaining(['--job-name', '--partition']));
    expect(offered).not.toContain('--time');
  });

  it('replace what is typed', async () => {
    expect(await take('#SBATCH --job¦', '--job-name')).toBe('#SBATCH --job-name=');
    expect(await take('#SBATCH --jo¦b=x', '--job-name')).toBe('#SBATCH --job-name=x');
    expect(await take('#SBATCH ¦', '--mem')).toBe('#SBATCH --mem=');
  });

  it('offer values', async () => {
    expect(await labels('#SBATCH --mail-type=¦')).toEqual(expect.arrayContaining(['END', 'FAIL']));
    expect(await labels('#SBATCH --mail-type ¦')).toEqual(expect.arrayContaining(['END', 'FAIL']));
  });
});

describe('keywords', () => {
  it('are offered where one is begun', async () => {
    expect(await labels('#!/bin/bash\n#WA¦\n')).toEqual([
      '#WATCHER',
      '#WATCHER_BEGIN',
      '#LOGIN_SETUP_BEGIN',
      '#SBATCH',
      '#flux:',
      '#PBS',
      '#BSUB',
    ]);
    expect(await take('#!/bin/bash\n#S¦', '#SBATCH')).toBe('#!/bin/bash\n#SBATCH ');
  });

  it('keep out of ordinary comments and commands', async () => {
    expect(await labels('#!/bin/bash\n# ¦\n')).toEqual([]);
    expect(await labels('#!/bin/bash\n# load ¦\necho\n')).toEqual([]);
    expect(await labels('#!/bin/bash\necho "$¦"\n')).toEqual([]);
  });

  it('give a block that has no problem but its hints', async () => {
    const text = await take('#!/bin/bash\n#WA¦', '#WATCHER_BEGIN');
    const problems = await client.open(text);
    await client.close();
    expect(problems.filter(({ severity }) => severity !== 4).map(({ message }) => message)).toEqual([]);
  });
});
