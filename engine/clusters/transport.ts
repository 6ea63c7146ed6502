/** Chooses how to connect: by Vigil's own SSH client, or by the user's ssh program where the configuration asks for more than that. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Environment } from '../environment.ts';
import type { ClusterSettings } from '../protocol.ts';
import { ConnectionError } from './connection.ts';
import { hostNames, isVouchedForOnly, parseKnownHosts } from './known-hosts.ts';
import { isMasterOpen } from './openssh-sessions.ts';
import { addressOf, type SshTarget } from './ssh-target.ts';

export type Transport =
  | { readonly kind: 'ssh2' }
  /** `reason`: why, for people. `userControlPath`: a master of the user's that is open. */
  | { readonly kind: 'openssh'; readonly reason: string; readonly userControlPath?: string };

/** What the choice looks at beside the configuration; replaced in tests. */
export interface TransportChecks {
  isMasterOpen(controlPath: string): Promise<boolean>;
  /** Exit status 0. */
  succeeds(program: string, args: readonly string[]): Promise<boolean>;
  /** What `ssh-add -L` lists of the agent at `socket`. */
  agentKeys(socket: string): Promise<string>;
  /** `undefined`: it cannot be read. */
  readText(file: string): Promise<string | undefined>;
}

const checkTimeoutMs = 5_000;

export function transportChecks(environment: Environment): TransportChecks {
  const run = (program: string, args: readonly string[], more: Environment = {}) =>
    new Promise<string | undefined>((settle) => {
      const options = { env: { ...environment, ...more }, timeout: checkTimeoutMs, windowsHide: true };
      execFile(program, args, options, (error, stdout) => settle(error ? undefined : stdout));
    });
  return {
    isMasterOpen: (controlPath) => isMasterOpen(controlPath, environment),
    succeeds: async (program, args) => (await run(program, args)) !== undefined,
    agentKeys: async (socket) => (await run('ssh-add', ['-L'], { SSH_AUTH_SOCK: socket })) ?? '',
    readText: (file) => readFile(file, 'utf8').catch(() => undefined),
  };
}

/** Rejects with ConnectionError('configuration') where what is wished for cannot be had. */
export async function chooseTransport(
  wish: ClusterSettings['transport'],
  target: SshTarget,
  checks: TransportChecks,
  platform: NodeJS.Platform = process.platform,
): Promise<Transport> {
  if (platform === 'win32') {
    if (wish !== 'openssh') return { kind: 'ssh2' };
    const words = `${target.cluster} cannot be connected to by the ssh program: on Windows it cannot share a connection (ControlMaster). Set "transport" to "auto" in the setting vigil.clusters, or run Vigil in WSL.`;
    throw new ConnectionError('configuration', target.cluster, words);
  }
  if (wish === 'ssh2') return { kind: 'ssh2' };
  const { controlPath, isControlPersistent } = target.beyond ?? {};
  // A master in a terminal would keep that terminal until we leave: only a person can want that.
  const mayUse = controlPath !== undefined && (isControlPersistent || wish === 'openssh');
  if (mayUse && (await checks.isMasterOpen(controlPath))) {
    return {
      kind: 'openssh',
      reason: `ControlPath ${controlPath} has an open connection`,
      userControlPath: controlPath,
    };
  }
  if (wish === 'openssh') return { kind: 'openssh', reason: 'the setting vigil.clusters says so' };
  for (let hop: SshTarget | undefined = target; hop; hop = hop.jump) {
    const reason = await reasonFor(hop, checks);
    if (reason !== undefined) return { kind: 'openssh', reason };
  }
  return { kind: 'ssh2' };
}

/** Why ssh2 would not do for this hop. */
async function reasonFor(hop: SshTarget, checks: TransportChecks): Promise<string | undefined> {
  const { pkcs11Provider, certificateFiles = [], isHostbased, usesGssapi } = hop.beyond ?? {};
  if (pkcs11Provider !== undefined) return `a smart card (PKCS11Provider ${pkcs11Provider})`;
  if (isHostbased) return 'HostbasedAuthentication';
  if (hop.methods.includes('publickey')) {
    const files = [...certificateFiles, ...hop.identityFiles.map((file) => `${file}-cert.pub`)];
    for (const file of files) {
      if ((await checks.readText(file)) !== undefined) return `the certificate ${file}`;
    }
    for (const file of hop.identityFiles) {
      if (/^sk-/.test((await checks.readText(`${file}.pub`)) ?? '')) return `the security key ${file}`;
    }
    // With IdentitiesOnly the agent's other keys are not for this host.
    if (hop.agentSocket !== undefined && !hop.identitiesOnly) {
      const special = /^(sk-\S+|\S+-cert-v01@openssh\.com) /m.exec(await checks.agentKeys(hop.agentSocket))?.[1];
      if (special) return `a key of the agent (${special})`;
    }
  }
  // It is on in many systems' configuration: only with a ticket does it mean anything.
  if (usesGssapi && (await checks.succeeds('klist', ['-s']))) return 'GSSAPIAuthentication, with a Kerberos ticket';
  return (await isKnownByCertificate(hop, checks)) ? `the host certificate of ${addressOf(hop)}` : undefined;
}

/** A @cert-authority of known_hosts vouches for the host, and no key of its own is known. */
async function isKnownByCertificate(hop: SshTarget, checks: TransportChecks): Promise<boolean> {
  const files = [...hop.userKnownHostsFiles, ...hop.globalKnownHostsFiles];
  const known = await Promise.all(
    files.map(async (file) => parseKnownHosts((await checks.readText(file)) ?? '', file)),
  );
  return isVouchedForOnly(known.flat(), hostNames(hop.host, hop.port, hop.hostKeyAlias));
}
