/** Code actions that write a watcher out of what a script prints, and small rewritings of patterns; `[` … `]` of a text is selected. */
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import { codeActionsAt } from '../../server/code-actions.ts';
import { analyse, applyEdits } from './analysis.ts';

/** Titles and resulting texts, for the selection between `«` and `»`. */
function actions(marked: string): readonly { readonly title: string; readonly text: string }[] {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const analysis = analyse(marked.replace(/[«»]/g, ''));
  return codeActionsAt(analysis, analysis.rangeOf({ start, end }), { diagnostics: [] }).map(({ title, edit }) => ({
    title,
    text: applyEdits(analysis, edit?.changes?.[analysis.uri] ?? []),
  }));
}

const extracted = (marked: string) => actions(marked).find(({ title }) => title.startsWith('Watch for'))?.text;

describe('a watcher for what is printed', () => {
  it.each([
    ['«»echo "epoch=$epoch loss=${loss}"', 'epoch=(?P<epoch>\\S+) loss=(?P<loss>\\S+)', 'loss=2'],
    ['  «»printf "step %d: %.3f s\\n" "$i" "$t"', 'step (?P<step>[-+\\d.eE]+): (?P<value>[-+\\d.eE]+) s', ''],
    ['«»print(f"val loss: {val_loss:.4f} (best)")', 'val loss: (?P<val_loss>\\S+) \\(best\\)', ''],
    ['«»# GPU memory 12.5 GiB of 80', 'GPU memory (?P<memory>[-+\\d.eE]+) GiB of (?P<of>[-+\\d.eE]+)', ''],
    ['«»echo done', 'done', ''],
    ['«»println("it = $(i) done")', 'it = (?P<it>\\S+) done', ''],
    [
      'python train.py   # prints «loss=3.14 [step 2]» often',
      'loss=(?P<loss>[-+\\d.eE]+) \\[step (?P<step>[-+\\d.eE]+)\\]',
      '',
    ],
    [`«»echo 'say "hi" to $x'`, 'say "hi" to (?P<x>\\S+)', ''],
    ['«»echo "line=$line"', 'line=(?P<line_value>\\S+)', ''],
  ])('%s', (line, pattern) => {
    const text = extracted(`#!/bin/bash\n#SBATCH --time=5\n\n${line}\n`) ?? '';
    const script = parseScript(text);
    expect(bindWatchers(script).map((spec) => spec.pattern)).toEqual([pattern]);
    expect(checkScript(script)).toEqual([]);
    expect(text.split('\n')[2]).toMatch(/^#WATCHER name=/);
    const message = bindWatchers(script)[0]?.actions[0]?.params.message;
    expect(String(message)).toMatch(/\$\{\w+\}/);
  });

  it('has a name of its own', () => {
    const text =
      extracted('#!/bin/bash\n#WATCHER name="loss" pattern="x" action=log_event()\n«»echo "loss $loss"\n') ?? '';
    expect(bindWatchers(parseScript(text)).map(({ name }) => name)).toEqual(['loss', 'loss-2']);
  });

  it.each(['«»srun ./a.out', '«»echo', '«»echo "$x"', '«»x=1', '«echo a\necho b»'])('nothing for %s', (line) => {
    expect(extracted(`#!/bin/bash\n${line}\n`)).toBeUndefined();
  });
});

const rewritten = (marked: string, title: string) =>
  actions(marked)
    .find((action) => action.title.startsWith(title))
    ?.text.split('\n')[1];

describe('in a pattern', () => {
  it('a group gets a name', () => {
    expect(
      rewritten('#!/bin/bash\n#WATCHER pattern="loss: («»\\d+)" captures=[x] action=log()', 'Name the group'),
    ).toBe('#WATCHER pattern="loss: (?P<x>\\d+)" captures=[x] action=log()');
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="loss: («»\\d+)" action=log()', 'Name the group `loss`')).toBe(
      '#WATCHER pattern="loss: (?P<loss>\\d+)" action=log()',
    );
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="(?P<a>«»\\d+)" action=log()', 'Name the group')).toBeUndefined();
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="«»ab (c)" action=log()', 'Name the group')).toBeUndefined();
  });

  it('the selection is escaped', () => {
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="«a.b (1)\\[»x" action=log()', 'Escape')).toBe(
      '#WATCHER pattern="a\\.b \\(1\\)\\[x" action=log()',
    );
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="«ab»" action=log()', 'Escape')).toBeUndefined();
    expect(rewritten('#!/bin/bash\n#WATCHER pat«tern="a.b»" action=log()', 'Escape')).toBeUndefined();
  });

  it('a value gets quotes', () => {
    expect(rewritten('#!/bin/bash\n#WATCHER pattern=«»a+b action=log()', 'Put the value')).toBe(
      '#WATCHER pattern="a+b" action=log()',
    );
    expect(rewritten('#!/bin/bash\n#WATCHER pattern="«»a+b" action=log()', 'Put the value')).toBeUndefined();
  });
});
