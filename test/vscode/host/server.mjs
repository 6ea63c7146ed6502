/** Starts VS Code's server (remote extension host and web workbench) on loopback, and installs extensions into it. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isHostInstalled, serverRoot } from './install.mjs';

/** User settings that keep the workbench quiet and away from the network. */
const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'npm.fetchOnlinePackageInfo': false,
  'git.enabled': false,
  'files.autoSave': 'off',
  'window.confirmBeforeClose': 'never',
  'remote.autoForwardPorts': false,
  // Suites share a cluster: jobs of one are not those of another.
  'vigil.jobs.followElsewhere': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** Built-in extensions that Vigil can be seen with; the other 85 only cost time to start. */
const wantedBuiltIns = [
  'shellscript',
  'python',
  'yaml',
  'json',
  'markdown-basics',
  'markdown-language-features',
  'log',
  'theme-defaults',
  'theme-seti',
  'configuration-editing',
];

/** Least major version of Node that this VS Code's server runs on. */
const leastNodeMajor = 24;

/**
 * Boots the server; resolves when it tells its address.
 * @param {object} options
 * @param {string} [options.dataDirectory] kept afterwards; default: a temporary one that is removed
 * @param {string} [options.extensionsDirectory]
 * @param {object} [options.settings] user settings
 * @param {object} [options.machineSettings] settings of scope `machine`
 * @param {object} [options.environment] added to the environment of the server and of the extensions
 * @param {boolean} [options.isTest] let the page load an extension under development; switches notification toasts off
 * @param {boolean} [options.trustsAll] no workspace trust (default true)
 * @param {string} [options.connectionToken] asked of the browser; default: none is asked
 * @param {number} [options.port] default: any that is free
 */
export async function startServer(options = {}) {
  requireHost();
  const dataDirectory = options.dataDirectory ?? mkdtempSync(path.join(tmpdir(), 'vigil-host-'));
  const extensionsDirectory = options.extensionsDirectory ?? path.join(dataDirectory, 'extensions');
  mkdirSync(extensionsDirectory, { recursive: true });
  const trust = options.trustsAll === false ? { 'security.workspace.trust.enabled': true } : {};
  // User settings are kept on the server's side too.
  writeSettings(path.join(dataDirectory, 'data', 'User'), { ...quietSettings, ...trust, ...options.settings });
  if (options.machineSettings) writeSettings(path.join(dataDirectory, 'data', 'Machine'), options.machineSettings);
  const args = [
    ...baseArguments(dataDirectory, extensionsDirectory),
    ...(options.trustsAll === false ? [] : ['--disable-workspace-trust']),
    ...(options.connectionToken ? ['--connection-token', options.connectionToken] : ['--without-connection-token']),
    // The workbench loads extensions under development and runs tests only with this one.
    ...(options.isTest ? ['--enable-smoke-test-driver'] : []),
    // Else the host first runs a login shell to read its environment, for up to 10 s.
    '--force-disable-user-env',
    '--host=127.0.0.1',
    `--port=${options.port ?? 0}`,
  ];
  // A group of its own, so that the extension hosts end with it.
  const environment = hostEnvironment(dataDirectory, options.environment);
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const server = new Server(child, dataDirectory, extensionsDirectory, options.dataDirectory === undefined);
  return server.ready();
}

class Server {
  endpoint;
  #child;
  #isTemporary;
  #output = '';
  #killAtExit = () => this.#signal('SIGKILL');

  constructor(child, dataDirectory, extensionsDirectory, isTemporary) {
    this.#child = child;
    this.dataDirectory = dataDirectory;
    this.extensionsDirectory = extensionsDirectory;
    this.#isTemporary = isTemporary;
    process.once('exit', this.#killAtExit);
  }

  get output() {
    return this.#output;
  }

  async ready() {
    const address = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`VS Code's server did not start:\n${this.#output}`)), 120_000);
      const onData = (data) => {
        this.#output += data;
        if (process.env.VIGIL_TEST_DEBUG) process.stderr.write(data);
        const found = /Web UI available at (http\S+)/.exec(this.#output);
        if (!found) return;
        clearTimeout(timer);
        resolve(new URL(found[1]));
      };
      this.#child.stdout.on('data', onData);
      this.#child.stderr.on('data', onData);
      this.#child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`VS Code's server ended with ${code}:\n${this.#output}`));
      });
    });
    try {
      this.endpoint = await address;
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#signal('SIGTERM');
      const late = setTimeout(() => this.#signal('SIGKILL'), 5_000);
      await gone;
      clearTimeout(late);
    }
    this.#signal('SIGKILL');
    process.off('exit', this.#killAtExit);
    if (this.#isTemporary) rmSync(this.dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }

  #signal(signal) {
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Installs a .vsix with the server's own command line; no server needs to run. */
export async function installVsix(vsix, { extensionsDirectory, dataDirectory }) {
  requireHost();
  const args = [
    ...baseArguments(dataDirectory, extensionsDirectory),
    '--install-extension',
    path.resolve(vsix),
    '--force',
  ];
  const child = spawn(process.execPath, args, {
    env: hostEnvironment(dataDirectory),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`installing ${vsix} ended with ${code}:\n${output}`);
}

function requireHost() {
  if (!isHostInstalled()) throw new Error('VS Code for tests is not installed: node test/vscode/host/install.mjs');
  if (Number(process.versions.node.split('.')[0]) < leastNodeMajor) {
    throw new Error(
      `This is Node ${process.versions.node}, VS Code's server needs ${leastNodeMajor}: start this with npm run or node_modules/.bin/node.`,
    );
  }
}

function baseArguments(dataDirectory, extensionsDirectory) {
  return [
    path.join(serverRoot, 'out', 'server-main.js'),
    '--accept-server-license-terms',
    '--disable-telemetry',
    `--server-data-dir=${dataDirectory}`,
    `--extensions-dir=${extensionsDirectory}`,
    `--builtin-extensions-dir=${builtInsDirectory(dataDirectory)}`,
  ];
}

/**
 * The wanted built-in extensions as links, the others as empty stubs: those that are missing altogether the workbench would
 * start in their web version, which the npm package does not have, and show an error for each.
 */
function builtInsDirectory(dataDirectory) {
  const directory = path.join(dataDirectory, 'builtin');
  if (existsSync(directory)) return directory;
  mkdirSync(directory, { recursive: true });
  const all = path.join(serverRoot, 'extensions');
  for (const name of readdirSync(all)) {
    const manifestFile = path.join(all, name, 'package.json');
    if (wantedBuiltIns.includes(name)) symlinkSync(path.join(all, name), path.join(directory, name), 'junction');
    else if (existsSync(manifestFile)) {
      const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
      const stub = {
        name: manifest.name,
        publisher: manifest.publisher,
        version: manifest.version,
        engines: { vscode: '*' },
      };
      mkdirSync(path.join(directory, name));
      writeFileSync(path.join(directory, name, 'package.json'), JSON.stringify(stub));
    }
  }
  return directory;
}

/** Sockets and temporary files of the server go into its data directory; without a gallery it asks nobody. */
function hostEnvironment(dataDirectory, more = {}) {
  const temporary = path.join(dataDirectory, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const isForeign = (name) =>
    /^(VSCODE_|npm_)/.test(name) || name === 'NODE_OPTIONS' || name === 'ELECTRON_RUN_AS_NODE';
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  return { ...own, EXTENSIONS_GALLERY: '{"serviceUrl":""}', TMPDIR: temporary, ...more };
}

function writeSettings(directory, settings) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'settings.json'), JSON.stringify(settings, null, 2));
}
