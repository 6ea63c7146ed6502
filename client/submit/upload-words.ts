/** Uploads in words. Pure. */
import type { UploadProgress, UploadResult } from '../../engine/protocol/uploads.ts';
import * as l10n from '../../language/text/l10n.ts';
import { filesInWords } from '../text/counts.ts';

/** `3 files, 1.2 of 40 MB`. */
export function progressWords({ files, bytes, totalBytes }: UploadProgress): string {
  return l10n.t('{0}, {1} of {2} MB', filesInWords(files), megabytes(bytes), megabytes(totalBytes));
}

/** `3 files (1.2 MB) uploaded to ~/runs, 20 were there already.` */
export function uploadWords({ files, bytes, unchanged, workdir }: UploadResult): string {
  const what = [filesInWords(files), megabytes(bytes), workdir];
  if (unchanged === 0) return l10n.t('{0} ({1} MB) uploaded to {2}.', ...what);
  return unchanged === 1
    ? l10n.t('{0} ({1} MB) uploaded to {2}, 1 was there already.', ...what)
    : l10n.t('{0} ({1} MB) uploaded to {2}, {3} were there already.', ...what, unchanged);
}

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
