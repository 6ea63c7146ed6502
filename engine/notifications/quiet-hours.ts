/** The hours in which nobody wants to be told anything: `22:00-07:00`, or several such spans. Pure. */

const span = /^\s*([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)\s*$/;

interface Span {
  /** Minutes since midnight; `end` before `begin` goes over midnight. */
  readonly begin: number;
  readonly end: number;
}

/** Spans that are not written as such are left out: a slip in one must not silence everything. */
export function parseQuietHours(text: string): readonly Span[] {
  return text.split(',').flatMap((part) => {
    const match = span.exec(part);
    if (!match) return [];
    const [beginHour = 0, beginMinute = 0, endHour = 0, endMinute = 0] = match.slice(1).map(Number);
    return [{ begin: beginHour * 60 + beginMinute, end: endHour * 60 + endMinute }];
  });
}

/** `date` counts as the time of day of this machine. A span from one time to the same is the whole day. */
export function isQuiet(text: string, date: Date): boolean {
  const minute = date.getHours() * 60 + date.getMinutes();
  return parseQuietHours(text).some(({ begin, end }) =>
    begin < end ? minute >= begin && minute < end : minute >= begin || minute < end,
  );
}
