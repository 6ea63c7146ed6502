/** Points in time as sbatch(1) takes them for `--begin`: `now+1hour`, `16:00`, `tomorrow`, `2030-01-20T12:34:00`. */

const month = '(?:0?[1-9]|1[0-2])';
const monthDay = '(?:0?[1-9]|[12]\\d|3[01])';
const twoDigits = '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';
/** The pieces of a point in time, in any order and any case; none ends within a number. */
const pieces = [
  'now\\s*[+-]\\s*\\d+(?!\\d)(?:\\s*(?:second|minute|hour|day|week)s?)?(?![a-z\\d:.+-])',
  'now(?![a-z\\d]|\\s*[+-])',
  '(?:today|tomorrow|midnight|noon|fika|teatime)(?![a-su-z]|\\s*[+])',
  `${month}[./]${monthDay}(?:[./]\\d{2})?(?![\\d./])`,
  '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])(?!\\d)',
  // MMDD, MMDDYY
  `${twoDigits}(?:\\d{2})?(?![\\d:])`,
  '(?:0?\\d|1[0-2]):[0-5]\\d(?::[0-5]\\d)?\\s*[ap]m(?![a-z.])',
  '(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?(?![\\d:.]|\\s*[ap](?:m|\\.))',
  'uts\\d{2,}(?!\\d)',
].join('|');

/** sbatch reads one piece after the other, whatever stands between them. */
export function isPointInTime(value: string): boolean {
  const next = new RegExp(`[T\\s-]*(?:(?:${pieces})|$)`, 'iy');
  // Capitals: the T of TOMORROW is taken for the mark between date and time.
  if (/T(?:OMORROW|ODAY|EATIME)|^now\s*-\s*$/i.test(value) && /T[OE]|^now\s*-\s*$/.test(value)) return false;
  let count = 0;
  while (next.lastIndex < value.length) {
    const from = next.lastIndex;
    if (!next.test(value) || next.lastIndex === from) return false;
    count++;
  }
  return count > 0 && /\w/.test(value);
}

const secondsOf: { readonly [unit: string]: number } = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};
const hourOf: { readonly [word: string]: number } = { midnight: 0, noon: 12, fika: 15, teatime: 16 };

interface Found {
  /** Local; absent: the next time that the time of day comes. */
  date?: Date;
  hasYear?: boolean;
  /** Seconds of the day; absent: it begins. */
  seconds?: number;
  isNoDate?: boolean;
  /** Alone, whatever else stands there. */
  absolute?: Date;
}

/**
 * The point in time that `value` means, by this machine's clock and time zone; `undefined`: it means none, as February 30. As Slurm's
 * parse_time: a time of day that is past is tomorrow's, a date without a year that is past next year's.
 */
export function pointInTime(value: string, now: Date): Date | undefined {
  if (!isPointInTime(value)) return undefined;
  const found: Found = {};
  for (const [piece] of value.matchAll(new RegExp(pieces, 'gi'))) read(piece.toLowerCase(), now, found);
  const date = new Date(found.absolute ?? found.date ?? now);
  // Of a year that no calendar has, say.
  if (Number.isNaN(date.getTime()) || found.isNoDate) return undefined;
  if (found.absolute) return date;
  date.setHours(0, 0, found.seconds ?? 0, 0);
  if (!found.date && date < now) date.setDate(date.getDate() + 1);
  if (found.date && !found.hasYear && date < now) date.setFullYear(date.getFullYear() + 1);
  return date;
}

function read(piece: string, now: Date, found: Found): void {
  const [, sign, count = '0', unit = 'second'] = /^now(?:\s*([+-])\s*(\d+)\s*([a-z]*?)s?)?$/.exec(piece) ?? [];
  if (piece.startsWith('now')) {
    const seconds = Number(count) * (secondsOf[unit || 'second'] ?? 1);
    found.absolute = new Date(now.getTime() + (sign === '-' ? -seconds : seconds) * 1000);
  } else if (piece.startsWith('uts')) found.absolute = new Date(Number(piece.slice(3)) * 1000);
  else if (piece === 'today' || piece === 'tomorrow') {
    found.date = new Date(now);
    found.hasYear = true;
    if (piece === 'tomorrow') found.date.setDate(now.getDate() + 1);
    else found.seconds ??= (now.getHours() * 60 + now.getMinutes()) * 60 + now.getSeconds();
  } else if (hourOf[piece] !== undefined) found.seconds = hourOf[piece] * 3600;
  else if (piece.includes(':')) found.seconds = secondsOfDay(piece);
  else readDate(piece, now, found);
}

function readDate(piece: string, now: Date, found: Found): void {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(piece);
  const other = /^(\d\d?)[./]?(\d\d?)(?:[./]?(\d\d))?$/.exec(piece);
  const [year, month, day] = iso ? iso.slice(1) : [other?.[3] && `20${other[3]}`, other?.[1], other?.[2]];
  found.hasYear = year !== undefined;
  found.date = new Date(Number(year ?? now.getFullYear()), Number(month) - 1, Number(day));
  // It would be a day of the next month.
  found.isNoDate = found.date.getDate() !== Number(day);
}

/** `16:00`, `4:00:30 pm`. */
function secondsOfDay(text: string): number {
  const [, hours = '', minutes = '', seconds = '0', half] = /^(\d+):(\d+)(?::(\d+))?\s*([ap]m)?$/.exec(text) ?? [];
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === 'pm' ? 12 : 0);
  return hour * 3600 + Number(minutes) * 60 + Number(seconds);
}
