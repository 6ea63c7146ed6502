/** `run_command(command, timeout)`: on the cluster, in the job's directory, under the policy of section 9, once. */
import { interpolate } from '../../language/template/interpolate.ts';
import type { Connection, ExecResult } from '../clusters/connection.ts';
import { quoteWord } from '../clusters/quoting.ts';
import type { ActionIntent } from '../store/records.ts';
import { type Action, type ActionHost, type ActionResult, failed, TryLaterError, textParam } from './action.ts';
import { payFor } from './budget.ts';
import { refusedByAllowlist, unsafeUse } from './command-policy.ts';
import { isTrusted } from './plain-word.ts';
import { environmentName, type ScannedCommand, scanCommand } from './scan-command.ts';

const defaultTimeoutSeconds = 60;
const longestTimeoutSeconds = 24 * 3600;
/** A program and its environment reach the kernel as strings of at most 128 KiB each (execve(2), MAX_ARG_STRLEN). */
const longestCommand = 32 * 1024;
const longestValue = 8 * 1024;
/** What is kept of a command's output. */
export const keptOutputBytes = 16 * 1024;
/** While nobody is there to allow a command: somebody who comes is asked at once. */
const askAgainMs = 60_000;
/** From the end of a command's time to when it is not expected to say anything any more. */
const graceSeconds = 30;
/** How long the cluster remembers a finished command, so that nobody runs it again. */
const keptDays = 30;

export const runCommand: Action = async (intent, host) => {
  const template = textParam(intent, 'command') ?? '';
  if (template.length > longestCommand) return failed(`the command is longer than ${longestCommand / 1024} KiB`);
  const variables = intent.variables ?? {};
  const scanned = scanCommand(template, new Set(Object.keys(variables)));
  const problem = await refusal(template, scanned, intent, host);
  if (problem) return failed(`not run: ${problem}`);
  payFor(host);
  return execute(await host.connection(), scanned.text, intent, host);
};

/** As it would run, for people. */
function shown(template: string, variables: { readonly [name: string]: string }): string {
  return interpolate(template, (name) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return value === undefined ? undefined : quoteWord(value.replaceAll('\0', '\ufffd'));
  });
}

async function refusal(
  template: string,
  scanned: ScannedCommand,
  intent: ActionIntent,
  host: ActionHost,
): Promise<string | undefined> {
  const policy = host.settings['actions.runCommand'];
  if (policy === 'never') return 'the setting vigil.actions.runCommand is "never"';
  const values = Object.entries({ ...intent.captures, ...intent.variables });
  const foreign = new Map(values.filter(([name]) => !isTrusted(name, host)));
  const unsafe = unsafeUse(template, scanned, foreign);
  if (unsafe) return unsafe;
  if (policy === 'any') return undefined;
  // A policy that this version does not know allows no more than the default.
  if (policy !== 'ask') return refusedByAllowlist(scanned, host.settings['actions.allowedCommands']);
  return permission(shown(template, intent.variables ?? {}), intent, host);
}

async function permission(command: string, intent: ActionIntent, host: ActionHost): Promise<string | undefined> {
  if (host.memo.permitted === true || host.isScriptAllowed()) return undefined;
  const { job } = host;
  const answer = await host.ask({
    job: job.key,
    jobName: job.name,
    watcher: intent.watcherName,
    command,
    ...(job.workdir === undefined ? {} : { workdir: job.workdir }),
  });
  if (answer === undefined) throw new TryLaterError('waits for somebody to allow the command', askAgainMs, true);
  if (answer === 'deny') return 'it was not allowed';
  if (answer === 'always') host.allowScript();
  host.remember({ permitted: true });
  return undefined;
}

async function execute(
  connection: Connection,
  text: string,
  intent: ActionIntent,
  host: ActionHost,
): Promise<ActionResult> {
  const timeoutSeconds = timeoutOf(intent);
  const script = remoteScript(text, host.key, timeoutSeconds, environmentOf(intent));
  const run = () =>
    connection.exec(['sh', '-s'], {
      stdin: script,
      cwd: host.job.workdir ?? '~',
      timeoutMs: (timeoutSeconds + 2 * graceSeconds) * 1000,
    });
  let result = await run();
  // Ended together with a command that did not heed SIGTERM: what became of it is written down.
  if (result.status === null) result = await run();
  return resultOf(result, timeoutSeconds, host);
}

