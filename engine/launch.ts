/** For clients: finds the running engine, or starts one, and shakes hands. The same rules for the editor and for `vigil`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import {
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { engineEnvironment } from './environment.ts';
import { enginePaths } from './paths.ts';
import { isOwnSocket } from './private-directory.ts';
import {
  errorCodes,
  handOver,
  type InitializeParams,
  type InitializeResult,
  initialize,
  protocolVersion,
} from './protocol.ts';
import { announcedEngine } from './running-engine.ts';

/**
 * Flags of V8. The engine runs for weeks beside everything else of its user's: a small young generation and early
 * collections cost it little (its work is waiting) and keep a thousand followed jobs within 200 MB.
 */
const engineNodeFlags = ['--optimize-for-size', '--max-semi-space-size=2'] as const;

export interface LaunchOptions {
  /** Path of `dist/engine.js`. */
  readonly engineProgram: string;
  /** Node 22.13 or newer, or an Electron that stands in for it: `process.execPath`. */
  readonly nodeProgram: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** False: only an engine that runs already is used. */
  readonly startIfAbsent: boolean;
  readonly initialize: Omit<InitializeParams, 'protocolVersion'>;
  /** Registers the client's handlers before the engine can call them. */
  readonly prepare?: (connection: MessageConnection) => void;
}

export interface EngineConnection {
  readonly connection: MessageConnection;
  readonly info: InitializeResult;
  /** Takes nothing more from the engine, which then sends no more output, until `resume`. */
  pause(): void;
  resume(): void;
  dispose(): void;
}

/** The engine could not be started or spoken to; the message says why and where its log is. */
export class EngineLaunchError extends Error {}

const startTimeoutMs = 30_000;
const retryMs = 50;
/** Exit status of an engine that found another one at work. */
const exitLocked = 3;

/**
 * The engine, connected and greeted. `undefined` when none runs and none is to be started. An engine of an older
 * version hands over and a new one is started. Rejects with `EngineLaunchError`.
 */
export async function connectToEngine(options: LaunchOptions): Promise<EngineConnection | undefined> {
  const paths = enginePaths(options.environment);
  const deadline = Date.now() + startTimeoutMs;
  let child: Starting | undefined;
  let replaceOlder = true;
  for (;;) {
    const running = announcedEngine(paths.engineFile);
    const socket = await tryConnect(running?.host === hostname() ? running.socket : paths.socket);
    if (socket) {
      const greeted = await greet(socket, options, replaceOlder);
      if (greeted !== 'handed over' && greeted !== 'ended') return greeted;
      // What comes next is what there is: our own program, or that of another client.
      if (greeted === 'handed over') replaceOlder = false;
    } else if (!options.startIfAbsent) return undefined;
    const failure = child?.failure();
    if (failure) throw new EngineLaunchError(`Vigil's engine did not start: ${failure} (its log: ${paths.logFile})`);
    if (child?.foundAnother() && running && running.host !== hostname()) {
      throw new EngineLaunchError(
        `Vigil's engine runs on ${running.host} (pid ${running.pid}) with the same home directory: use it there, or end it there with "vigil stop-engine".`,
      );
    }
    if (Date.now() > deadline) {
      throw new EngineLaunchError(
        `Vigil's engine did not answer within ${startTimeoutMs / 1000} s (its log: ${paths.logFile})`,
      );
    }
    if (options.startIfAbsent && !child?.isAlive()) child = start(options);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** `undefined`: nobody is there, or somebody else's process: an engine that is started then says so. */
async function tryConnect(address: string): Promise<Socket | undefined> {
  if (!isOwnSocket(address)) return undefined;
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(new EngineLaunchError(`Vigil's engine cannot be reached at ${address}: ${error.message}`));
    });
  });
}

async function greet(
  socket: Socket,
  options: LaunchOptions,
  replaceOlder: boolean,
): Promise<EngineConnection | 'handed over' | 'ended'> {
  const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  options.prepare?.(connection);
  connection.onError(() => {}); // `onClose` follows, and is what clients listen to.
  const closed = new Promise<'ended'>((resolve) => connection.onClose(() => resolve('ended')));
  connection.listen();
  const dispose = () => {
    connection.dispose();
    socket.destroy();
  };
  try {
    const greeting = connection.sendRequest(initialize, { protocolVersion, ...options.initialize });
    const info = await Promise.race([greeting, closed]);
    if (info === 'ended') return info;
    if (!replaceOlder || !isOlder(info.version, options.initialize.version)) {
      return { connection, info, pause: () => void socket.pause(), resume: () => void socket.resume(), dispose };
    }
  } catch (error) {
    const code = error instanceof ResponseError ? error.code : undefined;
    const outdated = replaceOlder && code === errorCodes.engineOutdated;
    if (!outdated) dispose();
    if (code === errorCodes.engineEnds) return 'ended';
    if (!outdated) throw new EngineLaunchError(error instanceof Error ? error.message : String(error));
  }
  // It may be gone before its answer arrives: that is what is wanted.
  await Promise.race([connection.sendRequest(handOver).catch(() => {}), closed]);
  dispose();
  return 'handed over';
}

/** Compares `major.minor.patch`. */
export function isOlder(version: string, than: string): boolean {
  const [a = [], b = []] = [version, than].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

interface Starting {
  isAlive(): boolean;
  /** Why it ended, unless that was because another engine is there. */
  failure(): string | undefined;
  /** It ended because another engine holds the lock. */
  foundAnother(): boolean;
}

function start({ engineProgram, nodeProgram, environment, initialize }: LaunchOptions): Starting {
  const store = initialize.settings?.store;
  let stderr = '';
  let ended: { readonly code: number | null; readonly error?: Error } | undefined;
  const child: ChildProcess = spawn(nodeProgram, [...engineNodeFlags, engineProgram], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...engineEnvironment(environment), ...(store === undefined ? {} : { VIGIL_STORE: store }) },
    windowsHide: true,
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr = `${stderr}${bytes.toString('utf8')}`.slice(-4096);
  });
  child.once('error', (error) => {
    ended = { code: null, error };
  });
  child.once('exit', (code) => {
    ended = { code };
  });
  // The client may end; the engine stays.
  child.unref();
  (child.stderr as unknown as { unref?: () => void } | null)?.unref?.();
  return {
    isAlive: () => ended === undefined,
    foundAnother: () => ended?.code === exitLocked,
    failure() {
      if (!ended || ended.code === exitLocked || ended.code === 0) return undefined;
      return ended.error?.message ?? (stderr.trim().split('\n').at(-1) || `it ended with status ${ended.code}`);
    },
  };
}
