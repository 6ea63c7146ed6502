/** An sshd of the tests' own, for the account that runs them, and a cluster that leads to it. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

const program = '/usr/sbin/sshd';
export const hasSshd = existsSync(program);

export interface TestCluster {
  /** With a capital letter, which addresses do not keep. */
  readonly name: string;
  /** Empty, on the cluster. */
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-sshd-'));
  const inside = (name: string) => path.join(folder, name);
  for (const key of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', inside(key)]);
  const port = await freePort();
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${inside('host')}`,
    `AuthorizedKeysFile ${inside('user.pub')}`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(inside('sshd.conf'), `${server.join('\n')}\n`);
  writeFileSync(inside('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(inside('host.pub'), 'utf8')}`);
  const client = [
    'Host TestSite',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${inside('user')}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${inside('known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
  ];
  writeFileSync(inside('config'), `${client.join('\n')}\n`);
  mkdirSync(inside('files'));
  const sshd = spawn(program, ['-D', '-e', '-f', inside('sshd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((listening, failed) => {
    let said = '';
    sshd.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('Server listening')) listening();
    });
    sshd.once('exit', () => failed(new Error(`sshd ended: ${said}`)));
  });
  const settings = vscode.workspace.getConfiguration('vigil');
  await settings.update('sshConfigFile', inside('config'), vscode.ConfigurationTarget.Global);
  return {
    name: 'TestSite',
    folder: inside('files'),
    async stop() {
      await settings.update('sshConfigFile', undefined, vscode.ConfigurationTarget.Global);
      sshd.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address !== 'string' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
