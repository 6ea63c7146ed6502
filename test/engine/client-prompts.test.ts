/** One question, many windows: the first answer counts, and nobody is left with a prompt that nobody waits for. */
import { describe, expect, it } from 'vitest';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import { ClientPrompts, type PromptedClient } from '../../engine/client-prompts.ts';
import type { HostKeyPrompt, InputPrompt } from '../../engine/protocol.ts';

const prompt: InputPrompt = {
  cluster: 'a',
  kind: 'password',
  address: 'me@a:22',
  isJumpHost: false,
  question: 'Password:',
  isRetry: false,
  secret: true,
};
const hostKey: HostKeyPrompt = { cluster: 'a', host: 'a', port: 22, keyType: 'ssh-ed25519', fingerprint: 'SHA256:x' };

/** A window with at most one prompt at a time. */
function fakeWindow() {
  let settle: { resolve(answer: unknown): void; reject(error: Error): void } | undefined;
  let leave = () => {};
  const state = { asked: 0, isWithdrawn: false };
  const sendRequest = (_type: unknown, _prompt: unknown, token: CancellationToken) => {
    state.asked++;
    token.onCancellationRequested(() => {
      state.isWithdrawn = true;
    });
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
  };
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const client: PromptedClient = { connection: { sendRequest } as unknown as MessageConnection, gone };
  return {
    client,
    state,
    answer: (text: unknown) => settle?.resolve(text),
    cannot: () => settle?.reject(new Error('no terminal')),
    leave: () => leave(),
  };
}

function setUp(count: number) {
  const windows = Array.from({ length: count }, fakeWindow);
  const attached = windows.map(({ client }) => client);
  return {
    windows,
    attached,
    prompts: new ClientPrompts(
      () => attached,
      () => {},
    ),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a question', () => {
  it('is asked in all windows; an answer in one takes it back in the others', async () => {
    const { windows, prompts } = setUp(3);
    const answer = prompts.input(prompt);
    expect(windows.map(({ state }) => state.asked)).toEqual([1, 1, 1]);
    windows[1]?.answer('secret');
    expect(await answer).toBe('secret');
    await settled();
    expect(windows.map(({ state }) => state.isWithdrawn)).toEqual([true, false, true]);
  });

  it('is declined for all by who declines it', async () => {
    const { windows, prompts } = setUp(2);
    const answer = prompts.input(prompt);
    windows[0]?.answer(null);
    expect(await answer).toBe(undefined);
    expect(windows[1]?.state.isWithdrawn).toBe(true);
  });

  it('goes on without windows that leave or cannot answer, and ends with the last one', async () => {
    const { windows, prompts } = setUp(3);
    const answer = prompts.input(prompt);
    let isSettled = false;
    void answer.then(() => {
      isSettled = true;
    });
    windows[0]?.leave();
    windows[1]?.cannot();
    await settled();
    expect(isSettled).toBe(false);
    windows[2]?.leave();
    expect(await answer).toBe(undefined);
  });

  it('is asked in a window that comes later, as long as it is open', async () => {
    const { windows, attached, prompts } = setUp(1);
    const answer = prompts.input(prompt);
    const late = fakeWindow();
    attached.push(late.client);
    prompts.clientCame(late.client);
    late.answer('from the new one');
    expect(await answer).toBe('from the new one');
    expect(windows[0]?.state.isWithdrawn).toBe(true);
    const later = fakeWindow();
    prompts.clientCame(later.client);
    expect(later.state.asked).toBe(0);
  });

  it('is taken back everywhere when the attempt ends', async () => {
    const { windows, prompts } = setUp(2);
    const attempt = new AbortController();
    const answer = prompts.input(prompt, attempt.signal);
    attempt.abort();
    expect(await answer).toBe(undefined);
    expect(windows.map(({ state }) => state.isWithdrawn)).toEqual([true, true]);
    expect(await prompts.input(prompt, attempt.signal)).toBe(undefined);
    expect(windows[0]?.state.asked).toBe(1);
  });

  it('has no answer where nobody is', async () => {
    expect(await setUp(0).prompts.input(prompt)).toBe(undefined);
    expect(await setUp(0).prompts.confirmHostKey(hostKey)).toBe(false);
  });
});

describe('a host key', () => {
  it('is asked for in one window at a time, the latest first', async () => {
    const { windows, prompts } = setUp(2);
    const answer = prompts.confirmHostKey(hostKey);
    expect(windows.map(({ state }) => state.asked)).toEqual([0, 1]);
    windows[1]?.leave();
    await settled();
    expect(windows[0]?.state.asked).toBe(1);
    windows[0]?.answer(true);
    expect(await answer).toBe(true);
  });

  it('is not accepted by an answer that comes after the attempt', async () => {
    const { windows, prompts } = setUp(1);
    const attempt = new AbortController();
    const answer = prompts.confirmHostKey(hostKey, attempt.signal);
    attempt.abort();
    windows[0]?.answer(true);
    expect(await answer).toBe(false);
  });
});
