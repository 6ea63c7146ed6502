/** The keys to log in with, from the agent and from files, each as an ssh2 agent of one key that is unlocked only when the server wants it. */
import { readFile } from 'node:fs/promises';
import ssh2, { type BaseAgent as Agent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import type { Logger } from '../logger.ts';
import { messageOf } from './showable.ts';
import type { SshTarget } from './ssh-target.ts';

/** Asks for the passphrase of the key in `file`; `attempt` from 1. `undefined`: declined. */
export type AskPassphrase = (file: string, attempt: number) => Promise<string | undefined>;

export interface KeyCandidate {
  /** For people: the file, or the agent's comment. */
  readonly label: string;
  /** The agent to log in with; `undefined`: the key cannot be used after all, which was logged. */
  load(): Promise<SingleKeyAgent | undefined>;
}

// ssh2 is CommonJS: Node, without a bundler, finds `utils` only on its default export.
const { BaseAgent, createAgent, utils } = ssh2;

type Sign = (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>;

/** Runs what may take a person's time: confirming a signature, touching a key. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>;

const passphraseAttempts = 3;
const agentListTimeoutMs = 10_000;
const agentSignTimeoutMs = 120_000;

/**
 * ssh2 asks an agent to sign only after the server said that it would take the key. So a passphrase is asked for at the
 * same moment as by OpenSSH, and `wasAccepted` tells what ssh2 hides of agents: that the server took the key, which
 * alone may not be enough for it.
 */
export class SingleKeyAgent extends BaseAgent<ParsedKey> {
  readonly #publicKey: ParsedKey;
  readonly #sign: Sign;
  #wasAccepted = false;

  constructor(publicKey: ParsedKey, sign: Sign) {
    super();
    this.#publicKey = publicKey;
    this.#sign = sign;
  }

  get wasAccepted(): boolean {
    return this.#wasAccepted;
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.#publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [signingOptions, done] = typeof options === 'function' ? [{}, options] : [options, callback];
    this.#sign(data, signingOptions).then(
      (signature) => {
        this.#wasAccepted = true;
        done?.(undefined, signature);
      },
      (error: Error) => done?.(error),
    );
  }
}

/**
 * In the order of ssh(1): the agent's keys that are also configured, its other keys (unless IdentitiesOnly), then the
 * configured keys that the agent does not have.
 */
export async function keyCandidates(
  target: SshTarget,
  askPassphrase: AskPassphrase,
  patience: Patience,
  log: Logger,
): Promise<readonly KeyCandidate[]> {
  const files = (await Promise.all(target.identityFiles.map((file) => readKeyFile(file, log)))).filter(
    (file) => file !== undefined,
  );
  const agent = await agentKeys(target.agentSocket, patience, log);
  const inAgent = (file: KeyFile) =>
    agent.keys.find((key) => file.publicKey && key.getPublicSSH().equals(file.publicKey.getPublicSSH()));
  const configured = files.flatMap((file) => inAgent(file) ?? []);
  const others = target.identitiesOnly ? [] : agent.keys.filter((key) => !configured.includes(key));
  return [
    ...[...configured, ...others].map((key) => agent.candidate(key)),
    ...files
      .filter((file) => !inAgent(file))
      .flatMap((file) => (hasPrivateKey(file) ? fileCandidate(file, askPassphrase, log) : [])),
  ];
}

function hasPrivateKey(file: KeyFile): file is KeyFile & { readonly privateText: string } {
  return file.privateText !== undefined;
}

interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  candidate(key: ParsedKey): KeyCandidate;
}

/** No agent, or none that answers, is no error: other keys and methods are left. */
async function agentKeys(socket: string | undefined, patience: Patience, log: Logger): Promise<AgentKeys> {
  const none = { keys: [], candidate: () => ({ label: '', load: async () => undefined }) };
  if (socket === undefined) return none;
  const agent = createAgent(socket);
  const answered = await listKeys(agent);
  if (answered instanceof Error) {
    log.info(`the SSH agent at ${socket} is not used: ${answered.message}`);
    return none;
  }
  return {
    keys: answered.flatMap((key) => parseKey(key) ?? []),
    candidate: (key) => ({
      label: `agent key ${key.comment || key.type}`,
      load: async () => new SingleKeyAgent(key, (data, options) => patience(() => signWith(agent, key, data, options))),
    }),
  };
}

