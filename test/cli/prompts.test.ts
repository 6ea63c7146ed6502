import { describe, expect, it, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { promptAnswerer } from '../../cli/prompts.ts';
import { fakeIo } from '../support/fake-io.ts';

const password = {
  cluster: 'a',
  kind: 'password',
  address: 'me@a:22',
  question: 'Password:',
  isJumpHost: false,
  isRetry: false,
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

  it('is not told to a host on the way; a passphrase is for the key, whoever wants it', async () => {
    const environment = { VIGIL_PASSWORD: 'secret', VIGIL_PASSPHRASE: 'phrase' };
    const prompts = promptAnswerer({ ...fakeIo(), environment }, 'a');
    await expect(prompts.input({ ...password, isJumpHost: true })).rejects.toThrow('no terminal');
    expect(await prompts.input({ ...password, kind: 'passphrase', isJumpHost: true })).toBe('phrase');
    expect(await prompts.input(password)).toBe('secret');
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
  expect(asked).toEqual(['a (me@a:22): Password: ']);
});

it('asks one thing at a time, and leaves out what was answered elsewhere meanwhile', async () => {
  const asked: string[] = [];
  const answers: ((text: string) => void)[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return new Promise<string>((resolve) => answers.push(resolve));
  };
  const prompts = promptAnswerer({ ...fakeIo(), isInteractive: true, ask }, undefined);
  const first = prompts.input(password);
  const elsewhere = new CancellationTokenSource();
  const second = prompts.input({ ...password, cluster: 'b' }, elsewhere.token);
  const third = prompts.input({ ...password, cluster: 'c', instructions: 'Welcome', isRetry: true });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  elsewhere.cancel();
  answers[0]?.('one');
  expect(await first).toBe('one');
  expect(await second).toBe(null);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  answers[1]?.('three');
  expect(await third).toBe('three');
  expect(asked[1]).toBe('c (me@a:22): Permission denied, please try again.\nWelcome\nPassword: ');
});
