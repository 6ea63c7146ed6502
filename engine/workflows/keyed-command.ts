/**
 * Runs a command on a cluster once per key, whatever breaks: it is started as a process of its own that outlives the
 * connection, and whoever asks again with the key waits for that one.
 */
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import type { CommandEffect } from './effects.ts';

/**
 * `sh -c PROGRAM sh KEY FOLDER SECONDS`, the command on stdin. A folder that is made by one alone (mkdir(2) is atomic) says
 * who starts it. Prints the exit status in the first line, then the end of what the command printed.
 */
const program = `
state=\${XDG_STATE_HOME:-$HOME/.local/state}/vigil/commands
mkdir -p "$state" || exit 125
dir=$state/$1
start() {
  cat > "$dir/command"
  cd "$2" || { echo "cannot enter $2" > "$dir/out"; echo 125 > "$dir/status"; return; }
  begin=
  command -v setsid > /dev/null 2>&1 && begin=setsid
  $begin sh -c 'echo $$ > "$1/pid"; sh "$1/command" > "$1/out" 2>&1 < /dev/null; echo $? > "$1/new"; mv "$1/new" "$1/status"' sh "$dir" < /dev/null > /dev/null 2>&1 &
}
if mkdir "$dir" 2> /dev/null; then start "$1" "$2"; fi
waited=0
dead=0
while [ ! -e "$dir/status" ]; do
  if [ ! -e "$dir/pid" ]; then
    # Whoever made the folder died before the command began.
    [ "$waited" -ge 100 ] && mkdir "$dir/again" 2> /dev/null && start "$1" "$2"
  elif ! kill -0 "$(cat "$dir/pid")" 2> /dev/null; then
    dead=$((dead + 1))
    [ "$dead" -ge 20 ] && { echo "it was killed, or the machine was started anew" >> "$dir/out"; echo 137 > "$dir/status"; }
  fi
  if [ "$3" -gt 0 ] && [ "$waited" -ge "$(($3 * 10))" ]; then
    pid=$(cat "$dir/pid" 2> /dev/null)
    [ -n "$pid" ] && { kill -TERM "-$pid" || kill -TERM "$pid"; } 2> /dev/null
    echo timeout; exit 0
  fi
  waited=$((waited + 1))
  sleep 0.1
done
cat "$dir/status"
tail -c 65536 "$dir/out"
`;

const killProgram = `
pid=$(cat "\${XDG_STATE_HOME:-$HOME/.local/state}/vigil/commands/$1/pid") || exit 0
kill -TERM "-$pid" 2> /dev/null || kill -TERM "$pid" 2> /dev/null
exit 0
`;

/** Until the connection is back. */
const againMs = 2000;
/** setTimeout takes no more: 24 days. */
const longestMs = 2 ** 31 - 1;

export interface KeyedCommand extends CommandEffect {
  readonly key: string;
  /** On the cluster: absolute, or `~`. */
  readonly workdir: string;
}

export type CommandEnd = { readonly exitCode: number; readonly stdout: string } | 'timeout';

/** Rejects with the signal's reason when aborted: then the command is ended. Waits for the cluster as long as it is away. */
export async function runKeyedCommand(
  connect: () => Promise<Connection>,
  { key, command, env, workdir, timeoutSeconds }: KeyedCommand,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const argv = [
    'sh',
    '-c',
    program,
    'sh',
    key,
    workdir === '~' ? '.' : workdir,
    String(Math.ceil(timeoutSeconds ?? 0)),
  ];
  for (;;) {
    try {
      const connection = await connect();
      const { stdout, stderr, status } = await connection.exec(argv, {
        lane: 'workflow',
        stdin: command,
        env,
        signal,
        timeoutMs: longestMs,
      });
      const [first = '', ...rest] = stdout.split('\n');
      if (first === 'timeout') return 'timeout';
      if (!/^\d+$/.test(first)) throw new Error(`the command could not be run (status ${status}): ${stderr.trim()}`);
      return { exitCode: Number(first), stdout: rest.join('\n').replace(/\n$/, '') };
    } catch (error) {
      if (signal.aborted) {
        const connection = await connect();
        await connection.exec(['sh', '-c', killProgram, 'sh', key]);
        throw signal.reason;
      }
      if (!ConnectionError.is(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}
