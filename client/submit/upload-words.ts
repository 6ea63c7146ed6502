/** Uploads in words. Pure. */
import type { UploadProgress, UploadResult } from '../../engine/protocol/uploads.ts';

/** `3 files, 1.2 of 40 MB`. */
export function progressWords({ files, bytes, totalBytes }: UploadProgress): string {
  return `${count(files)}, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}

/** `3 files (1.2 MB) uploaded to ~/runs, 20 were there already.` */
export function uploadWords({ files, bytes, unchanged, workdir }: UploadResult): string {
  const others = unchanged === 0 ? '' : `, ${unchanged} ${unchanged === 1 ? 'was' : 'were'} there already`;
  return `${count(files)} (${megabytes(bytes)} MB) uploaded to ${workdir}${others}.`;
}

const count = (files: number) => (files === 1 ? '1 file' : `${files} files`);

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
