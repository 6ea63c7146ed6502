/** Job ids of Flux (RFC 19): a 64-bit number, written in base58 with a leading ƒ. Here always with the plain letter f. */

/** The form that is kept: `f4vYcmef`, which needs no UTF-8 on the way to the cluster. Anything else stays as it is. */
export function plainFluxId(id: string): string {
  return id.replace(/^ƒ/, 'f');
}

/** As `flux batch` prints it. */
export const fluxIdPattern = /^\s*([ƒf][1-9A-HJ-NP-Za-km-z]+)\s*$/m;

const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** `f4vYcmef` is 149350776832; undefined for what is no id in base58. */
export function decimalFluxId(id: string): string | undefined {
  const letters = plainFluxId(id);
  if (!/^f[1-9A-HJ-NP-Za-km-z]+$/.test(letters)) return undefined;
  let value = 0n;
  for (const letter of letters.slice(1)) value = value * 58n + BigInt(digits.indexOf(letter));
  return value.toString();
}
