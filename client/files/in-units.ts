/** Sizes for people. */
import * as l10n from '../../language/text/l10n.ts';

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function inUnits(bytes: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return step === 0 ? l10n.t('{0} bytes', bytes) : `${(bytes / 1024 ** step).toFixed(1)} ${units[step]}`;
}