function timeoutOf(intent: ActionIntent): number {
  const wished = Number(intent.params.timeout ?? defaultTimeoutSeconds);
  return Number.isFinite(wished) && wished > 0
    ? Math.min(Math.ceil(wished), longestTimeoutSeconds)
    : defaultTimeoutSeconds;
}

/**
 * By `VIGIL_name`, and by their own names where these are an application's: POSIX keeps names with lower-case letters for
 * those (XBD 8.1). `PATH` or `LD_PRELOAD` do not come from what a job printed.
 */
function environmentOf({ captures, variables = {} }: ActionIntent): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [name, value] of Object.entries({ ...captures, ...variables })) {
    const text = value.replaceAll('\0', '\ufffd').slice(0, longestValue);
    if (isApplicationName(name)) environment[name] = text;
    if (/^\w+$/.test(name)) environment[environmentName(name)] = text;
  }
  return environment;
}

/** May a variable of this name hold what a job printed? Not one that shells, loaders and libraries act on. */
function isApplicationName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && /[a-z]/.test(name) && !/_proxy$/i.test(name);
}

/**
 * Runs the command once a key: whoever comes again, after a connection or an engine was lost, waits for its end and reads
 * what it printed. Its time is up also when nobody is there to say so. The process group is that of this command alone.
 */
function remoteScript(
  command: string,
  key: string,
  timeoutSeconds: number,
  environment: { readonly [name: string]: string },
): string {
  const exported = Object.entries(environment).map(([name, value]) => `export ${name}=${quoteWord(value)}`);
  return `{
mask=$(umask)
umask 077
base=\${XDG_STATE_HOME:-"$HOME/.local/state"}/vigil/commands
mkdir -p "$base" || exit 120
dir=$base/${key}
find "$base" -mindepth 2 -maxdepth 2 -name status -mtime +${keptDays} 2>/dev/null | while read -r old; do
[ "$old" = "$dir/status" ] || rm -rf "\${old%/status}"
done
if mkdir "$dir" 2>/dev/null; then
trap : TERM
(
trap 'kill "$sleeper" 2>/dev/null; exit 0' TERM
sleep ${timeoutSeconds} & sleeper=$!
wait "$sleeper"
trap '' TERM
echo timeout >"$dir/status"
kill -s TERM 0
sleep 5
kill -s KILL 0
) </dev/null >/dev/null 2>&1 &
guard=$!
{
(
${exported.join('\n')}
umask "$mask"
exec sh -c ${quoteWord(command)}
) </dev/null 2>&1
echo "$?" >"$dir/ended"
} | { trap '' TERM; head -c ${keptOutputBytes} >"$dir/output"; cat >/dev/null; }
[ -f "$dir/status" ] || { mv "$dir/ended" "$dir/status"; kill "$guard" 2>/dev/null; }
else
waited=0
while [ ! -f "$dir/status" ] && [ "$waited" -lt ${timeoutSeconds + graceSeconds} ]; do sleep 1; waited=$((waited + 1)); done
fi
[ -f "$dir/status" ] || exit 121
cat "$dir/status" "$dir/output"
exit 0
}
`;
}

function resultOf({ status, stdout, stderr }: ExecResult, timeoutSeconds: number, { job }: ActionHost): ActionResult {
  if (status === 125) return failed(`not run: the job's directory ${job.workdir ?? '~'} cannot be entered`);
  if (status === 120) return failed(`not run: ~/.local/state/vigil cannot be written on the cluster: ${stderr.trim()}`);
  if (status !== 0) return failed('it was begun, but what became of it is not known; it is not run again');
  const end = stdout.indexOf('\n');
  const code = stdout.slice(0, Math.max(0, end));
  const output = stdout.slice(end + 1);
  const first = output
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 200);
  const said = first === undefined ? '' : `: ${first}`;
  if (code === 'timeout')
    return { ok: false, message: `ended after ${timeoutSeconds} s, its time was up${said}`, output };
  const number = Number(code);
  return { ok: number === 0, message: `exit status ${code}${said}`, output, status: number };
}
