/** A client that leaves while it is being told something: nobody hears it then, and nothing else changes. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listJobs, readStatus } from '../../engine/protocol.ts';
import { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
beforeEach(() => {
  engine = new EngineProcess({});
});
afterEach(() => engine.dispose());

describe('a client that leaves during a submission', () => {
  it.each(['echo so far', 'true'])('leaves the engine and the submission as they are (%s)', async (last) => {
    await engine.connect();
    const { pid } = await engine.client.connection.sendRequest(readStatus);
    const [begun, go] = [join(engine.folder, 'begun'), join(engine.folder, 'go')];
    const setup = `touch '${begun}'; until [ -e '${go}' ]; do sleep 0.05; done; ${last}`;
    const script = `#!/bin/sh\n#LOGIN_SETUP_BEGIN\n${setup}\n#LOGIN_SETUP_END\ntrue\n`;
    const key = randomUUID();
    const asked = engine.submit({ cluster: 'local', script, workdir: engine.folder, key });
    const answered = expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(existsSync(begun)).toBe(true), { timeout: 30_000, interval: 50 });
    engine.disconnect();
    await answered;
    await engine.connect();
    writeFileSync(go, '');
    const job = await vi.waitFor(
      async () => {
        const [only] = await engine.client.connection.sendRequest(listJobs);
        if (!only) throw new Error('not submitted yet');
        return only;
      },
      { timeout: 30_000, interval: 100 },
    );
    await engine.until(job.key, 'clean');
    expect((await engine.client.connection.sendRequest(readStatus)).pid).toBe(pid);
    expect((await engine.submit({ cluster: 'local', script, workdir: engine.folder, key })).key).toBe(job.key);
  });
});
