import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isQuiet, parseQuietHours } from '../../../engine/notifications/quiet-hours.ts';

const at = (hours: number, minutes: number) => new Date(2026, 5, 1, hours, minutes);

describe('quiet hours', () => {
  it.each([
    ['22:00-07:00', at(21, 59), false],
    ['22:00-07:00', at(22, 0), true],
    ['22:00-07:00', at(3, 0), true],
    ['22:00-07:00', at(7, 0), false],
    ['12:00-13:30', at(13, 29), true],
    ['12:00-13:30', at(13, 30), false],
    ['12:00-13:00, 22:00-7:00', at(6, 30), true],
    ['12:00-13:00, 22:00-7:00', at(12, 30), true],
    ['00:00-24:00', at(23, 59), true],
    ['', at(3, 0), false],
    ['at night', at(3, 0), false],
    ['25:00-07:00', at(3, 0), false],
  ] as const)('%s at %s: %s', (text, date, expected) => {
    expect(isQuiet(text, date)).toBe(expected);
  });

  it('are written as the setting allows', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    const { pattern } = manifest.contributes.configuration.properties['vigil.notifications.quietHours'];
    const allowed = new RegExp(pattern);
    for (const text of ['', '22:00-07:00', '12:00-13:00, 22:00-7:00']) {
      expect(allowed.test(text), text).toBe(true);
      expect(parseQuietHours(text)).toHaveLength(text === '' ? 0 : text.split(',').length);
    }
    for (const text of ['at night', '25:00-07:00', '22:00', '22:00-07:00,', '22-7'])
      expect(allowed.test(text), text).toBe(false);
  });
});
