import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startAskpass } from '../../../engine/clusters/askpass.ts';

it.each(['no json', 'null', '{"prompt":1}'])('hangs up on who sends %s, and asks nobody', async (line) => {
  const directory = await mkdtemp(join(tmpdir(), 'askpass-'));
  let asked = 0;
  const answer = async () => {
    asked++;
    return 'secret';
  };
  const askpass = await startAskpass({ directory, id: '0123456789ab', nodeProgram: process.execPath, answer });
  try {
    const socket = connect(join(directory, '0123456789ab.sock'));
    let reply = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      reply += text;
    });
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    socket.write(`${line}\n`);
    await closed;
    expect([asked, reply]).toEqual([0, '']);
  } finally {
    await askpass.close();
    await rm(directory, { recursive: true });
  }
});
