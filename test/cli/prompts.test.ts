import { describe, expect, it } from 'vitest';
import { promptAnswerer } from '../../cli/prompts.ts';
import { fakeIo } from '../support/fake-io.ts';

const password = {
  cluster: 'a',
  kind: 'password',
  address: 'me@a:22',
  question: 'Password:',
  message: 'Password:',
  secret: true,
} as const;
const batch = { ...fakeIo(), environment: { VIGIL_PASSWORD: 'secret' } };

describe('a password in the environment', () => {
  it('is for the cluster of the command, and is tried once', async () => {
    const prompts = promptAnswerer(batch, 'a');
    expect(prompts.canAnswer).toBe(true);
    expect(await prompts.input(password)).toBe('secret');
    await expect(prompts.input(password)).rejects.toThrow('no terminal');
  });

  it.each([['b'], [undefined]])('is not told to another cluster (of the command: %s)', async (cluster) => {
    await expect(promptAnswerer(batch, cluster).input(password)).rejects.toThrow('no terminal');
  });

  it('is no one-time code and no passphrase', async () => {
    const prompts = promptAnswerer(batch, 'a');
    const code = { ...password, kind: 'keyboard-interactive', question: 'Verification code:' } as const;
    await expect(prompts.input(code)).rejects.toThrow('no terminal');
    await expect(prompts.input({ ...password, kind: 'passphrase' })).rejects.toThrow('no terminal');
  });
});

it('does not offer to answer with nothing to answer with', () => {
  expect(promptAnswerer(batch, undefined).canAnswer).toBe(false);
  expect(promptAnswerer(fakeIo(), 'a').canAnswer).toBe(false);
  expect(promptAnswerer({ ...fakeIo(), isInteractive: true }, undefined).canAnswer).toBe(true);
});

it('asks on the terminal when there is one', async () => {
  const asked: string[] = [];
  const ask = async (question: string) => void asked.push(question);
  const prompts = promptAnswerer({ ...fakeIo(), isInteractive: true, ask }, undefined);
  expect(await prompts.input(password)).toBe(null);
  expect(asked).toEqual(['a: Password: ']);
});
