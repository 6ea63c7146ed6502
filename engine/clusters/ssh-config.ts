/** Looks hosts up in `~/.ssh/config`: by `ssh -G`, which is what OpenSSH itself would do, else by our own reading of it. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClusterSettings } from '../protocol.ts';
import { ConnectionError } from './connection.ts';
import { messageOf } from './showable.ts';
import { concreteHosts, optionsFor, readSshConfig, splitWords } from './ssh-config-file.ts';
import {
  addressOf,
  type JumpHop,
  type LocalContext,
  parseProxyJump,
  type SshOptions,
  type SshTarget,
  targetFromOptions,
} from './ssh-target.ts';

export interface SshHost {
  readonly alias: string;
  /** `user@host:port`, for people: by our own reading of the file, without asking ssh. */
  readonly address: string;
}

/** The aliases of the file that stand for one host each; none where the file does not exist. Throws when it cannot be read. */
export async function listSshHosts(
  configFile: string,
  context: LocalContext = localContext(),
): Promise<readonly SshHost[]> {
  const config = await readSshConfig(expandHome(configFile, context.home), context.home);
  return concreteHosts(config).map((alias) => ({
    alias,
    address: addressOf(targetFromOptions(optionsFor(config, alias, undefined), alias, alias, context)),
  }));
}

export interface ResolveOptions {
  readonly context?: LocalContext;
  /** The ssh program; `undefined` in tests of the way without one. */
  readonly sshProgram?: string | undefined;
}

/** What is asked for, before the configuration has its say. */
interface Request {
  readonly cluster: string;
  readonly alias: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFile?: string | undefined;
}

/** Rejects with ConnectionError('configuration') when the configuration is broken or its jump hosts go in a circle. */
export async function resolveSshTarget(
  cluster: ClusterSettings | string,
  configFile: string,
  options: ResolveOptions = {},
): Promise<SshTarget> {
  const { context = localContext() } = options;
  const sshProgram = 'sshProgram' in options ? options.sshProgram : 'ssh';
  const settings = typeof cluster === 'string' ? { name: cluster } : cluster;
  const file = expandHome(configFile, context.home);
  const lookUp = (request: Request) => lookUpOptions(request, file, context, sshProgram);
  const alias = settings.host ?? settings.name;
  return resolveRequest({ ...settings, cluster: settings.name, alias }, lookUp, context, []);
}

/** The same for the ssh program itself: what to put before its other arguments, and the host. */
export async function sshProgramArguments(
  cluster: ClusterSettings,
  configFile: string,
  context: LocalContext = localContext(),
): Promise<{ readonly configuration: readonly string[]; readonly host: string }> {
  const { user, port, identityFile } = cluster;
  const configuration = [
    ...(await requestArguments({ user, port }, expandHome(configFile, context.home))),
    ...(identityFile === undefined ? [] : ['-i', expandHome(identityFile, context.home)]),
  ];
  return { configuration, host: cluster.host ?? cluster.name };
}

export function localContext(environment: LocalContext['environment'] = process.env): LocalContext {
  const home = environment[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] || homedir();
  return { home, user: userInfo().username, environment, platform: process.platform };
}

function expandHome(path: string, home: string): string {
  return resolve(path.replace(/^~(?=[\\/]|$)/, () => home));
}

type LookUp = (request: Request) => Promise<SshOptions>;

/** `via`: the targets that this one was asked for by, as a jump host. */
async function resolveRequest(
  request: Request,
  lookUp: LookUp,
  context: LocalContext,
  via: readonly string[],
): Promise<SshTarget> {
  if (via.length >= 8) {
    throw new ConnectionError(
      'configuration',
      request.cluster,
      `The jump hosts of ${request.cluster} go in a circle: ${via.join(' via ')}. Correct ProxyJump in the SSH configuration.`,
    );
  }
  const options = await lookUp(request);
  const target = targetFromOptions(options, request.cluster, request.alias, context);
  const hops = parseProxyJump(options.get('proxyjump')?.[0]);
  if (hops.length === 0) return target;
  const jump = await resolveHops(hops, request.cluster, lookUp, context, [...via, request.alias]);
  return { ...target, jump: { ...jump, isJumpHost: true } };
}

