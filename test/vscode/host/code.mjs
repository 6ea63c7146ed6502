#!/usr/bin/env node
/**
 * Stands in for the program `code` towards @vscode/test-electron, and runs the tests in the host of this folder:
 *   code [folder] --extensionDevelopmentPath=P --extensionTestsPath=P [--extensions-dir=D] [other options are ignored]
 * Exit status: 0 all passed, 1 not, 2 no result within VIGIL_TEST_TIMEOUT seconds (default 600).
 * VIGIL_TEST_DEBUG=1 prints what the server, the browser and the extension host say.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { openWorkbench } from './browser.mjs';
import { startServer } from './server.mjs';

const timeoutSeconds = Number(process.env.VIGIL_TEST_TIMEOUT ?? 600);
const option = (name) =>
  process.argv
    .filter((argument) => argument.startsWith(`--${name}=`))
    .map((argument) => argument.slice(name.length + 3));

async function runTests(server, folder) {
  const workbench = await openWorkbench(server, {
    folder,
    extensionDevelopmentPath: option('extensionDevelopmentPath'),
    extensionTestsPath: option('extensionTestsPath').at(-1),
    onLog: (type, args) => process.env.VIGIL_TEST_DEBUG && console.error(`[${type}] ${format(...args)}`),
  });
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutSeconds * 1000)));
  const code = await Promise.race([workbench.exited, late]);
  clearTimeout(timer);
  if (code === undefined) {
    const screenshot = path.join(tmpdir(), `vigil-test-timeout-${process.pid}.png`);
    await workbench.page.screenshot({ path: screenshot }).catch(() => undefined);
    console.error(`no result within ${timeoutSeconds} s; see ${screenshot}; the server said:\n${server.output}`);
  }
  await workbench.close();
  return code === undefined ? 2 : code === 0 ? 0 : 1;
}

// The handlers of 'exit' stop the server.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
const given = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
const folder = given ?? mkdtempSync(path.join(tmpdir(), 'vigil-empty-'));
const server = await startServer({ extensionsDirectory: option('extensions-dir').at(-1), isTest: true });
let status = 1;
try {
  status = await runTests(server, folder);
} catch (error) {
  console.error(error);
} finally {
  await server.stop();
  if (!given) rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
