import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { PasswordMemory } from '../../../engine/clusters/password-memory.ts';
import type { Prompter } from '../../../engine/clusters/prompter.ts';
import type { InputPrompt } from '../../../engine/protocol.ts';

const prompt = (kind: InputPrompt['kind'], question: string, address = 'me@c:22'): InputPrompt => ({
  cluster: 'c',
  kind,
  address,
  question,
  isJumpHost: false,
  isRetry: false,
  secret: true,
});
const password = prompt('keyboard-interactive', 'Password: ');
const code = prompt('keyboard-interactive', "One-time password (OATH) for `me': ");
const passphrase = prompt('passphrase', 'Passphrase of key a');

/** A person who answers in order, and is seen being asked. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const prompter: Prompter = {
    input: async (prompt) => {
      asked.push(prompt.question);
      return answers.shift();
    },
    confirmHostKey: async () => false,
    tell: () => {},
  };
  return { prompter, asked };
}

const login =
  (...prompts: InputPrompt[]) =>
  async (prompter: Prompter) => {
    const answers: (string | undefined)[] = [];
    for (const prompt of prompts) answers.push(await prompter.input(prompt));
    return answers;
  };

const refused = () => Promise.reject(new ConnectionError('authentication', 'c', 'refused'));

describe("passwords in the engine's memory", () => {
  it('answers the same question again after a drop, and asks for codes each time', async () => {
    const memory = new PasswordMemory();
    const { prompter, asked } = person('secret', '111111', '222222');
    expect(await memory.during('c', prompter, login(password, code))).toEqual(['secret', '111111']);
    expect(await memory.during('c', prompter, login(password, code))).toEqual(['secret', '222222']);
    expect(asked).toEqual([password.question, code.question, code.question]);
  });

  it('keeps passphrases and passwords apart, and clusters', async () => {
    const memory = new PasswordMemory();
    const { prompter, asked } = person('phrase', 'word', 'other');
    await memory.during('c', prompter, login(passphrase, password));
    expect(await memory.during('c', prompter, login(password, passphrase))).toEqual(['word', 'phrase']);
    await memory.during('d', prompter, login(password));
    expect(asked).toHaveLength(3);
  });

  it('asks again when the same question comes twice in one attempt: the kept answer was wrong', async () => {
    const memory = new PasswordMemory();
    const { prompter } = person('old', 'new');
    await memory.during('c', prompter, login(password));
    expect(await memory.during('c', prompter, login(password, password))).toEqual(['old', 'new']);
    expect(await memory.during('c', prompter, login(password))).toEqual(['new']);
  });

  it('keeps nothing that did not work, and forgets what the server refuses', async () => {
    const memory = new PasswordMemory();
    const { prompter, asked } = person('wrong', 'right', 'later');
    await expect(memory.during('c', prompter, async (one) => login(password)(one).then(refused))).rejects.toThrow(
      'refused',
    );
    await memory.during('c', prompter, login(password));
    await expect(memory.during('c', prompter, refused)).rejects.toThrow('refused');
    await memory.during('c', prompter, login(password));
    expect(asked).toHaveLength(3);
  });

  it('keeps what worked when it was only the network that failed', async () => {
    const memory = new PasswordMemory();
    const { prompter, asked } = person('secret');
    await memory.during('c', prompter, login(password));
    const unreachable = () => Promise.reject(new ConnectionError('unreachable', 'c', 'down'));
    await expect(memory.during('c', prompter, unreachable)).rejects.toThrow('down');
    expect(await memory.during('c', prompter, login(password))).toEqual(['secret']);
    expect(asked).toHaveLength(1);
    memory.forget('c');
    expect(await memory.during('c', prompter, login(password))).toEqual([undefined]);
  });

  it('gives nothing to a jump host that was for what is behind it', async () => {
    const memory = new PasswordMemory();
    const { prompter, asked } = person('of the jump host', 'of the cluster', 'not kept');
    const jump = prompt('keyboard-interactive', 'Password: ', 'me@jump:22');
    await memory.during('c', prompter, login(jump, password));
    expect(await memory.during('c', prompter, login(jump, password))).toEqual(['of the jump host', 'of the cluster']);
    expect(await memory.during('c', prompter, login(jump, jump))).toEqual(['of the jump host', 'not kept']);
    expect(asked).toHaveLength(3);
  });

  it('does not repeat a typing error', async () => {
    const memory = new PasswordMemory();
    const { prompter } = person('typo', 'right');
    const again = { ...password, isRetry: true };
    await memory.during('c', prompter, login(password, again));
    expect(await memory.during('c', prompter, login(password))).toEqual(['right']);
  });

  it('does not let a server that hangs up on nobody be asked all night', async () => {
    const memory = new PasswordMemory();
    const nobody: Prompter = { input: () => new Promise(() => {}), confirmHostKey: async () => false, tell: () => {} };
    const hangsUp = async (prompter: Prompter) => {
      void prompter.input(password);
      throw new ConnectionError('closed', 'c', 'the server closed the connection');
    };
    await expect(memory.during('c', nobody, hangsUp)).rejects.toMatchObject({ reason: 'declined' });
  });
});
