/** Ports of jobs, of this machine: those of clusters need a scheduler, and are in test/cluster/ssh/ports.test.ts. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { suggestedPages } from '../../../../client/jobs/suggested-pages.ts';
import type { ForwardedPort } from '../../../../engine/protocol/ports.ts';
import { closeAllEditors, logWith, submit, waitFor, workspaceFile } from '../helpers.ts';

const script = `#!/bin/bash
exec python3 -u - <<'PAGE'
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"page of a job")
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print(f"Serving at http://localhost:{server.server_port}/")
server.serve_forever()
PAGE
`;

describe('a port of a job', () => {
  afterEach(async () => {
    await closeAllEditors();
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('is found in its output, and leads to its page', async () => {
    await vscode.workspace.fs.writeFile(workspaceFile('server.sh'), Buffer.from(script));
    const key = await submit('server.sh');
    await logWith(key, 'start');
    await vscode.commands.executeCommand('vigil.openOutput', key);
    const port = await waitFor('the port', () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.scheme === 'vigil-output' && suggestedPages(document.getText())[0]?.port;
    });
    const told = await vscode.commands.executeCommand<ForwardedPort>('vigil.forwardPort', key, port);
    assert.deepEqual(told, { job: key, node: 'this machine', port, localPort: port, isHere: true });
    const page = await fetch(`http://127.0.0.1:${told.localPort}/`);
    assert.equal(await page.text(), 'page of a job');
    await vscode.commands.executeCommand('vigil.cancelJob', key, { confirm: false });
    await logWith(key, 'clean');
    // Its error is shown to the person; who called it gets nothing.
    assert.equal(await vscode.commands.executeCommand('vigil.forwardPort', key, port), undefined);
  });
});
