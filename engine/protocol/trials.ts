/** The part of the protocol that tries watchers on output while they are being written: match by match, with the reasons. */
import { RequestType } from 'vscode-jsonrpc/node';
import type { JobState, JsonValue, ReplaySource } from '../protocol.ts';

export interface TrialParams {
  /** The text whose watchers are tried: each that has no error, whatever is wrong with the others. */
  readonly script: string;
  readonly scriptPath?: string;
  readonly source: ReplaySource;
  /** The state the job ends in; `null`: it has not ended. Absent: as the job of the source stands, else `completed`. */
  readonly endState?: JobState | null;
  /** Matches handed out at most, default 2,000, most 20,000; all are counted. */
  readonly maxMatches?: number;
  /** It stops when it has taken so long: what is answered then is about the beginning of the output. Default 5. */
  readonly maxSeconds?: number;
}

/** A part of a line that matched. Offsets are UTF-16, into the line without its escape sequences. */
export interface TrialSpan {
  /** Of the capture, or `$1` for a group without a name; `$0` is the whole match. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** What would be done, with the variables filled in. */
export interface TrialAction {
  readonly name: string;
  readonly params: { readonly [name: string]: JsonValue };
}

export interface TrialMatch {
  readonly watcher: string;
  readonly stream: 'stdout' | 'stderr';
  /** From 1; lines end at `\n`, `\r\n` or a lone `\r`. */
  readonly line: number;
  /** Where that line ends in its stream, in bytes. */
  readonly endOffset: number;
  /** The whole match first. */
  readonly spans: readonly TrialSpan[];
  /** The watcher triggers here. */
  readonly triggers: boolean;
  /** Empty where nothing would be done. */
  readonly actions: readonly TrialAction[];
  /** The condition with the values of the captures in it: `loss=11.2 > 10`. */
  readonly condition?: string;
  /** Why nothing would be done, or not all; for people. */
  readonly why?: string;
}

export interface TrialWatcher {
  readonly name: string;
  /** Line of the script, from 0. */
  readonly line: number;
  /** Lines that its pattern matches, those too at which it no longer watched. */
  readonly matches: number;
  readonly triggers: number;
  /** What keeps it from being tried: errors, each with its line in the script. */
  readonly problems: readonly string[];
  /** What it would do when the job ends. */
  readonly atEnd: readonly TrialAction[];
  /** What this cannot tell about it, for people. */
  readonly notes: readonly string[];
}

export interface TrialResult {
  /** In the order of the script. */
  readonly watchers: readonly TrialWatcher[];
  /** In the order of the output; all of stdout before stderr. */
  readonly matches: readonly TrialMatch[];
  /** Complete lines and bytes that were looked at. */
  readonly lines: number;
  readonly bytes: number;
  /** Not all of the output was looked at: why, for people. */
  readonly stopped?: string;
}

/** Nothing is performed and nothing is kept. Cancelling the request ends the reading. */
export const tryWatchers = new RequestType<TrialParams, TrialResult, void>('watchers/try');
