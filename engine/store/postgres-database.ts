/**
 * The store on PostgreSQL, for several engines. The engine waits for each answer, so that a transaction stays a piece of
 * synchronous code; what a transaction only writes is sent together. docs/store.md says what that costs.
 */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Database } from './database.ts';
import { connectOptions, type PostgresAddress } from './postgres-address.ts';
import type { Answer, Ask, Message, Statement, WorkerData } from './postgres-exchange.ts';
import { noAnswer, PostgresError, postgresFailure, versionProblem } from './postgres-failure.ts';
import { postgresSteps } from './postgres-schema.ts';
import type { Row, SqlValue } from './statements.ts';
import { StoreFailure } from './store-failure.ts';

/** More than a statement may take on the server. */
const longestAnswerMs = 12_000;

export class PostgresDatabase implements Database {
  readonly name: string;
  readonly address: PostgresAddress;
  readonly place: string;
  /** The engines that were here before, and died. */
  readonly before: readonly string[];
  #owner: string = randomUUID();
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #texts = new Map<string, string>();
  /** Of the transaction that is open, what was not sent yet; undefined: there is none. */
  #unsent: Statement[] | undefined;
  /** Has anything of the open transaction reached the server? */
  #isBegun = false;
  #lastId = 0;
  readonly #answerTimeoutMs: number;
  /** When the server last confirmed that this engine is alive, by the clock of this machine, in ms. */
  #heard = 0;

