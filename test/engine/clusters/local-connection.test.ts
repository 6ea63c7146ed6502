/** Commands on this machine. */
import { homedir } from 'node:os';
import { afterEach, describe } from 'vitest';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { testConnection } from '../../support/connection-suite.ts';

const opened: Connection[] = [];

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
});

describe('the local connection', { timeout: 90_000 }, () => {
  testConnection(
    async () => {
      const connection = openLocalConnection('local');
      opened.push(connection);
      return connection;
    },
    () => homedir(),
  );
});
