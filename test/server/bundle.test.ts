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

describe.skipIf(!existsSync(server))('dist/server.js --stdio', () => {
  it('starts, answers, and ends with status 0', async () => {
    const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const client = new LanguageClient(
      createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)),
    );
    await client.initialize();
    expect(client.initializeResult?.serverInfo).toEqual({ name: 'Vigil' });
    const diagnostics = await client.open('#!/bin/bash\n#WATCHER pattern="(" action=log_event()\n');
    expect(diagnostics.map(({ code }) => code)).toEqual(['pattern/syntax']);
    await client.shutdownAndExit();
    expect(await exited).toBe(0);
  });
});
