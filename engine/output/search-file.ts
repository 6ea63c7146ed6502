/** Searches a file where it is, a few seconds at a time. */
import type { Connection } from '../clusters/connection.ts';
import type { FoundLine, SearchPlace } from '../protocol/files.ts';
import { readProblem } from './read-problem.ts';
import { searchProgram } from './search-program.ts';

export interface FileSearch {
  /** Absolute path on the cluster. */
  readonly path: string;
  readonly wanted: string;
  readonly isPattern: boolean;
  readonly ignoreCase: boolean;
  readonly from: SearchPlace;
  readonly maxLines: number;
  /** How long it searches before it says where to go on. */
  readonly seconds: number;
  /** A pattern that takes longer is never done: it is given up. Whole seconds. */
  readonly limitSeconds: number;
}

export interface FileSearchResult {
  readonly found: readonly FoundLine[];
  /** Up to here all was searched. */
  readonly reached: SearchPlace;
  /** Bytes that the file has now. */
  readonly size: number;
  readonly isDone: boolean;
}

/** What the program says of itself. */
type Answer =
  | { readonly problem: string; readonly code: string }
  | {
      readonly problem?: undefined;
      readonly found: readonly (readonly [number, number, string])[];
      readonly offset: number;
      readonly line: number;
      readonly size: number;
      readonly done: boolean;
    };

/** SIGALRM, as a shell tells of it. */
const alarmStatus = 128 + 14;

/** Rejects with why nothing can be searched, in words for people; with `ConnectionError` when the connection fails. */
export async function searchFile(
  connection: Connection,
  { path, wanted, isPattern, ignoreCase, from, maxLines, seconds, limitSeconds }: FileSearch,
  signal: AbortSignal,
): Promise<FileSearchResult> {
  const stdin = JSON.stringify({
    path,
    wanted,
    isPattern,
    ignoreCase,
    ...from,
    most: maxLines,
    seconds,
    limit: limitSeconds,
  });
  const timeoutMs = (limitSeconds + 10) * 1000;
  const ended = await connection.exec(['python3', '-c', searchProgram], { stdin, timeoutMs, signal });
  const { status, stdout, stderr } = ended;
  if (status === 127)
    throw new Error('python3 was not found there; output is searched by it: load or install Python 3.6 or newer.');
  if (ended.signal === 'SIGALRM' || status === alarmStatus)
    throw new Error(`The pattern took more than ${limitSeconds} s for a few lines: write one with less to try.`);
  if (status !== 0) throw new Error(`The search broke off: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  const answer = JSON.parse(stdout) as Answer;
  if (answer.problem !== undefined) {
    const { code, problem } = answer;
    throw new Error(code === 'pattern' ? `Not searched: ${problem}.` : `${readProblem(path, code, problem)}.`);
  }
  const { found, offset, line, size, done } = answer;
  return {
    found: found.map(([place, number, text]) => ({ offset: place, line: number, text })),
    reached: { offset, line },
    size,
    isDone: done,
  };
}
