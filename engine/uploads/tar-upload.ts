/**
 * Sends files by tar(1): small ones together as an archive, each large one by itself. It takes the fewest round trips, and on the cluster
 * needs no more than a POSIX shell has beside it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partBeside } from '../files/cluster-files.ts';
import type { LocalFile } from './listed-files.ts';
import { changedFiles, parseStat, portions, type SizeAndTime } from './upload-plan.ts';
import {
  TargetFolder,
  type UploadCount,
  type UploadOptions,
  type UploadOutcome,
  type UploadWay,
  WayError,
} from './upload-way.ts';

/** As often is told how far it is. */
const chunkBytes = 1024 * 1024;

/**
 * To a folder beside the files and from there to their places, so that none is seen in part: `$1` is that folder, `$2` is
 * `placeFolders`. It is removed however that ends: a shell with a trap outlives what ends its process group, and
 * that nobody reads any more what it says.
 */
const extract = [
  'trap : HUP INT PIPE TERM',
  'mkdir -m 700 "$1" && cd "$1" || exit',
  'export vigil_place="$2"',
  `tar -xpf - && find . -type d -exec sh -c 'eval "$vigil_place"' sh {} +`,
  'status=$?',
  'cd .. && rm -rf "$1"',
  'exit "$status"',
].join('\n');

/** The files of each of these folders. Folders that are there already stay as they are, links to folders too. */
const placeFolders = [
  'for folder do',
  'mkdir -p "../$folder" || exit',
  `find "$folder/." ! -name . -prune ! -type d -exec sh -c 'exec mv -f "$@" "../$0/"' "$folder" {} + || exit`,
  'done',
].join('\n');

/**
 * Stdin to `$1`, which takes the place of `$2` when it has its `$5` bytes, or else is removed: also where stdin ends early since the
 * connection broke. `$3` is its time, `$4` its mode: until then nobody else reads what may be a secret.
 */
const put = [
  'trap : HUP INT PIPE TERM',
  'mkdir -p "${2%/*}" || exit',
  'if [ -d "$2" ]; then echo "$2 is a folder there" >&2; exit 1; fi',
  'if (umask 077; exec cat >"$1"); then',
  'arrived=$(wc -c <"$1")',
  'if [ "$arrived" -eq "$5" ]; then touch -d "@$3" "$1"; chmod "$4" "$1" && mv -f "$1" "$2" && exit',
  'else echo "$arrived of $5 bytes arrived" >&2; fi',
  'fi',
  'rm -f "$1"',
  'exit 1',
].join('\n');

export const tarUpload: UploadWay = { name: 'tar', whyNot: async () => undefined, send };

async function send(options: UploadOptions): Promise<UploadOutcome> {
  const { files, folder, signal, onProgress } = options;
  const target = new TargetFolder(options);
  await target.make();
  const changed = changedFiles(files, await filesThere(target, files));
  let sent: UploadCount = { files: 0, bytes: 0 };
  const count = (more: UploadCount) => {
    sent = { files: sent.files + more.files, bytes: sent.bytes + more.bytes };
    onProgress(sent);
  };
  for (const portion of portions(changed)) {
    signal.throwIfAborted();
    if ('large' in portion) {
      await sendLarge(options, portion.large, (bytes) => count({ files: 0, bytes }));
      count({ files: 1, bytes: 0 });
    } else {
      const { together } = portion;
      const words = [`./${partBeside('files')}`, placeFolders];
      const stdin = await archive(folder, together, signal);
      await target.run(['sh', '-c', extract, 'sh', ...words], { stdin, name: 'tar' });
      count({ files: together.length, bytes: together.reduce((sum, { bytes }) => sum + bytes, 0) });
    }
  }
  return { sent, unchanged: files.length - changed.length };
}

/** Where stat(1) is not that of GNU, nothing is known, and all is sent. */
async function filesThere(
  target: TargetFolder,
  files: readonly LocalFile[],
): Promise<ReadonlyMap<string, SizeAndTime>> {
  if (files.length === 0) return new Map();
  const stdin = files.map(({ path }) => `./${path}\0`).join('');
  return parseStat((await target.exec(['xargs', '-0', 'stat', '--printf', '%s %Y %n\\0'], { stdin })).stdout);
}

async function sendLarge(
  { connection, folder, target, signal }: UploadOptions,
  { path, modified, mode }: LocalFile,
  onSent: (bytes: number) => void,
): Promise<void> {
  const source = join(folder, path);
  // As many bytes as it has now: it may grow meanwhile.
  const { size } = await stat(source);
  const words = [`./${path}.vigil-part`, `./${path}`, String(modified), mode.toString(8), String(size)];
  const writer = await connection.spawn(['sh', '-c', put, 'sh', ...words], { cwd: target, signal, lane: 'upload' });
  const { exited, stdin } = writer;
  let hasEnded = false;
  const ended = exited.finally(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined); // It is awaited below.
  try {
    const end = Math.max(0, size - 1);
    for await (const chunk of createReadStream(source, { highWaterMark: chunkBytes, end })) {
      if (hasEnded) break;
      // A command that reads no more tells why when it ends.
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), ended]).catch(() => ended);
      onSent(chunk.length);
    }
  } finally {
    // Also where the file cannot be read: nothing is to wait there for more of it.
    writer.end();
  }
  const { status, stderr } = await ended;
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`Writing ${path} in ${target} on the cluster failed: ${stderr.trim()}`);
}

/** Of files of this machine, made by its tar. */
async function archive(folder: string, files: readonly LocalFile[], signal: AbortSignal): Promise<Uint8Array> {
  const tar = spawn('tar', ['-cf', '-', '--null', '-T', '-'], { cwd: folder, signal });
  const chunks: Buffer[] = [];
  const said: Buffer[] = [];
  tar.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  tar.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', (error) => reject(signal.aborted ? signal.reason : new WayError(`tar: ${error.message}`)));
    tar.once('close', resolve);
  });
  // What it did not read it has said on stderr.
  tar.stdin.once('error', () => undefined);
  tar.stdin.end(files.map(({ path }) => `./${path}\0`).join(''));
  const status = await ended;
  // 1: some file changed while it was read, and is in the archive.
  if (status !== 0 && status !== 1)
    throw new Error(`tar in ${folder} failed: ${Buffer.concat(said).toString().trim()}`);
  return Buffer.concat(chunks);
}
