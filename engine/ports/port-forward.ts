/** A port of 127.0.0.1 whose connections go on somewhere else. */
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, showable } from '../clusters/showable.ts';
import type { Tunnel } from '../clusters/tunnel.ts';
import type { Logger } from '../logger.ts';

export interface PortForwardOptions {
  /** Of this machine. */
  readonly localPort: number;
  /** Where that is taken, or not ours to have, any other will do. */
  readonly orAnyOther: boolean;
  /** Opens the other half of a connection. */
  readonly dial: () => Promise<Tunnel>;
  readonly log: Logger;
}

/** Only this machine: nobody else's browser needs it. */
const address = '127.0.0.1';
/** With the ssh program each is a process; browsers open some six to a page. */
const mostConnections = 64;

/** Rejects when it cannot listen. */
export async function openPortForward(options: PortForwardOptions): Promise<PortForward> {
  const forward = new PortForward(options);
  try {
    await forward.listen(options.localPort);
  } catch (error) {
    if (!options.orAnyOther) throw new Error(notFree(options.localPort, error), { cause: error });
    await forward.listen(0);
  }
  return forward;
}

function notFree(port: number, error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code');
  if (code === 'EADDRINUSE') return `Port ${port} of this machine is taken by another program: choose another one.`;
  if (code === 'EACCES')
    return `Port ${port} of this machine may only be used by its administrators: choose one from 1024.`;
  return `Port ${port} of this machine cannot be used: ${messageOf(error)}.`;
}

export class PortForward {
  readonly #options: PortForwardOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: PortForwardOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => void this.#accept(socket));
    this.#server.maxConnections = mostConnections;
  }

  listen(port: number): Promise<void> {
    return new Promise((listening, failed) => {
      this.#server.once('error', failed);
      this.#server.listen({ host: address, port }, () => {
        this.#server.off('error', failed);
        // A connection that cannot be accepted (no file descriptor is left) leaves the others as they are.
        this.#server.on('error', (error) => this.#options.log.warn(`a forwarded port: ${error.message}`));
        listening();
      });
    });
  }

  get localPort(): number {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('It does not listen.');
    return bound.port;
  }

  /** Ends its connections, too. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #accept(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // What fails is told by `close`.
    socket.on('error', () => {});
    try {
      join(socket, await this.#options.dial());
    } catch (error) {
      this.#options.log.warn(`a connection to a forwarded port: ${showable(messageOf(error))}`);
      // A browser says that the connection was reset, and not that the answer was empty.
      socket.resetAndDestroy();
    }
  }
}

/** Bytes both ways; each way ends by itself, and all of it with either side. */
function join(socket: Socket, tunnel: Tunnel): void {
  const leave = () => {
    tunnel.close();
    // What is still under way has nobody to read it.
    tunnel.resume();
  };
  tunnel.on('error', () => socket.destroy());
  if (socket.destroyed) {
    leave();
    return;
  }
  socket.once('close', leave);
  tunnel.once('close', () => socket.destroySoon());
  socket.pipe(tunnel);
  tunnel.pipe(socket);
  socket.resume();
}
