/** Document symbols, folding and selection ranges. */

import { describe, expect, it } from 'vitest';
import type { SelectionRange } from 'vscode-languageserver-protocol';
import { documentSymbols, flatSymbols } from '../../server/document-symbols.ts';
import { foldingRanges } from '../../server/folding.ts';
import { selectionRanges } from '../../server/selection-ranges.ts';
import { analyse, atCursor, block, textOf } from './analysis.ts';

const script = `#!/bin/bash
#SBATCH --time=5 -n 2
# why
#SBATCH --mem=1G
#WATCHER name="oom" pattern="OOM" action=cancel_job(reason="x")
#SBATCH -J late
#WATCHER_BEGIN
# pattern: "a (b)"
# captures:
#   - x
# actions:
#   - notify(message="m")
#   - log
#WATCHER_END
for i in 1 2; do
  if true; then
    echo

    echo
  fi

done
echo
`;

describe('document symbols', () => {
  const analysis = analyse(script);
  const symbols = documentSymbols(analysis);

  it('are runs of directives, and watchers with properties and actions', () => {
    const outline = (list: typeof symbols): unknown[] =>
      list.map(({ name, detail, children }) => [name, detail, ...(children?.length ? [outline(children)] : [])]);
    expect(outline(symbols)).toEqual([
      [
        '#SBATCH',
        '3 options',
        [
          ['--time', '5'],
          ['-n', '2'],
          ['--mem', '1G'],
        ],
      ],
      [
        'oom',
        'OOM',
        [
          ['name', 'oom'],
          ['pattern', 'OOM'],
          ['action', undefined, [['cancel_job', '"x"']]],
        ],
      ],
      ['#SBATCH', '1 option', [['-J', 'late']]],
      [
        'watcher-2',
        'a (b)',
        [
          ['pattern', 'a (b)'],
          ['captures', 'x'],
          [
            'actions',
            undefined,
            [
              ['notify', '"m"'],
              ['log', undefined],
            ],
          ],
        ],
      ],
    ]);
  });

  it('are a list for clients that know no tree', () => {
    const flat = flatSymbols(analysis.uri, symbols).map(({ name, containerName }) => [name, containerName]);
    expect(flat).toContainEqual(['oom', undefined]);
    expect(flat).toContainEqual(['cancel_job', 'action']);
  });

  it('have a name while it is missing', () => {
    expect(
      JSON.stringify(
        documentSymbols(analyse('#WATCHER name="  " action=\n#WATCHER_BEGIN\n# actions:\n#   - \n#WATCHER_END')),
      ),
    ).not.toContain('"name":""');
  });
});

describe('folding', () => {
  const folds = (text: string) => foldingRanges(analyse(text)).map(({ startLine, endLine }) => [startLine, endLine]);

  it('takes blocks, runs of directives and what is indented', () => {
    expect(folds(script)).toEqual([
      [6, 13],
      [14, 19],
      [15, 18],
    ]);
    expect(folds('#SBATCH -n1\n#SBATCH -N1\n#SBATCH -t5\necho\n')).toEqual([[0, 2]]);
    expect(folds('#WATCHER pattern="a"\n#WATCHER pattern="b"\necho\n')).toEqual([[0, 1]]);
    expect(folds('def f():\n\tif x:\n\t\ty\n\n\nz\n')).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it('takes regions', () => {
    expect(folds('# region a\nx\n# region b\ny\n# endregion\n#endregion a\n# endregion\n# region c\n')).toEqual([
      [0, 5],
      [2, 4],
    ]);
  });

  it('takes a block that is never closed as far as it goes', () => {
    expect(folds('#WATCHER_BEGIN\n# name: a\n# pattern: b\necho\n')).toEqual([[0, 2]]);
  });
});

describe('selection ranges', () => {
  const chain = (marked: string) => {
    const { analysis, offset } = atCursor(marked);
    const [first] = selectionRanges(analysis, [analysis.positionAt(offset)]);
    const texts: string[] = [];
    for (let range: SelectionRange | undefined = first; range; range = range.parent)
      texts.push(textOf(analysis, range.range));
    return texts;
  };

  it('grow from the word over the value to the property and the watcher', () => {
    const line = '#WATCHER name="a b" action=log(message="x yz", level="info")';
    expect(chain(line.replace('x yz', 'x y¦z'))).toEqual([
      'yz',
      'x yz',
      '"x yz"',
      'message="x yz"',
      'message="x yz", level="info"',
      'log(message="x yz", level="info")',
      'action=log(message="x yz", level="info")',
      line,
    ]);
  });

  it('grow over the parts of conditions and patterns', () => {
    expect(chain(block('# condition: float(lo¦ss) + 1 > 5')).slice(0, 5)).toEqual([
      'loss',
      'float(loss)',
      'float(loss) + 1',
      'float(loss) + 1 > 5',
      'condition: float(loss) + 1 > 5',
    ]);
    expect(chain(block('# pattern: "a (b (c¦d) e)"')).slice(0, 5)).toEqual([
      'cd',
      '(cd)',
      'b (cd) e',
      '(b (cd) e)',
      'a (b (cd) e)',
    ]);
  });

  it('grow over options and runs of directives', () => {
    expect(chain('#SBATCH --time=¦5\n#SBATCH -n 1\necho\n')).toEqual([
      '5',
      '--time=5',
      '#SBATCH --time=5',
      '#SBATCH --time=5\n#SBATCH -n 1',
      '#SBATCH --time=5\n#SBATCH -n 1\necho\n',
    ]);
  });
});
