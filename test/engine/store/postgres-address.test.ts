import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOptions, postgresAddress, StoreAddressError } from '../../../engine/store/postgres-address.ts';
import { PostgresError, postgresFailure, versionProblem } from '../../../engine/store/postgres-failure.ts';

let folder: string;
let passwords: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-pgpass-'));
  passwords = join(folder, 'pgpass');
  writeFileSync(
    passwords,
    '# a comment\nother:5432:*:me:wrong\ndb.site.org:*:jobs:me:with\\:colon\\\\\n*:*:*:me:any\n',
    { mode: 0o600 },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const nothing = { PGPASSFILE: '/nonexistent' };

describe('the address of a store', () => {
  it('is read as PostgreSQL does, and says no password', () => {
    const address = postgresAddress('postgres://me:pa%40ss@db.site.org:6000/jobs?schema=lab&sslmode=require', nothing);
    expect(address).toEqual({
      host: 'db.site.org',
      port: 6000,
      database: 'jobs',
      user: 'me',
      password: 'pa@ss',
      ssl: 'require',
      schema: 'lab',
      runs: hostname(),
      leaseSeconds: 30,
      name: 'postgres://me@db.site.org:6000/jobs?schema=lab',
    });
  });

  it('takes what it does not say from the environment; each user has a schema', () => {
    const environment = { ...nothing, PGHOST: '/run/postgresql', PGUSER: 'Me.X', PGPASSWORD: 'p', PGPORT: '7' };
    expect(postgresAddress('postgres://', environment)).toMatchObject({
      host: '/run/postgresql',
      port: 7,
      user: 'Me.X',
      database: 'Me.X',
      password: 'p',
      schema: 'vigil_me_x',
    });
  });

  it.each([
    ['postgres://me@db.site.org/jobs', 'with:colon\\'],
    ['postgres://me@db.site.org/others', 'any'],
    ['postgres://other@db.site.org/jobs', undefined],
  ])('has the password of the first line that fits: %s', (url, password) => {
    expect(postgresAddress(url, { PGPASSFILE: passwords }).password).toBe(password);
  });

  it('takes none from a file that others may read', () => {
    chmodSync(passwords, 0o640);
    expect(postgresAddress('postgres://me@db/x', { PGPASSFILE: passwords }).password).toBeUndefined();
    chmodSync(passwords, 0o600);
  });

  it.each([
    ['mysql://me:secret@db/x', 'is no address of a PostgreSQL database'],
    ['postgres://me:secret@db/x?schma=lab', 'has ?schma=, which is not known'],
    ['postgres://me:secret@db/x?schema=La"b', 'a schema has lower-case letters'],
    ['postgres://me:secret@db/x?lease=1', 'no number of seconds from 3 to 3600'],
    ['postgres://me:secret@db/x?lease=soon', 'no number of seconds from 3 to 3600'],
  ])('is refused where it cannot be one: %s', (url, words) => {
    expect(() => postgresAddress(url, nothing)).toThrow(words);
    try {
      postgresAddress(url, nothing);
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
  });
});

describe('a failure of PostgreSQL', () => {
  const address = postgresAddress('postgres://me:secret@db.site.org/jobs?schema=lab', nothing);
  it.each([
    ['ECONNREFUSED', 'no PostgreSQL answers at db.site.org:5432'],
    ['ENOTFOUND', 'there is no host db.site.org'],
    ['28P01', 'PostgreSQL refuses the password of me: give it in ~/.pgpass'],
    ['3D000', 'there is no database "jobs": make it with createdb jobs'],
    ['42501', 'GRANT USAGE, CREATE ON SCHEMA lab TO "me"'],
    ['53300', 'too many connections'],
    ['57P01', 'is lost: it is tried again'],
    ['VG001', 'it begins again'],
  ])('says what to do: %s', (code, words) => {
    const failure = postgresFailure(new PostgresError({ code, message: 'm' }), address);
    expect(failure?.message).toContain(words);
    expect(failure?.message).not.toContain('secret');
  });

  it('is none where we are wrong', () => {
    expect(postgresFailure(new PostgresError({ code: '42601', message: 'syntax error' }), address)).toBeUndefined();
    expect(postgresFailure(new Error('x'), address)).toBeUndefined();
  });

  it('is a server that is too old', () => {
    expect(versionProblem(120_022, 'PostgreSQL 12.22')).toBe(
      'PostgreSQL 12.22 is too old: PostgreSQL 13 or newer is needed.',
    );
    expect(versionProblem(130_000, 'PostgreSQL 13.0')).toBeUndefined();
  });
});

it.each([
  ['disable', false],
  ['allow', 'prefer'],
  ['prefer', 'prefer'],
  ['require', 'require'],
  ['verify-full', 'verify-full'],
] as const)('takes sslmode=%s for %s', (mode, ssl) => {
  expect(connectOptions(postgresAddress(`postgres://me@h/d?sslmode=${mode}`, nothing)).ssl).toBe(ssl);
  expect(postgresAddress('postgres://me@h/d', { ...nothing, PGSSLMODE: mode }).ssl).toBe(ssl);
});

it('refuses an sslmode that there is not', () => {
  expect(() => postgresAddress('postgres://me@h/d?sslmode=verify-ca', nothing)).toThrow(/use verify-full/);
  expect(() => postgresAddress('postgres://me@h/d?sslmode=tls', nothing)).toThrow(StoreAddressError);
});
