/** Commands over SSH on the real sshds, and connections that break under them. */
import { access } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { Channels } from '../../../engine/clusters/channels.ts';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { ClusterLink } from '../../../engine/clusters/link.ts';
import { endSession, openSession } from '../../../engine/clusters/ssh-client.ts';
import { openSshConnection, sshCarrier } from '../../../engine/clusters/ssh-connection.ts';
import type { SshTarget } from '../../../engine/clusters/ssh-target.ts';
import { createLogger, silentLogger } from '../../../engine/logger.ts';
import { hostileArguments, isRunning, readAll, testConnection } from '../../support/connection-suite.ts';
import { describeOnCluster, loginTarget, scriptedPrompter, site, until } from '../support/site.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(changes: Partial<SshTarget> = {}, signal = new AbortController().signal): Promise<Connection> {
  const connection = await openSshConnection(loginTarget(changes), scriptedPrompter(), silentLogger, signal);
  cleanups.push(() => connection.close());
  return connection;
}

async function proxy(): Promise<TcpProxy> {
  const started = await startTcpProxy(site.loginPort);
  cleanups.push(() => started.close());
  return started;
}

/** Through the proxy, whose port no known_hosts file has. */
const throughProxy = ({ port }: TcpProxy) => ({ port, hostKeyAlias: `[127.0.0.1]:${site.loginPort}` });

