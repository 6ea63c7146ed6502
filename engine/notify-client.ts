/** Tells one client something that it need not hear. */
import type { MessageConnection, NotificationType } from 'vscode-jsonrpc/node';

/** To a client that may have left: then nobody hears it, and that is no error of who tells it. Never throws. */
export function notifyClient<Params>(
  connection: MessageConnection,
  type: NotificationType<Params>,
  params: Params,
): void {
  try {
    // On a connection that is closed it throws at once, on one that breaks it rejects.
    connection.sendNotification(type.method, params).catch(() => undefined);
  } catch {
    return;
  }
}
