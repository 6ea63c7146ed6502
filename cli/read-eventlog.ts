/** Reads a job's eventlog through the engine, as it grows. */
import { ConnectionError, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { lastEventOf, mainLog, runKeyPrefix } from '../engine/eventlog/log-names.ts';
import * as protocol from '../engine/protocol.ts';
import type { EngineSession } from './engine-session.ts';

/** One of a job's logs; the job's own by default. */
export interface WhichLog {
  readonly job: protocol.JobKey;
  readonly log?: protocol.EventlogName;
}

/**
 * Hands out the entries there are and, when asked to follow, those that come, until the log ends or `onEntry` returns
 * true. No gap, no repeat; when the engine ends, it goes on with the next one.
 */
export async function readEventlog(
  engine: EngineSession,
  which: WhichLog,
  follow: boolean,
  onEntry: (entry: protocol.EventlogEntry) => boolean | undefined,
): Promise<void> {
  const { job, log = mainLog } = which;
  const last = lastEventOf(log);
  let next = 0;
  let ended = false;
  const take: Take = (from, entries, hasMore = false) => {
    // Whatever the log, nothing follows the end of the job's own.
    if (from === mainLog && log !== mainLog) ended ||= entries.some(({ name }) => name === lastEventOf(mainLog));
    if (from !== log) return ended;
    for (const [index, entry] of entries.entries()) {
      if (ended || entry.seq < next) continue;
      next = entry.seq + 1;
      // Behind the end of a run may stand its retry.
      const mayGoOn = job.startsWith(runKeyPrefix) && (hasMore || index < entries.length - 1);
      ended = onEntry(entry) === true || (entry.name === last && !mayGoOn);
    }
    return ended;
  };
  while (!ended) {
    const { connection } = engine;
    if (await readUntilLost(engine, { job, log, from: next }, follow, take)) return;
    await engine.reconnect(connection);
  }
}

/** True: that is enough. */
type Take = (log: protocol.EventlogName, entries: readonly protocol.EventlogEntry[], hasMore?: boolean) => boolean;

/** False: the engine ended before that. */
async function readUntilLost(
  engine: EngineSession,
  from: Required<WhichLog> & { readonly from: number },
  follow: boolean,
  take: Take,
): Promise<boolean> {
  const { connection } = engine;
  let live: (() => boolean)[] | undefined = [];
  let stopListening = () => {};
  let isLost = false;
  const lost = new Promise<void>((gone) =>
    connection.onClose(() => {
      isLost = true;
      gone();
    }),
  );
  const ended = new Promise<void>((resolve) => {
    stopListening = engine.on(protocol.eventlogAppended, ({ job, entries, log = mainLog }) => {
      if (job !== from.job) return;
      if (live) live.push(() => take(log, entries));
      else if (take(log, entries)) resolve();
    });
  });
  try {
    if ((await takePages(connection, from, (entries, hasMore) => take(from.log, entries, hasMore))) || !follow)
      return true;
    if (from.log !== mainLog) {
      const own: protocol.EventlogEntry[] = [];
      await takePages(connection, { job: from.job, log: mainLog, from: 0 }, (entries) => {
        own.push(...entries);
        return false;
      });
      // What came to the other log before the end of this one is read once more: it may have come since.
      await takePages(connection, from, (entries) => take(from.log, entries));
      if (take(mainLog, own)) return true;
    }
    if (live.some((late) => late())) return true;
    live = undefined;
    return await Promise.race([ended.then(() => true), lost.then(() => false)]);
  } catch (error) {
    // The engine refuses what comes while it ends, and a request on its way is rejected when it has.
    const isEnding = error instanceof ResponseError && error.code === protocol.errorCodes.engineEnds;
    if (isEnding) await lost;
    if (!follow || !(isLost || error instanceof ConnectionError)) throw error;
    return false;
  } finally {
    stopListening();
  }
}

/** Asks for the entries page by page; true: `take` said that this is enough. */
async function takePages(
  connection: MessageConnection,
  which: Required<WhichLog> & { readonly from: number },
  take: (entries: readonly protocol.EventlogEntry[], hasMore: boolean) => boolean,
): Promise<boolean> {
  for (let { from } = which; ; ) {
    const entries = await connection.sendRequest(protocol.readEventlog, { ...which, from });
    const hasMore = entries.length >= protocol.eventlogPage;
    if (take(entries, hasMore)) return true;
    if (!hasMore) return false;
    from = (entries.at(-1)?.seq ?? from) + 1;
  }
}
