/** What went wrong, in words for who called a command. */
import { ResponseError } from 'vscode-jsonrpc/node';
import { errorCodes, type Refusal } from '../engine/protocol.ts';

/** @param loginHint what to do where nobody can be asked for a password; absent: somebody was asked. */
export function explain(error: unknown, loginHint?: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ResponseError)) return message;
  if (error.code === errorCodes.authentication && loginHint !== undefined) return `${message}\n  (${loginHint})`;
  const refusal = error.data as Refusal | undefined;
  return refusal?.range ? `${message}\n  (line ${refusal.range.start.line + 1} of the script)` : message;
}