/** The last hop is reached through those before it, as ssh(1) -J does; only the first one uses a ProxyJump of its own. */
async function resolveHops(
  hops: readonly JumpHop[],
  cluster: string,
  lookUp: LookUp,
  context: LocalContext,
  via: readonly string[],
): Promise<SshTarget> {
  const earlier = hops.slice(0, -1);
  const last = hops.at(-1);
  if (!last) throw new Error('A ProxyJump without hops.');
  const request = { cluster, alias: last.host, user: last.user, port: last.port };
  if (earlier.length === 0) return resolveRequest(request, lookUp, context, via);
  const target = targetFromOptions(await lookUp(request), cluster, last.host, context);
  return { ...target, jump: { ...(await resolveHops(earlier, cluster, lookUp, context, via)), isJumpHost: true } };
}

async function lookUpOptions(
  request: Request,
  file: string,
  context: LocalContext,
  sshProgram: string | undefined,
): Promise<SshOptions> {
  const { cluster, alias } = request;
  if (alias.startsWith('-') || /[\s\0]/.test(alias)) {
    throw new ConnectionError(
      'configuration',
      cluster,
      `${JSON.stringify(alias)} is not a host name. Correct the host of ${cluster} in the setting vigil.clusters.`,
    );
  }
  const asked = sshProgram === undefined ? undefined : await askSsh(sshProgram, request, file);
  const options = asked ?? (await readOptions(request, file, context));
  return request.identityFile === undefined
    ? options
    : withIdentityFile(options, request.identityFile, cluster, context);
}

/** In front of the configured ones, as `ssh -i` does; but ssh would leave out a file that is not there with a warning only. */
async function withIdentityFile(
  options: SshOptions,
  identityFile: string,
  cluster: string,
  context: LocalContext,
): Promise<SshOptions> {
  const file = expandHome(identityFile, context.home);
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    const words = messageOf(cause);
    throw new ConnectionError(
      'configuration',
      cluster,
      `The key of ${cluster} in the setting vigil.clusters cannot be read: ${words}`,
      { cause },
    );
  }
  return new Map(options).set('identityfile', [file, ...(options.get('identityfile') ?? [])]);
}

async function requestArguments(
  { user, port }: Pick<Request, 'user' | 'port'>,
  file: string,
): Promise<readonly string[]> {
  return [
    ...(await configFileArguments(file)),
    ...(user !== undefined ? ['-l', user] : []),
    ...(port !== undefined ? ['-p', String(port)] : []),
  ];
}

/** `undefined`: there is no such program. */
async function askSsh(program: string, request: Request, file: string): Promise<SshOptions | undefined> {
  const { cluster, alias } = request;
  const args = await requestArguments(request, file);
  return new Promise((succeed, fail) => {
    execFile(program, [...args, '-G', '--', alias], { timeout: 20_000, windowsHide: true }, (error, stdout, stderr) => {
      if (!error) return succeed(parseSshOutput(stdout));
      if (error.code === 'ENOENT') return succeed(undefined);
      const words = stderr.trim() || error.message;
      fail(
        new ConnectionError(
          'configuration',
          cluster,
          `The SSH configuration for ${alias} is not valid; ssh says: ${words}`,
          { cause: error },
        ),
      );
    });
  });
}

/**
 * With -F, ssh leaves the system's configuration out: so it is only given for a file that is not the usual one. For ssh
 * that is below the home directory of the user database, whatever $HOME says.
 */
async function configFileArguments(file: string): Promise<readonly string[]> {
  if (file === join(userInfo().homedir, '.ssh', 'config')) return [];
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  return ['-F', exists ? file : 'none'];
}

const listOptions = new Set(['userknownhostsfile', 'globalknownhostsfile']);

function parseSshOutput(output: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const name = line.slice(0, space).toLowerCase();
    const value = line.slice(space + 1);
    options.set(name, [...(options.get(name) ?? []), ...(listOptions.has(name) ? splitWords(value) : [value])]);
  }
  return options;
}

async function readOptions(request: Request, file: string, context: LocalContext): Promise<SshOptions> {
  const { cluster, alias, user, port } = request;
  let read: SshOptions;
  try {
    read = optionsFor(await readSshConfig(file, context.home), alias, user);
  } catch (error) {
    const words = messageOf(error);
    throw new ConnectionError('configuration', cluster, `The SSH configuration ${file} cannot be read: ${words}`, {
      cause: error,
    });
  }
  const options = new Map(read);
  if (user !== undefined) options.set('user', [user]);
  if (port !== undefined) options.set('port', [String(port)]);
  return options;
}
