import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
beforeEach(() => {
  engine = new EngineProcess({});
});
afterEach(() => engine.dispose());

const announced = () => join(engine.folder, 'state', 'engine.json');

describe.skipIf(process.platform === 'win32')('finding the engine', () => {
  it('works from an environment whose folder for sockets is another one', async () => {
    await engine.connect();
    const other = await engine.vigil(['jobs'], { VIGIL_RUNTIME_DIR: join(engine.folder, 'other') });
    expect(other).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(readFileSync(announced(), 'utf8'))).toMatchObject({ pid: engine.client.info.pid });
  });

  it('finds it again after one that was killed', async () => {
    await engine.connect();
    await engine.kill();
    expect(await engine.vigil(['jobs'], { VIGIL_RUNTIME_DIR: join(engine.folder, 'other') })).toMatchObject({
      status: 0,
    });
    await engine.connect();
  });

  it('says on which host it runs', async () => {
    await engine.connect();
    const real = readFileSync(announced(), 'utf8');
    writeFileSync(announced(), JSON.stringify({ host: 'login2', pid: 4711, socket: '/tmp/x' }));
    const refused = await engine.vigil(['jobs'], { VIGIL_RUNTIME_DIR: join(engine.folder, 'other') });
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('runs on login2 (pid 4711)') });
    writeFileSync(announced(), real);
  });

  it('does not speak to a socket in a folder that others can write to', async () => {
    const open = join(engine.folder, 'open');
    mkdirSync(open);
    const greeted: Buffer[] = [];
    const stranger = createServer((socket) => socket.on('data', (data) => greeted.push(data)));
    await new Promise<void>((resolve) => stranger.listen(join(open, 'engine.sock'), resolve));
    // Not closed in the end: that would remove the engine's own socket, which takes its place.
    stranger.unref();
    chmodSync(open, 0o777);
    expect(await engine.vigil(['jobs'], { VIGIL_RUNTIME_DIR: open })).toMatchObject({ status: 0 });
    expect(greeted).toEqual([]);
  });
});

it.skipIf(process.platform === 'win32')('takes up jobs of a cluster that it gets to know only later', async () => {
  const known = { clusters: [{ name: 'mine', scheduler: 'local' }] } as const;
  engine.configure(known);
  await engine.connect();
  const job = await engine.submit({ cluster: 'mine', script: '#!/bin/sh\nsleep 2\n', workdir: engine.folder });
  engine.configure({ clusters: [] });
  await engine.connect();
  await engine.kill();
  await engine.connect();
  engine.configure(known);
  await engine.connect();
  await engine.until(job.key, 'clean');
});
