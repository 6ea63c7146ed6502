/** Why the ssh program did not connect, from what it says. */
import { ConnectionError, type ConnectionFailure } from './connection.ts';
import { showable } from './showable.ts';

interface Explanation {
  readonly pattern: RegExp;
  readonly reason: ConnectionFailure;
  readonly advice: string;
}

/** In this order: what is said first may follow from what is said last. */
const explanations: readonly Explanation[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed|REVOKED HOST KEY/,
    reason: 'host-key',
    advice: 'Ask the administrators of the host before you remove the old key with ssh-keygen -R.',
  },
  {
    pattern: /Host key verification failed|No .* host key is known/,
    reason: 'host-key',
    advice: 'Check the host key, and StrictHostKeyChecking in the SSH configuration.',
  },
  {
    pattern: /Permission denied|Too many authentication failures|No more authentication methods/,
    reason: 'authentication',
    advice: 'Check the user name, the keys, certificates and tickets (ssh-add -l, klist), and the password.',
  },
  {
    pattern: /Could not resolve hostname/,
    reason: 'unknown-host',
    advice: 'Correct the host name, or check the network.',
  },
  { pattern: /Connection refused/, reason: 'refused', advice: 'Check the port, or whether the host is up.' },
  { pattern: /timed out/, reason: 'timeout', advice: 'Check the network (a VPN?) and the name and port of the host.' },
  {
    pattern: /No route to host|Network is unreachable|Host is down/,
    reason: 'unreachable',
    advice: 'Check the network (a VPN?).',
  },
  {
    pattern: /Bad configuration option|Bad owner or permissions|terminating, \d+ bad|unknown option|usage: ssh/i,
    reason: 'configuration',
    advice: 'Correct the SSH configuration.',
  },
];

/** `stderr`: all that ssh printed. */
export function openSshFailure(
  cluster: string,
  address: string,
  stderr: string,
  status: number | null,
): ConnectionError {
  const lines = showable(stderr)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(Authenticated |Warning: Permanently added|debug\d: )/.test(line));
  const words = lines.slice(-4).join(' ').slice(-600) || `it ended with status ${status}`;
  const known = explanations.find(({ pattern }) => pattern.test(stderr));
  const advice = known ? ` ${known.advice}` : '';
  return new ConnectionError(
    known?.reason ?? 'closed',
    cluster,
    `ssh could not connect to ${address}: ${words}${/[.!?]$/.test(words) ? '' : '.'}${advice}`,
  );
}

/** The methods that the server accepted, from the words of LogLevel VERBOSE. */
export function authenticationSteps(stderr: string): readonly string[] {
  return Array.from(stderr.matchAll(/^Authenticated (?:to .* )?using "([^"]+)"/gm), ([, method]) => method ?? '');
}
