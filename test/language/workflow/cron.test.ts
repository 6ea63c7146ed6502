import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronError, nextTime, parseCron } from '../../../language/workflow/cron.ts';
import { instantOf, isTimeZone, parseTime, wallTime } from '../../../language/workflow/zoned-time.ts';

const at = (text: string) => Date.parse(text) / 1000;
const iso = (time: number) => new Date(time * 1000).toISOString().replace('.000Z', 'Z');
const next = (cron: string, after: string, zone = 'UTC') => iso(nextTime(parseCron(cron), at(after), zone));

describe('a schedule of cron', () => {
  // 2026-11-21 is a Saturday.
  it.each([
    ['* * * * *', '2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z'],
    ['* * * * *', '2026-11-21T10:00:59Z', '2026-11-21T10:01:00Z'],
    ['*/15 * * * *', '2026-11-21T10:46:00Z', '2026-11-21T11:00:00Z'],
    ['5/20 * * * *', '2026-11-21T10:25:00Z', '2026-11-21T10:45:00Z'],
    ['30 6 * * 1-5', '2026-11-21T10:00:00Z', '2026-11-23T06:30:00Z'],
    ['30 6 * * mon-fri', '2026-11-23T06:29:59Z', '2026-11-23T06:30:00Z'],
    ['0 0 * * 7', '2026-11-21T10:00:00Z', '2026-11-22T00:00:00Z'],
    ['0 0 * * 0', '2026-11-21T10:00:00Z', '2026-11-22T00:00:00Z'],
    ['0 12 1,15 * *', '2026-11-21T10:00:00Z', '2026-12-01T12:00:00Z'],
    // Either the 13th or a Friday.
    ['0 0 13 * 5', '2026-11-21T10:00:00Z', '2026-11-27T00:00:00Z'],
    ['0 0 */2 * 5', '2026-11-21T10:00:00Z', '2026-11-27T00:00:00Z'],
    ['0 0 29 2 *', '2026-11-21T10:00:00Z', '2028-02-29T00:00:00Z'],
    ['59 23 31 DEC *', '2026-12-31T23:59:00Z', '2027-12-31T23:59:00Z'],
    ['@daily', '2026-11-21T10:00:00Z', '2026-11-22T00:00:00Z'],
    ['@Hourly', '2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z'],
    ['@yearly', '2026-11-21T10:00:00Z', '2027-01-01T00:00:00Z'],
  ])('%s after %s', (cron, after, wanted) => {
    expect(next(cron, after)).toBe(wanted);
  });

  it.each([
    ['summer', '0 6 * * *', '2026-07-01T00:00:00Z', '2026-07-01T04:00:00Z'],
    ['winter', '0 6 * * *', '2026-11-21T00:00:00Z', '2026-11-21T05:00:00Z'],
    // On 2026-03-29 the clock goes from 2 to 3, on 2026-10-25 from 3 back to 2.
    ['a time that does not come', '30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00Z'],
    ['the day after it', '30 2 * * *', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z'],
    ['a time that comes twice', '30 2 * * *', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'],
    ['it counts once', '30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['between the two', '30 2 * * *', '2026-10-25T00:45:00Z', '2026-10-26T01:30:00Z'],
  ])('in a time zone: %s', (_, cron, after, wanted) => {
    expect(next(cron, after, 'Europe/Berlin')).toBe(wanted);
  });

  it.each([
    ['', 'it has five fields: minute, hour, day of the month, month, day of the week'],
    ['0 6 * *', 'it has five fields'],
    ['60 6 * * *', '`60` is no minute: it is 0 to 59'],
    ['0 24 * * *', '`24` is no hour'],
    ['0 6 0 * *', '`0` is no day of the month'],
    ['0 6 * 13 *', '`13` is no month'],
    ['0 6 * * 8', '`8` is no day of the week'],
    ['0 6 * * fry', '`fry` is no day of the week'],
    ['0 6 * * 5-1', '`5-1` ends before it begins'],
    ['*/0 * * * *', '`*/0`: the step is at least 1'],
    ['1-2-3 * * * *', '`1-2-3` is no minute'],
    ['1, * * * *', '`` is no minute'],
    ['-5 * * * *', '`-5` is no minute'],
    ['0 0 30 2 *', 'none of its months has such a day'],
    ['0 0 31 4,6,9,11 *', 'none of its months has such a day'],
    ['@reboot', 'it has five fields'],
  ])('%j is none', (text, why) => {
    expect(() => parseCron(text)).toThrow(CronError);
    expect(() => parseCron(text)).toThrow(why);
  });

  it('is never missed: between a time and the next one no minute fits', () => {
    const number = (from: number, to: number) => fc.integer({ min: from, max: to }).map(String);
    const field = (from: number, to: number) =>
      fc.oneof(
        fc.constant('*'),
        number(from, to),
        fc.integer({ min: 1, max: to }).map((n) => `*/${n}`),
      );
    const crons = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6));
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham');
    fc.assert(
      fc.property(crons, fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), zones, (words, after, zone) => {
        const schedule = parseCron(words.join(' '));
        const found = nextTime(schedule, after, zone);
        expect(found).toBeGreaterThan(after);
        const fits = (wall: number) => {
          const date = new Date(wall);
          const [isDay, isWeekday] = [schedule.days.has(date.getUTCDate()), schedule.weekdays.has(date.getUTCDay())];
          return (
            schedule.minutes.has(date.getUTCMinutes()) &&
            schedule.hours.has(date.getUTCHours()) &&
            schedule.months.has(date.getUTCMonth() + 1) &&
            (schedule.isEitherDay ? isDay || isWeekday : isDay && isWeekday)
          );
        };
        // What the clock shows fits, unless that time was left out by the clock going forward.
        const wall = wallTime(found, zone);
        expect(fits(wall) || wallTime(found - 7200, zone) !== wall - 7_200_000).toBe(true);
        // An hour that comes twice counts once, so only what comes first is looked at.
        for (let time = Math.floor(after / 60) * 60 + 60; time < Math.min(found, after + 100_000); time += 60)
          if (instantOf(wallTime(time, zone), zone) === time) expect(fits(wallTime(time, zone))).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-22T06:00', '2026-11-22T05:00:00Z'],
    ['2026-07-22 06:00:30', '2026-07-22T04:00:30Z'],
    ['2026-11-22', '2026-11-21T23:00:00Z'],
    ['2026-11-22T06:00Z', '2026-11-22T06:00:00Z'],
    ['2026-11-22T06:00+05:30', '2026-11-22T00:30:00Z'],
    ['2026-11-22T06:00-0100', '2026-11-22T07:00:00Z'],
    ['2026-03-29T02:30', '2026-03-29T01:30:00Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00Z'],
  ])('%s in Berlin', (text, wanted) => {
    expect(iso(parseTime(text, 'Europe/Berlin') ?? Number.NaN)).toBe(wanted);
  });

  it.each(['', 'tomorrow', '2026-02-31', '2026-11-22T25:00', '06:00', '2026-11-22T06', '2026-11-22T06:00 CET'])(
    '%j is none',
    (text) => {
      expect(parseTime(text, 'UTC')).toBeUndefined();
    },
  );

  it('zones are those of the tz database', () => {
    expect(['UTC', 'Europe/Berlin', 'Asia/Kolkata'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['Berlin', 'Europe/Hamburg', ''].map(isTimeZone)).toEqual([false, false, false]);
  });
});
