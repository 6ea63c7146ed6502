#!/usr/bin/env node
/**
 * Every test there is, the fast ones first: `npm test`. What this machine cannot run (no Slurm, no VS Code) is
 * reported as skipped. Ends with what failed and one line: `N passed, N failed, N skipped`. `npm test -- unit cluster`
 * runs some.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const results = join(root, 'test-output', 'results');
// As npm does: the tools, and the Node, that are installed here.
process.env.PATH = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH;
mkdirSync(results, { recursive: true });

/** What failed, a line each: told again at the end, where a reader of a long log looks first. */
const failures = [];
/** What each suite has counted. */
const parts = [];

/** Runs a program with its output shown; resolves to its exit status and what it printed. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      process.stdout.write(bytes);
      output += bytes;
    });
    child.on('close', (status) => resolve({ status, output }));
    child.on('error', (error) => resolve({ status: 1, output: String(error) }));
  });
}

/** One thing that succeeds or not. */
async function step(command, args) {
  const { status } = await run(command, args);
  if (status !== 0) failures.push(`${command} ${args.join(' ')}`);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

async function vitest(project, env = {}) {
  const file = join(results, `${project}.json`);
  // Those of an earlier run are not the results of one that leaves none.
  rmSync(file, { force: true });
  const { status } = await run(
    'vitest',
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    env,
  );
  if (!existsSync(file)) {
    failures.push(`vitest of ${project} ended with status ${status} and left no results`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name, status: loaded, message, assertionResults } of testResults) {
    const path = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) failures.push(`${path}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
    if (loaded === 'failed' && failed.length === 0) failures.push(`${path}: ${firstLine(message)}`);
  }
  // A file that cannot be loaded has no failed test, yet the run has failed.
  return { passed, failed: numFailedTests || (status === 0 ? 0 : 1), skipped: numPendingTests + numTodoTests };
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}

/** A runner of ours: a line `FAIL name` for each that failed, and the last one has the counts. */
async function counted(command, args, env = {}) {
  const { status, output } = await run(command, args, env);
  for (const [, name] of output.matchAll(/^FAIL (.*)$/gm)) failures.push(`${args[0]}: ${name}`);
  const counts = [...output.matchAll(/^(?:\S+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  if (!counts) {
    failures.push(`${args[0]} ended with status ${status} before it had counted`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const [, passed, failed, skipped = '0'] = counts;
  return { passed: Number(passed), failed: Number(failed) || (status === 0 ? 0 : 1), skipped: Number(skipped) };
}

/**
 * The test cluster: one that runs already (VIGIL_CLUSTER_DIR), or our own, started for the first suite that asks for it; needs
 * root. Where there is none its variables are empty, and the suites say what they skip.
 */
class TestCluster {
  #place;
  #variables;

  /** Suites that run side by side share it. */
  variables() {
    this.#variables ??= this.#start();
    return this.#variables;
  }

  async #start() {
    const canStart = process.getuid?.() === 0 && existsSync('/usr/sbin/slurmctld') && existsSync('/usr/sbin/sshd');
    if (process.env.VIGIL_CLUSTER_DIR || !canStart) return {};
    const directory = process.env.VIGIL_TEST_CLUSTER ?? '/tmp/vigil-test-cluster';
    this.#place = { VIGIL_CLUSTER_DIR: directory, VIGIL_CLUSTER_PORT: process.env.VIGIL_CLUSTER_PORT ?? '22300' };
    // From nothing: what a run that was killed has left (jobs that hold the nodes, say) must not meet this one.
    await run('bash', ['test/cluster/down.sh', '--purge'], this.#place);
    const { status } = await run('bash', ['test/cluster/up.sh'], this.#place);
    if (status === 0) return sourced(join(directory, 'env.sh'));
    failures.push(`test/cluster/up.sh ended with status ${status}`);
    parts.push({ passed: 0, failed: 1, skipped: 0 });
    return {};
  }

  async stop() {
    if (this.#place) await run('bash', ['test/cluster/down.sh'], this.#place);
  }
}

/** The variables that a shell has after sourcing `file`. */
function sourced(file) {
  const { stdout } = spawnSync('bash', ['-c', 'set -a; . "$1"; env -0', 'bash', file], { encoding: 'utf8' });
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter((pair) => /^(VIGIL_CLUSTER_|SLURM_CONF=)/.test(pair))
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function sum(parts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) for (const key of Object.keys(total)) total[key] += part[key];
  return total;
}

const cluster = new TestCluster();
const walk = (place, env) => counted('node', ['test/vscode/ui/run-ui.mjs', '--on', place], env);

/**
 * Rounds of lanes of suites: one after the other; what waits most of the time side by side, as long as nothing in it needs the
 * cluster for itself.
 */
const rounds = [
  [
    {
      types: () => step('tsc', ['-b']),
      lint: () => step('biome', ['ci', '.']),
      build: () => step('node', ['scripts/build.mjs']),
      unit: () => vitest('unit'),
      grammar: () => counted('node', ['test/grammar/run.mjs']),
      package: () => step('node', ['scripts/package.mjs']),
      processes: () => vitest('processes'),
    },
  ],
  [
    { ssh: async () => vitest('ssh', await cluster.variables()) },
    { endurance: async () => vitest('endurance', await cluster.variables()) },
  ],
  [
    { cluster: async () => vitest('cluster', await cluster.variables()) },
    { vscode: () => counted('node', ['test/vscode/run-integration.mjs']), 'ui-local': () => walk('local') },
  ],
  [{ 'ui-cluster': async () => walk('cluster', await cluster.variables()) }],
];
const names = rounds.flat().flatMap(Object.keys);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}: ${names.join(', ')}`);
  process.exit(2);
}
const lines = [];
async function inTurn(lane) {
  for (const [name, suite] of Object.entries(lane)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`\n=== ${name}`);
    const began = Date.now();
    // Nobody takes the cluster down under the other lane.
    const counts = await suite().catch((error) => {
      failures.push(`${name}: ${error}`);
      return { passed: 0, failed: 1, skipped: 0 };
    });
    parts.push(counts);
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(7);
    lines.push(
      `${name.padEnd(10)} ${seconds} s  ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    );
  }
}
try {
  for (const round of rounds) await Promise.all(round.map(inTurn));
} finally {
  await cluster.stop();
}
if (failures.length > 0) console.log(`\nfailed:\n${failures.join('\n')}`);
console.log(`\n${lines.join('\n')}\n`);
const total = sum(parts);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
