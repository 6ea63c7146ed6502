/** Runs Slurm's commands on a cluster so that what they print depends on us alone, and tells "no" from "no answer". */
import { type Connection, ConnectionError, type ExecResult } from '../clusters/connection.ts';
import { SchedulerUnavailableError } from './scheduler.ts';
import { sacctColumns, sacctDelimiter } from './slurm-parse.ts';

/**
 * Variables that change what the commands do or print (their man pages, ENVIRONMENT VARIABLES, 20.11 to 25.x). People set
 * them for themselves on login nodes. Those of sbatch are theirs to set, but for the one that waits for the job's end.
 */
const swayingVariables: { readonly [program: string]: readonly string[] } = {
  sbatch: ['SBATCH_WAIT'],
  squeue: [
    ...['ACCOUNT', 'ALL', 'ARRAY', 'FEDERATION', 'FORMAT', 'FORMAT2', 'LICENSES', 'LOCAL', 'NAMES', 'PARTITION'],
    ...['PRIORITY', 'QOS', 'SIB', 'SIBLING', 'SORT', 'STATES', 'USERS'],
  ].map((name) => `SQUEUE_${name}`),
  sinfo: ['ALL', 'FEDERATION', 'FORMAT', 'LOCAL', 'PARTITION', 'SORT'].map((name) => `SINFO_${name}`),
  sacct: ['SACCT_FEDERATION', 'SACCT_FORMAT', 'SACCT_LOCAL'],
  scontrol: ['SCONTROL_ALL', 'SCONTROL_FEDERATION', 'SCONTROL_FUTURE', 'SCONTROL_LOCAL', 'SCONTROL_SIB'],
  scancel: [
    ...[
      'ACCOUNT',
      'BATCH',
      'CRON',
      'CTLD',
      'FULL',
      'HURRY',
      'INTERACTIVE',
      'NAME',
      'PARTITION',
      'QOS',
      'STATE',
      'USER',
    ],
    ...['VERBOSE', 'WCKEY'],
  ].map((name) => `SCANCEL_${name}`),
};
const swayingAll = ['SLURM_CLUSTERS', 'SLURM_JSON', 'SLURM_YAML', 'SLURM_BITSTR_LEN', 'SLURM_DEBUG_FLAGS'];

/**
 * What Slurm says when the controller or slurmdbd did not answer (slurm_errno.c, 20.11 to 25.x): the request was sent, or
 * may have been, and no answer came.
 */
const noAnswer =
  /timed? ?out|unable to contact|communication (connection|shutdown)|(send|receive|connect)(ing)? (failure|error)|zero bytes|connection (refused|reset|aborted)|transport endpoint|temporarily unable|slurm backup controller/i;

/** sacct of a busy database may take minutes: nobody waits for it that long, squeue tells of all that runs. */
const accountingTimeoutMs = 20_000;

export interface RunOptions {
  /** Name of another cluster of the site, for `-M`; empty or absent: the login node's own. */
  readonly on?: string;
  readonly stdin?: string;
  readonly cwd?: string;
  /** For sbatch: jobs inherit it. */
  readonly env?: { readonly [name: string]: string };
  readonly timeoutMs?: number;
}

export class SlurmCommands {
  readonly #cluster: string;
  readonly #connection: () => Promise<Connection>;
  #hasAccounting = true;
  /** Without those that this Slurm does not know. */
  #sacctColumns: readonly string[] = sacctColumns;

  constructor(cluster: string, connection: () => Promise<Connection>) {
    this.#cluster = cluster;
    this.#connection = connection;
  }

  get hasAccounting(): boolean {
    return this.#hasAccounting;
  }

  /** Columns of what `accounting` prints where no others were asked for. */
  get sacctColumns(): readonly string[] {
    return this.#sacctColumns;
  }

