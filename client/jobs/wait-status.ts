/** wait(2) statuses, as `finish` events carry them (Flux RFC 21), in words. */

/** Signals with the same number on Linux and macOS, and those that jobs die of; others are named by number. */
const signalNames: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [10, 'SIGUSR1'],
  [11, 'SIGSEGV'],
  [12, 'SIGUSR2'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
]);

/** `768` → `exit code 3`, `15` → `killed by SIGTERM`. */
export function describeStatus(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return `exit code ${(status >> 8) & 0xff}`;
  return `killed by ${signalNames.get(signal) ?? `signal ${signal}`}`;
}
