/** An eventlog as text, an entry a line. Pure. */
import type { EventlogEntry } from '../../engine/protocol.ts';
import { stripControls } from '../text/plain-text.ts';
import { fullTime } from '../text/time.ts';

const longestLine = 4000;
const longestName = 24;

/** `2026-11-21 12:03:04.113  step.start  step=train attempt=1`; texts that are no plain words are written as in JSON. */
export function eventlogText(entries: readonly EventlogEntry[]): string {
  const width = Math.min(
    longestName,
    entries.reduce((most, { name }) => Math.max(most, name.length), 0),
  );
  return entries.map((entry) => `${entryLine(entry, width)}\n`).join('');
}

function entryLine({ timestamp, name, context = {} }: EventlogEntry, width: number): string {
  const words = Object.entries(context)
    // By this the engine knows what it has logged already.
    .filter(([key]) => key !== 'mark')
    .map(([key, value]) => `${key}=${isWord(value) ? value : JSON.stringify(value)}`);
  const line = `${fullTime(timestamp)}  ${name.padEnd(width)}  ${words.join(' ')}`;
  return stripControls(line).replaceAll('\n', ' ').trimEnd().slice(0, longestLine);
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[\w.:/@+-]+$/.test(value);
