/** What setting up a cluster has found so far, step by step, and how what failed can be mended. Pure. */
import { type ClusterInfo, errorCodes } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import * as l10n from '../../language/text/l10n.ts';
import { describeLogin } from './describe-login.ts';

export interface SetupStep {
  readonly state: 'ok' | 'failed' | 'skipped';
  readonly title: string;
  readonly detail?: string;
}

/** What a person can do next. */
export type SetupAction = 'again' | 'terminal' | 'copyKey' | 'sshConfig' | 'settings' | 'log' | 'workdir' | 'submit';

export interface SetupOutcome {
  readonly steps: readonly SetupStep[];
  /** The most helpful first. */
  readonly actions: readonly SetupAction[];
}

/** Of a cluster that was connected to. */
export function setupSucceeded(cluster: ClusterInfo, facts: ClusterFacts | null): SetupOutcome {
  const partitions = facts?.partitions?.map(({ name }) => name) ?? [];
  const accounts = facts?.accounts?.map(({ name }) => name) ?? [];
  const missing = facts?.missing ?? [];
  return {
    steps: [
      { state: 'ok', title: l10n.t('Login'), detail: describeLogin(cluster) },
      { state: 'ok', title: l10n.t('Scheduler'), detail: cluster.detail ?? cluster.scheduler ?? '' },
      ...found(l10n.t('Partitions'), partitions),
      ...found(l10n.t('Accounts'), accounts),
      ...missing.map(
        ({ part, reason }): SetupStep => ({ state: 'skipped', title: l10n.t('Not told: {0}', part), detail: reason }),
      ),
    ],
    actions: ['submit', 'workdir', 'log'],
  };
}

function found(title: string, names: readonly string[]): readonly SetupStep[] {
  return names.length === 0 ? [] : [{ state: 'ok', title, detail: names.join(', ') }];
}

/** @param error of the engine: its message says what failed and what to do, its code what it was about */
export function setupFailed(error: unknown): SetupOutcome {
  const detail = error instanceof Error ? error.message : String(error);
  const login = (rest: readonly SetupAction[]): SetupOutcome => ({
    steps: [
      { state: 'failed', title: l10n.t('Login'), detail },
      { state: 'skipped', title: l10n.t('Scheduler'), detail: l10n.t('it is looked for once the login works') },
    ],
    actions: ['again', ...rest, 'log'],
  });
  switch (Reflect.get(Object(error), 'code')) {
    case errorCodes.authentication:
      return login(['copyKey', 'terminal', 'sshConfig']);
    case errorCodes.connection:
    case errorCodes.hostKey:
      return login(['terminal', 'sshConfig']);
    case errorCodes.noScheduler:
      return {
        steps: [
          { state: 'ok', title: l10n.t('Login') },
          { state: 'failed', title: l10n.t('Scheduler'), detail },
        ],
        actions: ['again', 'settings', 'terminal', 'log'],
      };
    default:
      return login(['settings', 'sshConfig']);
  }
}

export interface TypedHost {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

const userPart = /^[A-Za-z0-9_][\w.+-]*$/;
const hostPart = /^[A-Za-z0-9_][\w.-]*$|^[0-9a-fA-F]*:[0-9a-fA-F:.]+$/;

/** `user@host:port`, of which the host alone will do; IPv6 in brackets where a port follows. `undefined`: it is none. */
export function parseHost(text: string): TypedHost | undefined {
  const [, user, bracketed, plain, digits] = /^(?:([^@]+)@)?(?:\[([^\]]+)\]|(.+?))(?::(\d+))?$/.exec(text.trim()) ?? [];
  const whole = text.trim().replace(/^[^@]+@/, '');
  // More than one colon and no brackets: an IPv6 address without a port.
  const isPlainAddress = bracketed === undefined && whole.split(':').length > 2;
  const host = bracketed ?? (isPlainAddress ? whole : plain);
  const port = isPlainAddress || digits === undefined ? undefined : Number(digits);
  if (host === undefined || !hostPart.test(host) || (user !== undefined && !userPart.test(user))) return undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

/**
 * The command for a terminal, typed but not run; `undefined`: the address holds what a shell could misread. A host of the SSH
 * configuration goes by its name there: its address alone would lose ProxyJump, IdentityFile and the like.
 */
export function terminalCommand(
  program: 'ssh' | 'ssh-copy-id',
  { name, source, address }: ClusterInfo,
): string | undefined {
  const [, target, port] = /^(.*?)(?::(\d+))?$/.exec(source === 'ssh-config' ? name : (address ?? name)) ?? [];
  if (target === undefined || !/^[A-Za-z0-9_][\w.@-]*$/.test(target)) return undefined;
  return port === undefined || port === '22' ? `${program} ${target}` : `${program} -p ${port} ${target}`;
}

/** Lines of at most `width` characters, unless a word alone is longer. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length > width) lines.push(word);
    else lines[Math.max(0, lines.length - 1)] = longer;
  }
  return lines;
}
