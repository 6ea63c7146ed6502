/** Addresses of files of clusters, and what the engine's answers about them are to an editor. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterUri, parseClusterUri, remoteSshAuthority } from '../../client/files/cluster-uri.ts';
import { errorKind, readWhole } from '../../client/files/file-answers.ts';
import type { FilePage } from '../../engine/protocol/file-system.ts';
import { errorCodes } from '../../engine/protocol.ts';

describe('addresses of files of clusters', () => {
  it('name the cluster in small letters, digits and a few signs, whatever it is called', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\ud800-\udfff]/u.test(text));
    fc.assert(
      fc.property(name, fc.string(), (cluster, rest) => {
        const uri = clusterUri({ cluster, path: `/${rest}` });
        expect(uri.authority).toMatch(/^[a-z0-9._~-]+$/);
        expect(parseClusterUri(uri)).toEqual({ cluster, path: `/${rest}` });
      }),
      {
        examples: [
          ['Frontier', 'a'],
          ['me@host:22', ''],
          ['~41', '$(x)\n'],
        ],
      },
    );
    expect(clusterUri({ cluster: 'login-1.hpc', path: '/a b' })).toEqual({
      scheme: 'vigil-files',
      authority: 'login-1.hpc',
      path: '/a b',
    });
  });

  it('are no others', () => {
    const uri = { scheme: 'vigil-files', path: '/a' };
    expect(parseClusterUri({ ...uri, authority: 'login', path: '' })).toEqual({ cluster: 'login', path: '/' });
    for (const authority of ['', 'Login', '~4', '~zz', 'a b'])
      expect(parseClusterUri({ ...uri, authority })).toBe(undefined);
    expect(parseClusterUri({ scheme: 'file', authority: 'login', path: '/a' })).toBe(undefined);
  });
});

describe('the authority of a Remote-SSH window', () => {
  const decoded = (authority: string): unknown =>
    JSON.parse(Buffer.from(authority.replace('ssh-remote+', ''), 'hex').toString());

  it.each([
    [{ name: 'login', ssh: { host: 'login' } }, 'ssh-remote+login'],
    [{ name: 'hpc', ssh: { host: 'login1.site.org' } }, 'ssh-remote+login1.site.org'],
    [{ name: 'login' }, 'ssh-remote+login'],
  ])('is the host of %j', (cluster, wanted) => {
    expect(remoteSshAuthority(cluster)).toBe(wanted);
  });

  it('says who and where, and keeps capital letters', () => {
    const ssh = { host: 'login', user: 'me', port: 2222 };
    expect(decoded(remoteSshAuthority({ name: 'hpc', ssh }))).toEqual({ hostName: 'login', user: 'me', port: 2222 });
    expect(decoded(remoteSshAuthority({ name: 'x', ssh: { host: 'Login' } }))).toEqual({ hostName: 'Login' });
  });
});

describe('errors of files', () => {
  it.each([
    ['not-found', 'FileNotFound'],
    ['exists', 'FileExists'],
    ['not-a-folder', 'FileNotADirectory'],
    ['is-a-folder', 'FileIsADirectory'],
    ['no-permission', 'NoPermissions'],
    ['unavailable', 'Unavailable'],
    ['other', undefined],
  ])('%s is %s', (problem, kind) => {
    expect(errorKind(Object.assign(new Error('x'), { code: errorCodes.file, data: { problem } }))).toBe(kind);
  });

  it('are else of the way to them', () => {
    for (const code of [errorCodes.connection, errorCodes.authentication, errorCodes.unknownCluster, undefined])
      expect(errorKind(Object.assign(new Error('x'), { code }))).toBe('Unavailable');
  });
});

describe('reading a whole file', () => {
  const page = (text: string, size: number, modified = 1): FilePage => ({
    data: Buffer.from(text).toString('base64'),
    size,
    modified,
  });
  /** Answers in order, and says which offsets were asked for. */
  const answers = (pages: readonly FilePage[]) => {
    const asked: number[] = [];
    const left = [...pages];
    const readPage = async (offset: number) => {
      asked.push(offset);
      const next = left.shift();
      if (!next) throw new Error('asked too often');
      return next;
    };
    return { asked, readPage };
  };

  it.each([
    ['an empty file', [page('', 0)], '', [0]],
    ['pages', [page('abc', 5), page('de', 5)], 'abcde', [0, 3]],
    [
      'one that a larger one has replaced, anew',
      [page('AAA', 5), page('BB', 7, 2), page('BBB', 3, 2)],
      'BBB',
      [0, 3, 0],
    ],
    [
      'one that grows all the time, as far as it was',
      [page('abc', 5), page('de', 6, 2), page('abc', 6, 2), page('def', 7, 3), page('abc', 5, 4), page('defg', 7, 5)],
      'abcde',
      [0, 3, 0, 3, 0, 3],
    ],
    ['one that was replaced, anew', [page('abc', 5), page('xy', 5, 2), page('xyz', 3, 2)], 'xyz', [0, 3, 0]],
    ['one that became shorter, anew', [page('abc', 5), page('', 2), page('xy', 2)], 'xy', [0, 3, 0]],
  ])('reads %s', async (_, pages, text, offsets) => {
    const { asked, readPage } = answers(pages);
    expect(Buffer.from(await readWhole(readPage)).toString()).toBe(text);
    expect(asked).toEqual(offsets);
  });

  it('gives up on one that never stays', async () => {
    let time = 0;
    await expect(readWhole(async () => page('abc', 5, ++time))).rejects.toThrow(/changes faster than it can be read/);
  });
});
