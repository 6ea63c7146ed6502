/** Where and how to log in over SSH: what is left of an ssh_config(5) once a host is looked up in it. */
import { isAbsolute, join } from 'node:path';

export type AuthenticationMethod = 'publickey' | 'keyboard-interactive' | 'password';

export interface SshTarget {
  /** The cluster this connection is for; the same for its jump hosts. For messages and prompts. */
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket (on Windows: pipe) of the agent; absent: none is to be used. */
  readonly agentSocket?: string;
  /** The first one takes accepted keys. */
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  /** The name to look up host keys by, instead of host and port. */
  readonly hostKeyAlias?: string;
  /** What to do with the key of a host that is not known yet. A changed key is refused in any case. */
  readonly unknownHostKeys: 'ask' | 'refuse' | 'accept';
  readonly hashKnownHosts: boolean;
  /** In the order to try them. */
  readonly methods: readonly AuthenticationMethod[];
  /** How often a wrong password or code may be followed by another. */
  readonly passwordPrompts: number;
  /** For connecting and logging in, not counting the time in which a person is being asked. */
  readonly connectTimeoutSeconds: number;
  /** How often to ask the server whether it is still there, … */
  readonly keepAliveSeconds: number;
  /** … and how many answers may be missing before the connection counts as broken. */
  readonly keepAliveCount: number;
  /** What the options ask for that only the ssh program can do; for the choice of the transport. */
  readonly beyond?: BeyondSsh2;
  /** Somebody else's way: what is for the cluster itself (its password, say) is not for this host. */
  readonly isJumpHost?: boolean;
  /** The host to go through; it may have one itself. */
  readonly jump?: SshTarget;
  /** A command for sh(1) whose stdin and stdout are the connection. */
  readonly proxyCommand?: string;
}

export interface BeyondSsh2 {
  readonly controlPath?: string;
  /** ControlPersist: the master is in the background, and no terminal waits for the end of our commands. */
  readonly isControlPersistent?: true;
  readonly pkcs11Provider?: string;
  readonly certificateFiles?: readonly string[];
  readonly isHostbased?: true;
  readonly usesGssapi?: true;
}

/** Option names in lower case, each with all its values, as `ssh -G` prints them. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;

/** The machine we run on, as far as options refer to it. */
export interface LocalContext {
  readonly home: string;
  readonly user: string;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly platform: NodeJS.Platform;
}

/** ssh_config(5), PreferredAuthentications: its default order, of the methods that we know. */
const defaultMethods: readonly AuthenticationMethod[] = ['publickey', 'keyboard-interactive', 'password'];
const defaultIdentityFiles = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];
/** Where ConnectTimeout says nothing, ssh(1) waits as long as the system does, which may be minutes. */
const defaultConnectTimeoutSeconds = 20;
/** Where ServerAliveInterval says nothing, ssh(1) never asks; but we must notice a dead link while only listening. */
const defaultKeepAliveSeconds = 15;
const windowsAgentPipe = '\\\\.\\pipe\\openssh-ssh-agent';

/** The target that `options` describe for `alias`, without its jump host. Defaults are those of ssh_config(5). */
export function targetFromOptions(
  options: SshOptions,
  cluster: string,
  alias: string,
  context: LocalContext,
): SshTarget {
  const first = (name: string) => options.get(name)?.[0];
  const isOn = (name: string) => ['yes', 'true', 'unconfirmed'].includes(first(name) ?? 'yes');
  const user = first('user') ?? context.user;
  const port = Number(first('port') ?? 22);
  const host = expandHostName(first('hostname') ?? alias, alias);
  const expand = (text: string) => expandPath(text, { host, port, user, alias }, context);
  const files = (name: string, defaults: readonly string[]) =>
    (options.get(name) ?? defaults).filter((file) => file !== 'none' && file !== '').map(expand);
  const agentSocket = agentOf(first('identityagent'), expand, context);
  const hostKeyAlias = first('hostkeyalias');
  const proxyCommand = first('proxycommand');
  const beyond = beyondSsh2(options, expand);
  return {
    cluster,
    host,
    port,
    user,
    identityFiles: [...new Set(files('identityfile', defaultIdentityFiles))],
    identitiesOnly: first('identitiesonly') === 'yes',
    ...(agentSocket !== undefined && { agentSocket }),
    userKnownHostsFiles: files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHostsFiles: files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    unknownHostKeys: unknownHostKeysOf(first('stricthostkeychecking')),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    methods: preferredMethods(first('preferredauthentications')).filter((method) => isOn(switches[method])),
    passwordPrompts: Number(first('numberofpasswordprompts') ?? 3),
    connectTimeoutSeconds: Number(first('connecttimeout')) || defaultConnectTimeoutSeconds,
    keepAliveSeconds: Number(first('serveraliveinterval')) || defaultKeepAliveSeconds,
    keepAliveCount: Number(first('serveralivecountmax') ?? 3),
    ...(Object.keys(beyond).length > 0 && { beyond }),
    ...(proxyCommand !== undefined &&
      proxyCommand !== 'none' && { proxyCommand: expandTokens(proxyCommand, { host, port, user, alias }, context) }),
  };
}

