/** Opens the workbench of a server (server.mjs) in a headless Chromium. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The browser, if there is one: CHROMIUM, or where Linux distributions put it. */
export const chromiumProgram = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((program) => program && existsSync(program));

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {string} [options.openFile]
 * @param {string} [options.language] of extensions; VS Code itself has no other than English here
 * @param {string[]} [options.extensionDevelopmentPath]
 * @param {string} [options.extensionTestsPath] runs the tests; `exited` tells how that ended
 * @param {(type: string, args: unknown[]) => void} [options.onLog] the console of the extension host, with tests only
 * @param {{ width: number, height: number }} [options.viewport]
 */
export async function openWorkbench(server, options) {
  const browser = await chromium.launch({
    executablePath: chromiumProgram,
    headless: !process.env.VIGIL_TEST_HEADED,
    env: { ...process.env, TMPDIR: path.join(server.dataDirectory, 'tmp') },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
  const viewport = options.viewport ?? { width: 1280, height: 800 };
  const context = await browser.newContext({ viewport, locale: 'en-US', reducedMotion: 'reduce' });
  const page = await context.newPage();
  if (options.language !== undefined) {
    // What the messages of a language pack would say before the workbench is loaded.
    await page.addInitScript(
      (language) => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: language }),
      options.language,
    );
  }
  // Anything but loopback fails at once instead of hanging.
  const isOutside = (url) => !loopback.has(url.hostname) && /^(https?|wss?):$/.test(url.protocol);
  await page.route(isOutside, (route) => route.abort('blockedbyclient'));
  if (process.env.VIGIL_TEST_DEBUG)
    page.on('console', (message) => console.error(`[browser:${message.type()}]`, message.text()));

  let exit;
  const exited = new Promise((resolve) => (exit = resolve));
  // The workbench calls these two when it runs tests.
  await page.exposeFunction('codeAutomationLog', (type, args) => options.onLog?.(type, args));
  await page.exposeFunction('codeAutomationExit', (code) => exit(code));
  await page.goto(workbenchUrl(server.endpoint, options).href, { waitUntil: 'commit', timeout: 120_000 });
  return { page, exited, close: () => browser.close() };
}

function workbenchUrl(endpoint, options) {
  const remote = (file) => `vscode-remote://${endpoint.host}${path.resolve(file)}`;
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
    ...(options.extensionDevelopmentPath ?? []).map((directory) => ['extensionDevelopmentPath', remote(directory)]),
    ...(options.extensionTestsPath ? [['extensionTestsPath', remote(options.extensionTestsPath)]] : []),
    ...(options.openFile ? [['openFile', remote(options.openFile)]] : []),
  ];
  const url = new URL(endpoint);
  url.searchParams.set('folder', path.resolve(options.folder));
  url.searchParams.set('payload', JSON.stringify(payload));
  return url;
}