describeOnCluster('a connection over SSH', () => {
  testConnection(open, () => site.home);

  it('lets a sixth command wait for its turn', async () => {
    const connection = await open();
    const lanes = ['output', 'scheduler', 'scheduler', 'request', 'request'] as const;
    const first = await Promise.all(lanes.map((lane) => connection.spawn(['cat'], { lane })));
    let isDone = false;
    const sixth = connection.exec(['echo', 'at last']).finally(() => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // long enough for an echo that does not wait
    expect(isDone).toBe(false);
    first[0]?.end();
    expect(await sixth).toMatchObject({ stdout: 'at last\n' });
  });

  it('lets no kind of command have all places', async () => {
    const connection = await open();
    await Promise.all(Array.from({ length: 3 }, () => connection.spawn(['cat'])));
    const pending = Array.from({ length: 20 }, () => connection.exec(['true']).catch(() => undefined));
    expect(await connection.exec(['echo', 'squeue'], { lane: 'scheduler' })).toMatchObject({ stdout: 'squeue\n' });
    await connection.close();
    await Promise.all(pending);
  });

  it('opens a channel later where sshd has no session left', async () => {
    const session = await openSession(loginTarget(), scriptedPrompter(), silentLogger, new AbortController().signal);
    cleanups.push(() => endSession(session));
    const refusals: string[] = [];
    const log = createLogger((line) => void refusals.push(line));
    const { signal } = new AbortController();
    const channels = new Channels({ carrier: sshCarrier(session, loginTarget()), ended: signal, log });
    const held = await Promise.all(Array.from({ length: 10 }, () => channels.open('cat', signal)));
    const late = channels.open('cat', signal);
    await until('it was refused', () => refusals.some((line) => line.includes('no free session')));
    held[0]?.end().resume();
    expect((await late).writable).toBe(true);
  });
});

describeOnCluster('login shells', () => {
  it.each(['vigilcsh', 'vigilfish', 'vigilnoisy'])(
    'runs commands for %s as they are, without what start-up files print',
    async (user) => {
      const connection = await open({ user });
      const printArguments = [
        'python3',
        '-c',
        'import json,sys; print(json.dumps(sys.argv[1:])); print("err", file=sys.stderr)',
      ];
      const { stdout, stderr, status } = await connection.exec([...printArguments, ...hostileArguments]);
      expect(JSON.parse(stdout)).toEqual(hostileArguments);
      expect({ stderr, status }).toEqual({ stderr: 'err\n', status: 0 });
      const process = await connection.spawn(['cat']);
      process.write('to the byte');
      process.end();
      expect((await readAll(process)).toString()).toBe('to the byte');
      expect(await process.exited).toEqual({ status: 0, stderr: '' });
    },
  );

  it('says what a login shell says that runs nothing', async () => {
    const connection = await open({ user: 'vigilclosed' });
    for (const run of [() => connection.exec(['true']), () => connection.spawn(['true'])]) {
      const error = await run().catch((thrown: unknown) => thrown);
      expect(ConnectionError.is(error, 'configuration')).toBe(true);
      expect(String(error)).toContain('This account is currently not available.');
    }
  });
});

describeOnCluster('a connection that breaks', () => {
  it('fails everything that is pending, and what comes later', async () => {
    const link = await proxy();
    const connection = await open(throughProxy(link));
    const process = await connection.spawn(['cat']);
    const reading = readAll(process).catch((error: unknown) => error);
    const pending = Array.from({ length: 8 }, () => connection.exec(['sleep', '600']).catch((error: unknown) => error));
    link.drop();
    const reason = await connection.closed;
    expect(reason).toMatchObject({ reason: 'closed', cluster: 'test', message: expect.stringContaining('broke') });
    for (const error of await Promise.all([reading, process.exited.catch((thrown: unknown) => thrown), ...pending])) {
      expect(ConnectionError.is(error, 'closed')).toBe(true);
    }
    await expect(connection.exec(['true'])).rejects.toThrow(ConnectionError);
    await expect(connection.spawn(['true'])).rejects.toThrow(ConnectionError);
  });

  it('ends what was spawned: by the end of its stdin, or by its guard', async () => {
    const link = await proxy();
    const connection = await open(throughProxy(link));
    const seconds = `${600_000 + (Date.now() % 100_000)}.5`;
    const tag = `vigil-reader-${Date.now()}`;
    await connection.spawn(['python3', '-c', 'import sys\nfor line in sys.stdin: pass', tag]);
    await connection.spawn(['sleep', seconds], { guarded: true });
    expect([await isRunning(tag), await isRunning(seconds)]).toEqual([true, true]);
    link.drop();
    await until('the reader ended', async () => !(await isRunning(tag)));
    await until('the guarded command ended', async () => !(await isRunning(seconds)));
  });

  it('ends commands that were to be waited for, with all that they started', async () => {
    const link = await proxy();
    const connection = await open(throughProxy(link));
    const [inner, outer] = [Date.now() % 100_000, (Date.now() + 1) % 100_000].map((number) => `${800_000 + number}.25`);
    const command = ['sh', '-c', `sleep ${inner} & sleep ${outer}`];
    const pending = connection.exec(command, { stdin: 'some input' }).catch((error: unknown) => error);
    await until('they run', async () => (await isRunning(`sleep ${inner}`)) && (await isRunning(`sleep ${outer}`)));
    link.drop();
    expect(ConnectionError.is(await pending, 'closed')).toBe(true);
    await until('they ended', async () => !(await isRunning(`sleep ${inner}`)) && !(await isRunning(`sleep ${outer}`)));
  });

  it('starts nothing with half of its input', async () => {
    const link = await proxy();
    const connection = await open(throughProxy(link));
    const mark = `/tmp/vigil-half-${Date.now()}`;
    const submits = ['sh', '-c', `cat >${mark}`];
    // More than fits into what is on its way at once.
    const pending = connection.exec(submits, { stdin: 'x'.repeat(30_000_000) }).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 60));
    link.drop();
    expect(ConnectionError.is(await pending)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await expect(access(mark)).rejects.toThrow('ENOENT');
  });

  it('tells when the server ends the session', async () => {
    const connection = await open();
    const process = await connection.spawn(['cat']);
    const { stdout } = await connection.exec(['sh', '-c', 'ps -o ppid= -p $PPID; echo $PPID']);
    const session = Number(stdout.trim().split(/\s+/)[1]);
    await connection.exec(['kill', String(session)]).catch(() => undefined);
    expect(await connection.closed).toMatchObject({ reason: 'closed' });
    await expect(process.exited).rejects.toThrow(ConnectionError);
  });

  it('is closed in bounded time when the link is dead', async () => {
    const link = await proxy();
    const connection = await open(throughProxy(link));
    await connection.spawn(['cat']);
    link.freeze();
    await connection.close();
    expect(await connection.closed).toBeUndefined();
  });

  it('notices a link that is dead without a sign', async () => {
    const link = await proxy();
    const connection = await open({ ...throughProxy(link), keepAliveSeconds: 1, keepAliveCount: 2 });
    const pending = connection.exec(['sleep', '600']).catch((error: unknown) => error);
    link.freeze();
    expect(await connection.closed).toMatchObject({
      reason: 'closed',
      message: expect.stringMatching(/broke: Keepalive timeout/),
    });
    expect(ConnectionError.is(await pending, 'closed')).toBe(true);
  });

  it('ends with its jump host', async () => {
    const link = await proxy();
    const jump = loginTarget(throughProxy(link));
    const connection = await open({ host: '127.0.0.2', port: site.innerPort, jump });
    const pending = connection.exec(['sleep', '600']).catch((error: unknown) => error);
    link.drop();
    expect(await connection.closed).toMatchObject({ reason: 'closed' });
    expect(ConnectionError.is(await pending, 'closed')).toBe(true);
  });

  it('leaves no connection to the jump host behind', async () => {
    const link = await proxy();
    const jump = loginTarget(throughProxy(link));
    const connection = await open({ host: '127.0.0.2', port: site.innerPort, jump });
    expect(link.open).toBe(1);
    await connection.close();
    await until('the jump host is let go', () => link.open === 0);
  });
});

