/** `vigil eventlog` and `vigil wait-event`: with the options, the words and the exit statuses of flux-job(1). */
import { logNamed, mainLog } from '../engine/eventlog/log-names.ts';
import { matchesContext, nameTest, parseContextTest } from '../engine/eventlog/select-events.ts';
import type * as protocol from '../engine/protocol.ts';
import { parseFluxDuration } from '../language/text/flux-duration.ts';
import { readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import {
  colorChoices,
  type EventlogStyle,
  eventlogFormats,
  eventlogFormatter,
  timeFormats,
} from './format-eventlog.ts';
import type { Io } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { readEventlog } from './read-eventlog.ts';
import { clusterOf } from './table.ts';

const styleOptions = {
  format: { type: 'string', short: 'f', default: 'text' },
  'time-format': { type: 'string', short: 'T', default: 'raw' },
  human: { type: 'boolean', short: 'H', default: false },
  color: { type: 'string', short: 'L', default: 'auto' },
  path: { type: 'string', short: 'p' },
  eventlog: { type: 'string', default: mainLog },
  'match-context': { type: 'string', short: 'm', multiple: true },
} as const;

interface StyleValues {
  readonly format: string;
  readonly 'time-format': string;
  readonly human: boolean;
  readonly color: string;
}

/** Throws as flux-job does: with exit status 1, not as wrong usage. */
function styleOf(values: StyleValues, io: Io): EventlogStyle {
  const [format, time, color] = [
    eventlogFormats.find((one) => one === values.format),
    timeFormats.find((one) => one === (values.human ? 'human' : values['time-format'])),
    colorChoices.find((one) => one === values.color),
  ];
  if (!format) throw new Error(`invalid format type '${values.format}': text or json`);
  if (!time) throw new Error(`invalid time-format type '${values['time-format']}': ${timeFormats.join(', ')}`);
  if (!color) throw new Error(`invalid color '${values.color}': ${colorChoices.join(', ')}`);
  const colored = color === 'always' || (color === 'auto' && io.isColored);
  return { format, time, colored };
}

function contextTests(texts: readonly string[]): (readonly [string, string])[] {
  return texts.map((text) => {
    const test = parseContextTest(text);
    if (!test) throw new Error('must specify a context test as key=value');
    return test;
  });
}

export function runEventlog(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['JOB'], {
    ...styleOptions,
    follow: { type: 'boolean', short: 'F', default: false },
    name: { type: 'string', default: '*' },
  });
  const [job = ''] = positionals;
  const print = eventlogFormatter(styleOf(values, io));
  const tests = contextTests(values['match-context'] ?? []);
  const isWanted = nameTest(values.name);
  const log = logNamed(values.path ?? values.eventlog);
  const run = async (engine: EngineSession) => {
    await readEventlog(engine, { job, log }, values.follow, (entry) => {
      // Also what is not shown counts: offsets are from the first entry.
      const line = print(entry);
      if (isWanted(entry.name) && matchesContext(entry, tests)) io.stdout(`${line}\n`);
      return false;
    });
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

export function runWaitEvent(argv: readonly string[], io: Io): EngineTask {
  const { values, positionals } = readArguments(argv, ['JOB', 'EVENT'], {
    ...styleOptions,
    timeout: { type: 'string', short: 't' },
    count: { type: 'string', short: 'c', default: '1' },
    quiet: { type: 'boolean', short: 'q', default: false },
    verbose: { type: 'boolean', short: 'v', default: false },
    raise: { type: 'boolean', default: false },
  });
  const [job = '', event = ''] = positionals;
  const print = eventlogFormatter(styleOf(values, io));
  const tests = contextTests(values['match-context'] ?? []);
  const isWanted = nameTest(event);
  const log = logNamed(values.path ?? values.eventlog);
  const count = /^\d+$/.test(values.count) ? Number(values.count) : 0;
  if (count < 1) throw new Error('count must be > 0');
  const timeoutSeconds = values.timeout === undefined ? Number.POSITIVE_INFINITY : parseFluxDuration(values.timeout);
  if (timeoutSeconds === undefined) throw new Error(`invalid argument for option 'timeout': '${values.timeout}'`);
  const run = async (engine: EngineSession) => {
    let seen = 0;
    let found = false;
    const reading = readEventlog(engine, { job, log }, true, (entry) => {
      found = isWanted(entry.name) && matchesContext(entry, tests) && ++seen === count;
      if (found ? !values.quiet : values.verbose) io.stdout(`${print(entry)}\n`);
      if (!found && values.raise) throwFatal(job, entry);
      return found;
    });
    const inTime = await settlesWithin(reading, timeoutSeconds);
    if (!inTime) throw new Error(`wait-event timeout on event '${event}'`);
    if (!found) throw new Error(`event '${event}' never received`);
    return 0;
  };
  return { cluster: clusterOf(job), run };
}

function throwFatal(job: protocol.JobKey, { name, context = {} }: protocol.EventlogEntry): void {
  if (name !== 'exception' || context.severity !== 0) return;
  throw new Error(`${job} ended by an exception: ${String(context.type)} ${String(context.note ?? '')}`.trimEnd());
}

/** False: `seconds` passed first. Rejects as `work` does. */
async function settlesWithin(work: Promise<void>, seconds: number): Promise<boolean> {
  if (seconds === Number.POSITIVE_INFINITY) {
    await work;
    return true;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    // setTimeout takes no more than 2^31-1 ms, some 24 days.
    timer = setTimeout(() => resolve(false), Math.min(seconds * 1000, 2 ** 31 - 1));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