  /** Rejects with `SchedulerUnavailableError` when the command does not end, with `ConnectionError` when the connection breaks. */
  async run([program = '', ...argv]: readonly string[], options: RunOptions = {}): Promise<ExecResult> {
    const { on, ...rest } = options;
    const unset = [...(program === 'sbatch' ? [] : swayingAll), ...(swayingVariables[program] ?? [])];
    const connection = await this.#connection();
    const line = ['env', ...unset.flatMap((name) => ['-u', name]), program, ...(on ? ['-M', on] : []), ...argv];
    try {
      return await connection.exec(line, {
        ...rest,
        lane: 'scheduler',
        // Sites differ in time zone and format. Not for sbatch: jobs would inherit it.
        ...(program === 'sbatch' ? {} : { env: { SLURM_TIME_FORMAT: '%s', TZ: 'UTC' } }),
      });
    } catch (error) {
      if (ConnectionError.is(error, 'timeout')) throw new SchedulerUnavailableError(error.message, { cause: error });
      throw error;
    }
  }

  /** What it prints. Rejects with `SchedulerUnavailableError` whatever it says else. */
  async ask(argv: readonly string[], options?: RunOptions): Promise<string> {
    const result = await this.run(argv, options);
    if (result.status === 0) return result.stdout;
    throw this.unavailable(result, argv[0] ?? '');
  }

  /** Has it done. Rejects with the scheduler's own words when it will not, with `SchedulerUnavailableError` without an answer. */
  async order(argv: readonly string[], options?: RunOptions): Promise<void> {
    const result = await this.run(argv, options);
    if (result.status === 0) return;
    const [program = ''] = argv;
    if (isUnanswered(result, program)) throw this.unavailable(result, program);
    throw new Error(`${argv.join(' ')} on ${this.#cluster} failed: ${wordsOf(result, program)}`);
  }

  unavailable(result: ExecResult, program: string): SchedulerUnavailableError {
    return new SchedulerUnavailableError(`${program} on ${this.#cluster}: ${wordsOf(result, program)}`);
  }

  /** What sacct prints of these columns; `undefined` where the site keeps no accounting. */
  async accounting(
    argv: readonly string[],
    options: RunOptions & { readonly columns?: readonly string[]; readonly withSteps?: boolean } = {},
  ): Promise<string | undefined> {
    if (!this.#hasAccounting) return undefined;
    const { columns = this.#sacctColumns, withSteps = false, ...rest } = options;
    const which = withSteps ? [] : ['--allocations'];
    const fixed = ['--noheader', '--parsable2', `--delimiter=${sacctDelimiter}`, ...which];
    const format = `--format=${columns.join(',')}`;
    const result = await this.run(['sacct', ...fixed, format, ...argv], { timeoutMs: accountingTimeoutMs, ...rest });
    if (result.status === 0) return result.stdout;
    if (result.status === 127 || /accounting storage is disabled/i.test(result.stderr)) {
      this.#hasAccounting = false;
      return undefined;
    }
    // Columns come and go with versions: what one of them would have told is missing then, the rest is there.
    const unknown = /Invalid field requested: "?([\w]+)/i.exec(result.stderr)?.[1];
    const left = this.#sacctColumns.filter((name) => name.toLowerCase() !== unknown?.toLowerCase());
    if (options.columns === undefined && left.length < this.#sacctColumns.length) {
      this.#sacctColumns = left;
      return this.accounting(argv, options);
    }
    throw this.unavailable(result, 'sacct');
  }
}

/** Ended by a signal, or without an answer of the controller: it is not known whether it was done. */
export function isUnanswered(result: ExecResult, program: string): boolean {
  return !result.status || noAnswer.test(wordsOf(result, program));
}

/** The command's own words, without its name before each line. */
export function wordsOf(result: ExecResult, program: string): string {
  const words = (result.stderr.trim() || result.stdout.trim())
    .split('\n')
    .map((line) => line.replace(new RegExp(`^${program}: (error: )?`), '').trim())
    .join('\n');
  return words || `${program} ended with status ${result.status ?? result.signal}`;
}
