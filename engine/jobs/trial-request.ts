/** Answers a client that tries watchers while they are being written: bounded in time, and in what it hands out. */
import { readWatchers } from '../../language/check/check-watchers.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { parseScript, type ScriptDocument } from '../../language/script/parse-script.ts';
import { encloses } from '../../language/text/span.ts';
import { bindWatchers } from '../../language/watcher/spec.ts';
import type { Clock } from '../clock.ts';
import type { TrialMatch, TrialParams, TrialResult, TrialWatcher } from '../protocol/trials.ts';
import { rangeOf } from '../script-problems.ts';
import { Trial } from '../watch/trial.ts';
import type { OpenedSource } from './replay-source.ts';

export type TrialRequest = Pick<TrialParams, 'script' | 'maxMatches' | 'maxSeconds'> &
  Omit<OpenedSource, 'release'> & {
    readonly maxWatchers: number;
    readonly clock: Pick<Clock, 'now'>;
    readonly signal: AbortSignal;
  };

const usualMatches = 2000;
const mostMatches = 20_000;
const usualSeconds = 5;

/** Time is up: reading ends, and what was found so far is the answer. */
class TimeUp extends Error {}

export async function answerTrial(request: TrialRequest): Promise<TrialResult> {
  const { script, maxWatchers, facts, inputs, oneFile, endState, clock, signal, maxSeconds = usualSeconds } = request;
  const document = parseScript(script);
  const now = clock.now();
  const trial = new Trial({ watchers: bindWatchers(document, { maxWatchers }), facts, oneFile, now });
  const room = Math.min(Math.max(0, Math.floor(request.maxMatches ?? usualMatches)), mostMatches);
  const matches: TrialMatch[] = [];
  const take = (found: readonly TrialMatch[]) => matches.push(...found.slice(0, room - matches.length));
  let bytes = 0;
  try {
    for (const stream of trial.streams) {
      await inputs[stream]?.(async (piece) => {
        signal.throwIfAborted();
        if (clock.now() - now > maxSeconds) throw new TimeUp();
        take(trial.feed(stream, piece));
        bytes += piece.length;
      });
      take(trial.endStream(stream));
    }
    if (endState !== null) trial.endJob(endState);
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    const stopped = `stopped after ${maxSeconds} s: the first ${megabytes(bytes)} were looked at`;
    return { ...answer(), stopped };
  }
  return answer();

  function answer(): TrialResult {
    return { watchers: withProblems(script, document, maxWatchers, trial), matches, lines: trial.lines, bytes };
  }
}

/** Those that were tried, and those that cannot be: in the order of the script. */
function withProblems(
  script: string,
  document: ScriptDocument,
  maxWatchers: number,
  trial: Trial,
): readonly TrialWatcher[] {
  const read = readWatchers(document, { maxWatchers });
  const errors = [...document.problems, ...read.problems].filter(({ severity }) => severity === 'error');
  const tried = trial.watchers;
  return read.watchers.map(({ node, spec }) => {
    const problems = errors.filter(({ span }) => encloses(node.span, span)).map((found) => inWords(script, found));
    const result = problems.length > 0 ? undefined : tried.find(({ line }) => line === spec.line);
    const nothing = { name: spec.name, line: spec.line, matches: 0, triggers: 0, atEnd: [], notes: [] };
    return { ...(result ?? nothing), problems };
  });
}

function inWords(script: string, { message, span }: Problem): string {
  return `line ${rangeOf(script, span).start.line + 1}: ${message}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
