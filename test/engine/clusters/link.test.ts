/** One connection for all, reopened while somebody needs it. */
import { describe, expect, it } from 'vitest';
import { type Connection, ConnectionError, type ConnectionFailure } from '../../../engine/clusters/connection.ts';
import { ClusterLink } from '../../../engine/clusters/link.ts';
import { type Disturbance, watchNetwork } from '../../../engine/clusters/network.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';

interface FakeConnection extends Connection {
  break(reason?: ConnectionFailure): void;
  readonly isClosed: () => boolean;
}

function fakeConnection(): FakeConnection {
  let settle: (error: ConnectionError | undefined) => void = () => {};
  let isClosed = false;
  const closed = new Promise<ConnectionError | undefined>((resolve) => {
    settle = resolve;
  });
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    info: { transport: 'ssh2' },
    exec: unused,
    spawn: unused,
    closed,
    close: async () => {
      isClosed = true;
      settle(undefined);
    },
    break: (reason = 'closed') => settle(failure(reason)),
    isClosed: () => isClosed,
  };
}

const failure = (reason: ConnectionFailure) => new ConnectionError(reason, 'hpc', `it is ${reason}`);

/** A link whose attempts succeed or fail as `outcomes` say, in order; then they stay pending. */
function createLink(...outcomes: readonly ('ok' | ConnectionFailure | Error)[]) {
  const clock = new FakeClock();
  const left = [...outcomes];
  const connections: FakeConnection[] = [];
  const attemptsAt: number[] = [];
  const states: string[] = [];
  const startedAt = clock.now();
  let disturb: ((what: Disturbance) => void) | undefined;
  const link = new ClusterLink({
    name: 'hpc',
    open: (signal) => {
      attemptsAt.push(clock.now() - startedAt);
      const outcome = left.shift();
      if (outcome === 'ok') {
        const connection = fakeConnection();
        connections.push(connection);
        return Promise.resolve(connection);
      }
      if (outcome !== undefined) return Promise.reject(outcome instanceof Error ? outcome : failure(outcome));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
    clock,
    log: silentLogger,
    onState: (state, { detail }) => states.push(detail ? `${state}: ${detail}` : state),
    random: () => 0,
    watchNetwork: (onDisturbed) => {
      disturb = onDisturbed;
      return () => {
        disturb = undefined;
      };
    },
  });
  return {
    link,
    clock,
    connections,
    attemptsAt,
    states,
    disturb: (what: Disturbance) => disturb?.(what),
    isWatching: () => disturb !== undefined,
  };
}

describe('connection', () => {
  it('opens once, however many ask, and again after a drop', async () => {
    const { link, connections, states } = createLink('ok', 'ok');
    const [first, second] = await Promise.all([link.connection(), link.connection()]);
    expect(first).toBe(second);
    expect(await link.connection()).toBe(first);
    connections[0]?.break();
    await flushPromises();
    expect(link.state).toBe('idle');
    expect(await link.connection()).toBe(connections[1]);
    expect(states).toEqual(['connecting', 'connected', 'idle: hpc: it is closed', 'connecting', 'connected']);
  });

  it('rejects with the reason, and may be asked again', async () => {
    const { link, states } = createLink('authentication', 'ok');
    await expect(link.connection()).rejects.toMatchObject({ reason: 'authentication' });
    expect(states).toEqual(['connecting', 'offline: hpc: it is authentication']);
    await link.connection();
    expect(link.state).toBe('connected');
  });

  it('makes a ConnectionError of any other error', async () => {
    const { link } = createLink(new TypeError('oops'));
    await expect(link.connection()).rejects.toMatchObject({
      name: 'ConnectionError',
      reason: 'configuration',
      message: 'Cannot connect to hpc: oops',
    });
  });
});

describe('a link that is held', () => {
  it('reopens after 1 s, 2 s, 4 s … 60 s', async () => {
    const { link, clock, connections, attemptsAt } = createLink('ok', ...Array(8).fill('unreachable'), 'ok');
    link.hold();
    await link.connection();
    await clock.advance(1_000);
    connections[0]?.break();
    await clock.advance(1_000);
    expect(attemptsAt.slice(1).map((at) => at - 1_000)).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(link.state).toBe('connected');
  });

  it('does not start over with 1 s while connections last for moments only', async () => {
    const { link, clock, connections, attemptsAt } = createLink(...Array(4).fill('ok'));
    link.hold();
    await link.connection();
    for (let round = 0; round < 3; round++) {
      connections[round]?.break();
      await clock.advance(10);
    }
    const gaps = attemptsAt.slice(1).map((at, index) => at - index * 10);
    expect(gaps).toEqual([1, 2, 4]);
  });

  it.each(['authentication', 'host-key', 'declined', 'configuration'] as const)(
    'leaves %s to a person',
    async (reason) => {
      const { link, clock, attemptsAt } = createLink(reason, 'ok');
      link.hold();
      await expect(link.connection()).rejects.toMatchObject({ reason });
      await clock.advance(1_000);
      expect(attemptsAt).toEqual([0]);
      await link.connection();
      expect(link.state).toBe('connected');
    },
  );

  it('stops when nobody holds it any more', async () => {
    const { link, clock, connections, attemptsAt } = createLink('ok', 'ok');
    const [releaseFirst, releaseSecond] = [link.hold(), link.hold()];
    await link.connection();
    connections[0]?.break();
    await flushPromises();
    releaseFirst();
    expect(clock.pendingTimers).toBe(1);
    releaseSecond();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1_000);
    expect(attemptsAt).toHaveLength(1);
  });

  it('does not wait for the next try when it is asked', async () => {
    const { link, clock, attemptsAt } = createLink('unreachable', 'ok');
    link.hold();
    await expect(link.connection()).rejects.toThrow();
    await link.connection();
    await clock.advance(1_000);
    expect(attemptsAt).toEqual([0, 0]);
  });

  it('tells its listeners of each connection', async () => {
    const { link, clock, connections } = createLink('ok', 'ok', 'ok');
    const seen: Connection[] = [];
    link.hold();
    link.onConnected(() => {
      throw new Error('a listener of somebody else');
    });
    const stop = link.onConnected((connection) => seen.push(connection));
    await link.connection();
    connections[0]?.break();
    await clock.advance(5);
    expect(seen).toEqual(connections.slice(0, 2));
    stop();
    connections[1]?.break();
    await clock.advance(60);
    expect(connections).toHaveLength(3);
    expect(seen).toHaveLength(2);
  });
});

