import { describe, expect, it } from 'vitest';
import { fieldText, fieldType, readField } from '../../webview/param-field.ts';

describe('a parameter in a form', () => {
  it.each([
    [0.1, 'number', '0.1'],
    [true, 'boolean', 'true'],
    ['a "b"', 'text', 'a "b"'],
    [null, 'text', ''],
    [[1, 'x'], 'json', '[1,"x"]'],
    [{ a: 1 }, 'json', '{"a":1}'],
  ] as const)('whose default is %j is of the type %s and reads %s', (standard, type, text) => {
    expect([fieldType(standard), fieldText(standard)]).toEqual([type, text]);
    expect(readField(text, standard)).toEqual({ value: standard });
  });

  it.each([
    [0.1, ' 1e-3 ', { value: 0.001 }],
    [0.1, '', { problem: expect.stringContaining('number') }],
    [0.1, '0,1', { problem: expect.stringContaining('number') }],
    [0.1, 'Infinity', { problem: expect.stringContaining('number') }],
    [true, 'yes', { problem: expect.stringContaining('true or false') }],
    ['x', '', { value: '' }],
    [null, 'x', { value: 'x' }],
    [[1], '{"a": 1}', { problem: expect.stringContaining('list') }],
    [{ a: 1 }, '[1]', { problem: expect.stringContaining('map') }],
    [{ a: 1 }, '{a: 1}', { problem: expect.stringContaining('JSON') }],
    [[1], 'null', { problem: expect.stringContaining('list') }],
  ] as const)('with the default %j takes %j as it should', (standard, text, expected) => {
    expect(readField(text, standard)).toEqual(expected);
  });
});
