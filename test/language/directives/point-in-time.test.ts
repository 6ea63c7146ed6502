import { describe, expect, it } from 'vitest';
import { isPointInTime, pointInTime } from '../../../language/directives/point-in-time.ts';

/** A Thursday, local time. */
const now = new Date(2026, 4, 14, 10, 30, 20);
const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).toISOString();
const read = (text: string) => pointInTime(text, now)?.toISOString();

describe('a point in time', () => {
  it.each([
    ['now', at(2026, 4, 14, 10, 30, 20)],
    ['now+1hour', at(2026, 4, 14, 11, 30, 20)],
    ['now + 90 minutes', at(2026, 4, 14, 12, 0, 20)],
    ['now+20', at(2026, 4, 14, 10, 30, 40)],
    ['now-2days', at(2026, 4, 12, 10, 30, 20)],
    ['now+1week', at(2026, 4, 21, 10, 30, 20)],
    ['16:00', at(2026, 4, 14, 16)],
    ['9:00', at(2026, 4, 15, 9)],
    ['4:00:30 pm', at(2026, 4, 14, 16, 0, 30)],
    ['12:15am', at(2026, 4, 15, 0, 15)],
    ['noon', at(2026, 4, 14, 12)],
    ['midnight', at(2026, 4, 15)],
    ['teatime', at(2026, 4, 14, 16)],
    ['tomorrow', at(2026, 4, 15)],
    ['today 08:00', at(2026, 4, 14, 8)],
    ['tomorrow 08:00', at(2026, 4, 15, 8)],
    ['2030-01-20T12:34:00', at(2030, 0, 20, 12, 34)],
    ['2030-01-20', at(2030, 0, 20)],
    ['6/1', at(2026, 5, 1)],
    ['5/14', at(2027, 4, 14)],
    ['today', at(2026, 4, 14, 10, 30, 20)],
    ['08:00 today', at(2026, 4, 14, 8)],
    ['5/14 11:00', at(2026, 4, 14, 11)],
    ['5/13', at(2027, 4, 13)],
    ['0513', at(2027, 4, 13)],
    ['051326', at(2026, 4, 13)],
    ['12/31/27-13:00', at(2027, 11, 31, 13)],
    ['uts1893456000', '2030-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => expect([isPointInTime(text), read(text)]).toEqual([true, expected]));

  it.each([
    '',
    'later',
    '16:60',
    'now+',
    '13/13',
    '2027-02-30',
    '2/30',
    'now+99999999999999999999weeks',
    `uts${'9'.repeat(20)}`,
  ])('is not %j', (text) => expect(read(text)).toBeUndefined());
});