function beyondSsh2(options: SshOptions, expand: (text: string) => string): BeyondSsh2 {
  const [isOn, given] = [
    (name: string) => options.get(name)?.[0] === 'yes',
    (name: string) => options.get(name)?.find((value) => value !== 'none' && value !== ''),
  ];
  const [controlPath, pkcs11Provider] = [given('controlpath'), given('pkcs11provider')];
  const certificates = (options.get('certificatefile') ?? []).filter((file) => file !== 'none').map(expand);
  return {
    ...(controlPath !== undefined && { controlPath: expand(controlPath) }),
    ...(controlPath !== undefined && isPersistent(options) && { isControlPersistent: true }),
    ...(pkcs11Provider !== undefined && { pkcs11Provider }),
    ...(certificates.length > 0 && { certificateFiles: certificates }),
    ...(isOn('hostbasedauthentication') && { isHostbased: true }),
    ...(isOn('gssapiauthentication') && { usesGssapi: true }),
  };
}

function isPersistent(options: SshOptions): boolean {
  return !['no', 'false'].includes(options.get('controlpersist')?.[0] ?? 'no');
}

const switches: { readonly [method in AuthenticationMethod]: string } = {
  publickey: 'pubkeyauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  password: 'passwordauthentication',
};

function preferredMethods(preference: string | undefined): readonly AuthenticationMethod[] {
  if (preference === undefined) return defaultMethods;
  return preference.split(',').flatMap((name) => defaultMethods.find((method) => method === name.trim()) ?? []);
}

function unknownHostKeysOf(strictHostKeyChecking: string | undefined): SshTarget['unknownHostKeys'] {
  switch (strictHostKeyChecking) {
    case 'yes':
    case 'true':
      return 'refuse';
    case 'no':
    case 'false':
    case 'off':
    case 'accept-new':
      return 'accept';
    default:
      return 'ask';
  }
}

/** ssh_config(5), IdentityAgent: a path, `none`, `SSH_AUTH_SOCK`, or `$` and the name of a variable. */
function agentOf(
  option: string | undefined,
  expand: (text: string) => string,
  context: LocalContext,
): string | undefined {
  if (option === 'none') return undefined;
  if (option?.startsWith('$') && !option.startsWith('${')) return context.environment[option.slice(1)];
  if (option !== undefined && option !== 'SSH_AUTH_SOCK') return expand(option);
  return context.environment.SSH_AUTH_SOCK ?? (context.platform === 'win32' ? windowsAgentPipe : undefined);
}

interface TokenValues {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string;
}

/** `Hostname %h.example.org`: here %h is the name as it was given. */
function expandHostName(hostName: string, alias: string): string {
  return hostName.replace(/%([%h])/g, (_, token) => (token === 'h' ? alias : '%'));
}

/** ssh_config(5), TOKENS, and ENVIRONMENT VARIABLES: `${NAME}`. What is not known stays as it is. */
function expandTokens(text: string, { host, port, user, alias }: TokenValues, context: LocalContext): string {
  const tokens: { readonly [token: string]: string } = {
    '%': '%',
    d: context.home,
    h: host,
    n: alias,
    p: String(port),
    r: user,
    u: context.user,
  };
  return text
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name) => context.environment[name] ?? whole)
    .replace(/%(.)/g, (whole, token) => tokens[token] ?? whole);
}

function expandPath(text: string, values: TokenValues, context: LocalContext): string {
  const path = expandTokens(text, values, context);
  if (path === '~' || path.startsWith('~/') || path.startsWith('~\\')) return join(context.home, path.slice(1));
  return isAbsolute(path) || path.startsWith('\\\\') ? path : join(context.home, path);
}

export interface JumpHop {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** ssh_config(5), ProxyJump: `[user@]host[:port]` or `ssh://…`, several separated by commas, the first one first. */
export function parseProxyJump(value: string | undefined): readonly JumpHop[] {
  if (value === undefined || value === 'none' || value.trim() === '') return [];
  return value.split(',').map((text) => {
    const match =
      /^(?:ssh:\/\/)?(?:(?<user>.*)@)?(?:\[(?<bracketed>[^\]]+)\]|(?<host>[^:]+|.*:.*:.*?))(?::(?<port>\d+))?\/?$/.exec(
        text.trim(),
      );
    const { user, bracketed, host, port } = match?.groups ?? {};
    return { host: bracketed ?? host ?? text.trim(), ...(user && { user }), ...(port && { port: Number(port) }) };
  });
}

/** `user@host:port`, for people. */
export function addressOf({ user, host, port }: Pick<SshTarget, 'user' | 'host' | 'port'>): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}
