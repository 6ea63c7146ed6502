/** A TCP proxy to put in front of an sshd: drops and freezes what goes through it. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** How many connections were made through it. */
  readonly connections: number;
  /** How many of them are open. */
  readonly open: number;
  /** Resets every connection, on both sides. */
  drop(): void;
  /** From now on no bytes pass and nothing is reset: a dead link. */
  freeze(): void;
  thaw(): void;
  /** Where new connections lead from now on, as a name that is resolved anew. */
  retarget(port: number, host: string): void;
  /** Refuses new connections while `isRefusing`; the old ones go on. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number, targetHost = '127.0.0.1'): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let target = { port: targetPort, host: targetHost };
  let [isFrozen, isRefusing, connections] = [false, false, 0];
  const server = createServer((near) => {
    if (isRefusing) return void near.resetAndDestroy();
    connections += 1;
    const far = connect(target.port, target.host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => to.write(data));
      from.on('error', () => {}); // the reset that `drop` makes
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isFrozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server without a port.');
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size / 2;
    },
    drop: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    retarget: (toPort, toHost) => {
      target = { port: toPort, host: toHost };
    },
    refuse: (value) => {
      isRefusing = value;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
