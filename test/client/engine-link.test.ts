import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import { describeLink } from '../../client/engine/describe-link.ts';
import { EngineClient, type EngineClientOptions } from '../../client/engine/engine-client.ts';
import type { EngineConnection } from '../../client/engine/engine-link.ts';
import { listRuns } from '../../engine/protocol/workflows.ts';
import {
  eventlogAppended,
  type InputPrompt,
  jobChanged,
  listClusters,
  listJobs,
  promptInput,
  protocolVersion,
  readEventlog,
  submitJob,
} from '../../engine/protocol.ts';
import { defaultSettings } from '../../engine/settings.ts';
import { cluster, entry, job, noon } from './builders.ts';

/** An engine at the other end of a pair of streams. */
class FakeEngine {
  readonly server: MessageConnection;
  readonly client: EngineConnection;
  readonly log = [entry(0, 'submit'), entry(1, 'alloc')];
  readonly #streams = [new PassThrough(), new PassThrough()] as const;

  constructor() {
    const [toServer, toClient] = this.#streams;
    this.server = createMessageConnection(toServer, toClient);
    this.server.onRequest(listClusters, () => [cluster()]);
    this.server.onRequest(listJobs, () => [job()]);
    this.server.onRequest(listRuns, () => []);
    this.server.onRequest(readEventlog, ({ from }) => this.log.slice(from ?? 0));
    this.server.listen();
    const connection = createMessageConnection(toClient, toServer);
    const info = { protocolVersion, version: '0.1.0', pid: 1 };
    this.client = { connection, info, dispose: () => connection.dispose() };
  }

  connect(register: (connection: MessageConnection) => void): EngineConnection {
    register(this.client.connection);
    this.client.connection.listen();
    return this.client;
  }

  die(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}

function clientOf(connect: EngineClientOptions['connect'], changes: Partial<EngineClientOptions> = {}): EngineClient {
  return new EngineClient({
    connect,
    retryDelaysMs: [10, 10],
    stableAfterMs: 60_000,
    log: { info: () => {}, warn: () => {} },
    audience: {
      input: async () => 'secret',
      confirmHostKey: async () => true,
      confirmCommand: async () => 'deny',
      notify: () => {},
    },
    settings: () => defaultSettings,
    register: () => {},
    onConnected: () => {},
    ...changes,
  });
}

describe('EngineClient', () => {
  let engines: FakeEngine[];
  let client: EngineClient;
  const latest = (): FakeEngine => {
    const engine = engines.at(-1);
    if (!engine) throw new Error('no engine was started');
    return engine;
  };
  const start = async (register: (connection: MessageConnection) => void) => {
    const engine = new FakeEngine();
    engines.push(engine);
    return engine.connect(register);
  };
  const connect: EngineClientOptions['connect'] = (_, register) => start(register);

  beforeEach(() => {
    engines = [];
  });

  afterEach(() => {
    client.dispose();
    for (const engine of engines) engine.server.dispose();
  });

  it('starts one engine however many ask', async () => {
    client = clientOf(connect);
    await Promise.all([client.link.ensure(), client.link.attach(), client.clusters(), client.link.ensure()]);
    expect(engines).toHaveLength(1);
    expect(client.link.state.kind).toBe('connected');
    expect([...client.store.jobs.keys()]).toEqual(['local/3']);
  });

  it('starts none when it only looks for one, but does for who needs it meanwhile', async () => {
    client = clientOf(async (startIfAbsent, register) => (startIfAbsent ? start(register) : undefined));
    expect(await client.link.attach()).toBeUndefined();
    expect(client.link.state.kind).toBe('idle');
    const [attached, needed] = await Promise.all([client.link.attach(), client.link.ensure()]);
    expect(attached).toBeUndefined();
    expect(needed).toBeDefined();
    expect(engines).toHaveLength(1);
  });

  it('comes back after the engine died, with what was known and what happened since', async () => {
    client = clientOf(connect);
    await client.link.ensure();
    await client.loadEventlog('local/3');
    const states: string[] = [];
    client.link.onState((state) => states.push(state.kind));
    latest().die();
    await vi.waitFor(() => expect(states.at(-1)).toBe('connected'));
    expect(states).toEqual(['waiting', 'connecting', 'connected']);
    expect(client.store.eventlogs.get('local/3')).toHaveLength(2);
  });

  it('rejects what was under way when the engine died', async () => {
    client = clientOf(connect);
    await client.link.ensure();
    latest().server.onRequest(submitJob, () => new Promise<never>(() => {}));
    const submitting = client.submit({ cluster: 'local', script: '' });
    latest().die();
    await expect(submitting).rejects.toThrow();
  });

  it('gives up after some attempts, and tries again when told to', async () => {
    let broken = false;
    client = clientOf((_, register) => (broken ? Promise.reject(new Error('no node:sqlite')) : start(register)));
    await client.link.ensure();
    broken = true;
    latest().die();
    await vi.waitFor(() => expect(client.link.state).toEqual({ kind: 'failed', reason: 'no node:sqlite' }));
    await expect(client.link.ensure()).rejects.toThrow('no node:sqlite');
    broken = false;
    await client.link.ensure();
    expect(client.link.state.kind).toBe('connected');
  });

  it('follows eventlogs that were read, and closes gaps', async () => {
    client = clientOf(connect);
    await client.link.ensure();
    const { server, log } = latest();
    const append = (...entries: typeof log) => server.sendNotification(eventlogAppended, { job: 'local/3', entries });
    await append(entry(1, 'alloc'));
    await client.loadEventlog('local/3');
    log.push(entry(2, 'start'), entry(3, 'finish'));
    await append(entry(3, 'finish'));
    await vi.waitFor(() => expect(client.store.eventlogs.get('local/3')).toEqual(log));
  });

  it('does not let an old answer overwrite newer news of a job', async () => {
    client = clientOf(connect);
    await client.link.ensure();
    const { server } = latest();
    server.onRequest(submitJob, async () => {
      await server.sendNotification(jobChanged, job({ jobId: '4', state: 'running' }));
      return job({ jobId: '4', state: 'pending' });
    });
    await client.submit({ cluster: 'local', script: '' });
    expect(client.store.jobs.get('local/4')?.state).toBe('running');
  });

  it('asks the person what the engine asks', async () => {
    client = clientOf(connect);
    await client.link.ensure();
    const prompt: InputPrompt = {
      cluster: 'login',
      kind: 'password',
      address: 'me@login:22',
      question: 'Password:',
      isJumpHost: false,
      isRetry: false,
      secret: true,
    };
    expect(await latest().server.sendRequest(promptInput, prompt)).toBe('secret');
  });
});

describe('describeLink', () => {
  it('says since when what is shown may be out of date', () => {
    process.env.TZ = 'UTC';
    expect(describeLink({ kind: 'connecting' }, undefined, noon)).toBe('Starting the engine…');
    expect(
      describeLink({ kind: 'waiting', attempt: 2, delayMs: 10, reason: 'The engine stopped.' }, noon - 4, noon),
    ).toBe('The engine stopped. Starting it again (attempt 2). This is what was known at 11:59:56.');
    expect(describeLink({ kind: 'failed', reason: 'no node:sqlite' }, undefined, noon)).toBe(
      'No engine: no node:sqlite',
    );
    expect(describeLink({ kind: 'idle' }, undefined, noon)).toBeUndefined();
  });
});