describeOnCluster('a link', () => {
  function linkThrough(server: TcpProxy): { link: ClusterLink; states: string[] } {
    const states: string[] = [];
    const target = loginTarget(throughProxy(server));
    const link = new ClusterLink({
      name: 'test',
      open: (signal) => openSshConnection(target, scriptedPrompter(), silentLogger, signal),
      clock: systemClock,
      log: silentLogger,
      onState: (state) => states.push(state),
    });
    cleanups.push(() => link.close());
    return { link, states };
  }

  it('reconnects by itself, as often as it takes, and tells who listens', async () => {
    const server = await proxy();
    const { link, states } = linkThrough(server);
    const answers: string[] = [];
    link.hold();
    link.onConnected((connection) => {
      void connection.exec(['echo', 'hello']).then(({ stdout }) => answers.push(stdout));
    });
    await link.connection();
    await until('the first answer', () => answers.length === 1);
    server.refuse(true);
    server.drop();
    await until('two attempts failed', () => states.filter((state) => state === 'offline').length >= 3);
    server.refuse(false);
    await until('the second answer', () => answers.length === 2);
    expect(link.state).toBe('connected');
    expect(states.slice(0, 5)).toEqual(['connecting', 'connected', 'offline', 'connecting', 'offline']);
  });

  it('makes one connection however many ask', async () => {
    const server = await proxy();
    const { link } = linkThrough(server);
    const connections = await Promise.all(Array.from({ length: 5 }, () => link.connection()));
    expect(new Set(connections).size).toBe(1);
    expect(server.connections).toBe(1);
  });

  it('drops a connection that does not answer after a sleep, and opens it again', async () => {
    const server = await proxy();
    let disturb: (what: 'slept') => void = () => {};
    const states: string[] = [];
    const target = loginTarget(throughProxy(server));
    const link = new ClusterLink({
      name: 'test',
      open: (signal) => openSshConnection(target, scriptedPrompter(), silentLogger, signal),
      clock: systemClock,
      log: silentLogger,
      onState: (state) => states.push(state),
      watchNetwork: (onDisturbed) => {
        disturb = onDisturbed;
        return () => {};
      },
    });
    cleanups.push(() => link.close());
    link.hold();
    const first = await link.connection();
    disturb('slept');
    await first.exec(['true']);
    expect(link.state).toBe('connected');
    server.freeze();
    disturb('slept');
    await until('it is given up', () => states.includes('offline'));
    server.thaw();
    await until('there is another one', () => link.state === 'connected');
    expect(await link.connection()).not.toBe(first);
  });

  it('stops connecting when it is closed', async () => {
    const server = await proxy();
    server.freeze();
    const { link, states } = linkThrough(server);
    const attempt = link.connection();
    const refused = expect(attempt).rejects.toMatchObject({ reason: 'closed' });
    await until('it is connecting', () => server.connections === 1);
    await link.close();
    await refused;
    expect(states).toEqual(['connecting', 'idle']);
  });
});
