/**
 * A process that commits to the store is killed (SIGKILL) 1,000 times at random moments: does the store open, is it
 * consistent, and is all there that was acknowledged?
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { build } from 'esbuild';
import { Store } from '../engine/store/store.ts';
import { percentile, report } from './lib/figures.ts';

const kills = Number(process.argv[2] ?? 1000);
const workers = 2;
const jobKey = 'bench/1';

interface Tally {
  kills: number;
  commits: number;
  lost: number;
  damaged: number;
  openMs: number[];
}

/** Lets it commit for a while after its first words, and kills it. Resolves to the last commit that was acknowledged. */
async function killOnce(program: string, database: string): Promise<number> {
  const child = spawn(process.execPath, [program, database], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  let said = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    said = (said + text).slice(-64);
  });
  await once(child.stdout, 'data');
  const deadline = performance.now() + Math.random() * 30;
  while (performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

/** Why the store is not what it has to be, after `acknowledged` commits; nothing where it is. */
function problemOf(database: string, acknowledged: number): 'lost' | 'damaged' | undefined {
  const store = new Store(database);
  const kept = store.positions.of(jobKey)[0]?.offset ?? 0;
  const entries = store.eventlog(jobKey, Math.max(0, kept - 200));
  const isWhole = entries.every(
    (entry, index) => entry.seq === (entries[0]?.seq ?? 0) + index && entry.context?.number === entry.seq + 1,
  );
  const ends = (entries.at(-1)?.seq ?? -1) + 1 === kept;
  const open = store.actions.open(jobKey).length;
  const opens = open === kept - Math.floor(kept / 3);
  store.close();
  if (!isWhole || !ends || !opens) return 'damaged';
  return kept < acknowledged ? 'lost' : undefined;
}

function integrityOf(database: string): boolean {
  const raw = new DatabaseSync(database);
  const [row] = raw.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
  raw.close();
  return row?.integrity_check === 'ok';
}

async function work(program: string, folder: string, worker: number, tally: Tally): Promise<void> {
  let part = 0;
  let database = join(folder, `${worker}-${part}.db`);
  while (tally.kills < kills) {
    tally.kills++;
    const acknowledged = await killOnce(program, database);
    const began = performance.now();
    const problem = problemOf(database, acknowledged);
    tally.openMs.push(performance.now() - began);
    if (problem) tally[problem]++;
    // A new one now and then: the first moments of a database count too.
    const isFull = statSync(database).size > 2_000_000;
    if (isFull || tally.kills >= kills - workers) {
      if (!integrityOf(database)) tally.damaged++;
      const store = new Store(database);
      tally.commits += store.positions.of(jobKey)[0]?.offset ?? 0;
      store.close();
      database = join(folder, `${worker}-${++part}.db`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-store-'));
try {
  const program = join(folder, 'commit.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'lib', 'committing-program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
  const tally: Tally = { kills: 0, commits: 0, lost: 0, damaged: 0, openMs: [] };
  const began = performance.now();
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(program, folder, worker, tally)));
  const tookSeconds = (performance.now() - began) / 1000;
  report(`Store: killed while writing (${tookSeconds.toFixed(0)} s)`, [
    { what: 'kills', value: tally.kills, unit: '', bar: { least: kills } },
    { what: 'commits in sum', value: tally.commits, unit: '' },
    { what: 'acknowledged and not there', value: tally.lost, unit: '', bar: { most: 0 } },
    { what: 'not consistent', value: tally.damaged, unit: '', bar: { most: 0 } },
    { what: 'to open it and read what is open, median', value: percentile(tally.openMs, 0.5), unit: 'ms' },
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
