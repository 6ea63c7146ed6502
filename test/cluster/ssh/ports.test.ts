/** Ports of nodes over real SSH with both transports: what passes through, what a site forbids, what breaks. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Connection, ConnectionError } from '../../../engine/clusters/connection.ts';
import { TunnelError } from '../../../engine/clusters/tunnel.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { PortRequests } from '../../../engine/ports/port-requests.ts';
import { type ForwardedPort, listPorts, openPort, type PortEnded, portEnded } from '../../../engine/protocol/ports.ts';
import { cancelJob } from '../../../engine/protocol.ts';
import { EngineProcess } from '../../support/engine-process.ts';
import { LoginSite } from '../support/login-site.ts';
import { describeOnCluster, site, temporaryFolder, until } from '../support/site.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let login: LoginSite;
beforeEach(() => {
  login = new LoginSite();
});
afterEach(() => login.cleanUp());

/** Says back in capital letters what it hears, once the other side has said all. */
async function startServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let heard = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
    });
    socket.once('end', () => socket.end(heard.toUpperCase(), 'latin1'));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  login.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a server of 127.0.0.1 answers to all of `text`. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((succeed, fail) => {
    const socket = connectTo({ host: '127.0.0.1', port, allowHalfOpen: true });
    let heard = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      heard += part;
    });
    socket.once('error', fail);
    socket.once('end', () => {
      socket.destroy();
      succeed(heard);
    });
    socket.end(text, 'latin1');
  });
}

const problem = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof TunnelError ? error.problem : error),
  );

function portsOver(connection: () => Promise<Connection>, nodes = '127.0.0.1') {
  const held = new Set<symbol>();
  const info = { name: 'test', kind: 'ssh', scheduler: 'slurm', source: 'settings', state: 'connected' } as const;
  const ports = new PortRequests({
    log: silentLogger,
    job: (key) => ({ key, cluster: 'test', jobId: '5', state: 'running', nodes }),
    service: async () => ({
      info,
      connect: async () => info,
      backend: {
        connection,
        scheduler: async () => ({}) as never,
        hold: () => {
          const holder = Symbol('test');
          held.add(holder);
          return () => void held.delete(holder);
        },
      },
    }),
  });
  login.defer(() => ports.dispose());
  const told: PortEnded[] = [];
  const client = { gone: new Promise<void>(() => {}), tell: (ended: PortEnded) => void told.push(ended) };
  return { ports, held, told, client };
}

