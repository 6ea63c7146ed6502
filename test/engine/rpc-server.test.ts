import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CancellationTokenSource,
  createMessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import type { Engine } from '../../engine/engine.ts';
import { JobExceptionError, WaitTimeoutError } from '../../engine/eventlog/read-events.ts';
import { silentLogger } from '../../engine/logger.ts';
import * as outputProtocol from '../../engine/protocol/output.ts';
import * as protocol from '../../engine/protocol.ts';
import { RpcServer } from '../../engine/rpc-server.ts';

let folder: string;
let server: RpcServer;
let sockets: Socket[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-rpc-'));
  sockets = [];
  server = new RpcServer({ version: '1.0.0', log: silentLogger, onClients: () => {}, onHandOver: async () => {} });
});
afterEach(() => {
  server.refuseRequests();
  for (const socket of sockets) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const greeting = {
  protocolVersion: protocol.protocolVersion,
  version: '1.0.0',
  client: 'cli',
  answersPrompts: true,
} as const;

async function attach(answers: { readonly input?: () => string | null } = {}) {
  const socket = connect(join(folder, 'sock'));
  sockets.push(socket);
  const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  connection.onRequest(protocol.promptInput, () => answers.input?.() ?? null);
  connection.listen();
  await connection.sendRequest(protocol.initialize, greeting);
  return { connection, socket };
}

const serve = (engine: Partial<Engine>) =>
  server.listen({ personCame() {}, ...engine } as unknown as Engine, join(folder, 'sock'));

describe.skipIf(process.platform === 'win32')('serving clients', () => {
  it('ends what a client asked for that left before it was there', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const stop = vi.fn();
    const openOutput = vi.fn(async () => {
      await opened;
      return { follow: { check() {}, stop }, path: '/o' };
    });
    await serve({ openOutput });
    const { connection, socket } = await attach();
    connection.sendRequest(outputProtocol.openOutput, { job: 'a/1', stream: 'stdout', offset: 0 }).catch(() => {});
    await vi.waitFor(() => expect(openOutput).toHaveBeenCalled());
    socket.destroy();
    await vi.waitFor(() => expect(server.clientCount).toBe(0));
    open();
    await vi.waitFor(() => expect(stop).toHaveBeenCalledTimes(1));
  });

  it('refuses requests while the engine ends', async () => {
    const jobs = vi.fn(() => []);
    await serve({ jobs });
    const { connection } = await attach();
    server.refuseRequests();
    await expect(connection.sendRequest(protocol.listJobs)).rejects.toMatchObject({
      code: protocol.errorCodes.engineEnds,
    });
    expect(jobs).not.toHaveBeenCalled();
  });

  it('asks the next client when one cannot answer', async () => {
    await serve({});
    await attach({ input: () => 'secret' });
    await attach({
      input: () => {
        throw new Error('no terminal');
      },
    });
    const question = 'Password:';
    const prompt = {
      cluster: 'a',
      kind: 'password',
      address: 'me@a',
      question,
      isJumpHost: false,
      isRetry: false,
      secret: true,
    } as const;
    expect(await server.prompts.input(prompt)).toBe('secret');
  });

  it.each([
    [new WaitTimeoutError('a/1', 'start', 5), { code: protocol.errorCodes.waitTimeout, message: /5 s/ }],
    [
      new JobExceptionError('a/1', { seq: 3, timestamp: 1, observed: 1, name: 'exception', context: { type: 'oom' } }),
      { code: protocol.errorCodes.jobException, message: /oom/, data: { seq: 3 } },
    ],
  ])('tells why an event did not come: %s', async (error, { message, ...rest }) => {
    await serve({ waitEvent: () => Promise.reject(error) });
    const { connection } = await attach();
    const wait = connection.sendRequest(protocol.waitEvent, { job: 'a/1', name: 'start' });
    await expect(wait).rejects.toMatchObject({ ...rest, message: expect.stringMatching(message) });
  });

  it.each(['cancels', 'leaves'])('ends a wait when the client %s', async (way) => {
    let end: AbortSignal | undefined;
    const waitEvent: Engine['waitEvent'] = (_params, signal) => {
      end = signal;
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    await serve({ waitEvent });
    const { connection, socket } = await attach();
    const source = new CancellationTokenSource();
    const wait = connection.sendRequest(protocol.waitEvent, { job: 'a/1', name: 'start' }, source.token);
    const settled = wait.catch((error: { code: number }) => error.code);
    await vi.waitFor(() => expect(end).toBeDefined());
    if (way === 'cancels') {
      source.cancel();
      expect(await settled).toBe(-32800);
    } else socket.destroy();
    await vi.waitFor(() => expect(end?.aborted).toBe(true));
  });

  it('closes a client that takes nothing of what it is sent', async () => {
    await serve({});
    const { socket } = await attach();
    socket.pause();
    const message = 'x'.repeat(1000);
    for (let count = 0; count < 15_000 && server.clientCount > 0; count++)
      server.notification({ level: 'info', message });
    expect(server.clientCount).toBe(0);
  });
});
