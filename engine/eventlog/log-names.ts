/** The logs of a job by name, as flux-job(1) names them. */
import type { EventlogName } from '../protocol.ts';

export const mainLog: EventlogName = 'eventlog';

const shortNames: { readonly [name: string]: EventlogName } = {
  exec: 'guest.exec.eventlog',
  output: 'guest.output',
  input: 'guest.input',
};

/** The log that `--path` means: `exec`, `output` and `input` are short for those of a Flux job's guest. */
export function logNamed(path: string): EventlogName {
  return Object.hasOwn(shortNames, path) ? (shortNames[path] ?? path) : path;
}

const lastEvents: { readonly [log: EventlogName]: string } = { [mainLog]: 'clean', 'guest.exec.eventlog': 'done' };

/** The event that ends a log (RFC 21, RFC 50); a log without one ends with the job's own. */
export function lastEventOf(log: EventlogName): string | undefined {
  return Object.hasOwn(lastEvents, log) ? lastEvents[log] : undefined;
}
