import { beforeAll, describe, expect, it } from 'vitest';
import { fieldLine, inlineCode, joinLines } from '../../client/text/markdown.ts';
import { plainLine, stripControls } from '../../client/text/plain-text.ts';
import { clockTime, duration, fullTime } from '../../client/text/time.ts';
import { noon } from './builders.ts';

describe('stripControls', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a title set by OSC', '\u001b]0;evil title\u0007text', 'text'],
    ['a hyperlink', '\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\', 'here'],
    ['a progress bar', '10%\r50%\rdone\r\n', '10%\n50%\ndone\n'],
    ['bells, backspaces and C1 controls', 'a\u0007b\bc\u009b31md', 'abcd'],
    ['changes of direction', 'rm \u202etxt\u2066.exe', 'rm txt.exe'],
    ['a lone escape character', 'a\u001b', 'a'],
  ])('takes out %s', (_, raw, expected) => expect(stripControls(raw)).toBe(expected));

  it('keeps tabs, line feeds and text of all scripts', () => {
    expect(stripControls('a\tb\nπ 損失 😀')).toBe('a\tb\nπ 損失 😀');
  });
});

describe('plainLine', () => {
  it('leaves no link and no icon for VS Code to find', () => {
    const text = plainLine('see [here](command:workbench.action.quit) $(flame)');
    expect(text).not.toMatch(/\]\(|\$\(/);
    expect(text).toContain('here');
  });

  it('is one line of bounded length', () => {
    const text = plainLine(`a\n\n  b ${'x'.repeat(1000)}`, 50);
    expect(text).toHaveLength(50);
    expect(text).toMatch(/^a b x+…$/);
  });
});

describe('inlineCode', () => {
  it('has a fence that the value cannot close', () => {
    expect(inlineCode('plain')).toBe('`plain`');
    expect(inlineCode('a`b``c')).toBe('```a`b``c```');
    expect(inlineCode('`x`')).toBe('`` `x` ``');
  });

  it('holds a value on one line, also an empty one', () => {
    expect(inlineCode('a\n  b')).toBe('`a b`');
    expect(inlineCode(' ')).toBe('–');
  });
});

it('leaves out what is not known', () => {
  expect(joinLines([fieldLine('A', 1), fieldLine('B', undefined), fieldLine('C', 'x')])).toBe('A: `1`  \nC: `x`');
});

describe('times', () => {
  beforeAll(() => {
    process.env.TZ = 'UTC';
  });

  it('shows the date only of another day', () => {
    expect(clockTime(noon, noon + 60)).toBe('12:00:00');
    expect(clockTime(noon - 86_400, noon)).toBe('2026-11-20 12:00:00');
    expect(fullTime(noon + 0.113)).toBe('2026-11-21 12:00:00.113');
  });

  it.each([
    [-3, '0 s'],
    [0.44, '0.4 s'],
    [5, '5 s'],
    [9.97, '10 s'],
    [59.6, '1 min'],
    [185, '3 min 5 s'],
    [7800, '2 h 10 min'],
    [270_000, '3 d 3 h'],
  ])('%d s is %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});
