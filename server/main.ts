/** The language server as a program: `--stdio`, or Node's IPC when VS Code forks it. */
import { readFileSync, statSync } from 'node:fs';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server.ts';

/** A longer file is no batch script. */
const maxFileBytes = 4 * 1024 * 1024;

startServer(createConnection(ProposedFeatures.all), (path) => {
  try {
    const file = statSync(path);
    if (!file.isFile()) return undefined;
    return file.size <= maxFileBytes ? readFileSync(path, 'utf8') : '';
  } catch {
    return undefined;
  }
});