describe('a network that was disturbed', () => {
  it('tries a lost connection at once', async () => {
    const { link, clock, attemptsAt, disturb } = createLink(...Array(5).fill('unreachable'), 'ok');
    link.hold();
    await expect(link.connection()).rejects.toThrow();
    await clock.advance(20);
    expect(attemptsAt).toEqual([0, 1, 3, 7, 15]);
    disturb('network');
    await flushPromises();
    expect(attemptsAt).toEqual([0, 1, 3, 7, 15, 20]);
    expect(link.state).toBe('connected');
  });

  it('drops a connection that does not answer any more, and opens it again', async () => {
    const { link, clock, connections, states, disturb } = createLink('ok', 'ok');
    link.hold();
    await link.connection();
    disturb('slept');
    await clock.advance(1);
    expect(states).toEqual([
      'connecting',
      'connected',
      'offline: The connection to hpc does not answer any more after this computer slept.',
      'connecting',
      'connected',
    ]);
    expect(connections[0]?.isClosed()).toBe(true);
    expect(connections[1]?.isClosed()).toBe(false);
  });

  it('is looked for only while there is a connection, or is to be one', async () => {
    const { link, isWatching } = createLink('ok');
    expect(isWatching()).toBe(false);
    await link.connection();
    expect(isWatching()).toBe(true);
    await link.close();
    expect(isWatching()).toBe(false);
  });
});

describe('watchNetwork', () => {
  it('tells of another address, and of timers that are late', async () => {
    const clock = new FakeClock();
    let addresses = 'eth0 10.0.0.7/24';
    const told: string[] = [];
    const end = watchNetwork({ clock, onDisturbed: (what) => told.push(what), addresses: () => addresses });
    await clock.advance(30);
    expect(told).toEqual([]);
    addresses = 'wlan0 192.168.1.4/24';
    await clock.advance(30);
    expect(told).toEqual(['network']);
    clock.sleepThrough(3600);
    await clock.advance(30);
    expect(told).toEqual(['network', 'slept']);
    end();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('close', () => {
  it('disconnects and stays so, although it is held', async () => {
    const { link, clock, connections, attemptsAt } = createLink('ok', 'ok');
    link.hold();
    await link.connection();
    await link.close();
    expect(connections[0]?.isClosed()).toBe(true);
    await clock.advance(1_000);
    expect([link.state, attemptsAt.length]).toEqual(['idle', 1]);
    await link.connection();
    expect(link.state).toBe('connected');
  });

  it('ends an attempt, and a wait for the next one', async () => {
    const { link, clock } = createLink();
    const attempt = expect(link.connection()).rejects.toMatchObject({ reason: 'closed' });
    await link.close();
    await attempt;
    expect([link.state, clock.pendingTimers]).toEqual(['idle', 0]);
  });

  it('closes a connection that opens although it was stopped', async () => {
    const late = fakeConnection();
    let arrive: (connection: Connection) => void = () => {};
    const link = new ClusterLink({
      name: 'hpc',
      open: () => new Promise((resolve) => (arrive = resolve)),
      clock: new FakeClock(),
      log: silentLogger,
      onState: () => {},
    });
    const attempt = expect(link.connection()).rejects.toMatchObject({ reason: 'closed' });
    const closing = link.close();
    arrive(late);
    await Promise.all([closing, attempt]);
    expect([late.isClosed(), link.state]).toEqual([true, 'idle']);
  });
});
