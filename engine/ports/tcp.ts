/** TCP connections of this machine. */
import { connect } from 'node:net';
import { type Tunnel, TunnelError } from '../clusters/tunnel.ts';

const timeoutMs = 20_000;

/** Rejects with TunnelError. */
export function connectTcp(host: string, port: number): Promise<Tunnel> {
  return new Promise((succeed, fail) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const failed = (error: Error) => {
      clearTimeout(timer);
      fail(new TunnelError(error.message, { cause: error }));
    };
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      // What breaks later is told by `close`.
      socket.on('error', () => {});
      succeed(Object.assign(socket, { close: () => void socket.destroy() }));
    });
  });
}
