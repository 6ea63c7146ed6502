import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { PasswordMemory } from '../../../engine/clusters/password-memory.ts';
import type { Prompter } from '../../../engine/clusters/prompter.ts';
import type { InputPrompt } from '../../../engine/protocol.ts';

const password: InputPrompt = { cluster: 'c', kind: 'keyboard-interactive', message: 'Password: ', secret: true };
const code: InputPrompt = {
  cluster: 'c',
  kind: 'keyboard-interactive',
  message: "One-time password (OATH) for `me': ",
  secret: true,
};
const passphrase: InputPrompt = { cluster: 'c', kind: 'passphrase', message: 'Passphrase of key a', secret: true };

/** A person who answers in order, and is seen being asked. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const prompter: Prompter = {
    input: async (prompt) => {
      asked.push(prompt.message);
      return answers.shift();
    },
    confirmHostKey: async () => false,
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
    expect(asked).toEqual([password.message, code.message, code.message]);
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
});
