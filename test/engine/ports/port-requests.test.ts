/** Who gets which port, and until when. Over SSH it is in test/cluster/ssh/ports.test.ts. */
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Tunnel, TunnelError } from '../../../engine/clusters/tunnel.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { PortRequests } from '../../../engine/ports/port-requests.ts';
import { connectTcp } from '../../../engine/ports/tcp.ts';
import type { PortEnded } from '../../../engine/protocol/ports.ts';
import type { ClusterInfo, JobState } from '../../../engine/protocol.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Greets, and ends the connection. */
async function startServer(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end('hello'));
  cleanups.push(() => server.close());
  return listening(server);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function greeting(port: number): Promise<string> {
  return new Promise((succeed, fail) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    socket.on('data', (text: string) => {
      heard += text;
    });
    socket.once('error', fail);
    socket.once('end', () => succeed(heard));
  });
}

interface Site {
  readonly info?: Partial<ClusterInfo>;
  readonly state?: JobState;
  readonly nodes?: string;
  readonly tunnel?: (host: string, port: number) => Promise<Tunnel>;
  /** What the scheduler has of the node. */
  readonly address?: string;
}

const slurm = { name: 'hpc', kind: 'ssh', scheduler: 'slurm', source: 'settings', state: 'connected' } as const;
const here = { kind: 'local', scheduler: 'local' } as const;

function portsOf({ info, state = 'running', nodes, tunnel, address }: Site) {
  const told = { ...slurm, ...info };
  let holders = 0;
  const ports = new PortRequests({
    log: silentLogger,
    job: (key) => ({ key, cluster: 'hpc', jobId: '5', state, ...(nodes === undefined ? {} : { nodes }) }),
    service: async () => ({
      info: told,
      connect: async () => told,
      backend: {
        connection: async () => ({ tunnel }) as never,
        scheduler: async () => ({ nodeAddress: async () => address }) as never,
        hold: () => {
          holders += 1;
          return () => {
            holders -= 1;
          };
        },
      },
    }),
  });
  cleanups.push(() => ports.dispose());
  return { ports, holders: () => holders };
}

function client() {
  const told: PortEnded['why'][] = [];
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return { told, leave, gone, tell: ({ why }: PortEnded) => void told.push(why) };
}

const job = 'hpc/5';

describe('a port of a job of this machine', () => {
  it('is there already', async () => {
    const port = await startServer();
    const { ports } = portsOf({ info: here });
    const told = await ports.open({ job, port }, client());
    expect(told).toEqual({ job, node: 'this machine', port, localPort: port, isHere: true });
    expect(await ports.list()).toEqual([]);
  });

  it('has another number where one is wanted', async () => {
    const [port, localPort] = [await startServer(), await freePort()];
    const { ports } = portsOf({ info: here });
    expect(await ports.open({ job, port, localPort }, client())).toMatchObject({ port, localPort });
    expect(await greeting(localPort)).toBe('hello');
  });

  it('where nothing listens, is none', async () => {
    const port = await freePort();
    await expect(portsOf({ info: here }).ports.open({ job, port }, client())).rejects.toThrow(
      `Nothing answers on port ${port} of this machine: the program is not ready yet, or it uses another port (its output may tell).`,
    );
  });
});

