/** Follows files of a cluster over its connection: one program and one channel for all of them. */
import type { Clock } from '../clock.ts';
import { type Connection, ConnectionError, type RunningProcess } from '../clusters/connection.ts';
import type { Logger } from '../logger.ts';
import { FollowedFile } from './followed-file.ts';
import { Poller } from './poller.ts';
import type { Follow, FollowListener, FollowRequest, OutputReader } from './reader.ts';
import { readerProgram } from './reader-program.ts';

/** Lines longer than this are not ours: 256 KiB in base64 with room to spare. */
const maxAnswerBytes = 1024 * 1024;
const firstRetrySeconds = 1;
const longestRetrySeconds = 60;

export class RemoteReader implements OutputReader {
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #followed = new Map<number, FollowedFile>();
  #process: RunningProcess | undefined;
  #connection: Connection | undefined;
  #nextId = 1;
  #generation = 0;
  #failures = 0;
  #cancelRetry = () => {};
  readonly #pollSeconds: () => number | undefined;
  #poller: Poller | undefined;

  /** `pollSeconds`: where the site forbids commands that stay, how often it may be asked; looked at with each connection. */
  constructor(cluster: string, clock: Clock, log: Logger, pollSeconds: () => number | undefined = () => undefined) {
    this.#pollSeconds = pollSeconds;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#log = log;
  }

  /** To be called with each new connection: the program is started on it and everything followed goes on where it stood. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#process = undefined;
    this.#generation++;
    this.#failures = 0;
    this.#cancelRetry();
    this.#poller?.stop();
    this.#poller = this.#createPoller(connection);
    if (this.#followed.size > 0) this.#begin();
  }

  #createPoller(connection: Connection): Poller | undefined {
    const seconds = this.#pollSeconds();
    if (seconds === undefined) return undefined;
    const onFailure = (why: string) => this.#tellAll(`the output on ${this.#cluster} could not be asked for: ${why}`);
    return new Poller({ connection, seconds, onFailure, clock: this.#clock, files: this.#followed });
  }

  #begin(): void {
    if (this.#poller) this.#poller.wake();
    else void this.#start();
  }

  #tellAll(why: string): void {
    this.#log.error(why);
    for (const followed of this.#followed.values()) followed.problem(why);
  }

  follow(request: FollowRequest, listener: FollowListener): Follow {
    const id = this.#nextId++;
    const followed = new FollowedFile(request, listener);
    this.#followed.set(id, followed);
    if (this.#process) this.#add(id, followed);
    else if (this.#connection && (this.#poller || this.#followed.size === 1)) this.#begin();
    return {
      check: () => {
        followed.checkAsked = true;
        this.#process?.write(`? ${id}\n`);
        this.#poller?.wake();
      },
      stop: () => {
        if (this.#followed.delete(id)) this.#process?.write(`- ${id}\n`);
        if (this.#followed.size === 0) this.#endProcess();
      },
    };
  }

  /** The connection is about to be closed on purpose: what is followed goes on with the next one. */
  detach(): void {
    this.#stop();
    this.#connection = undefined;
  }

  dispose(): void {
    this.#followed.clear();
    this.detach();
  }

  #stop(): void {
    this.#poller?.stop();
    this.#poller = undefined;
    this.#endProcess();
  }

  #endProcess(): void {
    this.#generation++;
    this.#cancelRetry();
    this.#process?.end();
    this.#process = undefined;
  }

  #add(id: number, followed: FollowedFile): void {
    this.#process?.write(followed.command(id));
    if (followed.checkAsked) this.#process?.write(`? ${id}\n`);
  }

  async #start(): Promise<void> {
    const generation = ++this.#generation;
    const connection = this.#connection;
    if (!connection) return;
    try {
      const process = await connection.spawn(['python3', '-u', '-c', readerProgram], { lane: 'output' });
      if (generation !== this.#generation) return process.kill();
      this.#process = process;
      for (const [id, followed] of this.#followed) this.#add(id, followed);
      await this.#receive(process, generation);
      const { status, stderr } = await process.exited;
      if (generation === this.#generation) this.#ended(status, stderr);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#process = undefined;
      this.#log.warn(`reading output on ${this.#cluster} broke off: ${String(error)}`);
      // A lost connection is reopened by the link, which calls `attach` again.
      if (!ConnectionError.is(error, 'closed')) this.#retryLater();
    }
  }

  /** The program ended by itself (a login node may kill what it likes): it is started again, after longer and longer. */
  #retryLater(): void {
    const seconds = Math.min(firstRetrySeconds * 2 ** this.#failures++, longestRetrySeconds);
    this.#cancelRetry = this.#clock.setTimeout(() => void this.#start(), seconds * 1000);
  }

  #ended(status: number | null, stderr: string): void {
    const why =
      status === 127
        ? `python3 was not found on ${this.#cluster}; output is read by it: load or install Python 3.6 or newer there`
        : `the output reader on ${this.#cluster} ended (status ${status}): ${stderr.trim().split('\n').at(-1) ?? ''}`;
    this.#process = undefined;
    this.#tellAll(why);
    this.#retryLater();
  }

  async #receive(process: RunningProcess, generation: number): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const chunk of process.stdout) {
      // An old connection may still deliver after a new one took over: what it says was asked for again.
      if (generation !== this.#generation) return;
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        this.#answer(rest.toString('latin1', start, end));
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > maxAnswerBytes)
        throw new Error(`an answer of the output reader on ${this.#cluster} is too long`);
    }
  }

  #answer(line: string): void {
    const [kind, idText, first = '', second = ''] = line.split(' ');
    const id = Number(idText);
    const { bytes, taken } = this.#followed.get(id)?.answer(kind ?? '', first, second) ?? {
      bytes: 0,
      taken: undefined,
    };
    if (bytes === 0) return;
    if (taken === undefined) this.#acknowledge(id, bytes, this.#generation);
    else this.#acknowledgeAfter(taken, id, bytes);
  }

  #acknowledgeAfter(taken: Promise<void>, id: number, bytes: number): void {
    const generation = this.#generation;
    const acknowledge = () => this.#acknowledge(id, bytes, generation);
    void taken.then(acknowledge, acknowledge);
  }

  /** Lets the program send more of the file; another one, started since, has sent nothing of it that was not counted. */
  #acknowledge(id: number, bytes: number, generation: number): void {
    if (generation === this.#generation && this.#followed.has(id)) this.#process?.write(`! ${id} ${bytes}\n`);
  }
}
