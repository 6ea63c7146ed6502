#!/usr/bin/env node
/**
 * `npm start`: builds Vigil and opens a VS Code with it and a copy of the examples, ready to submit to the cluster `local`.
 * An installed VS Code (`code`, `codium`; VIGIL_CODE names another) is used; else, or with `--browser`, VS Code's server
 * from npm, which the browser shows. `--port N` fixes its port.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const cache = path.join(homedir(), '.cache', 'vigil-start');
/** A copy, so that what is edited and what jobs write stays out of the repository. */
const workspace = path.join(cache, 'examples');
const firstFile = path.join(workspace, 'train.sh');
const startedMs = Date.now();

await main();

async function main() {
  run('building Vigil', 'build.mjs');
  mkdirSync(cache, { recursive: true });
  // Files that are there already may have been edited.
  cpSync(path.join(root, 'examples'), workspace, { recursive: true, force: false });
  const code = process.argv.includes('--browser') ? undefined : findCode();
  if (code) openDesktop(code);
  else await serve();
}

/** The first of the usual programs that runs. */
function findCode() {
  const macos = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';
  const candidates = [process.env.VIGIL_CODE, 'code', 'codium', macos].filter(Boolean);
  return candidates.find(
    (program) =>
      spawnSync(program, ['--version'], { shell: process.platform === 'win32', stdio: 'ignore' }).status === 0,
  );
}

function openDesktop(code) {
  say(`opening ${workspace} in ${code}`);
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, workspace, '--goto', firstFile];
  const { status } = spawnSync(code, args, { shell: process.platform === 'win32', stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  explain();
}

async function serve() {
  const { installHost, isHostInstalled } = await import('../test/vscode/host/install.mjs');
  const { installVsix, startServer } = await import('../test/vscode/host/server.mjs');
  if (!isHostInstalled())
    say('no VS Code is installed here: getting one for the browser, once, which takes about a minute');
  await withTicker((tell) => installHost(tell));
  const vsix = path.join(root, 'out', 'vigil.vsix');
  run('packaging the extension', 'package.mjs', '--out', vsix);
  const dataDirectory = path.join(cache, 'vscode');
  const extensionsDirectory = path.join(dataDirectory, 'extensions');
  say('installing the extension');
  await installVsix(vsix, { dataDirectory, extensionsDirectory });
  const connectionToken = randomBytes(16).toString('hex');
  const server = await startServer({
    dataDirectory,
    extensionsDirectory,
    // Only who has the printed address may enter: this VS Code can run commands as you.
    connectionToken,
    port: portOption(),
    // The engine is the one of all your Vigils, so its place must not depend on this server's.
    environment: { TMPDIR: tmpdir() },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
  const url = new URL(server.endpoint);
  url.searchParams.set('tkn', connectionToken);
  url.searchParams.set('folder', workspace);
  url.searchParams.set(
    'payload',
    JSON.stringify([['openFile', `vscode-remote://${server.endpoint.host}${firstFile}`]]),
  );
  say('VS Code is ready. Open this address in a browser on this machine:');
  console.log(`\n  ${url.href}\n`);
  explain();
  console.log('Ctrl+C ends it; jobs go on.');
  openBrowser(url.href);
}

function portOption() {
  const at = process.argv.indexOf('--port');
  return at === -1 ? 0 : Number(process.argv[at + 1]);
}

/** On a desktop the browser comes by itself; over SSH the printed address has to do. */
function openBrowser(url) {
  const isDesktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!isDesktop || process.env.CI || process.env.SSH_CONNECTION) return;
  const [program, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}

function explain() {
  console.log(
    'Press ▶ in the title of train.sh, pick "local", accept the directory, and look at the Jobs view: the loss',
  );
  console.log('diverges, the watcher of the script matches and cancels the job.');
}

/** Runs a script of this folder; its output is shown only when it fails. */
function run(what, script, ...args) {
  say(what);
  if (!existsSync(path.join(root, 'node_modules', 'esbuild'))) fail('the dependencies are not installed: npm ci');
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(import.meta.dirname, script), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) fail(`${what} failed:\n${stdout}${stderr}`);
}

/** Shows that a long step is under way. */
async function withTicker(work) {
  let what = '';
  const begin = Date.now();
  const timer = setInterval(() => {
    if (what && process.stdout.isTTY)
      process.stdout.write(`\r  ${what} … ${Math.round((Date.now() - begin) / 1000)} s `);
  }, 500);
  try {
    await work((text) => {
      if (process.stdout.isTTY && what) process.stdout.write('\n');
      what = text;
      if (!process.stdout.isTTY) say(text);
    });
  } finally {
    clearInterval(timer);
    if (what && process.stdout.isTTY) process.stdout.write('\n');
  }
}

function say(text) {
  console.log(`[${((Date.now() - startedMs) / 1000).toFixed(0).padStart(3)} s] ${text}`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
