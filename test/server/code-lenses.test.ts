/** Code lenses: for clients that have their commands. */
import { expect, it } from 'vitest';
import { codeLenses } from '../../server/code-lenses.ts';
import { featureCapabilities } from '../../server/features.ts';
import { analyse, block } from './analysis.ts';

it('one over each watcher', () => {
  const text = `${block('# name: loss', '# pattern: x')}#WATCHER pattern="y"\n#WATCHER\n`;
  expect(codeLenses(analyse(text)).map(({ range, command }) => [range.start.line, command?.arguments])).toEqual([
    [1, ['file:///work/job.sh', 'loss']],
    [5, ['file:///work/job.sh', 'watcher-2']],
  ]);
});

it('is offered only where somebody can run its command', () => {
  expect(featureCapabilities({}, true).codeLensProvider).toBeDefined();
  expect(featureCapabilities({}, false).codeLensProvider).toBeUndefined();
});
