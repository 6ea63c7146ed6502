/** The one place where a program and its arguments become text for a shell. */

/** `word` as one word of a POSIX shell. A NUL cannot be in a word; it throws. */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('An argument of a command cannot contain a NUL character.');
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export interface RemoteCommand {
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: { readonly [name: string]: string } | undefined;
  /** Letters and digits; printed on a line of its own before the command starts, with the process id: see `MarkedOutput`. */
  readonly mark: string;
  /**
   * The command gets exactly so many bytes of our stdin, and is not started when fewer arrive. Our stdin stays open
   * after them: where it ends before the command has, the command is ended. Absent: the command has our stdin.
   */
  readonly stdinBytes?: number | undefined;
  /** Default true. False: nobody would tell of a signal, so the command's status is then 128 and the signal's number. */
  readonly tellsSignals?: boolean;
}

/**
 * The command line for an SSH exec request: the user's login shell gets it, which may be bash, csh or fish. To them all
 * it is four plain words in single quotes; sh(1) decodes and runs the real script, in the login shell's process.
 */
export function remoteCommandLine(command: RemoteCommand): string {
  return `exec sh -c 'eval "$(printf %b "$1")"' sh '${escapeForPrintf(remoteScript(command))}'`;
}

function remoteScript({ argv, cwd, env, mark, stdinBytes, tellsSignals = true }: RemoteCommand): string {
  if (argv.length === 0) throw new Error('A command needs a program.');
  // The mark on both streams: what start-up files print before it is not the command's. $$ stays the command's own id.
  const lines = [`printf '%s %s\\n' ${mark} "$$"`, `printf '%s\\n' ${mark} >&2`];
  if (cwd !== undefined) lines.push(`cd -- ${homeRelative(cwd)} || exit 125`);
  for (const [name, value] of Object.entries(env ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`Not the name of an environment variable: ${name}`);
    lines.push(`export ${name}=${quoteWord(value)}`);
  }
  const words = argv.map(quoteWord).join(' ');
  // A shell that stays around the command outlives what ends its process group, to tell of it.
  const command = tellsSignals ? `exec ${words}` : `trap : HUP INT TERM; ${words}`;
  if (stdinBytes === undefined) lines.push(command);
  else lines.push(...takeStdin(stdinBytes), lifeline, `${command} ${stdinBytes > 0 ? '<&5 5<&-' : '</dev/null'} 3<&-`);
  if (!tellsSignals) lines.push('exit $?');
  return lines.join('\n');
}

/**
 * Our stdin, whole, as file descriptor 5: by way of a file without a name, so that nothing is left behind and nothing
 * holds up its end. Half of a batch script must not be submitted. 3 becomes what is left of it: the lifeline.
 */
function takeStdin(bytes: number): readonly string[] {
  if (bytes === 0) return ['exec 3<&0'];
  return [
    'exec 3<&0',
    'file=$(mktemp "${TMPDIR:-/tmp}/vigil.XXXXXXXX") || exit 125',
    'exec 4>"$file" 5<"$file" 6<"$file"; rm -f -- "$file"',
    `head -c ${bytes} <&3 >&4; exec 4>&-`,
    `[ "$(wc -c <&6)" -eq ${bytes} ] || { echo "the input did not arrive whole (is $(dirname -- "$file") full?)" >&2; exit 125; }`,
    'exec 6<&-',
  ];
}

/**
 * Ends the command (its process group) when the lifeline does. It holds neither stdout nor stderr open, so the channel
 * ends with the command; then the command's process id is gone, and what it left running on purpose is left alone.
 */
const lifeline =
  '(cat <&3; kill -s 0 "$$" || exit 0; trap "" TERM; kill -s TERM 0; sleep 5; kill -s KILL 0) 5<&- >/dev/null 2>&1 &';

