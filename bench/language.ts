/**
 * The language server as an editor meets it, over stdio: a keystroke to its diagnostics, completion, the start, memory; and
 * `vigil check` on many scripts. Beside it bash-language-server on the same files in the same run. That one answers no
 * question about diagnostics, so that its keystroke is judged by the next answer that needs the changed text (symbols).
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import { serverNodeFlags } from '../client/server-options.ts';
import { type Figure, percentile, report } from './lib/figures.ts';
import { batchScript, keystrokes } from './lib/scripts.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-language-'));

interface Position {
  readonly line: number;
  readonly character: number;
}

/** A language server in a process of its own. */
class Server {
  readonly connection: MessageConnection;
  readonly #child: ChildProcess;
  readonly #isVigil: boolean;
  readonly #versions = new Map<string, number>();

  constructor(program: readonly string[], isVigil: boolean) {
    this.#isVigil = isVigil;
    // Without shellcheck: the editor's own work is compared, not another program's.
    const env = { ...process.env, SHELLCHECK_PATH: '', BASH_IDE_LOG_LEVEL: 'error' };
    this.#child = spawn(process.execPath, [...program], { stdio: ['pipe', 'pipe', 'ignore'], env });
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error(`${program.join(' ')} has no pipes`);
    this.connection = createMessageConnection(stdout, stdin);
    this.connection.onRequest(() => null);
    this.connection.listen();
  }

  /** @param pulls the client asks for diagnostics itself */
  async start(pulls: boolean): Promise<void> {
    const textDocument = { ...(pulls && { diagnostic: {} }), completion: {}, documentSymbol: {} };
    const capabilities = { textDocument, workspace: {} };
    const rootUri = pathToFileURL(folder).href;
    await this.connection.sendRequest('initialize', { processId: process.pid, rootUri, capabilities });
    await this.connection.sendNotification('initialized', {});
  }

  async open(uri: string, text: string): Promise<void> {
    this.#versions.set(uri, 1);
    const textDocument = { uri, languageId: 'shellscript', version: 1, text };
    await this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  async type(uri: string, at: Position, text: string): Promise<void> {
    const version = (this.#versions.get(uri) ?? 1) + 1;
    this.#versions.set(uri, version);
    const contentChanges = [{ range: { start: at, end: at }, text }];
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  /** Resolves when the server has read the text as it is now. */
  async settle(uri: string): Promise<void> {
    const method = this.#isVigil ? 'textDocument/diagnostic' : 'textDocument/documentSymbol';
    await this.connection.sendRequest(method, { textDocument: { uri } });
  }

  complete(uri: string, position: Position): Promise<unknown> {
    return this.connection.sendRequest('textDocument/completion', { textDocument: { uri }, position });
  }

  nextDiagnostics(uri: string): Promise<void> {
    return new Promise((resolve) => {
      this.connection.onNotification('textDocument/publishDiagnostics', (params: { uri: string }) => {
        if (params.uri === uri) resolve();
      });
    });
  }

  /** Resident memory, MB. */
  get memory(): number {
    const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', String(this.#child.pid)], { encoding: 'utf8' });
    return (Number(kibibytes) * 1024) / 1e6;
  }

  stop(): void {
    this.connection.dispose();
    this.#child.kill();
  }
}

const vigil = () => new Server([...serverNodeFlags, join(root, 'dist', 'server.js'), '--stdio'], true);
const bash = () => new Server([join(root, 'node_modules', 'bash-language-server', 'out', 'cli.js'), 'start'], false);
const peerName = 'bash-language-server';

async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Milliseconds of each keystroke; the first ones, while the program warms up, do not count. */
async function typing(server: Server, uri: string, text: string, count: number): Promise<readonly number[]> {
  await server.open(uri, text);
  await server.settle(uri);
  const times: number[] = [];
  for (const [index, { at, char }] of keystrokes(text, count + 20).entries()) {
    const spent = await time(async () => {
      await server.type(uri, at, char);
      await server.settle(uri);
    });
    if (index >= 20) times.push(spent);
  }
  return times;
}

async function completing(server: Server, uri: string, text: string): Promise<readonly number[]> {
  await server.open(uri, text);
  await server.settle(uri);
  const times: number[] = [];
  const lines = text.split('\n');
  for (let round = 0; round < 220; round++) {
    // In directives and watchers as well as in commands.
    const line = (round * 7) % Math.min(lines.length, 300);
    const character = Math.floor(((lines[line]?.length ?? 0) * (round % 5)) / 4);
    const spent = await time(() => server.complete(uri, { line, character }));
    if (round >= 20) times.push(spent);
  }
  return times;
}

async function starting(make: () => Server, uri: string, text: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    let server: Server | undefined;
    const spent = await time(async () => {
      server = make();
      await server.start(false);
      const published = server.nextDiagnostics(uri);
      await server.open(uri, text);
      await published;
    });
    server?.stop();
    times.push(spent);
  }
  return percentile(times, 0.5);
}

function writeScripts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `job-${index}.sh`);
    writeFileSync(path, batchScript(60 + (index % 80), 3, index));
    return path;
  });
}

