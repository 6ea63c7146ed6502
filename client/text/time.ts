/** Times as people read them. All timestamps are seconds since the epoch; what is shown is in the zone of this machine. */
import type { Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `12:03:04`, with the date before it when it is not the day of `now`. */
export function clockTime(timestamp: Timestamp, now: Timestamp): string {
  const date = new Date(timestamp * 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return sameDay(date, new Date(now * 1000)) ? time : `${dateOf(date)} ${time}`;
}

/** `2026-11-21 12:03:04.113`. */
export function fullTime(timestamp: Timestamp): string {
  const date = new Date(timestamp * 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${dateOf(date)} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 0) return '0 s';
  if (seconds < 9.95) return `${trimZero(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joinUnits(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return joinUnits(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return joinUnits(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

/** `2026-11-21`, in the zone of this machine. */
export function isoDate(timestamp: Timestamp): string {
  return dateOf(new Date(timestamp * 1000));
}

function dateOf(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function sameDay(a: Date, b: Date): boolean {
  return dateOf(a) === dateOf(b);
}

/** `1:12 of 4:00 h`, `1-02:10 of 3-00:00 h`, and for limits under an hour `3:05 of 10:00 min`. */
export function timeOfLimit(usedSeconds: number, limitSeconds: number): string {
  const used = Math.max(0, Math.floor(usedSeconds));
  if (limitSeconds < 3600) return l10n.t('{0} of {1} min', minuteClock(used), minuteClock(limitSeconds));
  return l10n.t('{0} of {1} h', hourClock(used), hourClock(limitSeconds));
}

function minuteClock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${twoDigits(Math.floor(seconds % 60))}`;
}

function hourClock(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600)];
  const minutes = twoDigits(Math.floor((seconds % 3600) / 60));
  return days === 0 ? `${hours}:${minutes}` : `${days}-${twoDigits(hours)}:${minutes}`;
}
