/** known_hosts files, as OpenSSH reads and writes them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkHostKey,
  fingerprint,
  formatKnownHost,
  hostNames,
  knownKeyTypes,
  parseKnownHosts,
  typeOfKey,
} from '../../../engine/clusters/known-hosts.ts';

/** Made with ssh-keygen for this test; their private halves are nowhere. */
const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ2zFxd4s7LPF0aVDKL9VzGzgQmKbNFBhKZ8DQ2dXX4U';
const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIPc0UiaZR6nqPlvmhaYsyM0pZ9iC0SvQKQ7PqOUVBEK9';
const ecdsa = `AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB${'A'.repeat(87)}`;
const key = (base64: string) => Buffer.from(base64, 'base64');
const check = (text: string, host: string, port = 22, base64 = ed25519, alias?: string) =>
  checkHostKey(parseKnownHosts(text, 'f'), hostNames(host, port, alias), key(base64));

describe('checkHostKey', () => {
  const line = `ssh-ed25519 ${ed25519}`;

  it.each([
    ['a plain name', `login.example.org ${line}`, 'login.example.org', 22],
    ['a name in capitals', `login.example.org ${line}`, 'LOGIN.Example.ORG', 22],
    ['a name of several', `other,login ${line}`, 'login', 22],
    ['a port', `[login]:2222 ${line}`, 'login', 2222],
    ['the bare host for another port', `login ${line}`, 'login', 2222],
    ['a wildcard', `*.example.org ${line}`, 'login.example.org', 22],
    ['a question mark', `login? ${line}`, 'login3', 22],
    ['a comment at its end', `login ${line} root@login`, 'login', 22],
    ['tabs and CRLF', `login\tssh-ed25519\t${ed25519}\r\n`, 'login', 22],
    ['IPv6', `[::1]:2222 ${line}`, '::1', 2222],
  ])('knows a key by %s', (_, text, host, port) => {
    expect(check(text, host, port)).toEqual({ kind: 'known' });
  });

  it.each([
    ['no lines', ''],
    ['another host', `logi ${line}`],
    ['a comment', `# login ${line}`],
    ['a negated pattern', `*,!login ${line}`],
    ['a pattern that only looks alike', `log.n ${line}`],
    ['a line cut off', 'login ssh-ed25519'],
    ['a type that is not the key’s', `login ssh-rsa ${ed25519}`],
    ['another port', `[login]:2222 ${line}`],
    ['a hash of another name', `|1|a2V5a2V5a2V5a2V5a2V5a2V5a2U=|aGFzaGhhc2hoYXNoaGFzaGhhc2g= ${line}`],
  ])('does not know a key by %s', (_, text) => {
    expect(check(text, 'login')).toEqual({ kind: 'unknown', authorities: [] });
  });

  it('tells a changed key with file and line', () => {
    const result = check(`\nlogin ssh-ed25519 ${other}`, 'login');
    expect(result).toMatchObject({ kind: 'changed', entries: [{ file: 'f', line: 2, keyType: 'ssh-ed25519' }] });
  });

  it('takes a key of another type for changed, too', () => {
    expect(check(`login ecdsa-sha2-nistp256 ${ecdsa}`, 'login')).toMatchObject({ kind: 'changed' });
  });

  it('accepts one of several keys', () => {
    expect(check(`login ssh-ed25519 ${other}\nlogin ${line}`, 'login')).toEqual({ kind: 'known' });
  });

  it('does not take a key of the bare host for a contradiction', () => {
    expect(check(`login ssh-ed25519 ${other}`, 'login', 2222)).toMatchObject({ kind: 'unknown' });
  });

  it('refuses a revoked key, even if it is known', () => {
    expect(check(`login ${line}\n@revoked * ${line}`, 'login')).toMatchObject({ kind: 'revoked', entry: { line: 2 } });
    expect(check(`@revoked other ${line}`, 'login')).toMatchObject({ kind: 'unknown' });
  });

  it('does not trust by certificate authorities, and says which would apply', () => {
    expect(check(`@cert-authority * ${line}`, 'login')).toMatchObject({ kind: 'unknown', authorities: [{ line: 1 }] });
  });

  it('looks an alias up without its port', () => {
    expect(check(`cluster ${line}`, 'login', 2222, ed25519, 'cluster')).toEqual({ kind: 'known' });
    expect(check(`login ${line}`, 'login', 22, ed25519, 'cluster')).toMatchObject({ kind: 'unknown' });
  });
});

describe('knownKeyTypes', () => {
  it('lists what is known for the host, else for the host without its port', () => {
    const entries = parseKnownHosts(`login ssh-ed25519 ${ed25519}\n[login]:2222 ecdsa-sha2-nistp256 ${ecdsa}\n`, 'f');
    expect(knownKeyTypes(entries, hostNames('login', 2222))).toEqual(['ecdsa-sha2-nistp256']);
    expect(knownKeyTypes(entries, hostNames('login', 22))).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(entries, hostNames('login', 2200))).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(entries, hostNames('elsewhere', 22))).toEqual([]);
  });
});

describe('with ssh-keygen', () => {
  let folder: string;
  let blob: Buffer;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-test-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    blob = key(readFileSync(join(folder, 'key.pub'), 'utf8').split(' ')[1] ?? '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints the same fingerprint', () => {
    expect(
      execFileSync('ssh-keygen', ['-lf', join(folder, 'key.pub')])
        .toString()
        .split(' ')[1],
    ).toBe(fingerprint(blob));
    expect(typeOfKey(blob)).toBe('ssh-ed25519');
  });

  it('finds the hashed names that we write, and we find those that it writes', () => {
    const file = join(folder, 'known_hosts');
    writeFileSync(
      file,
      `${formatKnownHost('[login]:2222', blob, { hashed: true })}\nplain ${formatKnownHost('x', blob, { hashed: false }).slice(2)}\n`,
    );
    expect(execFileSync('ssh-keygen', ['-F', '[login]:2222', '-f', file]).toString()).toContain('line 1');
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('plain');
    expect(checkHostKey(parseKnownHosts(text, file), hostNames('plain', 22), blob)).toEqual({ kind: 'known' });
  });
});

describe('typeOfKey', () => {
  it('is empty for what is no key', () => {
    expect(
      [Buffer.alloc(0), Buffer.from([255, 255, 255, 255, 1]), Buffer.from([0, 0, 0, 9, 65])].map(typeOfKey),
    ).toEqual(['', '', '']);
  });
});
