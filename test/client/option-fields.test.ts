import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canBeAwaited,
  checkWritten,
  dependencyOn,
  keptWords,
  optionFields,
  optionValue,
  otherWords,
  withValue,
} from '../../client/submit/option-fields.ts';

const words = ['--time=5', '--exclusive', '--dependency=afterok:1', '--mail-type=END'];

describe('the words of a form', () => {
  it('give the value of an option, the last one where it is twice', () => {
    expect(optionValue(words, 'time')).toBe('5');
    expect(optionValue([...words, '--time=7'], 'time')).toBe('7');
    expect(optionValue(words, 'exclusive')).toBe('');
    expect(optionValue(words, 'tim')).toBeUndefined();
  });

  it('take a new value in place of all old ones, and lose the option with an empty one', () => {
    expect(withValue(['--time=1', '--mem=1G', '--time=2'], 'time', '3')).toEqual(['--mem=1G', '--time=3']);
    expect(withValue(words, 'exclusive', '')).toEqual(['--time=5', '--dependency=afterok:1', '--mail-type=END']);
  });

  it('hold what was set, and nothing else changes', () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
    fc.assert(
      fc.property(name, fc.string({ minLength: 1 }), fc.array(fc.tuple(name, fc.string())), (own, value, others) => {
        const before = others.map(([other, text]) => `--${other}=${text}`);
        const after = withValue(before, own, value);
        expect(optionValue(after, own)).toBe(value);
        for (const [other] of others)
          if (other !== own) expect(optionValue(after, other)).toBe(optionValue(before, other));
      }),
    );
  });

  it('are shown by name or among the others, each once', () => {
    expect(otherWords(words, optionFields('slurm', null))).toEqual(['--exclusive', '--mail-type=END']);
  });

  it('are remembered without the job that was waited for', () => {
    expect(keptWords(words)).toEqual(['--time=5', '--exclusive', '--mail-type=END']);
  });
});

describe('the fields', () => {
  it('offer what the cluster has', () => {
    const facts = {
      cluster: 'c',
      scheduler: 'slurm',
      gathered: 0,
      partitions: [{ name: 'debug', isDefault: true, state: 'up' }],
      accounts: [{ name: 'test', qos: [] }],
    } as const;
    const choices = (name: string) => optionFields('slurm', facts).find((field) => field.name === name)?.choices;
    expect(choices('partition')).toEqual(['debug']);
    expect(choices('account')).toEqual(['test']);
    expect(choices('qos')).toEqual([]);
  });

  it('are few on this machine', () => {
    expect(optionFields('local', null).map(({ name }) => name)).toEqual(['array', 'time', 'ntasks', 'cpus-per-task']);
  });

  it('are Flux’ own where Flux is', () => {
    expect(optionFields('flux', null).map(({ name }) => name)).toEqual(['time-limit', 'queue', 'nodes', 'nslots']);
  });

  it.each([
    ['0-15', true],
    ['1,3,5-9', true],
    ['0-100:10%4', true],
    ['7', true],
    ['a', false],
    ['1-', false],
    ['1;rm', false],
  ])('take the range %s: %s', (range, isRight) => {
    const problem = optionFields('slurm', null)
      .find(({ name }) => name === 'array')
      ?.check?.(range);
    expect(problem === undefined).toBe(isRight);
  });

  it.each([
    ['--exclusive', true],
    ['--comment=two words', true],
    ['-N2', true],
    ['exclusive', false],
    ['--', false],
    ['-', false],
  ])('take the option %s: %s', (word, isRight) => expect(checkWritten(word) === undefined).toBe(isRight));
});

describe('dependencies', () => {
  it('name their jobs', () => expect(dependencyOn('afterok', ['17', '18_2'])).toBe('afterok:17:18_2'));

  it.each([
    ['17', true],
    ['17_3', true],
    ['ƒ2vX', true],
    ['17;other', false],
    ['1 --uid=0', false],
  ])('can wait for %s: %s', (id, can) => expect(canBeAwaited(id)).toBe(can));
});
