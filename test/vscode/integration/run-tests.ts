/**
 * Starts a VS Code with the extension and the tests in it, through @vscode/test-electron, and tells how they end.
 * Started by run-integration.mjs with the repository's folder as argument. Exit status 0 only when tests ran and all passed.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { eventsVariable, type TestEvent } from './test-event.ts';

const root = process.argv[2] ?? process.cwd();
const startedMs = Date.now();
const elapsed = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;

interface Outcome {
  readonly started: boolean;
  readonly ok: boolean;
  readonly counts: (TestEvent & { type: 'end' }) | undefined;
}

async function attempt(): Promise<Outcome> {
  // Short: the path of a UNIX socket may have 107 bytes.
  const work = mkdtempSync(path.join(tmpdir(), 'vigil-it-'));
  const workspace = path.join(work, 'ws');
  cpSync(path.join(root, 'examples'), workspace, { recursive: true });
  cpSync(path.join(root, 'test', 'vscode', 'fixtures'), workspace, { recursive: true });
  const events = path.join(work, 'events.ndjson');
  let started = false;
  let ok = false;
  let counts: Outcome['counts'];
  const stop = follow(events, (event) => {
    if (event.type === 'start') started = true;
    if (event.type === 'end') counts = event;
    report(event);
  });
  const executable = process.env.VSCODE_EXECUTABLE;
  const version = process.env.VSCODE_VERSION;
  try {
    await runTests({
      ...(executable ? { vscodeExecutablePath: path.resolve(executable) } : {}),
      ...(version ? { version } : {}),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(__dirname, 'index.js'),
      extensionTestsEnv: {
        [eventsVariable]: events,
        // An engine of the tests' own.
        VIGIL_RUNTIME_DIR: path.join(work, 'run'),
        VIGIL_STATE_DIR: path.join(work, 'state'),
      },
      launchArgs: [
        workspace,
        '--disable-extensions',
        '--disable-workspace-trust',
        `--user-data-dir=${path.join(work, 'user')}`,
        `--extensions-dir=${path.join(work, 'ext')}`,
      ],
    });
    ok = true;
  } catch (error) {
    console.error(`# ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    stop();
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
  return { started, ok: ok && counts?.failed === 0 && counts.passed > 0, counts };
}

function report(event: TestEvent): void {
  switch (event.type) {
    case 'start':
      console.log(`# tests started after ${elapsed()}`);
      break;
    case 'pass':
      console.log(`ok   ${event.title} (${event.ms} ms)`);
      break;
    case 'skip':
      console.log(`skip ${event.title}`);
      break;
    case 'fail':
      console.log(`FAIL ${event.title}\n${mapStack(event.stack)}`);
      break;
    case 'end':
      break;
  }
}

/** Follows the file of events; the result reads it to its end and stops. */
function follow(file: string, onEvent: (event: TestEvent) => void): () => void {
  let seen = 0;
  const read = () => {
    if (!existsSync(file)) return;
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(seen)) onEvent(JSON.parse(line) as TestEvent);
    seen = lines.length;
  };
  const timer = setInterval(read, 200);
  return () => {
    clearInterval(timer);
    read();
  };
}

/** `x.js:line:column` to `x.ts:line:column`: the extension host formats stacks itself, without source maps. */
function mapStack(stack: string): string {
  return stack.replace(/([^\s()]+\.js):(\d+):(\d+)/g, (all, file: string, line: string, column: string) => {
    const mapFile = `${path.resolve(root, file)}.map`;
    if (!existsSync(mapFile)) return all;
    const entry = new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8'))).findEntry(
      Number(line) - 1,
      Number(column) - 1,
    );
    if (!('originalSource' in entry)) return all;
    const source = path.relative(root, path.resolve(path.dirname(mapFile), entry.originalSource));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

async function main(): Promise<void> {
  let outcome = await attempt();
  // A VS Code that never came to the tests (a busy machine) is tried again; tests never are.
  for (let number = 2; !outcome.started && number <= 3; number += 1) {
    console.error(`# VS Code did not come to the tests; attempt ${number}`);
    outcome = await attempt();
  }
  console.log(`# total ${elapsed()}`);
  const { passed = 0, failed = 1, skipped = 0 } = outcome.counts ?? {};
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(outcome.ok ? 0 : 1);
}

void main();
