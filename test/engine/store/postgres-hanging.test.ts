import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { postgresAddress } from '../../../engine/store/postgres-address.ts';
import { PostgresDatabase } from '../../../engine/store/postgres-database.ts';
import { Store } from '../../../engine/store/store.ts';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres-server.ts';

/** How long the engine waits for an answer here, in ms. */
const patience = 1_000;
const noAnswer = /did not answer in time/;

describe.skipIf(!hasPostgres)('a PostgreSQL that hangs', () => {
  let server: PostgresServer;
  let schema = 0;
  let database: PostgresDatabase;
  let store: Store;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.dispose());
  beforeEach(() => {
    database = new PostgresDatabase(postgresAddress(server.url(`h${++schema}`), {}), 'here', patience);
    store = new Store(database);
    store.saveSetting('before', 1);
  });
  afterEach(() => {
    server.thaw();
    database.close();
  });

  /** How long that takes, in ms. */
  function time(work: () => void): number {
    const began = performance.now();
    work();
    return performance.now() - began;
  }
  const answersAgain = () => vi.waitFor(() => store.saveSetting('after', 1), { timeout: 20_000, interval: 100 });

  it('holds the engine up once, and is asked again when it answers', async () => {
    server.freeze();
    expect(time(() => expect(() => store.saveSetting('x', 1)).toThrow(noAnswer))).toBeLessThan(1.5 * patience);
    const many = time(() => {
      for (let count = 0; count < 20; count++) {
        expect(() => store.saveSetting('x', count)).toThrow(StoreFailure);
        expect(() => store.transaction(() => store.setting('x'))).toThrow(StoreFailure);
      }
    });
    expect(many).toBeLessThan(patience / 2);
    // Attempts to connect end, and are made again: nobody waits for them.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(time(() => expect(() => store.setting('x')).toThrow(StoreFailure))).toBeLessThan(patience / 2);
    server.thaw();
    await answersAgain();
    expect(store.problem).toBeUndefined();
  }, 40_000);

  it('does nothing later of what was told to have failed', async () => {
    server.freeze();
    expect(() => store.saveSetting('alone', 1)).toThrow(noAnswer);
    server.thaw();
    await answersAgain();
    // It was in the buffer of a connection that the server had read from already.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(store.setting('alone')).toBeUndefined();
    expect(store.setting('before')).toBe(1);
  }, 40_000);

  it('keeps nothing of a transaction in whose middle it began to hang, and lets go of its locks', async () => {
    const transaction = () =>
      store.transaction(() => {
        store.saveSetting('first', 1);
        expect(store.setting('first')).toBe(1);
        server.freeze();
        // Somebody who thinks that a failure is borne: the transaction goes on nowhere else.
        expect(() => store.setting('before')).toThrow('no answer within');
        server.thaw();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
        store.saveSetting('second', 1);
      });
    expect(transaction).toThrow(StoreFailure);
    await answersAgain();
    expect([store.setting('first'), store.setting('second')]).toEqual([undefined, undefined]);
    expect(server.query("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")).toBe('0');
  }, 40_000);

  it('is asked again by an engine that a dropped connection has met in a transaction', async () => {
    const end = () =>
      server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vigil'");
    const transaction = () =>
      store.transaction(() => {
        store.saveSetting('first', 1);
        expect(store.setting('first')).toBe(1);
        end();
        // Time enough to be connected anew.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
        store.saveSetting('second', 1);
      });
    expect(transaction).toThrow(StoreFailure);
    await answersAgain();
    expect([store.setting('first'), store.setting('second')]).toEqual([undefined, undefined]);
  }, 40_000);
});
