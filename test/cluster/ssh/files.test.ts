/** Files of a cluster over real SSH, whatever the login shell: parts of them, and searches where they are. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { openSshConnection } from '../../../engine/clusters/ssh-connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { readPart } from '../../../engine/output/read-part.ts';
import { RemoteReader } from '../../../engine/output/remote-reader.ts';
import { searchFile } from '../../../engine/output/search-file.ts';
import { describeOnCluster, loginTarget, scriptedPrompter, site } from '../support/site.ts';

let folder: string;
beforeEach(async () => {
  // The users of the cluster are others than who runs the tests.
  folder = await mkdtemp(join(tmpdir(), 'vigil-files-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const soon = () => AbortSignal.timeout(60_000);

describeOnCluster('files over SSH', () => {
  it.each([site.user, 'vigilcsh', 'vigilfish', 'vigilnoisy'])('for %s', async (user) => {
    const connection = await openSshConnection(loginTarget({ user }), scriptedPrompter(), silentLogger, soon());
    const path = join(folder, `it's "$(touch x)"; \`y\` ! ü.py`);
    await writeFile(path, '# one\nloss = "ü $(touch x)"\n# three\n', { mode: 0o644 });
    const reader = new RemoteReader('test', systemClock, silentLogger);
    reader.attach(connection);
    const part = await readPart(reader, { path, offset: 6, maxBytes: 4 }, soon());
    expect(Buffer.from(part.bytes).toString()).toBe('loss');
    const about = { path, from: { offset: 0, line: 1 }, maxLines: 10, seconds: 2, limitSeconds: 20, ignoreCase: false };
    const text = await searchFile(connection, { ...about, wanted: `"ü $(touch x)"`, isPattern: false }, soon());
    expect(text.found).toEqual([{ offset: 6, line: 2, text: 'loss = "ü $(touch x)"' }]);
    const pattern = await searchFile(connection, { ...about, wanted: `^# (one|three)$`, isPattern: true }, soon());
    expect(pattern.found.map(({ line }) => line)).toEqual([1, 3]);
    const hopeless = { ...about, wanted: '(o+)+!x', isPattern: true, limitSeconds: 1 };
    await writeFile(path, `${'o'.repeat(60)}!\n`);
    await expect(searchFile(connection, hopeless, soon())).rejects.toThrow(/took more than 1 s/);
    reader.dispose();
    await connection.close();
  });
});
