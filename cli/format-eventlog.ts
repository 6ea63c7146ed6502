/** Prints eventlog entries as `flux job eventlog` does: text or JSON lines, with its four kinds of times. Pure. */
import type { EventlogEntry, JsonValue } from '../engine/protocol.ts';

export const eventlogFormats = ['text', 'json'] as const;
export const timeFormats = ['raw', 'iso', 'offset', 'human'] as const;
export const colorChoices = ['auto', 'always', 'never'] as const;

export interface EventlogStyle {
  readonly format: (typeof eventlogFormats)[number];
  readonly time: (typeof timeFormats)[number];
  /** With the colours of flux-job(1). */
  readonly colored?: boolean;
}

/** A formatter for the entries of one log, in order: offsets count from its first entry. */
export function eventlogFormatter({ format, time, colored = false }: EventlogStyle): (entry: EventlogEntry) => string {
  let first: number | undefined;
  let minute: { readonly label: string; readonly began: number } | undefined;
  const human = (timestamp: number) => {
    const date = new Date(timestamp * 1000);
    const month = date.toLocaleString('en-US', { month: 'short' });
    const label = `${month}${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
    if (minute?.label === label) return `[${`+${(timestamp - minute.began).toFixed(6)}`.padStart(label.length)}]`;
    minute = { label, began: timestamp };
    return `[${label}]`;
  };
  const stamp = (timestamp: number) => {
    first ??= timestamp;
    if (time === 'iso') return isoLocal(timestamp);
    if (time === 'offset') return (timestamp - first).toFixed(6);
    if (time === 'human') return human(timestamp);
    return timestamp.toFixed(6);
  };
  return ({ timestamp, name, context }) => {
    if (format === 'json') return JSON.stringify({ timestamp, name, ...(context ? { context } : {}) });
    const paint = colored ? painted : (_color: Color, text: string) => text;
    const pairs = Object.entries(context ?? {}).map(
      ([key, value]) =>
        `${paint('key', key)}=${paint(typeof value === 'number' ? 'number' : 'value', printable(value))}`,
    );
    return [paint('time', stamp(timestamp)), paint(name === 'exception' ? 'exception' : 'name', name), ...pairs].join(
      ' ',
    );
  };
}

type Color = keyof typeof colors;

/** Those of flux-job(1), as parameters of SGR (ECMA-48). */
const colors = { time: '32', name: '33', exception: '1;31', key: '34', value: '35', number: '37' } as const;

const painted = (color: Color, text: string) => `\u001b[${colors[color]}m${text}\u001b[0m`;

/** JSON, with what could steer a terminal escaped: values may come from a job's output. */
function printable(value: JsonValue): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

const pad = (value: number) => String(value).padStart(2, '0');

/** Local time with microseconds and zone, e.g. `2026-11-20T22:33:31.500000+01:00`. */
function isoLocal(timestamp: number): string {
  const date = new Date(timestamp * 1000);
  const zone = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + zone * 60_000).toISOString().slice(0, 19);
  const micros = timestamp.toFixed(6).slice(-6);
  if (zone === 0) return `${local}.${micros}Z`;
  const offset = `${zone < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(zone) / 60))}:${pad(Math.abs(zone) % 60)}`;
  return `${local}.${micros}${offset}`;
}
