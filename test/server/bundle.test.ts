/** The built server as a process of its own, as other editors start it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { LanguageClient } from './harness.ts';

const server = join(import.meta.dirname, '..', '..', 'dist', 'server.js');

function startServer() {
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const client = new LanguageClient(
    createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)),
  );
  return { client, exited };
}

describe.skipIf(!existsSync(server))('dist/server.js --stdio', () => {
  it('starts, answers, and ends with status 0', async () => {
    const { client, exited } = startServer();
    await client.initialize();
    expect(client.initializeResult?.serverInfo).toEqual({ name: 'Vigil' });
    const diagnostics = await client.open('#!/bin/bash\n#WATCHER pattern="(" action=log_event()\n');
    expect(diagnostics.map(({ code }) => code)).toEqual(['pattern/syntax']);
    await client.shutdownAndExit();
    expect(await exited).toBe(0);
  });

  it('speaks the language that its client says', async () => {
    const { client, exited } = startServer();
    const translations = { 'This block is empty.': 'Dieser Block ist leer.' };
    await client.initialize(undefined, undefined, { translations });
    const diagnostics = await client.open('#!/bin/bash\n#WATCHER_BEGIN\n#WATCHER_END\n');
    expect(diagnostics.map(({ message }) => message)).toEqual(['Dieser Block ist leer.']);
    await client.shutdownAndExit();
    expect(await exited).toBe(0);
  });
});