describe('a port of a node', () => {
  async function forwarded(changes: Partial<Site> = {}) {
    const port = await startServer();
    const site = portsOf({ nodes: 'n[1-4]', tunnel: () => connectTcp('127.0.0.1', port), ...changes });
    return { port, ...site };
  }

  it('is one for all who ask, until the last of them leaves', async () => {
    const { ports, port, holders } = await forwarded();
    const [first, second] = [client(), client()];
    const [one, other] = await Promise.all([ports.open({ job, port }, first), ports.open({ job, port }, second)]);
    expect([one, one.node, await ports.list(), holders()]).toEqual([other, 'n1', [one], 1]);
    first.leave();
    await first.gone;
    expect(await greeting(one.localPort)).toBe('hello');
    second.leave();
    await expect.poll(() => holders()).toBe(0);
    await expect(greeting(one.localPort)).rejects.toThrow('ECONNREFUSED');
    expect(await ports.list()).toEqual([]);
  });

  it('ends when it is asked to, and says so', async () => {
    const { ports, port, holders } = await forwarded();
    const asker = client();
    await ports.open({ job, port }, asker);
    await ports.close(job, port);
    await ports.close(job, port);
    expect([asker.told, holders()]).toEqual([['asked'], 0]);
  });

  it.each([
    ['ends', { state: 'completing', nodes: 'n[1-4]' }],
    ['runs on other nodes', { state: 'running', nodes: 'n[2-4]' }],
    ['waits again', { state: 'pending' }],
  ] as const)('ends when the job %s, and not before', async (_, now) => {
    const { ports, port } = await forwarded();
    const asker = client();
    const { localPort } = await ports.open({ job, port }, asker);
    ports.jobChanged({ key: job, state: 'running', nodes: 'n[1-4]' });
    ports.jobChanged({ key: 'hpc/50', state: 'failed' });
    expect(await greeting(localPort)).toBe('hello');
    ports.jobChanged({ key: job, ...now });
    await expect.poll(() => asker.told).toEqual(['job']);
    await expect(greeting(localPort)).rejects.toThrow('ECONNREFUSED');
  });

  it('is not opened for a job that ended meanwhile', async () => {
    let connected = () => {};
    const connecting = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const port = await startServer();
    const tunnel = () => connecting.then(() => connectTcp('127.0.0.1', port));
    const { ports, holders } = portsOf({ nodes: 'n1', tunnel });
    const opening = ports.open({ job, port }, client());
    ports.jobChanged({ key: job, state: 'failed' });
    await Promise.resolve().then(connected);
    await expect(opening).rejects.toThrow('does not run there any more');
    await expect.poll(() => holders()).toBe(0);
    expect(await ports.list()).toEqual([]);
  });

  it('has no other number than the one that was wanted', async () => {
    const { ports, port } = await forwarded();
    const taken = await startServer();
    await expect(ports.open({ job, port, localPort: taken }, client())).rejects.toThrow(/is taken by another program/);
    const { localPort } = await ports.open({ job, port }, client());
    await expect(ports.open({ job, port, localPort: taken }, client())).rejects.toThrow(
      `is forwarded to port ${localPort} of this machine already`,
    );
  });

  it('is found by the address of the node where its name is none of the network', async () => {
    const asked: string[] = [];
    const known = await startServer();
    const tunnel = (host: string) => {
      asked.push(host);
      if (host === '10.0.0.7') return connectTcp('127.0.0.1', known);
      return Promise.reject(new TunnelError('connect failed: Name or service not known'));
    };
    const { ports } = portsOf({ nodes: 'n1', tunnel, address: '10.0.0.7' });
    const { localPort, node } = await ports.open({ job, port: known }, client());
    expect([node, await greeting(localPort)]).toEqual(['n1', 'hello']);
    expect(asked).toEqual(['n1', '10.0.0.7', '10.0.0.7']);
    const other = portsOf({ nodes: 'n1', tunnel, address: '-oProxyCommand=x' });
    await expect(other.ports.open({ job, port: known }, client())).rejects.toThrow('knows no address of n1');
  });

  it('resets what it cannot lead on, and goes on', async () => {
    const port = await startServer();
    let isUp = true;
    const tunnel = () =>
      isUp ? connectTcp('127.0.0.1', port) : Promise.reject(new TunnelError('connect failed: Connection refused'));
    const { ports } = portsOf({ nodes: 'n1', tunnel });
    const { localPort } = await ports.open({ job, port }, client());
    isUp = false;
    await expect(greeting(localPort)).rejects.toThrow('ECONNRESET');
    isUp = true;
    expect(await greeting(localPort)).toBe('hello');
  });

  it.each<[string, Site, RegExp]>([
    ['pending', { state: 'pending' }, /is pending: only ports of a running job/],
    ['over', { state: 'completed' }, /is completed: only ports of a running job/],
    ['on no known node', {}, /the scheduler has not told it/],
    ['on no host', { nodes: '-oProxyCommand=x' }, /“-oProxyCommand=x” names no host/],
    ['offline', { nodes: 'n1', info: { state: 'offline', detail: 'No route.' } }, /hpc is offline: No route\./],
  ])('of a job that is %s, is none', async (_, site, words) => {
    const { ports, holders } = portsOf(site);
    await expect(ports.open({ job, port: 8888 }, client())).rejects.toThrow(words);
    expect([await ports.list(), holders()]).toEqual([[], 0]);
  });

  it.each<[string, RegExp]>([
    ['administratively prohibited: open failed', /hpc forbids to forward ports .*Open OnDemand/],
    ['connect failed: Connection refused', /^Nothing answers on port 8888 of n1 \(hpc\): .*--bind_all/],
    ['connect failed: Name or service not known', /the login node of hpc knows no address of n1/],
    ['Session open refused by peer', /cannot be reached: “Session open refused by peer”.* may forbid them/],
  ])('“%s” is told in words that help', async (said, words) => {
    const { ports } = portsOf({ nodes: 'n1', tunnel: () => Promise.reject(new TunnelError(said)) });
    await expect(ports.open({ job, port: 8888 }, client())).rejects.toThrow(words);
  });

  it.each([0, 65_536, 1.5, Number.NaN])('%d is none', async (port) => {
    const { ports } = portsOf({ nodes: 'n1' });
    await expect(ports.open({ job, port }, client())).rejects.toThrow('from 1 to 65535');
    await expect(ports.open({ job, port: 80, localPort: port }, client())).rejects.toThrow('from 1 to 65535');
  });
});
