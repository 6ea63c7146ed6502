import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstNode, isPort } from '../../../engine/ports/first-node.ts';

describe('the first node of a list', () => {
  it.each([
    ['n1', 'n1'],
    ['n1,n2', 'n1'],
    ['n[01-04,7]', 'n01'],
    ['gpu[7,1-3],x1', 'gpu7'],
    ['r[0-1]n[2-3]', 'r0n2'],
    ['rack[1-2]-ib.site.example', 'rack1-ib.site.example'],
    ['node_1', 'node_1'],
    [' n1 ', 'n1'],
  ])('%s: %s', (nodes, first) => expect(firstNode(nodes)).toBe(first));

  it.each([
    '',
    '(null)',
    '-oProxyCommand=x',
    'n1;reboot',
    'n[',
    '[]',
    'a b',
    'n1:22',
    '::1',
    'ü',
    `${'n'.repeat(254)}`,
  ])('“%s” names none', (nodes) => expect(firstNode(nodes)).toBeUndefined());

  it('is a name that no program takes for anything else', () => {
    const list = fc.string({ unit: fc.constantFrom(...'an0-_.,[]: ;$\n') });
    fc.assert(
      fc.property(list, (nodes) => {
        expect(firstNode(nodes) ?? 'n').toMatch(/^[\dA-Za-z][\w.-]*$/);
      }),
    );
  });

  it('is found in no time', () => expect(firstNode(`n${'['.repeat(200_000)}`)).toBeUndefined());
});

it.each([
  [1, true],
  [65_535, true],
  [0, false],
  [65_536, false],
  [1.5, false],
  [Number.NaN, false],
])('port %d: %s', (port, is) => expect(isPort(port)).toBe(is));
