/** The built engine (dist/engine.js) as a process with a state of its own, for benches. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectToEngine, type EngineConnection } from '../../engine/launch.ts';
import * as protocol from '../../engine/protocol.ts';
import { defaultSettings } from '../../engine/settings.ts';

const dist = join(import.meta.dirname, '..', '..', 'dist');

export interface BenchEngine {
  readonly connection: EngineConnection['connection'];
  readonly pid: number;
  /** Resident memory in bytes, as the kernel counts it. */
  rssBytes(): number;
  /** The most it ever was. */
  peakRssBytes(): number;
  /** Processor time so far. */
  cpuSeconds(): number;
  /** No window is open any more; the engine goes on. */
  detach(): void;
  dispose(): Promise<void>;
}

/** `prepare` may put something into its state folder before it starts. */
export async function startEngine(
  sshConfigFile: string,
  prepare: (stateFolder: string) => void = () => {},
): Promise<BenchEngine> {
  if (!existsSync(join(dist, 'engine.js'))) throw new Error('dist/ is not built: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-engine-'));
  prepare(join(folder, 'state'));
  const client = await connectToEngine({
    engineProgram: join(dist, 'engine.js'),
    nodeProgram: process.execPath,
    environment: { ...process.env, VIGIL_STATE_DIR: join(folder, 'state'), VIGIL_RUNTIME_DIR: join(folder, 'run') },
    startIfAbsent: true,
    initialize: {
      version: '0.1.0',
      client: 'cli',
      answersPrompts: false,
      settings: { ...defaultSettings, sshConfigFile },
    },
    prepare: () => {},
  });
  if (!client) throw new Error('the engine did not start');
  const { pid } = client.info;
  const field = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return {
    connection: client.connection,
    pid,
    rssBytes: () => field('VmRSS'),
    peakRssBytes: () => field('VmHWM'),
    // Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
    cpuSeconds() {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(stat[11]) + Number(stat[12])) / 100;
    },
    detach: () => client.dispose(),
    async dispose() {
      client.dispose();
      process.kill(pid, 'SIGTERM');
      while (existsSync(`/proc/${pid}`)) await sleep(50);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Submits `count` jobs, a few at a time; resolves to their ids once all are followed. */
export async function submitMany(
  engine: BenchEngine,
  cluster: string,
  script: string,
  count: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const job = await engine.connection.sendRequest(protocol.submitJob, { cluster, script });
      ids.push(job.jobId);
    }
  };
  await Promise.all(Array.from({ length: 5 }, worker));
  return ids;
}
