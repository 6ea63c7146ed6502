/** known_hosts files as sshd(8), SSH_KNOWN_HOSTS FILE FORMAT, describes them: which keys a host is known by. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface KnownHost {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker?: 'revoked' | 'cert-authority';
  /** Patterns separated by commas, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

/** Lines that are comments or that cannot be read (ssh ignores those, too) are left out. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts, keyType, base64] = words;
    if (!hosts || hosts.startsWith('#') || !keyType || !base64 || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return [];
    if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return [];
    const key = Buffer.from(base64, 'base64');
    if (typeOfKey(key) !== keyType) return [];
    const markerName = marker === '@revoked' ? 'revoked' : 'cert-authority';
    return [{ file, line: index + 1, ...(marker && { marker: markerName }), hosts, keyType, key } as const];
  });
}

/** The names a host is looked up by. */
export interface HostNames {
  /** `host`, `[host]:port` where the port is not 22, or the HostKeyAlias. */
  readonly name: string;
  /** Where the port is not 22: the bare host. A key known for it is accepted; another one is no contradiction. */
  readonly withoutPort?: string;
}

export function hostNames(host: string, port: number, hostKeyAlias?: string): HostNames {
  if (hostKeyAlias !== undefined) return { name: hostKeyAlias.toLowerCase() };
  const bare = host.toLowerCase();
  return port === 22 ? { name: bare } : { name: `[${bare}]:${port}`, withoutPort: bare };
}

export type HostKeyCheck =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly entry: KnownHost }
  /** Other keys are known for this host. */
  | { readonly kind: 'changed'; readonly entries: readonly KnownHost[] }
  /** `authorities`: lines that could have vouched for a certificate, which this client does not take. */
  | { readonly kind: 'unknown'; readonly authorities: readonly KnownHost[] };

export function checkHostKey(knownHosts: readonly KnownHost[], names: HostNames, key: Buffer): HostKeyCheck {
  const ofHost = knownHosts.filter((entry) => matchesHost(entry.hosts, names.name));
  const isSame = (entry: KnownHost) => entry.key.equals(key);
  const revoked = knownHosts.find((entry) => entry.marker === 'revoked' && isSame(entry) && matchesAny(entry, names));
  if (revoked) return { kind: 'revoked', entry: revoked };
  const plain = ofHost.filter((entry) => entry.marker === undefined);
  if (plain.some(isSame)) return { kind: 'known' };
  if (plain.length > 0) return { kind: 'changed', entries: plain };
  const { withoutPort } = names;
  const isKnownElsewhere = knownHosts.some(
    (entry) =>
      entry.marker === undefined && isSame(entry) && withoutPort !== undefined && matchesHost(entry.hosts, withoutPort),
  );
  if (isKnownElsewhere) return { kind: 'known' };
  return { kind: 'unknown', authorities: ofHost.filter((entry) => entry.marker === 'cert-authority') };
}

/** Does a certificate authority vouch for this host, of which no key of its own is known? */
export function isVouchedForOnly(knownHosts: readonly KnownHost[], names: HostNames): boolean {
  const isVouchedFor = knownHosts.some((entry) => entry.marker === 'cert-authority' && matchesAny(entry, names));
  return isVouchedFor && knownKeyTypes(knownHosts, names).length === 0;
}

function matchesAny(entry: KnownHost, { name, withoutPort }: HostNames): boolean {
  return matchesHost(entry.hosts, name) || (withoutPort !== undefined && matchesHost(entry.hosts, withoutPort));
}

/** The types of the keys known for a host: to be asked for first, so that a server with several keys shows a known one. */
export function knownKeyTypes(knownHosts: readonly KnownHost[], names: HostNames): readonly string[] {
  const known = knownHosts.filter((entry) => entry.marker === undefined);
  const ofName = known.filter((entry) => matchesHost(entry.hosts, names.name));
  const relevant = ofName.length > 0 ? ofName : known.filter((entry) => matchesAny(entry, names));
  return [...new Set(relevant.map(({ keyType }) => keyType))];
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let matches = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    if (pattern.startsWith('!') && patternExpression(pattern.slice(1)).test(name)) return false;
    matches ||= patternExpression(pattern).test(name);
  }
  return matches;
}

function patternExpression(pattern: string): RegExp {
  const source = pattern.replace(/[^\w]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 's');
}

/** `|1|salt|hash`: HMAC-SHA1 of the name. */
function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** A line for a known_hosts file, without a line break. */
export function formatKnownHost(name: string, key: Buffer, options: { readonly hashed: boolean }): string {
  return `${options.hashed ? hashName(name) : name} ${typeOfKey(key)} ${key.toString('base64')}`;
}

function hashName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** `SHA256:…` as ssh-keygen(1) -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** RFC 4253, 6.6: a key blob starts with its type. Empty where it does not. */
export function typeOfKey(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}
