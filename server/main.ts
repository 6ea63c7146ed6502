/** The language server as a program: `--stdio`, or Node's IPC when VS Code forks it. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server.ts';

startServer(createConnection(ProposedFeatures.all));
