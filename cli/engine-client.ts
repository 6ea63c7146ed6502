/** The engine as the commands of `vigil` use it. */
import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { environmentSecrets } from '../engine/environment.ts';
import { connectToEngine, type EngineConnection } from '../engine/launch.ts';
import { enginePaths } from '../engine/paths.ts';
import { listRuns } from '../engine/protocol/workflows.ts';
import { clusterFacts, type EngineSettings, handOver, listClusters, listJobs } from '../engine/protocol.ts';
import { announcedEngine } from '../engine/running-engine.ts';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import { readArguments } from './arguments.ts';
import type { Known } from './completion/candidates.ts';
import { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import { type PromptAnswerer, promptAnswerer } from './prompts.ts';

declare const VIGIL_VERSION: string;

/**
 * Starts the engine if need be. `programDirectory`: where `engine.js` lies; `cluster`: the one that the command is
 * about, whose password may stand in the environment.
 */
export function openEngine(io: Io, programDirectory: string, cluster: string | undefined): Promise<EngineSession> {
  const prompts = promptAnswerer(io, cluster);
  return EngineSession.open(async (prepare) => {
    const engine = await findEngine(io, programDirectory, true, prompts, prepare);
    if (!engine) throw new Error('the engine was not started');
    return engine;
  });
}

/** `vigil stop-engine`: jobs go on, but nobody watches them until the next engine takes them up. */
export async function runStopEngine(argv: readonly string[], io: Io, programDirectory: string): Promise<number> {
  readArguments(argv, [], {});
  const engine = await findEngine(io, programDirectory, false);
  if (!engine) return stopElsewhere(io);
  const closed = new Promise<void>((resolve) => engine.connection.onClose(() => resolve()));
  // It may be gone before its answer arrives: that is what is wanted.
  await Promise.race([engine.connection.sendRequest(handOver).catch(() => {}), closed]);
  engine.dispose();
  return 0;
}

/** What a connected cluster says of itself; `null` when no engine runs or it is not connected. Starts and connects nothing. */
export async function readClusterFacts(
  io: Io,
  programDirectory: string,
  cluster: string,
): Promise<ClusterFacts | null> {
  const engine = await findEngine(io, programDirectory, false);
  if (!engine) return null;
  try {
    return await engine.connection.sendRequest(clusterFacts, { cluster });
  } finally {
    engine.dispose();
  }
}

/** What the engine that runs knows by name; nothing when none runs. Starts and connects nothing. */
export async function readKnown(io: Io, programDirectory: string): Promise<Known> {
  const engine = await findEngine(io, programDirectory, false);
  if (!engine) return { jobs: [], clusters: [], runs: [] };
  try {
    const { connection } = engine;
    const [jobs, clusters, runs] = await Promise.all([
      connection.sendRequest(listJobs),
      connection.sendRequest(listClusters),
      connection.sendRequest(listRuns, {}),
    ]);
    return { jobs, clusters: clusters.map(({ name }) => name), runs: runs.map(({ id }) => id) };
  } finally {
    engine.dispose();
  }
}

/** The home directory, and with it the engine's state, may be that of another host, where the engine runs. */
function stopElsewhere(io: Io): number {
  const { engineFile } = enginePaths(io.environment);
  const running = announcedEngine(engineFile);
  if (!running || running.host === hostname()) return 0;
  io.stderr(
    `vigil stop-engine: the engine runs on ${running.host} (pid ${running.pid}), not here: use "vigil stop-engine" there. ` +
      `If that host is gone, remove ${engineFile}: the next engine starts here.\n`,
  );
  return 1;
}

async function findEngine(
  io: Io,
  programDirectory: string,
  startIfAbsent: boolean,
  prompts?: PromptAnswerer,
  prepare: (connection: MessageConnection) => void = () => {},
): Promise<EngineConnection | undefined> {
  const settings = await readSettings(io);
  return connectToEngine({
    engineProgram: join(programDirectory, 'engine.js'),
    nodeProgram: nodeFor(programDirectory, io.environment),
    environment: io.environment,
    startIfAbsent,
    initialize: {
      version: VIGIL_VERSION,
      client: 'cli',
      answersPrompts: prompts?.canAnswer ?? false,
      ...(settings ? { settings } : {}),
      secrets: environmentSecrets(io.environment),
    },
    prepare: (connection) => {
      prompts?.register(connection);
      prepare(connection);
    },
  });
}

/**
 * The file that `VIGIL_SETTINGS` names, else `~/.config/vigil/settings.json` if it is there: the keys of `vigil.*`
 * without that prefix. Without a file the engine keeps what it was last told, e.g. by the editor.
 */
async function readSettings(io: Io): Promise<Partial<EngineSettings> | undefined> {
  const named = io.environment.VIGIL_SETTINGS;
  const file = named ?? join(io.environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'vigil', 'settings.json');
  if (!named && !existsSync(file)) return undefined;
  try {
    return JSON.parse(await io.readFile(file)) as Partial<EngineSettings>;
  } catch (error) {
    throw new UsageError(`${file} is not a settings file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The engine needs node:sqlite (Node 22.13); `vigil check` and `vigil replay` run on older ones too. */
function nodeFor(programDirectory: string, environment: Io['environment']): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  const installed = join(programDirectory, '..', 'node_modules', '.bin', 'node');
  const found = environment.VIGIL_NODE ?? (existsSync(installed) ? installed : undefined);
  if (!found) {
    throw new UsageError(
      `Vigil's engine needs Node 22.13 or newer, this is ${process.version}: set VIGIL_NODE to the path of a newer one`,
    );
  }
  return found;
}
