/** One-time codes as an authenticator app makes them: TOTP of RFC 6238, SHA-1, 6 digits, steps of 30 s. */
import { createHmac } from 'node:crypto';

export function totp(keyHex: string, unixSeconds: number, stepSeconds = 30): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(unixSeconds / stepSeconds)));
  const digest = createHmac('sha1', Buffer.from(keyHex, 'hex')).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15; // RFC 4226, 5.3
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
