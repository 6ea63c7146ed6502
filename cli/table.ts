/** Plain tables and amounts, as the commands of `vigil` print them. */
import type { JobKey, Timestamp } from '../engine/protocol.ts';
import type { Io } from './io.ts';

export function table(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  for (const row of all)
    io.stdout(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** How long `since` is ago: `12 s`, `5 min`, `3 h`, `2 d`. `now`: seconds since the epoch. */
export function age(since: Timestamp, now: Timestamp = Date.now() / 1000): string {
  const seconds = Math.max(0, Math.round(now - since));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `12.3 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** Text that came from a job or a server: control characters, also those that change the direction of text, are shown as `\uXXXX`. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** The cluster that a job's key names. */
export function clusterOf(job: JobKey): string {
  return job.slice(0, Math.max(0, job.indexOf('/')));
}
