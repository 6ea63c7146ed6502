/** Runs what a script's `#LOGIN_SETUP` blocks hold on the login node, before the script is submitted. */
import { type Connection, ConnectionError } from '../clusters/connection.ts';
import { RefusalError } from '../schedulers/scheduler.ts';

/** Downloads and builds may take their time; what hangs must not hang for ever. */
export const loginSetupTimeoutMs = 15 * 60_000;
/** So much of what it printed is told when it fails. */
const toldCharacters = 2000;

/** Nothing was submitted: what the script wants to run before that did not work. */
export class LoginSetupError extends RefusalError {
  constructor(cluster: string, words: string) {
    super(cluster, words);
    this.message = `Not submitted: on ${cluster} ${words}`;
  }
}

/**
 * What runs the commands of login setups on a cluster.
 *
 * The commands are the user's own, as the script has them; bash reads them from its standard input, so that nothing is
 * quoted. It is a login shell: `module` and the like are there.
 * @param workdir where the job is submitted; absent: the home directory
 * Rejects with `LoginSetupError` when they fail or take too long, with `ConnectionError` when the cluster cannot be reached.
 */
export function loginSetupOn(
  cluster: string,
  connect: () => Promise<Connection>,
): (commands: string, workdir: string | undefined) => Promise<void> {
  return async (commands, workdir) => run(await connect(), cluster, commands, workdir);
}

async function run(
  connection: Connection,
  cluster: string,
  commands: string,
  workdir: string | undefined,
): Promise<void> {
  const options = { stdin: commands, cwd: workdir ?? '~', timeoutMs: loginSetupTimeoutMs };
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
