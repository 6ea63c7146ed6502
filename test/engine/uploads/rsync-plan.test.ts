import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasMetLink,
  isAboutFiles,
  RsyncProgress,
  serverCommand,
  whyNotRsync,
} from '../../../engine/uploads/rsync-plan.ts';
import type { UploadCount } from '../../../engine/uploads/upload-way.ts';

describe('an rsync', () => {
  it.each([
    ['rsync  version 3.1.2  protocol version 31\nCopyright', undefined],
    ['rsync  version v3.2.7  protocol version 31', undefined],
    ['rsync  version 4.0.0  protocol version 33', undefined],
    ['rsync  version 3.0.6  protocol version 30', 'it is 3.0, and 3.1 is the first that will do'],
    ['openrsync: protocol version 29\nrsync version 2.6.9 compatible', 'it is 2.6, and 3.1 is the first that will do'],
    ['', 'it says “” to --version'],
  ])('that says %j will do, or not', (printed, why) => {
    expect(whyNotRsync(0, printed)).toBe(why);
  });

  it('that is not there, or does not run, will not do', () => {
    expect(whyNotRsync(127, '')).toBe('there is none');
    expect(whyNotRsync(1, 'error while loading shared libraries')).toMatch(/says “error while loading/);
  });

  it('has statuses about files, and others about itself', () => {
    expect([0, 3, 11, 23, 24, 25].map(isAboutFiles)).toEqual([false, true, true, true, true, true]);
    expect([null, 1, 2, 4, 5, 12, 14, 20, 30, 126, 127].filter(isAboutFiles)).toEqual([]);
  });
});

it('an rsync that follows no links tells by a number', () => {
  const words = 'rsync: [generator] recv_generator: failed to stat "/w/data/x": Zu viele Ebenen (40)\n';
  expect(hasMetLink(words)).toBe(true);
  expect(hasMetLink('rsync: [receiver] mkstemp "/w/(40)/x" failed: Permission denied (13)\n')).toBe(false);
});

describe('the command for the cluster', () => {
  it('is read whatever its words are and wherever they are cut, with what follows it', () => {
    const word = fc
      .array(fc.constantFrom('-', ' ', "'", 'a', '\n', 'ü', '\u{1F600}', '7'), { maxLength: 5 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.nat(),
        (argv, after, cut) => {
          const words = [String(argv.length + 1), 'cluster', ...argv].map((one) => `${one}\0`).join('');
          const told = Buffer.from(words);
          expect(serverCommand(told.subarray(0, cut % told.length))).toBeUndefined();
          const command = serverCommand(Buffer.concat([told, after]));
          expect(command?.argv).toEqual(argv);
          expect(command?.rest.equals(after)).toBe(true);
        },
      ),
    );
  });
});

describe('what rsync prints', () => {
  /** Recorded of rsync 3.5.0 with 3 files and a link, of which one was there already. */
  const printed =
    '<f+++++++++ 1\n\r              1   8%    0.00kB/s    0:00:00  \r              1   8%    0.00kB/s    0:00:00 (xfr#1, to-chk=5/7)\n' +
    '.f...p..... 9\ncL+++++++++ 7\n<f.st...... 200000000\n\r      93945857  46%   89.59MB/s    0:00:01  ' +
    '\r     200000001 100%   95.37MB/s    0:00:02 (xfr#2, to-chk=0/7)\n';

  it('tells how far it is, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (cuts) => {
        const told: UploadCount[] = [];
        const progress = new RsyncProgress((sent) => void told.push(sent));
        let at = 0;
        for (const length of cuts) {
          progress.take(printed.slice(at, at + length));
          at += length;
        }
        progress.take(printed.slice(at));
        expect(progress.begun).toEqual({ files: 3, bytes: 200_000_008 });
        expect(told).toEqual([
          { files: 0, bytes: 1 },
          { files: 1, bytes: 1 },
          { files: 2, bytes: 93_945_857 },
          { files: 3, bytes: 200_000_001 },
        ]);
      }),
    );
  });
});
