/** The login host as users reach it, by a configuration of their own and either SSH client; and hosts like it, with other settings. */
import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectSsh } from '../../../engine/clusters/connect-ssh.ts';
import type { Connection } from '../../../engine/clusters/connection.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { scriptedPrompter, site, temporaryFolder, until } from './site.ts';

export interface Login {
  readonly transport: 'ssh2' | 'openssh';
  readonly user?: string;
  readonly port?: number;
  /** Of ssh_config(5). */
  readonly more?: { readonly [option: string]: string };
}

/** What is made for one test, taken back in the other order. */
export class LoginSite {
  readonly #cleanups: (() => unknown)[] = [];

  /** When the test is over. */
  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async cleanUp(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async connect({ transport, user = site.user, port = site.loginPort, more }: Login): Promise<Connection> {
    const folder = await temporaryFolder();
    this.defer(() => folder.remove());
    await chmod(folder.path, 0o700);
    const config = join(folder.path, 'config');
    const options = {
      HostName: '127.0.0.1',
      HostKeyAlias: `[127.0.0.1]:${site.loginPort}`,
      Port: port,
      User: user,
      IdentityFile: site.key('user_ed25519'),
      IdentitiesOnly: 'yes',
      IdentityAgent: 'none',
      UserKnownHostsFile: site.knownHosts,
      GlobalKnownHostsFile: '/dev/null',
      ...more,
    };
    const lines = Object.entries(options).map((pair) => `  ${pair.join(' ')}\n`);
    await writeFile(config, `Host here\n${lines.join('')}`);
    const connection = await connectSsh(
      {
        settings: { name: 'test', host: 'here', transport },
        sshConfigFile: config,
        directory: folder.path,
        environment: process.env,
        log: silentLogger,
      },
      scriptedPrompter(),
      AbortSignal.timeout(60_000),
    );
    this.defer(() => connection.close());
    return connection;
  }

  /** Another sshd with the settings of the login host, but for what `change` makes of them; resolves to its port. */
  async startSshd(change: (configuration: string) => string): Promise<number> {
    const port = site.loginPort + 40;
    const folder = await temporaryFolder();
    const before = await readFile(join(site.dir, 'ssh', 'login.conf'), 'utf8');
    const file = join(folder.path, 'sshd.conf');
    await writeFile(file, change(before.replace(/^ListenAddress .*/m, `ListenAddress 127.0.0.1:${port}`)));
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file]);
    let said = '';
    sshd.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => sshd.once('close', resolve));
    this.defer(() => folder.remove());
    this.defer(() => {
      sshd.kill();
      return ended;
    });
    await until('sshd listens', () => said.includes(`port ${port}`), 10_000);
    return port;
  }
}