/** A path as a shell word; `~` and relative paths start at the home directory, wherever start-up files went. */
function homeRelative(path: string): string {
  if (path === '~' || path === '') return '"$HOME"';
  if (path.startsWith('/')) return quoteWord(path);
  return `"$HOME"/${quoteWord(path.startsWith('~/') ? path.slice(2) : path)}`;
}

/** For `printf %b` between single quotes: what any login shell might touch (`'`, `\`, csh's `!`, line breaks, non-ASCII) in octal. */
function escapeForPrintf(script: string): string {
  return Array.from(new TextEncoder().encode(script), (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c && byte !== 0x21;
    return isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}

/** Takes a command's stdout apart: what start-up files printed, the mark with the process id, then what the command prints. */
export class MarkedOutput {
  readonly #mark: string;
  #before: Buffer = Buffer.alloc(0);
  #pid: number | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** The command's process id, which is also that of its process group; `undefined`: it has not started yet. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** The end of what was printed before the command started. */
  get before(): Buffer {
    return this.#before;
  }

  /** What of `chunk` is the command's own. */
  take(chunk: Buffer): Buffer {
    if (this.#pid !== undefined) return chunk;
    const received = Buffer.concat([this.#before, chunk]);
    for (let start = received.indexOf(this.#mark); start >= 0; start = received.indexOf(this.#mark, start + 1)) {
      const lineEnd = received.indexOf('\n', start);
      const pid = /^ ([0-9]+)$/.exec(
        received.toString('latin1', start + this.#mark.length, Math.max(start, lineEnd)),
      )?.[1];
      if (pid === undefined) continue;
      this.#pid = Number(pid);
      this.#before = received.subarray(0, start);
      return received.subarray(lineEnd + 1);
    }
    this.#before = received.subarray(-maxNoiseBytes);
    return Buffer.alloc(0);
  }
}

/** More than a mark is long; what came earlier is not worth keeping. */
const maxNoiseBytes = 64 * 1024;

/** `stderr` without what came before the mark; all of it where the mark is missing (it was too long ago, or never came). */
export function afterMark(stderr: Buffer, mark: string): Buffer {
  const start = stderr.indexOf(`${mark}\n`);
  return start < 0 ? stderr : stderr.subarray(start + mark.length + 1);
}

/**
 * `argv` under a guard that ends it (its process group) when stdin ends: SIGTERM, after 5 s SIGKILL. The guard needs a
 * process group of its own, which sshd(8) and `openLocalConnection` give every command.
 */
export function guardedArgv(argv: readonly string[]): readonly string[] {
  return ['sh', '-c', guardScript, 'sh', ...argv];
}

const guardScript = [
  'exec 3<&0',
  '"$@" </dev/null 3<&- & command=$!',
  // The guard keeps neither stdout nor stderr open: the channel ends with the command. TERM must not end the guard itself.
  '(trap "" TERM; cat <&3; kill -s TERM 0; sleep 5; kill -s KILL 0) >/dev/null 2>&1 &',
  'exec 3<&-',
  'wait "$command"',
].join('\n');

/** Ends the process groups `pids`: SIGTERM, and SIGKILL after `graceSeconds` for what is left of them. */
export function killArgv(pids: readonly number[], graceSeconds: number): readonly string[] {
  return ['sh', '-c', killScript, 'sh', String(graceSeconds), ...pids.map(String)];
}

// `kill -s`, not `kill -TERM`: dash takes no `--` after the latter.
const killScript = [
  'left=$1; shift',
  'for pid; do kill -s TERM -- "-$pid" 2>/dev/null; done',
  'while [ "$left" -gt 0 ]; do',
  '  alive=',
  '  for pid; do kill -s 0 -- "-$pid" 2>/dev/null && alive=1; done',
  '  [ -n "$alive" ] || exit 0',
  '  sleep 1; left=$((left - 1))',
  'done',
  'for pid; do kill -s KILL -- "-$pid" 2>/dev/null; done',
].join('\n');
