/** The engine's process: one a user, started by the first client that needs it, ended when nothing needs it any more. */
import { createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from './clock.ts';
import { removeLeftOvers } from './clusters/askpass.ts';
import { Engine } from './engine.ts';
import { EngineLease } from './engine-lease.ts';
import { environmentSecrets, jobEnvironment } from './environment.ts';
import { takeLock } from './lock.ts';
import { createLogger, type Logger } from './logger.ts';
import { openStores, storeSetting } from './open-stores.ts';
import { type EnginePaths, enginePaths } from './paths.ts';
import { preparePrivateDirectory } from './private-directory.ts';
import { RpcServer } from './rpc-server.ts';
import { announceEngine } from './running-engine.ts';
import type { PostgresDatabase } from './store/postgres-database.ts';

declare const VIGIL_VERSION: string;

/** Exit statuses that `launch.ts` understands. */
const exitLocked = 3;

/** How long the engine stays when no client is attached and no job is followed. */
const lingerMs = 60_000;
/** How long connections may take to close at the end. */
const endMs = 5_000;
const maxLogBytes = 5 * 1024 * 1024;

async function main(): Promise<void> {
  const paths = enginePaths(process.env);
  mkdirSync(paths.stateDirectory, { recursive: true, mode: 0o700 });
  const log = createLogger(openLog(paths.logFile));
  const lock = takeLock(paths.lockFile);
  if (!lock) process.exit(exitLocked);
  try {
    await run(paths, log, lock);
  } catch (error) {
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    // `launch.ts` shows what stands here to the person who wanted an engine.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

async function run(paths: EnginePaths, log: Logger, lock: { release(): void }): Promise<void> {
  if (paths.runtimeDirectory) {
    preparePrivateDirectory(paths.runtimeDirectory);
    await removeLeftOvers(paths.runtimeDirectory);
  }
  // Whoever holds the lock is the only engine: a socket that is there was left by one that died.
  if (process.platform !== 'win32') rmSync(paths.socket, { force: true });

  const setting = storeSetting(paths, process.env);
  const stores = await openStores(setting, paths, process.env);
  const { store, shared } = stores;
  let ending: Promise<void> | undefined;
  let cancelLinger = () => {};
  const end = (): Promise<void> => {
    ending ??= (async () => {
      log.info('the engine ends');
      cancelLinger();
      server.refuseRequests();
      // A connection that hangs or fails must not keep the engine.
      const disposed = engine.dispose().catch((error: unknown) => log.error(`at the end: ${String(error)}`));
      await Promise.race([disposed, systemClock.sleep(endMs)]);
      lease?.stop();
      try {
        shared?.leave();
      } catch (error) {
        log.warn(`others wait until this engine's lease has run out: ${String(error)}`);
      }
      stores.close();
      if (process.platform !== 'win32') rmSync(paths.socket, { force: true });
      rmSync(paths.engineFile, { force: true });
      lock.release();
    })();
    return ending;
  };
  const exit = () => void end().finally(() => process.exit(0));
  const linger = () => {
    cancelLinger();
    if (server.clientCount > 0) return;
    cancelLinger = systemClock.setTimeout(() => (engine.isBusy ? linger() : exit()), lingerMs);
  };
  const server = new RpcServer({
    version: VIGIL_VERSION,
    log,
    onClients: linger,
    onHandOver: async () => {
      try {
        await end();
      } finally {
        // After the answer has left.
        setTimeout(() => process.exit(0), 100);
      }
    },
  });
  const engine = new Engine({
    store,
    runs: stores.runs,
    storeSetting: setting,
    paths,
    clock: systemClock,
    log,
    publisher: server,
    showInWindow: (notification) => server.showInWindow(notification),
    prompter: server.prompts,
    environment: jobEnvironment(process.env),
    secrets: environmentSecrets(process.env),
    askCommand: (prompt) => server.prompts.confirmCommand(prompt),
    isWatched: () => server.clientCount > 0,
    onRun: (run) => server.run(run),
  });
  const lease = shared && leaseOf(shared, engine, log);
  process.on('SIGTERM', exit);
  process.on('SIGINT', exit);
  // The terminal that started it may close: watchers go on.
  // The client that started the engine, and reads its stderr, may be gone.
  process.stderr.on('error', () => log.debug('nobody reads stderr'));
  process.on('SIGHUP', () => log.debug('SIGHUP: the terminal closed'));
  process.on('uncaughtException', (error) => {
    log.error(`unexpected: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) =>
    log.error(`unexpected rejection: ${reason instanceof Error ? reason.stack : String(reason)}`),
  );

  await server.listen(engine, paths.socket);
  announceEngine(paths.engineFile, { host: hostname(), pid: process.pid, socket: paths.socket });
  log.info(`engine ${VIGIL_VERSION} listens, pid ${process.pid}, node ${process.version}`);
  await engine.resume();
  await engine.workflows.start();
  engine.workflows.enginesEnded(shared?.before ?? []);
  lease?.start();
  linger();
}

function leaseOf(database: PostgresDatabase, engine: Engine, log: Logger): EngineLease {
  return new EngineLease({
    database,
    clock: systemClock,
    log,
    onEnded: (engines) => engine.workflows.enginesEnded(engines),
    onLost: () => engine.leaveJobs(),
    onBeat: () => engine.lookAround(),
  });
}

function openLog(file: string): (line: string) => void {
  try {
    if (statSync(file).size > maxLogBytes) renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return (line) => stream.write(`${line}\n`);
}

void main();
