/** HTTP for actions: one POST of JSON. */
import type { HttpAnswer } from './actions/action.ts';
import type { JsonValue } from './protocol.ts';

const timeoutMs = 15_000;

/** A redirection is not followed: a secret in the URL or the body must not go elsewhere. */
export async function postJson(
  url: string,
  body: JsonValue,
  headers: { readonly [name: string]: string } = {},
): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  // What it says is of no use, and may be endless.
  await response.body?.cancel();
  const retryAfterSeconds = retryAfter(response.headers.get('retry-after'), Date.now());
  return { status: response.status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
export function retryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowMs) / 1000);
}
