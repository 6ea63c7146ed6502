/** The language server as a program: `--stdio`, or Node's IPC when VS Code forks it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import type { FolderEntry } from './related-files.ts';
import { startServer } from './server.ts';

/** A longer file is no batch script. */
const maxFileBytes = 4 * 1024 * 1024;

/** Of a larger folder nobody wants the whole list. */
const maxEntries = 2000;

function read(path: string): string | undefined {
  try {
    const file = statSync(path);
    if (!file.isFile()) return undefined;
    return file.size <= maxFileBytes ? readFileSync(path, 'utf8') : '';
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function list(path: string): readonly FolderEntry[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .slice(0, maxEntries)
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}

startServer(createConnection(ProposedFeatures.all), { read, list, isDirectory });