async function openingAll(server: Server): Promise<number> {
  return time(async () => {
    for (let index = 0; index < 1000; index++) {
      const uri = pathToFileURL(join(folder, `job-${index}.sh`)).href;
      await server.open(uri, batchScript(60 + (index % 80), 3, index));
      await server.settle(uri);
    }
  });
}

async function measure(): Promise<readonly Figure[]> {
  const [small, large] = [batchScript(600, 10, 1), batchScript(10_000, 10, 2)];
  const [smallUri, largeUri] = ['small', 'large'].map((name) => pathToFileURL(join(folder, `${name}.sh`)).href);
  if (!smallUri || !largeUri) throw new Error('no names');
  const started = await starting(vigil, smallUri, small);
  const peerStarted = await starting(bash, smallUri, small);
  const [own, peer] = [vigil(), bash()];
  await own.start(true);
  await peer.start(true);
  const ownSmall = await typing(own, smallUri, small, 200);
  const peerSmall = await typing(peer, smallUri, small, 200);
  const completions = await completing(own, smallUri, small);
  const peerCompletions = await completing(peer, smallUri, small);
  const memory = own.memory;
  const peerMemory = peer.memory;
  const ownLarge = await typing(own, largeUri, large, 60);
  const peerLarge = await typing(peer, largeUri, large, 20);
  const largeMemory = own.memory;
  const peerLargeMemory = peer.memory;
  const paths = writeScripts(1000);
  const began = performance.now();
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli.js'), 'check', '--format', 'json', ...paths],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const checked = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`vigil check ended with ${status}: the scripts of this bench have no errors`);
  const peerOpened = (await openingAll(peer)) / 1000;
  own.stop();
  peer.stop();
  const p95 = (values: readonly number[]) => percentile(values, 0.95);
  const of = (value: number) => ({ name: peerName, value });
  return [
    {
      what: '600 lines: a keystroke to its diagnostics, p95',
      value: p95(ownSmall),
      unit: 'ms',
      peer: of(p95(peerSmall)),
      bar: { most: 5 },
    },
    {
      what: '10,000 lines, 10 watchers: the same, p95',
      value: p95(ownLarge),
      unit: 'ms',
      peer: of(p95(peerLarge)),
      bar: { most: 50 },
    },
    { what: 'completion, p95', value: p95(completions), unit: 'ms', peer: of(p95(peerCompletions)), bar: { most: 10 } },
    {
      what: 'start to first diagnostics, median of 5',
      value: started,
      unit: 'ms',
      peer: of(peerStarted),
      bar: { most: 300 },
    },
    {
      what: '1,000 scripts: vigil check (peer: opened in turn)',
      value: checked,
      unit: 's',
      peer: of(peerOpened),
      bar: { most: 5 },
    },
    {
      what: 'memory after 400 requests on 600 lines',
      value: memory,
      unit: 'MB',
      peer: of(peerMemory),
      bar: { most: 80 },
    },
    {
      what: 'memory with the 10,000 lines open too, after 80',
      value: largeMemory,
      unit: 'MB',
      peer: of(peerLargeMemory),
      bar: { most: 80 },
    },
  ];
}

spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
try {
  report('Language server', await measure());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
