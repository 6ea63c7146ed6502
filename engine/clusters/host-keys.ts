/** Decides whether a server is the one it claims to be: by known_hosts files, by asking once, never by trusting. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../logger.ts';
import { ConnectionError } from './connection.ts';
import {
  checkHostKey,
  fingerprint,
  formatKnownHost,
  type HostNames,
  hostNames,
  type KnownHost,
  knownKeyTypes,
  parseKnownHosts,
  typeOfKey,
} from './known-hosts.ts';
import type { Prompter } from './prompter.ts';
import { quoteWord } from './quoting.ts';
import { messageOf } from './showable.ts';
import type { SshTarget } from './ssh-target.ts';

export class HostKeyVerifier {
  readonly #target: SshTarget;
  readonly #prompter: Prompter;
  readonly #log: Logger;
  readonly #names: HostNames;
  readonly #knownHosts: readonly KnownHost[];
  #accepted: Buffer | undefined;

  private constructor(target: SshTarget, prompter: Prompter, log: Logger, knownHosts: readonly KnownHost[]) {
    this.#target = target;
    this.#prompter = prompter;
    this.#log = log;
    this.#names = hostNames(target.host, target.port, target.hostKeyAlias);
    this.#knownHosts = knownHosts;
  }

  /** Reads the known_hosts files of `target`. A file that does not exist is empty; one that cannot be read is an error. */
  static async create(target: SshTarget, prompter: Prompter, log: Logger): Promise<HostKeyVerifier> {
    const files = [...target.userKnownHostsFiles, ...target.globalKnownHostsFiles];
    const entries = await Promise.all(files.map((file) => readKnownHosts(file, target)));
    return new HostKeyVerifier(target, prompter, log, entries.flat());
  }

  /** Key types to ask the server for first. */
  get knownKeyTypes(): readonly string[] {
    return knownKeyTypes(this.#knownHosts, this.#names);
  }

  /** `undefined`: the key is good. The server may show it again later, when keys are renewed. */
  async verify(key: Buffer): Promise<ConnectionError | undefined> {
    if (this.#accepted?.equals(key)) return undefined;
    const problem = await this.#check(key);
    if (!problem) this.#accepted = key;
    return problem;
  }

  async #check(key: Buffer): Promise<ConnectionError | undefined> {
    const check = checkHostKey(this.#knownHosts, this.#names, key);
    switch (check.kind) {
      case 'known':
        return undefined;
      case 'revoked':
        return this.#refusal(
          `The host key of ${this.#where} (${describe(key)}) is marked as revoked in ${check.entry.file}, line ${check.entry.line}. Do not connect; ask the administrators of this host.`,
        );
      case 'changed':
        return this.#refusal(this.#changedMessage(key, check.entries));
      case 'unknown':
        for (const { file, line } of check.authorities) {
          this.#log.warn(
            `${file}, line ${line}: host certificates are not supported; this @cert-authority is not used, ${this.#where} is checked by its plain key`,
          );
        }
        return this.#decideUnknown(key);
    }
  }

  async #decideUnknown(key: Buffer): Promise<ConnectionError | undefined> {
    const { cluster, host, port, unknownHostKeys } = this.#target;
    if (unknownHostKeys === 'refuse') {
      return this.#refusal(
        `The host key of ${this.#where} (${describe(key)}) is not known, and StrictHostKeyChecking does not allow to ask. Add it to ${this.#target.userKnownHostsFiles[0] ?? 'a known_hosts file'}.`,
      );
    }
    if (unknownHostKeys === 'ask') {
      const isAccepted = await this.#prompter.confirmHostKey({
        cluster,
        host,
        port,
        keyType: typeOfKey(key),
        fingerprint: fingerprint(key),
      });
      if (!isAccepted) {
        return new ConnectionError(
          'declined',
          cluster,
          `The host key of ${this.#where} (${describe(key)}) was not accepted; nothing was saved. Connect again to be asked again.`,
        );
      }
    }
    await this.#remember(key);
    return undefined;
  }

  /** Failing to save is no reason not to connect: the person has accepted the key. */
  async #remember(key: Buffer): Promise<void> {
    const [file] = this.#target.userKnownHostsFiles;
    if (file === undefined) return;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const text = await readFileOrEmpty(file);
      const separator = text === '' || text.endsWith('\n') ? '' : '\n';
      const line = formatKnownHost(this.#names.name, key, { hashed: this.#target.hashKnownHosts });
      await appendFile(file, `${separator}${line}\n`, { mode: 0o600 });
      this.#log.info(`saved the host key of ${this.#where} (${describe(key)}) in ${file}`);
    } catch (error) {
      this.#log.warn(`cannot save the host key of ${this.#where} in ${file}: ${messageOf(error)}`);
    }
  }

  #changedMessage(key: Buffer, entries: readonly KnownHost[]): string {
    const known = entries.map((entry) => `${entry.file}, line ${entry.line}: ${describe(entry.key)}`).join('; ');
    const removals = [
      ...new Set(entries.map(({ file }) => `ssh-keygen -f ${quoteWord(file)} -R ${quoteWord(this.#names.name)}`)),
    ].join(' and ');
    return (
      `The host key of ${this.#where} has changed: the server shows ${describe(key)}, known is ${known}. ` +
      'Either the server got a new key or somebody is intercepting the connection. Nothing was sent. ' +
      `Ask its administrators for the fingerprint; if the new one is right, remove the old key with ${removals} and connect again.`
    );
  }

  #refusal(message: string): ConnectionError {
    return new ConnectionError('host-key', this.#target.cluster, message);
  }

  get #where(): string {
    return this.#names.name;
  }
}

function describe(key: Buffer): string {
  return `${typeOfKey(key)} ${fingerprint(key)}`;
}

async function readKnownHosts(file: string, { cluster }: SshTarget): Promise<readonly KnownHost[]> {
  try {
    return parseKnownHosts(await readFileOrEmpty(file), file);
  } catch (error) {
    const words = messageOf(error);
    throw new ConnectionError('configuration', cluster, `Cannot check the host keys of ${cluster}: ${words}`, {
      cause: error,
    });
  }
}

async function readFileOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