  /**
   * `place`: see `Database`. Throws `StoreFailure` when the store cannot be used, and an error when it was made by a newer
   * Vigil. `answerTimeoutMs`: so long the engine waits for an answer, once: a server that gave none is away until it takes a
   * new connection.
   */
  constructor(address: PostgresAddress, place = '', answerTimeoutMs = longestAnswerMs) {
    this.name = address.name;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.place = place;
    this.address = address;
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerData = { options: connectOptions(address), signal: this.#signal, port: port2 };
    this.#port = port1;
    // Beside this file: as it is written, and as it is built.
    const program = import.meta.url.endsWith('.ts') ? './postgres-worker.ts' : './postgres-worker.js';
    this.#worker = new Worker(new URL(program, import.meta.url), {
      workerData,
      transferList: [port2],
      // Nothing of the engine's own flags; a source file is no reason for a warning.
      execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    });
    this.#worker.unref();
    port1.unref();
    try {
      this.#migrate();
      this.before = this.register();
    } catch (error) {
      this.close();
      throw this.failure(error) ?? error;
    }
  }

  get owner(): string {
    return this.#owner;
  }

  #migrate(): void {
    const { schema, host } = this.address;
    const [server] = this.#ask([
      plain("SELECT current_setting('server_version_num')::int AS version, version() AS words"),
    ]);
    const problem = versionProblem(Number(server?.version), String(server?.words));
    if (problem) throw new StoreFailure(`Vigil's store ${this.name}: ${problem}`);
    // Engines that start at the same time do it one after another.
    this.#ask([plain('BEGIN'), plain(`SELECT pg_advisory_xact_lock(hashtext('vigil ${schema}'))`)]);
    try {
      const [there] = this.#ask([statement('SELECT to_regnamespace($1) IS NOT NULL AS made', [schema])]);
      if (there?.made !== true) this.#ask([plain(`CREATE SCHEMA "${schema}"`)]);
      this.#ask([plain('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')]);
      const [row] = this.#ask([plain('SELECT max(version) AS version FROM schema_version')]);
      const version = Number(row?.version ?? 0);
      if (version > postgresSteps.length) {
        throw new Error(
          `${schema} on ${host} was written by a newer Vigil (schema ${version}, this one knows ${postgresSteps.length}): update Vigil.`,
        );
      }
      postgresSteps.slice(version).forEach((sql, index) => {
        this.#ask([plain(sql), statement('INSERT INTO schema_version (version) VALUES ($1)', [version + index + 1])]);
      });
      this.#ask([plain('COMMIT')]);
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  // What an engine owns

  /**
   * As a new engine, which has nothing yet. Returns those that were at this place before: there is one at a time, so they are
   * gone, and nobody has to wait for that.
   */
  register(): readonly string[] {
    const asked = Date.now();
    const before = this.#ask([
      statement("DELETE FROM engines WHERE place = $1 AND place <> '' RETURNING id", [this.place]),
    ]);
    this.#owner = randomUUID();
    this.#ask([
      statement(
        "INSERT INTO engines (id, host, username, pid, place, expires) VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')",
        [this.#owner, hostname(), userInfo().username, process.pid, this.place, this.address.leaseSeconds],
      ),
    ]);
    this.#heard = asked;
    return before.map(({ id }) => String(id));
  }

  /**
   * Says that this engine is alive, and ends those that are not. Returns the engines that were ended. Throws `StoreFailure`
   * when this one was.
   */
  heartbeat(): readonly string[] {
    const asked = Date.now();
    const rows = this.#all([
      statement("UPDATE engines SET expires = now() + $2 * interval '1 second' WHERE id = $1 RETURNING id", [
        this.#owner,
        this.address.leaseSeconds,
      ]),
    ]);
    if (rows.length === 0) throw new PostgresError({ code: 'VG001', message: 'taken over' });
    this.#heard = asked;
    return this.#all([
      plain(
        'DELETE FROM engines WHERE id IN (SELECT id FROM engines WHERE expires < now() FOR UPDATE SKIP LOCKED) RETURNING id',
      ),
    ]).map(({ id }) => String(id));
  }

  /** May nobody else have taken over yet? By the clocks of both machines going equally fast, a sleeping laptop included. */
  get isAlive(): boolean {
    return Date.now() - this.#heard < this.address.leaseSeconds * 1000;
  }

  /** Gives up what it has: others may have it at once. */
  leave(): void {
    this.#ask([statement('DELETE FROM engines WHERE id = $1', [this.#owner])]);
  }

  // Statements

  run(sql: string, ...values: SqlValue[]): void {
    const one = statement(this.#numbered(sql), values);
    if (this.#unsent) this.#unsent.push(one);
    // Alone it is a transaction too: only an engine that was not taken over writes.
    else {
      try {
        this.#ask([plain('BEGIN'), this.#fence(), one], { commits: true });
      } catch (error) {
        this.rollback();
        throw error;
      }
    }
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#all([statement(this.#numbered(sql), values)]);
  }

  #all(statements: readonly Statement[]): Row[] {
    if (!this.#unsent) return this.#ask(statements);
    const sent = [...this.#unsent, ...statements];
    const goesOn = this.#isBegun;
    this.#unsent = [];
    this.#isBegun = true;
    return this.#ask(sent, { goesOn });
  }

  serialize(what: string): void {
    this.#unsent?.push(
      statement('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${this.address.schema} ${what}`]),
    );
  }

  begin(): void {
    this.#unsent = [plain('BEGIN'), this.#fence()];
    this.#isBegun = false;
  }

  commit(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    // One that has neither written nor read is none.
    const goesOn = this.#isBegun;
    if (goesOn || unsent.length > 2) this.#ask(unsent, { goesOn, commits: true });
    this.#isBegun = false;
  }

  rollback(): void {
    const isBegun = this.#isBegun || this.#unsent === undefined;
    this.#unsent = undefined;
    this.#isBegun = false;
    if (!isBegun) return;
    try {
      this.#ask([plain('ROLLBACK')], { goesOn: true });
    } catch (error) {
      // A connection that is gone has rolled back; why it is gone is known to whoever rolls back.
      if (!(error instanceof PostgresError)) throw error;
    }
  }

  #fence(): Statement {
    return statement('SELECT still_mine($1)', [this.#owner]);
  }

  /** `?` becomes `$1`, `$2`, …: no text of ours has a question mark elsewhere. */
  #numbered(sql: string): string {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    let number = 0;
    const text = sql.replace(/\?/g, () => `$${++number}`);
    this.#texts.set(sql, text);
    return text;
  }

  /** Sends them and waits: nothing else happens in this engine meanwhile. */
  #ask(
    statements: readonly Statement[],
    { goesOn = false, commits = false }: Partial<Pick<Ask, 'goesOn' | 'commits'>> = {},
  ): Row[] {
    const id = ++this.#lastId;
    const deadline = Date.now() + this.#answerTimeoutMs;
    this.#tell({ id, statements, deadline, goesOn, commits });
    for (;;) {
      const seen = Atomics.load(this.#signal, 0);
      const answer = (receiveMessageOnPort(this.#port) as { message: Answer } | undefined)?.message;
      if (answer?.id === id) {
        if ('rows' in answer) return answer.rows;
        throw new PostgresError(answer.failure);
      }
      if (answer) continue;
      const left = deadline - Date.now();
      if (left <= 0) break;
      Atomics.wait(this.#signal, 0, seen, left);
    }
    // Until there is another connection, each question is answered at once: the server is away.
    this.#tell('reset');
    throw new PostgresError({ code: noAnswer, message: `no answer within ${this.#answerTimeoutMs / 1000} s` });
  }

  #tell(message: Message): void {
    this.#port.postMessage(message);
  }

  failure(error: unknown): StoreFailure | undefined {
    return error instanceof StoreFailure ? error : postgresFailure(error, this.address);
  }

  /** It does not make anybody wait: the connection is opened again beside the engine. */
  hurry(): void {}

  usage() {
    return { path: this.name, bytes: this.#bytes() };
  }

  #bytes(): number {
    try {
      const [row] = this.all(
        'SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class WHERE relnamespace = to_regnamespace(?)',
        this.address.schema,
      );
      return Number(row?.bytes ?? 0);
    } catch (error) {
      // Who asks how the engine is gets an answer while the store fails, too.
      if (this.failure(error)) return 0;
      throw error;
    }
  }

  close(): void {
    this.#tell('end');
  }
}

const plain = (text: string): Statement => ({ text, values: [] });

/** PostgreSQL keeps no NUL in a text. */
const statement = (text: string, values: readonly SqlValue[]): Statement => ({
  text,
  values: values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value)),
});