describeOnCluster.each(['ssh2', 'openssh'] as const)('a port by %s', (transport) => {
  it('leads to the node, with as many connections at once as a browser opens', async () => {
    const [connection, port] = [await login.connect({ transport }), await startServer()];
    const { ports, client, held } = portsOver(async () => connection);
    const { localPort, node } = await ports.open({ job: 'test/5', port }, client);
    // The server has the number of its own on this machine.
    expect([localPort === port, node, held.size]).toEqual([false, '127.0.0.1', 1]);
    const long = 'some bytes '.repeat(200_000);
    const answers = await Promise.all([long, ...'abcdefghijkl'].map((text) => ask(localPort, text)));
    expect(answers[0] === long.toUpperCase()).toBe(true);
    expect(answers.slice(1).join('')).toBe('ABCDEFGHIJKL');
    // Commands have their places all the same.
    expect((await connection.exec(['echo', 'here'])).stdout).toBe('here\n');
    await ports.close('test/5', port);
    await expect(ask(localPort, 'x')).rejects.toThrow('ECONNREFUSED');
    expect(held.size).toBe(0);
  });

  it('says why there is none', async () => {
    const connection = await login.connect({ transport });
    expect(await problem(connection.tunnel?.('127.0.0.1', 1) ?? Promise.resolve())).toBe('refused');
    expect(await problem(connection.tunnel?.('no-such-node.invalid', 8888) ?? Promise.resolve())).toBe('unknown-host');
    const at = (nodes: string, port: number) => {
      const { ports, client } = portsOver(async () => connection, nodes);
      return ports.open({ job: 'test/5', port }, client);
    };
    await expect(at('127.0.0.1', 1)).rejects.toThrow(
      /^Nothing answers on port 1 of 127\.0\.0\.1 \(test\): .*--ip=0\.0\.0\.0/,
    );
    await expect(at('no-such-node.invalid', 80)).rejects.toThrow(/knows no address of no-such-node\.invalid/);
  });

  it('says that the site forbids it, and runs commands', async () => {
    const connection = await login.connect({
      transport,
      port: await login.startSshd((text) => `AllowTcpForwarding no\n${text}`),
    });
    const port = await startServer();
    expect(await problem(connection.tunnel?.('127.0.0.1', port) ?? Promise.resolve())).toBe('forbidden');
    const { ports, client, held } = portsOver(async () => connection);
    await expect(ports.open({ job: 'test/5', port }, client)).rejects.toThrow(/test forbids .*AllowTcpForwarding/);
    expect([await ports.list(), held.size]).toEqual([[], 0]);
    expect((await connection.exec(['echo', 'here'])).stdout).toBe('here\n');
  });

  it('goes on over the next connection', async () => {
    const [proxy, port] = [await startTcpProxy(site.loginPort), await startServer()];
    login.defer(() => proxy.close());
    let connection = await login.connect({ transport, port: proxy.port });
    const { ports, client } = portsOver(async () => connection);
    const { localPort } = await ports.open({ job: 'test/5', port }, client);
    proxy.drop();
    expect(ConnectionError.is(await connection.closed, 'closed')).toBe(true);
    await expect(ask(localPort, 'x')).rejects.toThrow(/ECONNRESET|socket hang up/);
    connection = await login.connect({ transport });
    expect(await ask(localPort, 'again')).toBe('AGAIN');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function pageServer(port: number): string {
  return `
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"from the node\\n")
http.server.HTTPServer(("127.0.0.1", ${port}), Page).serve_forever()
`;
}

describeOnCluster('a port over a connection that a person has open', () => {
  it('leads there; of why there is none, only the terminal that holds it is told', async () => {
    const folder = await temporaryFolder();
    login.defer(() => folder.remove());
    const control = join(folder.path, 'ctl');
    const args = ['-F', site.sshConfig, '-M', '-N', '-T', '-S', control, '-o', 'ControlPersist=no', 'login'];
    const master = spawn('ssh', args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => master.once('close', resolve));
    login.defer(() => {
      master.kill();
      return ended;
    });
    await until('the connection is open', () => existsSync(control), 20_000);
    const connection = await login.connect({ transport: 'openssh', more: { ControlPath: control } });
    expect(connection.info.authentication).toEqual(['the connection that was open already']);
    const port = await startServer();
    const { ports, client } = portsOver(async () => connection);
    const { localPort } = await ports.open({ job: 'test/5', port }, client);
    expect(await ask(localPort, 'hello')).toBe('HELLO');
    expect(await problem(connection.tunnel?.('127.0.0.1', 1) ?? Promise.resolve())).toBe('failed');
    await expect(ports.open({ job: 'test/5', port: 1 }, client)).rejects.toThrow(/“Session open refused by peer”/);
  });
});

/** Its first answer comes once the program is up. */
async function forwarded(engine: EngineProcess, job: string, port: number): Promise<ForwardedPort> {
  return vi.waitFor(() => engine.client.connection.sendRequest(openPort, { job, port }), 30_000);
}

describeOnCluster.each(['ssh2', 'openssh'] as const)('a page of a job on Slurm, by %s', (transport) => {
  it('is here for as long as its job runs and somebody who asked for it is there', async () => {
    const engine = new EngineProcess({
      sshConfigFile: site.sshConfig,
      clusters: [{ name: 'login', host: 'login', transport }],
    });
    login.defer(() => engine.dispose());
    await engine.connect();
    const port = await freePort();
    const script = `#!/bin/bash\n#SBATCH --time=2 --output=/dev/null\nexec python3 -c '${pageServer(port)}'\n`;
    const { key } = await engine.submit({ cluster: 'login', script, scriptPath: '/somewhere/job.sh', workdir: '/tmp' });
    login.defer(() => engine.client.connection.sendRequest(cancelJob, { job: key }).catch(() => {}));
    await engine.until(key, 'start');
    const here = await forwarded(engine, key, port);
    // The name of the node is none of the network: it is found by its address.
    expect(here).toMatchObject({ job: key, node: expect.stringMatching(/^n\d$/), port });
    const page = () => fetch(`http://127.0.0.1:${here.localPort}/page`).then((answer) => answer.text());
    expect(await page()).toBe('from the node\n');

    await engine.connect();
    await vi.waitFor(() => expect(page()).rejects.toThrow('fetch failed'), 10_000);
    expect(await engine.client.connection.sendRequest(listPorts)).toEqual([]);

    const again = await forwarded(engine, key, port);
    expect(await engine.client.connection.sendRequest(listPorts)).toEqual([again]);
    const ended = new Promise((resolve) => engine.client.connection.onNotification(portEnded, resolve));
    await engine.client.connection.sendRequest(cancelJob, { job: key });
    expect(await ended).toEqual({ port: again, why: 'job' });
    await engine.until(key, 'clean');
    const late = engine.client.connection.sendRequest(openPort, { job: key, port });
    await expect(late).rejects.toThrow('only ports of a running job');
  });
});
