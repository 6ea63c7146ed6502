/**
 * Runs a command on a cluster once per key, whatever breaks: it is started as a process of its own that outlives the
 * connection, and whoever asks again with the key waits for that one.
 */
import { setTimeout } from 'node:timers/promises';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import type { CommandEffect } from './effects.ts';

/** What both programs know: the folder of the key, and whether the command's process is one of this very machine. */
const common = `
mask=$(umask)
umask 077
state=\${XDG_STATE_HOME:-$HOME/.local/state}/vigil/runs
dir=$state/$1
mkdir -p "$dir" || exit 125
here="$(hostname) $(cat /proc/sys/kernel/random/boot_id 2> /dev/null)"
isHere() { [ -e "$dir/pid" ] && [ "$(sed -n 2p "$dir/pid")" = "$here" ]; }
`;

/**
 * The process of a command: `sh -c … sh DIR COMMAND-FILE FOLDER UMASK HERE`. It claims the key itself (mkdir(2) is atomic,
 * on NFS too), so that any number of them may be started. Its heartbeat tells other machines with the same home that it
 * lives, and ends it where one of them asks for that.
 */
const processProgram = `
mkdir "$1/begun" 2> /dev/null || { rm -f "$2"; exit 0; }
printf "%s\\n%s\\n" "$$" "$5" > "$1/pid.new"
mv "$1/pid.new" "$1/pid"
[ -e "$1/stop" ] && exit 0
(
  trap "" TERM
  while kill -0 "$$" 2> /dev/null && [ ! -e "$1/stop" ]; do touch "$1/beat"; sleep 10; done
  [ -e "$1/stop" ] || exit 0
  kill -TERM "-$$" || kill -TERM "$$"
  sleep 5
  kill -KILL "-$$"
) > /dev/null 2>&1 &
beat=$!
: > "$1/out"
(
  cd "$3" 2> /dev/null || { echo "cannot enter $3"; exit 125; }
  umask "$4"
  exec sh "$2"
) >> "$1/out" 2>&1
echo "$?" > "$1/status.new"
# Who ended it has said so.
[ -e "$1/stop" ] || mv "$1/status.new" "$1/status"
kill -KILL "$beat"
`;

/**
 * `sh -c PROGRAM sh KEY FOLDER BYTES TICKS PROCESS-PROGRAM`, the command on stdin: starts it unless it has begun, waits so
 * many tenths of a second, and prints `ended STATUS` and what the command printed last, or `running SECONDS`. Ages are
 * those of the file system's clock, which all machines share.
 */
const askProgram = `${common}
find "$state" -mindepth 2 -maxdepth 2 -name status -mtime +30 2> /dev/null | while read -r old; do
  [ "$old" = "$dir/status" ] || rm -rf "\${old%/status}"
done
if [ ! -d "$dir/begun" ]; then
  file=$dir/command.$(hostname).$$
  cat > "$file"
  # Of a command whose end did not arrive nothing may run.
  [ "$(wc -c < "$file")" -eq "$3" ] || { rm -f "$file"; echo "the command did not arrive whole" >&2; exit 125; }
  begin=
  command -v setsid > /dev/null 2>&1 && begin=setsid
  $begin sh -c "$5" sh "$dir" "$file" "$2" "$mask" "$here" < /dev/null > /dev/null 2>&1 &
fi
modified() { stat -c %Y "$1" 2> /dev/null || stat -f %m "$1"; }
age() {
  # Opened, a file of NFS is looked at anew.
  [ -f "$1" ] && cat "$1" > /dev/null
  touch "$dir/now"
  echo "$(($(modified "$dir/now") - $(modified "$1")))"
}
isDead() {
  if isHere; then ! kill -0 "$(sed -n 1p "$dir/pid")" 2> /dev/null
  elif [ -e "$dir/beat" ]; then [ "$(age "$dir/beat")" -gt 60 ]
  else [ "$(age "$dir/begun")" -gt 60 ]
  fi
}
ticks=$4
while [ ! -e "$dir/status" ] && [ "$ticks" -gt 0 ]; do ticks=$((ticks - 1)); sleep 0.1; done
if [ ! -e "$dir/status" ] && [ -d "$dir/begun" ] && isDead && [ ! -e "$dir/status" ]; then
  echo "it was killed, or the machine was started anew" >> "$dir/out"
  echo 137 > "$dir/status.dead"
  mv "$dir/status.dead" "$dir/status"
fi
if [ -e "$dir/status" ]; then
  echo "ended $(cat "$dir/status")"
  [ ! -e "$dir/out" ] || tail -c 65536 "$dir/out"
elif [ -d "$dir/begun" ]; then echo "running $(age "$dir/begun")"
else echo "running 0"
fi
`;

