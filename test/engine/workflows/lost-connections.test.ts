import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { postgresAddress } from '../../../engine/store/postgres-address.ts';
import { openPostgresRuns } from '../../../engine/workflows/postgres-runs.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres-server.ts';

/** A way to the server on which all that goes over a connection can be lost without a word, as after a lost VPN. */
async function lossyWay(port: number) {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    pairs.push([near, far]);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    /** Connections that there are: those made from now on are well. */
    lose() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
    dispose() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
    },
  };
}

it.skipIf(!hasPostgres)(
  'runs go on by other connections when those that there were are lost without a word',
  async () => {
    const server = await PostgresServer.start();
    const way = await lossyWay(server.port);
    const timeoutMs = 1_000;
    const address = { ...postgresAddress(server.url('lossy'), {}), port: way.port };
    server.query('CREATE SCHEMA lossy');
    const runs = await openPostgresRuns(address, 2, timeoutMs);
    const claim = () => runs.claimWorkflowRun({ workerId: 'w', leaseDurationMs: 1_000 });
    try {
      expect(await Promise.all([claim(), claim()])).toEqual([null, null]);
      way.lose();
      const began = performance.now();
      const [one, two] = await Promise.allSettled([claim(), claim()]);
      expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
      expect(String((one as PromiseRejectedResult).reason)).toContain('did not answer within 1 s');
      expect(performance.now() - began).toBeLessThan(2 * timeoutMs);
      expect(await Promise.all([claim(), claim()])).toEqual([null, null]);
    } finally {
      await runs.stop();
      way.dispose();
      server.dispose();
    }
  },
  60_000,
);
