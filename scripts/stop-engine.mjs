#!/usr/bin/env node
// Ends the engine of this environment (VIGIL_STATE_DIR, VIGIL_RUNTIME_DIR), if one runs. Jobs go on.
import { connect } from 'node:net';
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';
import { enginePaths } from '../engine/paths.ts';

const socket = connect(enginePaths(process.env).socket);
socket.once('error', () => process.exit(0));
socket.once('connect', () => {
  const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  connection.onClose(() => process.exit(0));
  connection.listen();
  connection.sendRequest('handOver').then(
    () => process.exit(0),
    () => process.exit(0),
  );
});
