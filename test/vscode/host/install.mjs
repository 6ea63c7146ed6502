#!/usr/bin/env node
// Installs a real VS Code (server and web workbench, as code-server carries them) from the npm registry into a cache
// directory, VIGIL_TEST_HOST_DIR or ~/.cache/vigil-test-host. Nothing is compiled. A finished install is used again.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = import.meta.dirname;
const version = `code-server ${readJson(path.join(here, 'package.json')).dependencies['code-server']}`;

export const hostDirectory = process.env.VIGIL_TEST_HOST_DIR ?? path.join(homedir(), '.cache', 'vigil-test-host');
/** VS Code proper. */
export const serverRoot = path.join(hostDirectory, 'node_modules', 'code-server', 'lib', 'vscode');
const readyFile = path.join(hostDirectory, '.ready');

/** 220 MB that neither the tests nor a look at the extension need; some of it would want a compiler. */
const dropped = [
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@devcontainers/cli',
  '@vscode/copilot-api',
  '@vscode/sqlite3',
  'kerberos',
  'ssh2',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  '@vscode/native-watchdog',
  '@vscode/fs-copyfile',
];

export function isHostInstalled() {
  return existsSync(readyFile) && readFileSync(readyFile, 'utf8') === version;
}

/** Installs the host unless it is there. `report` is called with what is being done. */
export async function installHost(report) {
  if (isHostInstalled()) return;
  rmSync(hostDirectory, { recursive: true, force: true });
  mkdirSync(hostDirectory, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    cpSync(path.join(here, file), path.join(hostDirectory, file));
  report(`${version} from the npm registry`);
  // Its postinstall insists on a node of its own and builds native add-ons.
  await npm(['ci'], hostDirectory);

  report("the parts of VS Code's server");
  // Their versions come from the npm-shrinkwrap.json beside it; `npm ci` refuses that one: it is not in step.
  const manifestFile = path.join(serverRoot, 'package.json');
  const manifest = readJson(manifestFile);
  for (const name of dropped) delete manifest.dependencies[name];
  writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
  await npm(['install', '--omit=dev'], serverRoot);
  cpSync(path.join(here, 'spdlog-shim.cjs'), path.join(serverRoot, 'node_modules', '@vscode', 'spdlog', 'index.js'));
  writeFileSync(readyFile, version);
}

async function npm(args, directory) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  // What an outer npm run put into the environment would otherwise be settings of this one.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry$)/i.test(name)),
  );
  const options = {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  };
  const child = spawn('npm', [...args, ...flags], options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} in ${directory} ended with ${code}:\n${output}`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await installHost((what) => console.log(`installing ${what} …`));
  console.log(`VS Code for tests is in ${hostDirectory} (${version})`);
}
