/** A port of 127.0.0.1 behind which another one seems to be far away: all bytes arrive late, at whatever rate. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** @param roundTripMs there and back */
export async function delayedPort(port: number, roundTripMs: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), roundTripMs / 2));
      from.on('close', () => setTimeout(() => to.destroy(), roundTripMs / 2));
      from.on('error', () => {}); // `close` follows
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
