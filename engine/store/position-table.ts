/** How far the output files of jobs are read, in the store. */
import type { FileMark } from '../output/reader.ts';
import type { JobKey } from '../protocol.ts';
import type { OutputPosition } from './records.ts';
import type { Row, Statements } from './statements.ts';

export class PositionTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** One a stream. */
  save(job: JobKey, { stream, path, offset, line, afterReturn, mark }: OutputPosition): void {
    this.#statements.run(
      `INSERT INTO outputs (job, stream, path, "offset", line, after_return, inode, tail, began)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (job, stream) DO UPDATE SET path = excluded.path, "offset" = excluded."offset", line = excluded.line,
         after_return = excluded.after_return, inode = excluded.inode, tail = excluded.tail, began = excluded.began`,
      job,
      stream,
      path,
      offset,
      line,
      afterReturn ? 1 : 0,
      mark?.inode ?? null,
      mark?.tail ?? null,
      mark?.began ?? null,
    );
  }

  of(job: JobKey): OutputPosition[] {
    return this.#statements
      .all('SELECT stream, path, "offset", line, after_return, inode, tail, began FROM outputs WHERE job = ?', job)
      .map((row) => ({
        stream: row.stream as OutputPosition['stream'],
        path: row.path as string,
        offset: row.offset as number,
        line: row.line as number,
        afterReturn: row.after_return === 1,
        ...(row.tail === null ? {} : { mark: markOf(row) }),
      }));
  }

  /** The output is read from its beginning. */
  drop(job: JobKey): void {
    this.#statements.run('DELETE FROM outputs WHERE job = ?', job);
  }
}

function markOf(row: Row): FileMark {
  return {
    tail: row.tail as Uint8Array,
    ...(row.inode === null ? {} : { inode: row.inode as string }),
    ...(row.began === null ? {} : { began: row.began as number }),
  };
}
