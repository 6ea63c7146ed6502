/** Serves the requests about ports to one client. */
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { answer } from '../answer.ts';
import { notifyClient } from '../notify-client.ts';
import { closePort, listPorts, openPort, portEnded } from '../protocol/ports.ts';
import type { PortClient, PortRequests } from './port-requests.ts';

/** `gone` settles when the client leaves. */
export function servePorts(
  { connection, gone }: { readonly connection: MessageConnection; readonly gone: Promise<void> },
  ports: () => PortRequests,
): void {
  const client: PortClient = { gone, tell: (ended) => notifyClient(connection, portEnded, ended) };
  connection.onRequest(openPort, (params) => answer(() => ports().open(params, client)));
  connection.onRequest(closePort, ({ job, port }) => answer(() => ports().close(job, port)).then(() => null));
  connection.onRequest(listPorts, () => answer(() => ports().list()));
}
