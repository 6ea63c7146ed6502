/** A line `::event NAME {json}` that a job prints: a durable event with no watcher needed. What it holds is hostile data. Pure. */
import type { JsonValue } from '../protocol.ts';
import { eventProblem } from './emitted-events.ts';

export type PrintedEvent =
  | { readonly name: string; readonly payload: JsonValue; readonly problem?: undefined }
  | { readonly problem: string };

/** Lines that may hold one, in the pattern language of watchers and in ours. */
export const printedEventLine = /^::event(?:\s|$)/;

/** `undefined`: it is an ordinary line. Without JSON the payload is null. */
export function parsePrintedEvent(line: string): PrintedEvent | undefined {
  if (!printedEventLine.test(line)) return undefined;
  const [, name = '', json = ''] = /^::event\s+(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  let payload: JsonValue = null;
  if (json.trim() !== '') {
    try {
      payload = JSON.parse(json) as JsonValue;
    } catch {
      return { problem: `what follows ${JSON.stringify(name.slice(0, 100))} is not JSON` };
    }
  }
  const problem = eventProblem(name, payload);
  return problem === undefined ? { name, payload } : { problem };
}
