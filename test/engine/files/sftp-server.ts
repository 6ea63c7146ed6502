/** A real SFTP server (OpenSSH's) as a process of this machine, behind the interface of a connection. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { openProcessChannel } from '../../../engine/clusters/process-channel.ts';
import { openSftpSession, type SftpPatience, type SftpSession } from '../../../engine/files/sftp-session.ts';

export const sftpServerProgram = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
].find(existsSync);
export const hasSftpServer = sftpServerProgram !== undefined;

/** `line`: for a shell; default: the server. */
export function sftpConnection(line = `exec ${sftpServerProgram}`): Connection {
  return {
    ...openLocalConnection('test'),
    subsystem: (_name, hello) => {
      const child = spawn('sh', ['-c', line]);
      return openProcessChannel(child, async () => true, hello);
    },
  };
}

export function sftpSession(line?: string, patience?: SftpPatience): Promise<SftpSession> {
  return openSftpSession(sftpConnection(line), 'test', patience);
}
