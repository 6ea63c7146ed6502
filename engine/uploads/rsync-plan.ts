/** How rsync(1) is called, and what it prints. Pure. */
import type { UploadCount } from './upload-way.ts';

/** The first with `--info`; of 2013. */
const oldest = [3, 1] as const;

/**
 * Runs in place of ssh(1), with its stdin and stdout being rsync's: file descriptor 3 gets the count and the words of the command
 * that rsync wants to run on the cluster, each ended by a NUL, and is that command's stdin and stdout from then on. It ends when
 * the command's output does. rsync itself takes the line apart: no blank or quote in it may come from elsewhere.
 */
const bridge = `sh -c 'printf "%s\\0" "$#" "$@" >&3; exec 4<&0; cat <&4 >&3 3<&- & exec cat <&3 4<&-' sh`;

/**
 * Arguments for what is in the working directory, listed on stdin, to the working directory of the command on the cluster: so no
 * path has to be quoted. Folders on the way are made as they are made there, and left as they are where there are some. Of a
 * file that does not arrive to its end nothing is kept.
 */
export const rsyncArguments: readonly string[] = [
  '--links',
  '--perms',
  '--times',
  '--no-implied-dirs',
  '--protect-args',
  '--from0',
  '--files-from=-',
  '--no-human-readable',
  '--info=progress2',
  // What was done with a file, and its size.
  '--out-format=%i %l',
  `--rsh=${bridge}`,
  './',
  'cluster:./',
];

/** Why that rsync will not do; `undefined`: it will. */
export function whyNotRsync(status: number | null, printed: string): string | undefined {
  const [, major, minor] = /^rsync +version v?(\d+)\.(\d+)/m.exec(printed) ?? [];
  if (status === 127) return 'there is none';
  if (status !== 0 || major === undefined)
    return `it says “${printed.trim().split('\n')[0]?.slice(0, 200)}” to --version`;
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  return isOld ? `it is ${major}.${minor}, and ${oldest.join('.')} is the first that will do` : undefined;
}

/** What the bridge tells first. `undefined`: it is not all there yet. */
export function serverCommand(
  received: Buffer,
): { readonly argv: readonly string[]; readonly rest: Buffer } | undefined {
  const words: string[] = [];
  let start = 0;
  while (words.length === 0 || words.length <= Number(words[0])) {
    const end = received.indexOf(0, start);
    if (end < 0) return undefined;
    words.push(received.toString('utf8', start, end));
    start = end + 1;
  }
  // Behind the count comes the host.
  return { argv: words.slice(2), rest: received.subarray(start) };
}

/**
 * Statuses of rsync(1) that are about the files: here one cannot be read or is gone, or there it cannot be written. With others it
 * is rsync itself that does not go, here or there, or with each other.
 */
export function isAboutFiles(status: number | null): boolean {
  return status === 3 || status === 11 || (status !== null && status >= 23 && status <= 25);
}

/** These two rsyncs will not go together another time either: one does not know what it is asked for, or is not there. */
export function isLasting(status: number | null): boolean {
  return status !== null && [1, 2, 4, 5, 127].includes(status);
}

/** From 3.5 on rsync enters no folder that is a link on the cluster, as it may well be. It tells ELOOP, in the words of who knows which language. */
export function hasMetLink(words: string): boolean {
  return /\(40\)\s*$/m.test(words);
}

/** Reads what rsync prints with `rsyncArguments`. */
export class RsyncProgress {
  #unfinished = '';
  #files = 0;
  #bytes = 0;
  readonly #onProgress: (sent: UploadCount) => void;

  constructor(onProgress: (sent: UploadCount) => void) {
    this.#onProgress = onProgress;
  }

  /** Those that were begun; when it has ended, those that were sent. */
  get begun(): UploadCount {
    return { files: this.#files, bytes: this.#bytes };
  }

  take(printed: string): void {
    const lines = (this.#unfinished + printed).split(/[\r\n]/);
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const [, change, size] = /^([<c.][fL])\S{9} (\d+)$/.exec(line) ?? [];
    if (change === '<f' || change === 'cL') {
      this.#files += 1;
      this.#bytes += Number(size);
      return;
    }
    const [, bytes] = /^ +(\d+) +\d+% /.exec(line) ?? [];
    if (bytes === undefined) return;
    // Before the bytes of a file comes what is done with it, after them that it is whole.
    const files = Math.max(0, line.includes('(xfr#') ? this.#files : this.#files - 1);
    this.#onProgress({ files, bytes: Number(bytes) });
  }
}
