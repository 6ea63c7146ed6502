/** Names of watchers, events between scripts and workflow files, signatures of functions, parts of patterns; `¦` is the cursor. */
import { describe, expect, it } from 'vitest';
import { completionsAt } from '../../server/completion.ts';
import type { Analysis } from '../../server/documents.ts';
import { hoverAt } from '../../server/hover.ts';
import { definitionAt, highlightsAt, referencesAt, renameableAt, renamedAt } from '../../server/navigation.ts';
import { signatureAt } from '../../server/signature-help.ts';
import { analyse, applyEdits, atCursor, textOf } from './analysis.ts';

const watchers = (first: string) =>
  `#!/bin/bash\n#WATCHER name=${first} pattern="a" action=log_event()\n#WATCHER pattern="b" action=pause_watcher(name="first") action=stop_watcher(name='first')\n#WATCHER pattern="c" action=pause_watcher(name="watcher-2")\n`;

function renamed(text: string, marked: string, newName: string): string {
  const analysis = analyse(text);
  const edit = renamedAt(analysis, text.indexOf(marked) + 1, newName, []);
  return typeof edit === 'string' ? edit : applyEdits(analysis, edit.changes?.[analysis.uri] ?? []);
}

describe('the name of a watcher', () => {
  it('leads from its uses to where it is given', () => {
    const text = watchers('"first"');
    const analysis = analyse(text);
    const use = text.indexOf("'first'") + 3;
    const definition = definitionAt(analysis, use);
    expect(definition).toMatchObject({ range: { start: { line: 1, character: 15 } } });
    const references = referencesAt(analysis, use, true, []) ?? [];
    expect(references.map(({ range }) => textOf(analysis, range))).toEqual(['first', 'first', 'first']);
    expect(referencesAt(analysis, use, false, [])).toHaveLength(2);
    expect(highlightsAt(analysis, use)).toHaveLength(3);
  });

  it('is the number of one without a name', () => {
    const text = watchers('"first"');
    const analysis = analyse(text);
    const use = text.indexOf('watcher-2') + 2;
    expect(definitionAt(analysis, use)).toMatchObject({ range: { start: { line: 2, character: 0 } } });
    expect(renameableAt(analysis, use)).toBeNull();
    expect(renamedAt(analysis, use, 'x', [])).toContain('no name of its own');
  });

  it('is renamed everywhere, in quotes where it needs them', () => {
    expect(renamed(watchers('"first"'), 'first', 'second')).toBe(watchers('"first"').replaceAll('first', 'second'));
    expect(renamed(watchers('first'), 'first', 'a b')).toBe(
      watchers('"a b"').replaceAll(/(["'])first\1/g, (quoted) => quoted.replace('first', 'a b')),
    );
    const block =
      '#!/bin/bash\n#WATCHER_BEGIN\n# name: first\n# pattern: a\n# action: stop_watcher(name="first")\n#WATCHER_END\n';
    expect(renamed(block, 'first', 'other')).toBe(block.replaceAll('first', 'other'));
  });

  it.each([
    ['x)y', '"x)y"'],
    ['b, c', '"b, c"'],
    ['b c', '"b c"'],
    ['None', '"None"'],
    ['7', '"7"'],
    ['w-2.b', 'w-2.b'],
  ])('is put in quotes where it is used without any: %s', (name, used) => {
    const before = '#!/bin/bash\n#WATCHER name="w1" pattern="a" action=pause_watcher(name=w1)\n';
    expect(renamed(before, 'w1', name)).toBe(before.replace('"w1"', `"${name}"`).replace('name=w1)', `name=${used})`));
  });

  it('takes the other quotes in an action that stands in quotes', () => {
    const before = '#!/bin/bash\n#WATCHER name="w1" pattern="a" action="pause_watcher(name=w1)"\n';
    expect(renamed(before, 'w1', 'b c')).toBe(before.replace('"w1"', '"b c"').replace('name=w1)', "name='b c')"));
  });

  it.each([
    ['watcher-2', 'is called'],
    ['a"b', 'quotes'],
    [' ', 'starts and ends'],
  ])('cannot be %s', (name, why) => {
    expect(renamed(watchers('"first"'), 'first', name)).toContain(why);
  });
});

const emitting = '#!/bin/bash\n#WATCHER pattern="a" action=emit_event(name="converged")\necho "::event ready {}"\n';
const flow = analyse(
  'steps:\n  - submit: job.sh\n  - await_event: converged\n  - await_event: { name: "conv${{ run.id }}" }\n  - await_event: other\n',
  'file:///work/flow.vigil.yaml',
);
const unrelated = analyse('steps:\n  - await_event: converged\n', 'file:///work/x.vigil.yaml');
const workflows = [flow, unrelated];

describe('an event of a script', () => {
  const analysis = analyse(emitting);
  const at = emitting.indexOf('converged') + 2;

  it('leads to the steps of open workflow files that await it', () => {
    const shown = (of: readonly Analysis[]) =>
      referencesAt(analysis, at, true, of)?.map(({ uri, range }) => `${uri.slice(13)}:${range.start.line}`);
    expect(shown(workflows)).toEqual(['job.sh:1', 'flow.vigil.yaml:2', 'flow.vigil.yaml:3']);
    expect(shown([])).toEqual(['job.sh:1']);
    const printed = emitting.indexOf('ready') + 1;
    expect(referencesAt(analysis, printed, true, workflows)).toHaveLength(1);
  });

  it('tells who awaits it', () => {
    expect(JSON.stringify(hoverAt(analysis, at, workflows))).toContain('`flow.vigil.yaml`, line 3');
    expect(JSON.stringify(hoverAt(analysis, at, []))).toContain('awaited by no open workflow file');
  });

  it('is proposed where it is awaited and nobody emits it', () => {
    const { analysis: typing, offset } = atCursor('#!/bin/bash\n#WATCHER pattern="a" action=emit_event(name="¦")\n');
    expect(completionsAt(typing, offset, true, workflows).map(({ label }) => label)).toEqual(['converged', 'other']);
    expect(completionsAt(typing, offset, true, [unrelated])).toEqual([]);
  });
});

describe('signature help', () => {
  const signature = (condition: string) => {
    const { analysis, offset } = atCursor(
      `#!/bin/bash\n#WATCHER_BEGIN\n# pattern: (?P<a>x)\n# condition: ${condition}\n#WATCHER_END\n`,
    );
    const help = signatureAt(analysis, offset);
    return help && [help.signatures[0]?.label, help.activeParameter];
  };

  it.each([
    ['round(float(a)¦', ['round(x, ndigits=None)', 0]],
    ['round(float(a¦', ['float(x)', 0]],
    ['round(float(a), ¦', ['round(x, ndigits=None)', 1]],
    ['round(ndigits=¦', ['round(x, ndigits=None)', 1]],
    ['mean("a", ¦) > 1', ['mean("capture", n)', 1]],
    ['a.replace("(", ¦', ['replace(old, new, count=-1)', 1]],
    ['max(1, 2, 3, 4¦', ['max(a, b, …)', 2]],
    ['sum([1, ¦', ['sum(list, start=0)', 0]],
    ['(a ¦', null],
    ['unknown(¦', null],
  ])('%s', (condition, wanted) => {
    expect(signature(condition)).toEqual(wanted);
  });

  it('of a condition of an action, and of an action around it', () => {
    const { analysis, offset } = atCursor('#WATCHER pattern="x" action=notify(condition="len(¦line) > 3")');
    expect(signatureAt(analysis, offset)?.signatures[0]?.label).toBe('len(x)');
    const outside = atCursor('#WATCHER pattern="x" action=notify(condition="len(line) > 3"¦)');
    expect(signatureAt(outside.analysis, outside.offset)?.signatures[0]?.label).toContain('notify(');
  });

  it('in a workflow file', () => {
    const marked = 'steps:\n  - run: echo ${{ round(1.5, ¦) }}\n';
    const analysis = analyse(marked.replace('¦', ''), 'file:///work/flow.vigil.yaml');
    expect(signatureAt(analysis, marked.indexOf('¦'))).toMatchObject({ activeParameter: 1 });
  });
});

describe('hover', () => {
  const hover = (marked: string) => {
    const { analysis, offset } = atCursor(marked);
    return JSON.stringify(hoverAt(analysis, offset)?.contents ?? '');
  };

  it.each([
    ['#WATCHER pattern="loss: (\\d¦+)" captures=[loss]', '`\\\\d+` a digit; once or more'],
    ['#WATCHER pattern="loss: (\\d¦+)" captures=[loss]', '`$1` = `loss`'],
    ['#WATCHER pattern="lo¦ss: (\\d+)"', 'the text `loss: `'],
    ['#WATCHER pattern="lo¦ss: (\\d+"', 'missing ), unterminated subpattern'],
    ['#WATCHER pattern="x" cooldown=72¦00', '`7200`: 2 h'],
    ['#WATCHER pattern="x" action=run_command(command="a", timeout=9¦0)', '`90`: 1 min 30 s'],
    ['#SBATCH --time=1-1¦2', '1 d 12 h'],
  ])('%s', (marked, wanted) => {
    expect(hover(`#!/bin/bash\n${marked}`)).toContain(wanted);
  });
});
