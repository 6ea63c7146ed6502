/** ssh2's SFTP client (version 3 of the protocol) on a stream, whichever SSH client carries it. */
import type { Duplex } from 'node:stream';
import { SFTP } from 'ssh2/lib/protocol/SFTP.js';

/** The packet INIT of version 3. */
export const sftpHello: Uint8Array = Uint8Array.of(0, 0, 0, 5, 1, 0, 0, 0, 3);

/** What start-up files print before the server's first packet, at most. */
const mostNoiseBytes = 64 * 1024;

/**
 * A client on a stream over which `sftpHello` was sent. Rejects when what comes is not SFTP. The stream's end is the client's
 * `end`, and fails what is under way.
 */
export function sftpOver(stream: Duplex): Promise<SFTP> {
  // The part of ssh2's connection that the client uses: a channel without a window, since the stream has its own.
  const protocol = {
    channelData: (_channel: number, data: Uint8Array) => void stream.write(data),
    channelClose: () => void stream.end(),
  };
  const side = () => ({ id: 0, window: Number.POSITIVE_INFINITY, packetSize: Number.POSITIVE_INFINITY, state: 'open' });
  const sftp = new SFTP({ _protocol: protocol }, { type: 'sftp', incoming: side(), outgoing: side() }, {});
  return new Promise((succeed, fail) => {
    let said: Buffer = Buffer.alloc(0);
    let hasBegun = false;
    stream.on('data', (chunk: Buffer) => {
      if (hasBegun) return sftp.push(chunk);
      said = Buffer.concat([said, chunk]);
      const begin = beginOfSftp(said);
      if (begin !== undefined) {
        hasBegun = true;
        sftp.push(said.subarray(begin));
      } else if (said.length > mostNoiseBytes) {
        stream.end();
        fail(notSftp(said));
      }
    });
    const onEnd = () => {
      sftp.push(null);
      fail(notSftp(said));
    };
    stream.once('end', onEnd);
    stream.once('close', onEnd);
    sftp.once('ready', () => succeed(sftp));
    // What breaks the protocol later ends the client, which fails what is under way.
    sftp.on('error', fail);
  });
}

/** Where the packet VERSION begins: behind what a start-up file of the shell printed. `undefined`: it is not there yet. */
export function beginOfSftp(received: Uint8Array): number | undefined {
  for (let at = 0; at + 9 <= received.length; at++) {
    const [b0, b1, , , type, v0, v1, v2, v3] = received.subarray(at, at + 9);
    const isVersion = type === 2 && v0 === 0 && v1 === 0 && v2 === 0 && v3 === 3;
    if (b0 === 0 && b1 === 0 && isVersion) return at;
  }
  return undefined;
}

function notSftp(said: Buffer): Error {
  const words = said.toString().trim().slice(0, 300);
  return new Error(words === '' ? 'its SFTP server ended at once' : `its SFTP server says “${words}”`);
}
