/** How much of what a job printed an eventlog keeps. Pure. */
import type { JsonValue } from '../protocol.ts';

/** Text of a line or a capture that an eventlog keeps; the output file has the rest. */
export const loggedText = 1000;

/** For the log; what is performed is whole. */
export function shortenedParams(params: { readonly [name: string]: JsonValue }): { [name: string]: JsonValue } {
  const shorten = (value: JsonValue) => (typeof value === 'string' ? value.slice(0, loggedText) : value);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shorten(value)]));
}

/** The same of captures. */
export function shortened(captures: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(captures).map(([name, text]) => [name, text.slice(0, loggedText)]));
}
