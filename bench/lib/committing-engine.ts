/** A thread that commits to a store on PostgreSQL as an engine does, for some seconds; posts how long each commit took, in ms. */
import { parentPort, workerData } from 'node:worker_threads';
import { postgresAddress } from '../../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../../engine/store/postgres-database.ts';
import { Store } from '../../engine/store/store.ts';
import { commitsOf } from './follower-commits.ts';

const { url, number, seconds } = workerData as { url: string; number: number; seconds: number };
const store = new Store(new PostgresDatabase(postgresAddress(url, {}), `bench-${number}`));
const commit = commitsOf(store, `bench/${1_000_000 + number}`);
parentPort?.once('message', () => {
  const took: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const began = performance.now();
    commit();
    took.push(performance.now() - began);
  }
  parentPort?.postMessage(took);
  store.close();
});
parentPort?.postMessage('ready');
