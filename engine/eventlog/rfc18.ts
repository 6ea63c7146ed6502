/** Eventlogs as text: JSON lines as Flux RFC 18 has them. Reads tolerantly: what is wrong with a line is told, the rest is read. */
import type { JsonValue, Timestamp } from '../protocol.ts';

/** One event as it is written down (RFC 18): no sequence number, no time of observation. */
export interface LoggedEvent {
  /** Seconds since the epoch, greater than 0. */
  readonly timestamp: Timestamp;
  readonly name: string;
  readonly context?: { readonly [key: string]: JsonValue };
}

export interface EventlogProblem {
  /** From 0. */
  readonly line: number;
  readonly message: string;
}

/** One line of an eventlog, or what is wrong with it. */
export function parseEvent(line: string): LoggedEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isObject(value)) return 'an event is a JSON object';
  const { timestamp, name, context } = value;
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp) || timestamp <= 0)
    return '"timestamp" must be a number of seconds greater than 0';
  if (typeof name !== 'string' || name === '') return '"name" must be a word';
  if (context === undefined) return { timestamp, name };
  if (!isObject(context)) return '"context" must be an object';
  return { timestamp, name, context };
}

/** A whole eventlog. An empty text is an empty log; blank lines are passed over. */
export function parseEventlog(text: string): {
  readonly events: readonly LoggedEvent[];
  readonly problems: readonly EventlogProblem[];
} {
  const events: LoggedEvent[] = [];
  const problems: EventlogProblem[] = [];
  text.split('\n').forEach((content, line) => {
    if (content.trim() === '') return;
    const event = parseEvent(content);
    if (typeof event === 'string') problems.push({ line, message: event });
    else events.push(event);
  });
  return { events, problems };
}

/** One line, without its line break; JSON leaves none inside it. An empty context is left out. */
export function formatEvent({ timestamp, name, context }: LoggedEvent): string {
  const hasContext = context !== undefined && Object.keys(context).length > 0;
  return JSON.stringify({ timestamp, name, ...(hasContext ? { context } : {}) });
}

function isObject(value: unknown): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
