/** HTTP for actions: one POST of JSON. */
import type { JsonValue } from './protocol.ts';

const timeoutMs = 15_000;

/** Resolves to the HTTP status. A redirection is not followed: a secret in the URL or the body must not go elsewhere. */
export async function postJson(url: string, body: JsonValue): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  // What it says is of no use; read, so that the connection is free again.
  await response.arrayBuffer();
  return response.status;
}
