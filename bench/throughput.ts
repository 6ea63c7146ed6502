/**
 * Ten watchers over output: bytes in, matches and intents out, on one core; beside `grep -E` with the same ten patterns and
 * Python's `re` (`finditer` of each pattern) over the same chunks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobWatch } from '../engine/watch/job-watch.ts';
import { LineScanner } from '../engine/watch/line-scanner.ts';
import { PatternSets } from '../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../language/watcher/spec.ts';
import { type Figure, report } from './lib/figures.ts';
import {
  type BenchPattern,
  densePattern,
  plainPatterns,
  progressBars,
  repeated,
  tenPatterns,
  trainingLog,
} from './lib/training-logs.ts';

/** As the readers deliver. */
const chunkBytes = 256 * 1024;
const rounds = 5;
const mega = 1e6;

/** Matching alone: conditions and actions come from other benches. */
function watcher({ python }: BenchPattern, index: number): WatcherSpec {
  return {
    name: `watcher-${index}`,
    line: 0,
    pattern: python,
    captures: [],
    actions: [],
    intervalSeconds: 60,
    outputType: 'stdout',
    maxFailures: 5,
    cooldownSeconds: 0,
    triggerOnJobEnd: true,
    triggerJobStates: ['completed'],
    timerMode: false,
    timerIntervalSeconds: 30,
    remainingResubmits: 10,
    enabled: true,
  };
}

const job = {
  jobId: '1',
  name: 'train',
  hostname: 'bench',
  user: 'me',
  workdir: '/w',
  state: 'running',
  started: 0,
};

/** Of this thread and those that compile and collect for it: wall time would measure who else uses the machine. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface Run {
  readonly megabytesPerSecond: number;
  readonly matches: number;
  readonly lines: number;
  /** The longest that one portion took. */
  readonly longestMs: number;
}

/** The best of some rounds: other work on the machine makes a round slower, nothing makes it faster. */
function run(log: Buffer, patterns: readonly BenchPattern[]): Run {
  const all = Array.from({ length: rounds }, () => runOnce(log, patterns));
  return all.reduce((best, one) => (one.megabytesPerSecond > best.megabytesPerSecond ? one : best));
}

function runOnce(log: Buffer, patterns: readonly BenchPattern[]): Run {
  const watch = new JobWatch(
    patterns.map((one, index) => ({ spec: watcher(one, index) })),
    job,
    { now: 0, oneFile: true },
  );
  const scanner = new LineScanner(watch);
  let [matches, lines, longestMs] = [0, 0, 0];
  const began = cpuSeconds();
  for (let at = 0; at < log.length; ) {
    const portionBegan = cpuSeconds();
    const batch = scanner.push(log.subarray(at, at + chunkBytes), 64 * 1024);
    matches += watch.feed('stdout', batch, 0).length;
    lines += batch.count;
    at += batch.taken;
    longestMs = Math.max(longestMs, (cpuSeconds() - portionBegan) * 1000);
  }
  const seconds = cpuSeconds() - began;
  return { megabytesPerSecond: log.length / mega / seconds, matches, lines, longestMs };
}

/** MB/s of one process, in processor time from its start to its end, the best of some. */
function grep(file: string, size: number, patterns: readonly BenchPattern[], locale: string): number {
  const args = ['-cE', ...patterns.flatMap((one) => ['-e', one.grep]), file];
  const times = Array.from({ length: rounds }, () => {
    const timed = ['-c', 'TIMEFORMAT="%U %S"; time grep "$@"', 'bash', ...args];
    // The last two words: bash may have complained of the locale before.
    const { stderr } = spawnSync('bash', timed, { env: { ...process.env, LC_ALL: locale }, encoding: 'utf8' });
    const [user, system] = stderr.trim().split(/\s+/).slice(-2).map(Number);
    if (!Number.isFinite(user) || !Number.isFinite(system)) throw new Error(`no time of grep: ${stderr}`);
    return (user ?? 0) + (system ?? 0);
  });
  return size / mega / Math.min(...times);
}

const pythonProgram = `
import re, sys, time
path, chunk_bytes, patterns = sys.argv[1], int(sys.argv[2]), [re.compile(p.encode(), re.MULTILINE) for p in sys.argv[3:]]
with open(path, "rb") as f:
    data = f.read()
chunks, at = [], 0
while at < len(data):
    end = min(len(data), at + chunk_bytes)
    if end < len(data):
        end = data.rindex(b"\\n", at, end) + 1
    chunks.append(data[at:end])
    at = end
best = None
for _ in range(2):
    began, count = time.process_time(), 0
    for chunk in chunks:
        for p in patterns:
            for _ in p.finditer(chunk):
                count += 1
    took = time.process_time() - began
    best = took if best is None else min(best, took)
print(len(data) / 1e6 / best, count)
`;

