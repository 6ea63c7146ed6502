/** A command of a workflow on a real sshd, whose connection is lost while the command runs. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { openSshConnection } from '../../../engine/clusters/ssh-connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { runKeyedCommand } from '../../../engine/workflows/keyed-command.ts';
import { describeOnCluster, loginTarget, scriptedPrompter, until } from '../support/site.ts';

describeOnCluster('a command with a key, over SSH', () => {
  it('outlives its connection, runs once, and its end is heard on the next one', async () => {
    const opened: Connection[] = [];
    const connect = async () => {
      const { signal } = new AbortController();
      const connection = await openSshConnection(loginTarget(), scriptedPrompter(), silentLogger, signal);
      opened.push(connection);
      return connection;
    };
    const key = randomUUID();
    const count = `keyed-${key}`;
    const looking = await connect();
    try {
      const command = `echo once >> ${count}; sleep 4; echo "$X"`;
      const keyed = { key, cluster: 'test', command, env: { X: 'it is' }, workdir: '~' };
      const ended = runKeyedCommand(connect, keyed, new AbortController().signal);
      await until('it has begun', async () => (await looking.exec(['test', '-e', count])).status === 0);
      await opened[1]?.close();
      expect(await ended).toEqual({ exitCode: 0, stdout: 'it is' });
      expect(opened.length).toBeGreaterThan(2);
      expect((await looking.exec(['cat', count])).stdout).toBe('once\n');
    } finally {
      await looking.exec(['rm', '-f', count]);
      for (const connection of opened) await connection.close();
    }
  });
});
