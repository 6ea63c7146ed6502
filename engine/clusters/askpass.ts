/** Brings what the ssh program asks to the engine: a small program that ssh runs as SSH_ASKPASS, and the socket it speaks to. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { quoteWord } from './quoting.ts';

export interface AskpassRequest {
  /** What ssh(1) asks, as it would in a terminal. */
  readonly prompt: string;
  /** SSH_ASKPASS_PROMPT in ssh(1): `confirm` asks for yes or no, `none` only tells something; else empty. */
  readonly hint: string;
}

/** `undefined`: declined. `signal`: ssh does not wait for it any more. */
export type AnswerAskpass = (request: AskpassRequest, signal: AbortSignal) => Promise<string | undefined>;

export interface AskpassOptions {
  /** A folder that only this user can enter. */
  readonly directory: string;
  /** Part of the file names, of this attempt alone. */
  readonly id: string;
  /** Node, or an Electron that stands in for it. */
  readonly nodeProgram: string;
  readonly answer: AnswerAskpass;
}

export interface Askpass {
  /** Variables for ssh. */
  readonly environment: { readonly [name: string]: string };
  close(): Promise<void>;
}

/** What attempts of an engine that was killed have left in `directory`. */
export async function removeLeftOvers(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^[0-9a-f]{12}\.(ask|sock|ctl)$/.test(name));
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}

const longestRequest = 64 * 1024;

/** Runs as SSH_ASKPASS. Secrets come over the socket and leave by stdout, which is ssh's: they are in no argument. */
const program = String.raw`
const socket = require('node:net').connect(process.env.VIGIL_ASKPASS_SOCKET);
let reply = '';
socket.setEncoding('utf8').on('data', (text) => { reply += text; }).on('error', () => process.exit(1));
socket.on('end', () => {
  if (reply === '') process.exit(1);
  process.stdout.write(JSON.parse(reply).answer + '\n', () => process.exit(0));
});
socket.write(JSON.stringify({ prompt: process.argv[1] || '', hint: process.env.SSH_ASKPASS_PROMPT || '' }) + '\n');
`;

export async function startAskpass({ directory, id, nodeProgram, answer }: AskpassOptions): Promise<Askpass> {
  const script = join(directory, `${id}.ask`);
  const socket = join(directory, `${id}.sock`);
  const words = [nodeProgram, '-e', program, '--'].map(quoteWord).join(' ');
  await writeFile(script, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${words} "$1"\n`, { mode: 0o700 });
  const sockets = new Set<Socket>();
  const server: Server = createServer((one) => {
    sockets.add(one);
    one.on('close', () => sockets.delete(one));
    serve(one, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    environment: {
      SSH_ASKPASS: script,
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 a display, and no terminal, were what made ssh use the program.
      DISPLAY: process.env.DISPLAY ?? ':0',
      VIGIL_ASKPASS_SOCKET: socket,
    },
    close: async () => {
      for (const one of sockets) one.destroy();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([rm(script, { force: true }), rm(socket, { force: true })]);
    },
  };
}

function serve(socket: Socket, answer: AnswerAskpass): void {
  const gone = new AbortController();
  let text = '';
  let isAsked = false;
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => gone.abort());
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.length > longestRequest) socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0 || isAsked) return;
    isAsked = true;
    const request = requestOf(text.slice(0, end));
    // Whoever speaks to the socket but is not the program above: that must not end the engine.
    if (!request) return void socket.destroy();
    answer(request, gone.signal).then(
      (reply) => socket.end(reply === undefined ? '' : JSON.stringify({ answer: reply })),
      () => socket.end(),
    );
  });
}

function requestOf(line: string): AskpassRequest | undefined {
  try {
    const told = JSON.parse(line) as Partial<AskpassRequest> | null;
    if (typeof told?.prompt !== 'string' || typeof told.hint !== 'string') return undefined;
    return { prompt: told.prompt, hint: told.hint };
  } catch {
    return undefined;
  }
}
