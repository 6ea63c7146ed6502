/** Runs what a script's `#LOGIN_SETUP` blocks hold on the login node, before the script is submitted. */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import { RefusalError } from '../schedulers/scheduler.ts';

/** Downloads and builds may take their time; what hangs must not hang for ever. */
export const loginSetupTimeoutMs = 15 * 60_000;
/** So much of what it printed is told when it fails. */
const toldCharacters = 2000;
/** Some programs print faster than anybody reads. */
const toldEveryMs = 200;

/** Nothing was submitted: what the script wants to run before that did not work. */
export class LoginSetupError extends RefusalError {
  constructor(cluster: string, words: string) {
    super(cluster, words);
    this.message = `Not submitted: on ${cluster} ${words}`;
  }
}

export type RunLoginSetup = (
  commands: string,
  workdir: string | undefined,
  onLine: (line: string) => void,
) => Promise<void>;

/**
 * What runs the commands of login setups on a cluster.
 *
 * The commands are the user's own, as the script has them; bash reads them from its standard input, so that nothing is
 * quoted. It is a login shell: `module` and the like are there.
 * @param workdir where the job is submitted; absent: the home directory
 * @param onLine told the last line that they have printed on stdout, five times a second at most
 * Rejects with `LoginSetupError` when they fail or take too long, with `ConnectionError` when the cluster cannot be reached.
 */
export function loginSetupOn(cluster: string, connect: () => Promise<Connection>, clock: Clock): RunLoginSetup {
  return async (commands, workdir, onLine) => {
    const lines = new LastLines(clock, onLine);
    try {
      await run(await connect(), cluster, commands, workdir, lines);
    } finally {
      lines.end();
    }
  };
}

async function run(
  connection: Connection,
  cluster: string,
  commands: string,
  workdir: string | undefined,
  lines: LastLines,
): Promise<void> {
  const onStdout = (bytes: Uint8Array) => lines.add(bytes);
  const options = { stdin: commands, cwd: workdir ?? '~', timeoutMs: loginSetupTimeoutMs, onStdout };
  const result = await connection.exec(['bash', '-l', '-s'], options).catch((error: unknown) => {
    if (!ConnectionError.is(error, 'timeout')) throw error;
    const minutes = loginSetupTimeoutMs / 60_000;
    throw new LoginSetupError(cluster, `the login setup of the script took more than ${minutes} minutes and was ended`);
  });
  if (result.status === 0) return;
  const how =
    result.status === null ? `was ended by ${result.signal ?? 'a signal'}` : `failed with status ${result.status}`;
  const said = `${result.stderr.trim()}\n${result.stdout.trim()}`.trim();
  const told = said.length > toldCharacters ? `…${said.slice(-toldCharacters)}` : said;
  throw new LoginSetupError(cluster, `the login setup of the script ${how}${told && `:\n${told}`}`);
}

/** Of a text that comes in pieces the last whole line that is not blank. A progress bar's are those that it has drawn. */
class LastLines {
  readonly #clock: Clock;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #begun = '';
  /** Not told yet. */
  #last: string | undefined;
  #cancelPause: (() => void) | undefined;

  constructor(clock: Clock, onLine: (line: string) => void) {
    this.#clock = clock;
    this.#onLine = onLine;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#begun + this.#decoder.decode(bytes, { stream: true })).split(/[\r\n]+/);
    this.#begun = (lines.pop() ?? '').slice(-toldCharacters);
    const last = lines.findLast((line) => line.trim() !== '');
    if (last === undefined) return;
    this.#last = last.slice(0, toldCharacters);
    if (!this.#cancelPause) this.#tell();
  }

  /** What is left is told. */
  end(): void {
    this.#cancelPause?.();
    if (this.#last !== undefined) this.#onLine(this.#last);
  }

  #tell(): void {
    this.#cancelPause = undefined;
    if (this.#last === undefined) return;
    this.#onLine(this.#last);
    this.#last = undefined;
    this.#cancelPause = this.#clock.setTimeout(() => this.#tell(), toldEveryMs);
  }
}
