import { describe, expect, it } from 'vitest';
import { fileUri, parseFileUri } from '../../client/documents/job-uri.ts';
import { fileWindow, windowBytes, windowStart } from '../../client/files/file-window.ts';
import { inUnits } from '../../client/files/in-units.ts';
import { parseQuery, searchReport } from '../../client/files/search-query.ts';
import { searchWhole } from '../../client/files/search-whole.ts';
import { stripControls } from '../../client/text/plain-text.ts';
import type { SearchPlace } from '../../engine/protocol/files.ts';
import { job } from './builders.ts';

describe('what is typed', () => {
  it.each([
    ['loss', { wanted: 'loss', isPattern: false, ignoreCase: true }],
    ['NaN', { wanted: 'NaN', isPattern: false, ignoreCase: false }],
    ['/loss: (nan|inf)/', { wanted: 'loss: (nan|inf)', isPattern: true, ignoreCase: false }],
    ['//', { wanted: '//', isPattern: false, ignoreCase: true }],
    ['/etc', { wanted: '/etc', isPattern: false, ignoreCase: true }],
    ['', undefined],
  ])('%j', (typed, query) => {
    expect(parseQuery(typed)).toEqual(query);
  });
});

describe('a search of a whole file', () => {
  const place = (offset: number): SearchPlace => ({ offset, line: offset / 10 + 1 });
  /** A file of 100 bytes, 10 a line, of which each search gets through 30. */
  const ask = async (from: SearchPlace, maxLines: number) => {
    const all = [0, 10, 20].map((step) => ({ ...place(from.offset + step), text: 'x' }));
    const found = all.filter(({ offset }) => offset < 100).slice(0, maxLines);
    const reached = from.offset + (maxLines < 3 ? maxLines * 10 : 30);
    return { path: '/out', size: 100, found, ...(reached < 100 ? { next: place(reached) } : {}) };
  };

  it('goes on until all is searched', async () => {
    const progress: number[] = [];
    const onProgress = ({ bytes }: { bytes: number }, increment: number) => progress.push(bytes, increment);
    const searched = await searchWhole({ ask, maxLines: 100, isCancelled: () => false, onProgress });
    expect(searched?.found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(searched).toMatchObject({ bytes: 100, size: 100 });
    expect(searched).not.toHaveProperty('stopped');
    expect(progress).toEqual([30, 30, 60, 30, 90, 30]);
  });

  it('ends when enough is found', async () => {
    const searched = await searchWhole({ ask, maxLines: 4, isCancelled: () => false, onProgress: () => {} });
    expect(searched).toMatchObject({ stopped: 'enough', bytes: 40 });
    expect(searched?.found).toHaveLength(4);
  });

  it('keeps what was found when it is cancelled, and nothing when nothing was', async () => {
    let asked = 0;
    const cancelled = async (from: SearchPlace, maxLines: number) => {
      asked += 1;
      if (asked === 2) throw new Error('cancelled');
      return ask(from, maxLines);
    };
    const request = { maxLines: 100, onProgress: () => {}, isCancelled: () => asked >= 2 };
    expect(await searchWhole({ ...request, ask: cancelled })).toMatchObject({ stopped: 'cancelled', bytes: 30 });
    asked = 1;
    expect(await searchWhole({ ...request, ask: cancelled })).toBeUndefined();
    asked = 1;
    await expect(searchWhole({ ...request, ask: cancelled, isCancelled: () => false })).rejects.toThrow('cancelled');
  });
});

describe('the list of lines', () => {
  it('has numbers and texts without control characters, and says what was searched', () => {
    const found = [
      { offset: 0, line: 9, text: '\u001b[31mred\u001b[0m\u202e' },
      { offset: 50, line: 120, text: 'b\rc' },
    ];
    const { text, firstLine } = searchReport('red', {
      path: '/o ut',
      found,
      bytes: 1024,
      size: 4096,
      stopped: 'enough',
    });
    expect(text.split('\n').slice(firstLine)).toEqual(['  9: red', '120: b c', '']);
    expect(text).toContain('# in /o ut: 2 lines; 1.0 KiB of 4.0 KiB searched. There are more: these are the first.');
  });

  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1536, '1.5 KiB'],
    [3 * 1024 ** 3, '3.0 GiB'],
  ])('%d bytes', (bytes, text) => expect(inUnits(bytes)).toBe(text));
});

describe('what is around a line', () => {
  const numbered = Array.from({ length: 100_000 }, (_, index) => `line ${String(index + 1).padStart(6, '0')}\n`);
  const file = Buffer.from(numbered.join(''));

  it.each([1, 2, 100, 50_000, 99_999, 100_000])('%d', (line) => {
    const offset = (line - 1) * 12;
    const start = windowStart(offset);
    const { text, shownLine, firstLine } = fileWindow(file.subarray(start, start + windowBytes), { offset, line });
    expect(text.split('\n')[shownLine]).toBe(numbered[line - 1]?.trimEnd());
    expect(text.split('\n')[0]).toBe(numbered[firstLine - 1]?.trimEnd());
  });

  it.each([
    ['1%\r2%\r3%\n', 6, 2],
    ['a\r\nb\r\n', 3, 1],
    ['\ra\rb\r\n', 3, 2],
    ['1%\r2%\r', 6, 2],
  ])('%j from byte %d on', (printed, offset, shownLine) => {
    const shown = fileWindow(Buffer.from(printed), { offset, line: shownLine + 1 });
    expect(shown).toEqual({ text: stripControls(printed.replace(/\r$/, '')), shownLine, firstLine: 1 });
  });

  it('has an address that tells the place', () => {
    const ran = job({ key: 'mycluster/7', cluster: 'mycluster' });
    const around = { offset: 5_000_000_000, line: 12 };
    expect(parseFileUri(fileUri(ran, '/a b/c.out', around))).toEqual({
      job: 'mycluster/7',
      path: '/a b/c.out',
      around,
    });
    expect(parseFileUri({ query: '{"job":1}' })).toBeUndefined();
  });
});
