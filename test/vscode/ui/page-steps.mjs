/** Steps that two walks have: a job that serves a page, and the way to it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openInputFor } from './job-steps.mjs';

/** Serves a page until it is asked for `/end`. */
const board = `#!/bin/bash
#SBATCH --job-name=board --time=5
exec python3 -u - <<'PAGE'
import http.server, threading
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"page of a job")
        if self.path == "/end":
            threading.Thread(target=self.server.shutdown).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(f"TensorBoard 2.14.0 at http://localhost:{server.server_port}/ (Press CTRL+C to quit)")
server.serve_forever()
PAGE
`;

/** Here and on the test cluster, nodes are this machine. */
export async function openPage(site, workbench, steps, cluster) {
  const { page } = workbench;
  writeFileSync(path.join(site.workspace, 'board.sh'), board);
  await workbench.open('board.sh');
  await openInputFor(workbench, cluster);
  await page.keyboard.press('Enter');
  const row = workbench
    .treeRow(/\d board/)
    .filter({ hasText: 'running' })
    .first();
  await row.waitFor({ timeout: 120_000 });
  await workbench.command('Vigil: Open Output', 'board');
  const output = page.locator('.editor-instance .monaco-editor[data-uri^="vigil-output:"].focused');
  const line = output.locator('.view-line', { hasText: 'TensorBoard' });
  await line.waitFor({ timeout: 120_000 });
  const port = /localhost:(\d+)/.exec(await line.textContent())?.[1];
  await steps.step(`pages ${cluster} - the port that the output names is suggested`, async () => {
    await workbench.command('Vigil: Forward Port of Job', 'board');
    await workbench.pick(port).waitFor();
  });
  const address = await steps.step(`pages ${cluster} - the page is offered`, async () => {
    await page.keyboard.press('Enter');
    const told = workbench.toast(`is port ${port} of`);
    await told.waitFor();
    for (const label of ['Open in Browser', 'Copy Address', ...(cluster === 'local' ? [] : ['Stop'])])
      await button(page, label).waitFor();
    const offered = /^http:\/\/127\.0\.0\.1:\d+/.exec(await told.textContent())?.[0];
    const text = await (await fetch(`${offered}/`)).text();
    if (text !== 'page of a job') throw new Error(`${offered} is ${text}`);
    return offered;
  });
  const offerAgain = async () => {
    // A toast that is left gets the focus back after the palette, and the list of ports is gone.
    await workbench.closeToasts();
    await workbench.command('Vigil: Forward Port of Job', 'board');
    await workbench.pick(port).click();
    await workbench.toast(`is port ${port} of`).waitFor();
  };
  await steps.step(`pages ${cluster} - its address is copied`, async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button(page, 'Copy Address').click();
    await page.waitForFunction(
      async (start) => (await navigator.clipboard.readText()).startsWith(start),
      `${address}/`,
    );
  });
  await steps.step(`pages ${cluster} - it opens in the browser`, async () => {
    await offerAgain();
    const opened = page.context().waitForEvent('page');
    await button(page, 'Open in Browser').click();
    const tab = await opened;
    // This VS Code leads the ports of its machine through a proxy of code-server's, which is not part of it: the address is what counts.
    await tab.waitForURL((url) => `${url}`.includes(new URL(address).port));
    await tab.close();
  });
  if (cluster !== 'local') {
    await steps.step(`pages ${cluster} - it can be stopped`, async () => {
      await offerAgain();
      await button(page, 'Stop').click();
      await workbench.command('Vigil: Stop Forwarding Port');
      await workbench.toast('No port is forwarded').waitFor();
    });
  }
  await fetch(`http://127.0.0.1:${port}/end`);
  await workbench.closeToasts();
}

function button(page, label) {
  return page.locator('.notifications-toasts .monaco-button', { hasText: label }).first();
}
