/** The logs of a job by name, as flux-job(1) names them. */
import type { EventlogName } from '../protocol.ts';

/** The log of a workflow run: this and its id. */
export const runKeyPrefix = 'run/';

export const mainLog: EventlogName = 'eventlog';
/** Of the execution of a Flux job (RFC 50). */
export const execLog: EventlogName = 'guest.exec.eventlog';

const shortNames: { readonly [name: string]: EventlogName } = {
  exec: execLog,
  output: 'guest.output',
  input: 'guest.input',
};

/** The log that `--path` means: `exec`, `output` and `input` are short for those of a Flux job's guest. */
export function logNamed(path: string): EventlogName {
  return Object.hasOwn(shortNames, path) ? (shortNames[path] ?? path) : path;
}

const lastEvents: { readonly [log: EventlogName]: string } = { [mainLog]: 'clean', [execLog]: 'done' };

/** The event that ends a log (RFC 21, RFC 50); a log without one ends with the job's own. */
export function lastEventOf(log: EventlogName): string | undefined {
  return Object.hasOwn(lastEvents, log) ? lastEvents[log] : undefined;
}