function python(file: string, patterns: readonly BenchPattern[]): { megabytesPerSecond: number; matches: number } {
  const { stdout, stderr, status } = spawnSync(
    'python3',
    ['-c', pythonProgram, file, String(chunkBytes), ...patterns.map((one) => one.python)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const [megabytesPerSecond = 0, matches = 0] = stdout.trim().split(' ').map(Number);
  return { megabytesPerSecond, matches };
}

function compared(
  what: string,
  log: Buffer,
  patterns: readonly BenchPattern[],
  least: number,
  ratios: boolean,
): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  try {
    const file = join(folder, 'log');
    writeFileSync(file, log);
    const ours = run(log, patterns);
    const re = python(file, patterns);
    // `finditer` counts a line twice where a pattern matches twice in it: these patterns do not.
    if (re.matches !== ours.matches) throw new Error(`${ours.matches} matches, Python has ${re.matches}`);
    const figure = { value: ours.megabytesPerSecond, unit: 'MB/s' };
    const beside = (locale: string): Figure => ({
      ...figure,
      what: `${what}, beside grep, LC_ALL=${locale}`,
      peer: { name: 'grep -E', value: grep(file, log.length, patterns, locale) },
      ...(ratios ? { bar: { least: 0.5, of: 'ratio' as const } } : {}),
    });
    return [
      { ...figure, what: `${what} (${ours.matches} matches in ${ours.lines} lines)`, bar: { least } },
      beside('C'),
      beside('C.UTF-8'),
      {
        ...figure,
        what: `${what}, beside Python`,
        peer: { name: 're', value: re.megabytesPerSecond },
        ...(ratios ? { bar: { least: 10, of: 'ratio' as const } } : {}),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Input that is meant to hurt: how fast, and how long the longest portion holds up everything else. */
function hostile(what: string, log: Buffer, patterns: readonly BenchPattern[]): Figure[] {
  const ours = runOnce(log, patterns);
  return [
    { what, value: ours.megabytesPerSecond, unit: 'MB/s' },
    { what: `${what}: longest portion`, value: ours.longestMs, unit: 'ms', bar: { most: 250 } },
  ];
}

/** Jobs with ten watchers each that have read a log: the memory they hold, in MB. */
function heldBy(jobs: number, patternsOf: (job: number) => readonly BenchPattern[]): number {
  const patternSets = new PatternSets();
  const log = trainingLog(200_000);
  global.gc?.();
  const before = process.memoryUsage();
  const held = Array.from({ length: jobs }, (_, number) => {
    const specs = patternsOf(number).map((one, index) => ({ spec: watcher(one, index) }));
    const watch = new JobWatch(specs, job, { now: 0, oneFile: true, patternSets });
    const scanner = new LineScanner(watch);
    watch.feed('stdout', scanner.push(log), 0);
    return [watch, scanner];
  });
  global.gc?.();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return held.length === jobs ? grown / mega : Number.NaN;
}

const pattern = (python: string): BenchPattern => ({ python, grep: python });
/** Ever new states, and searches that a backtracking engine never ends. */
const nasty = [
  ...tenPatterns.slice(5),
  pattern('(a+)+$'),
  pattern('a[ab]{14}b'),
  pattern('(\\w{1,30}\\s){2,30}x'),
  pattern('(.*)(.*)(.*)(.*)y'),
  pattern('(?:\\w{0,70}x?){70}[!?]'),
];

let seed = 1;
const noise = repeated(16e6, () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return String.fromCharCode(seed >> 16, seed >> 8, seed);
});

const ownWords = (job: number): BenchPattern[] =>
  tenPatterns.map((one, index) => (index === 0 ? pattern(`run ${job} (\\d+).*loss: ([\\d.]+)`) : one));

report('Throughput: ten watchers, one core', [
  ...compared('quiet log', trainingLog(64e6), tenPatterns, 100, true),
  ...compared('quiet log, plain words', trainingLog(64e6), plainPatterns, 100, false),
  ...compared('every line matches', trainingLog(16e6), [densePattern, ...tenPatterns.slice(1)], 10, false),
  ...hostile('progress bars with \\r and colours', progressBars(32e6), tenPatterns),
  ...hostile('a line of 100 MB', Buffer.alloc(100e6, 'loss '), tenPatterns),
  ...hostile('short lines', Buffer.alloc(16e6, 'a\n'), tenPatterns),
  ...hostile('returns', Buffer.alloc(16e6, '\r'), tenPatterns),
  ...hostile('NULs', Buffer.alloc(64e6), tenPatterns),
  ...hostile('noise', noise, tenPatterns),
  ...hostile('patterns and lines that backtrack', Buffer.alloc(2e6, `${'ab'.repeat(300)}-!\n`), nasty),
  ...hostile('the same, lines of 64 KiB', Buffer.alloc(1e6, `${'ab'.repeat(32_000)}-!\n`), nasty),
  ...hostile(
    'every short line matches',
    Buffer.alloc(1e6, 'x\n'),
    tenPatterns.map(() => pattern('x')),
  ),
  {
    what: '1,000 jobs of one script: memory held',
    value: heldBy(1000, () => tenPatterns),
    unit: 'MB',
    bar: { most: 50 },
  },
  { what: '1,000 jobs of 1,000 scripts: memory held', value: heldBy(1000, ownWords), unit: 'MB' },
]);