function listKeys(agent: Agent): Promise<readonly (ParsedKey | Buffer | string)[] | Error> {
  return new Promise((settle) => {
    const timer = setTimeout(
      () => settle(new Error(`no answer within ${agentListTimeoutMs / 1000} s`)),
      agentListTimeoutMs,
    );
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      // @types/ssh2 leaves entries with a comment in the type; agents over a socket give parsed keys.
      settle(error ?? (keys as (ParsedKey | Buffer | string)[] | undefined) ?? []);
    });
  });
}

function signWith(agent: Agent, key: ParsedKey, data: Buffer, options: SigningRequestOptions): Promise<Buffer> {
  return new Promise((succeed, fail) => {
    const timer = setTimeout(
      () => fail(new Error(`the agent did not sign within ${agentSignTimeoutMs / 1000} s`)),
      agentSignTimeoutMs,
    );
    agent.sign(key, data, options, (error, signature) => {
      clearTimeout(timer);
      if (signature) succeed(signature);
      else fail(error ?? new Error('the agent did not sign'));
    });
  });
}

interface KeyFile {
  readonly file: string;
  /** Absent: only the public key is here, to name one of the agent's. */
  readonly privateText?: string;
  /** Absent: encrypted in the old PEM format and without a `.pub` file beside it. */
  readonly publicKey?: ParsedKey;
}

async function readKeyFile(file: string, log: Logger): Promise<KeyFile | undefined> {
  const publicText = await readFile(`${file}.pub`).catch(() => undefined); // usual, but not needed
  let privateText: string;
  try {
    privateText = await readFile(file, 'utf8');
  } catch (error) {
    // ssh_config(5), IdentityFile: the public key is enough to name a key of the agent.
    const publicKey = publicText && parseKey(publicText);
    if (publicKey) return { file, publicKey };
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    log[isMissing ? 'debug' : 'warn'](`the key ${file} is not used: ${messageOf(error)}`);
    return undefined;
  }
  const publicBlob = publicText ?? openSshPublicBlob(privateText);
  const own = parseKey(privateText);
  if (own && !own.isPrivateKey()) return { file, publicKey: own };
  const publicKey = own ?? (publicBlob && parseKey(publicBlob));
  return { file, privateText, ...(publicKey && { publicKey }) };
}

function fileCandidate(
  { file, privateText, publicKey }: KeyFile & { readonly privateText: string },
  askPassphrase: AskPassphrase,
  log: Logger,
): KeyCandidate {
  const unlock = async () => {
    const key = await unlockKey(file, privateText, askPassphrase);
    if (key instanceof Error) log.warn(`the key ${file} is not used: ${key.message}`);
    return key;
  };
  const load = async () => {
    const known = publicKey ?? (await unlock());
    if (known instanceof Error) return undefined;
    return new SingleKeyAgent(known, async (data, { hash }) => {
      const key = known.isPrivateKey() ? known : await unlock();
      if (key instanceof Error) throw key;
      const signature: Buffer | Error = key.sign(data, hash);
      if (signature instanceof Error) throw signature;
      return signature;
    });
  };
  return { label: file, load };
}

async function unlockKey(file: string, privateText: string, askPassphrase: AskPassphrase): Promise<ParsedKey | Error> {
  const plain = utils.parseKey(privateText);
  if (!(plain instanceof Error)) return firstKey(plain);
  if (!/encrypted/i.test(plain.message)) return plain;
  for (let attempt = 1; attempt <= passphraseAttempts; attempt++) {
    const passphrase = await askPassphrase(file, attempt);
    if (passphrase === undefined || passphrase === '') return new Error('no passphrase was given');
    const key = utils.parseKey(privateText, passphrase);
    if (!(key instanceof Error)) return firstKey(key);
  }
  return new Error(`wrong passphrase, ${passphraseAttempts} times`);
}

function parseKey(data: ParsedKey | Buffer | string): ParsedKey | undefined {
  const key = utils.parseKey(data as Buffer | string);
  return key instanceof Error ? undefined : firstKey(key);
}

/** ssh2 answers with a list for files that could hold several keys; none does. */
function firstKey(parsed: ParsedKey | readonly ParsedKey[]): ParsedKey {
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key as ParsedKey;
}

/**
 * The public key, which openssh-key-v1 files (PROTOCOL.key in OpenSSH) carry in clear text even when encrypted, as a
 * public key line.
 */
function openSshPublicBlob(privateText: string): string | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(privateText)?.[1];
  if (!base64) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let offset = magic.length;
  const readString = () => {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    const value = bytes.subarray(offset + 4, end);
    offset = end;
    return value;
  };
  try {
    readString(); // cipher
    readString(); // key derivation
    readString(); // and its options
    offset += 4; // number of keys
    const blob = readString();
    return `${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')}`;
  } catch {
    return undefined; // cut off
  }
}