/** `sh -c PROGRAM sh KEY STATUS`: ends the command, here or by its heartbeat elsewhere; one that has not begun never does. */
const endProgram = `${common}
touch "$dir/stop"
if mkdir "$dir/begun" 2> /dev/null; then :
elif [ -e "$dir/status" ]; then exit 0
elif isHere; then
  pid=$(sed -n 1p "$dir/pid")
  kill -TERM "-$pid" 2> /dev/null || kill -TERM "$pid" 2> /dev/null
fi
echo "$2" > "$dir/status.end"
mv "$dir/status.end" "$dir/status"
`;

/** Until the connection is back. */
const againMs = 2000;
/** Between two looks at a command that runs: short ones end soon, and long ones hold no channel of the connection. */
const pausesSeconds = [1, 2, 5, 10, 15];

export interface KeyedCommand extends Omit<CommandEffect, 'folder'> {
  readonly key: string;
  /** On the cluster: absolute, or `~`. */
  readonly workdir: string;
}

export type CommandEnd = { readonly exitCode: number; readonly stdout: string } | 'timeout';

type Look = CommandEnd | { readonly runningSeconds: number };

/** Rejects with the signal's reason when aborted: then the command is ended. Waits for the cluster as long as it is away. */
export async function runKeyedCommand(
  connect: () => Promise<Connection>,
  command: KeyedCommand,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const { key, timeoutSeconds = 0 } = command;
  for (let looks = 0; ; looks++) {
    try {
      const connection = await connect();
      const found = await look(connection, command, looks === 0, signal);
      if (found === 'timeout' || 'exitCode' in found) return found;
      const leftSeconds = timeoutSeconds > 0 ? timeoutSeconds - found.runningSeconds : Number.POSITIVE_INFINITY;
      if (leftSeconds <= 0) {
        await end(connection, key, 'timeout');
        continue;
      }
      const pauseSeconds = pausesSeconds[Math.min(looks, pausesSeconds.length - 1)] ?? 1;
      await setTimeout(Math.min(pauseSeconds, leftSeconds) * 1000, undefined, { signal });
    } catch (error) {
      if (signal.aborted) {
        await endWhenReached(connect, key);
        throw signal.reason;
      }
      if (!ConnectionError.is(error)) throw error;
      await setTimeout(againMs);
    }
  }
}

async function look(
  connection: Connection,
  { key, command, env, workdir }: KeyedCommand,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Look> {
  const bytes = String(Buffer.byteLength(command));
  const folder = workdir === '~' ? '.' : workdir;
  const argv = ['sh', '-c', askProgram, 'sh', key, folder, bytes, isFirst ? '10' : '0', processProgram];
  const { stdout, stderr, status } = await connection.exec(argv, { lane: 'workflow', stdin: command, env, signal });
  const [, state, value = ''] = /^(ended|running) (timeout|\d+)$/m.exec(stdout.split('\n', 1)[0] ?? '') ?? [];
  if (state === undefined) throw new Error(`the command could not be run (status ${status}): ${stderr.trim()}`);
  if (state === 'running') return { runningSeconds: Number(value) };
  if (value === 'timeout') return 'timeout';
  return { exitCode: Number(value), stdout: stdout.slice(stdout.indexOf('\n') + 1).replace(/\n$/, '') };
}

/** What was cancelled must not go on where the cluster is away just then. */
async function endWhenReached(connect: () => Promise<Connection>, key: string): Promise<void> {
  for (;;) {
    try {
      return await end(await connect(), key, '143');
    } catch (error) {
      if (!ConnectionError.is(error)) throw error;
    }
    await setTimeout(againMs);
  }
}

async function end(connection: Connection, key: string, status: string): Promise<void> {
  await connection.exec(['sh', '-c', endProgram, 'sh', key, status]);
}
