/** `vigil replay`: a script's watchers over recorded output. Nothing is performed; no engine is needed. */
import { basename } from 'node:path';
import type { EventlogEntry } from '../engine/protocol.ts';
import { commandOptions } from '../engine/schedulers/command-options.ts';
import { invalidWatchers, rangeOf } from '../engine/script-problems.ts';
import { Replay, replayFacts, replayNotes } from '../engine/watch/replay.ts';
import { checkScript } from '../language/check/check-script.ts';
import { parseScript } from '../language/script/parse-script.ts';
import { bindWatchers } from '../language/watcher/spec.ts';
import { choice, readArguments } from './arguments.ts';
import { eventlogFormats, eventlogFormatter } from './format-eventlog.ts';
import { type Io, UsageError } from './io.ts';

const endStates = [
  'completed',
  'failed',
  'cancelled',
  'timeout',
  'out_of_memory',
  'node_fail',
  'boot_fail',
  'preempted',
  'deadline',
] as const;

/** Exit status 0, or 1 when watchers of the script have errors. */
export async function runReplay(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments(argv, ['SCRIPT'], {
    stdout: { type: 'string' },
    stderr: { type: 'string' },
    state: { type: 'string', default: 'completed' },
    format: { type: 'string', default: 'text' },
  });
  if (!values.stdout) throw new UsageError('--stdout FILE is missing: the recorded output');
  const [path = ''] = positionals;
  const format = choice('format', values.format, eventlogFormats);
  const endState = choice('state', values.state, endStates);
  const script = await io.readFile(path);
  const document = parseScript(script);
  const [problem] = invalidWatchers(checkScript(document));
  if (problem) {
    const { line, character } = rangeOf(script, problem.span).start;
    io.stderr(`${path}:${line + 1}:${character + 1}: ${problem.message}\n`);
    return 1;
  }
  const now = Date.now() / 1000;
  const watchers = bindWatchers(document);
  const name = commandOptions(document, []).get('job-name') ?? basename(path);
  const replay = new Replay({ watchers, facts: replayFacts(name, now), oneFile: values.stderr === undefined, now });
  const formatted = eventlogFormatter({ format, time: 'iso' });
  const print = (entries: readonly EventlogEntry[]) => {
    for (const entry of entries) io.stdout(`${formatted(entry)}\n`);
  };
  const files = { stdout: values.stdout, stderr: values.stderr };
  for (const stream of ['stdout', 'stderr'] as const) {
    const file = files[stream];
    if (file === undefined) continue;
    for await (const piece of io.readPieces(file)) print(replay.feed(stream, piece));
    print(replay.endStream(stream));
  }
  print(replay.endJob(endState));
  for (const note of replayNotes(watchers)) io.stderr(`vigil: ${note}\n`);
  return 0;
}
