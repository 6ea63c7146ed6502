/** wait(2) statuses, as `finish` events carry them (Flux RFC 21), in words. */
import * as l10n from '../../language/text/l10n.ts';

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
  if (signal === 0) return l10n.t('exit code {0}', (status >> 8) & 0xff);
  return l10n.t('killed by {0}', signalNames.get(signal) ?? l10n.t('signal {0}', signal));
}
