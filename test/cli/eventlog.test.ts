import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../cli/engine-session.ts';
import { runEventlog, runWaitEvent } from '../../cli/eventlog.ts';
import { parseEventlog } from '../../engine/eventlog/rfc18.ts';
import { type EventlogEntry, eventlogAppended, readEventlog } from '../../engine/protocol.ts';
import { fakeIo } from '../support/fake-io.ts';
import { fluxRecording } from '../support/recordings.ts';

const recordings = join(import.meta.dirname, '..', 'recordings', 'flux');
/** Jobs of the recordings whose logs were recorded too. */
const jobs: { readonly [id: string]: string } = {
  ƒ4vYcmef: 'success',
  ƒBahRhuy: 'cancel-running',
  ƒEfjAyh9: 'timeout',
};

function recordedLog(job: string, log: string): EventlogEntry[] {
  const name = jobs[job.replace('flux/', '')];
  const file = join(recordings, `${name}.${log}.ndjson`);
  if (!name) throw new Error(`job ${job} not found`);
  if (!existsSync(file)) throw new Error(`eventlog path ${log} not found`);
  return parseEventlog(readFileSync(file, 'utf8')).events.map((event, seq) => ({
    seq,
    observed: event.timestamp,
    ...event,
  }));
}

type Appended = { job: string; entries: readonly EventlogEntry[]; log?: string };

/** An engine that knows recorded logs; `later`: these entries were not there yet when the log was read; `sent` of them come then. */
function session(later: readonly EventlogEntry[] = [], sent = later): EngineSession {
  let listener: ((appended: Appended) => void) | undefined;
  const connection = {
    onClose: () => {},
    sendRequest: async (
      type: { method: string },
      { job, log = 'eventlog', from = 0 }: { job: string; log?: string; from?: number },
    ) => {
      expect(type.method).toBe(readEventlog.method);
      setTimeout(() => listener?.({ job, entries: sent }), 5);
      const late = new Set(later.map(({ seq }) => seq));
      return recordedLog(job, log).filter(({ seq }) => seq >= from && !(log === 'eventlog' && late.has(seq)));
    },
  };
  const on = (type: { method: string }, listen: (appended: Appended) => void) => {
    expect(type.method).toBe(eventlogAppended.method);
    listener = listen;
    return () => {
      listener = undefined;
    };
  };
  return { connection, on } as unknown as EngineSession;
}

/** What a recorded command prints here: as the command line says, for the same job. */
async function run(
  words: readonly string[],
  engine = session(),
): Promise<{ status: number; stdout: string; message: string }> {
  const io = fakeIo();
  const [command, ...rest] = words;
  const argv = rest.map((word) => (word.startsWith('ƒ') ? `flux/${word}` : word));
  try {
    const task = command === 'wait-event' ? runWaitEvent(argv, io) : runEventlog(argv, io);
    return { status: await task.run(engine), stdout: io.printed.stdout, message: '' };
  } catch (error) {
    return { status: 1, stdout: io.printed.stdout, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Times are told to a microsecond; halves are rounded otherwise by C. */
const rounded = (text: string) => text.replace(/(\.\d{5})\d/g, '$1');

const recorded = [
  ...globSync('wait-event.*.json', { cwd: recordings }),
  ...globSync('eventlog-*.json', { cwd: recordings }),
]
  .map((file) => basename(file, '.json'))
  .map((name) => ({ name, recording: fluxRecording(name) }))
  // Of the held job of some recordings no log was recorded; a line of one recording is cut.
  .filter(
    ({ name, recording }) => !/ƒgcJk7SP|notanid|xyz!/.test(recording.command) && !/output-(full|text)/.test(name),
  );

describe('as the recorded flux-job', () => {
  it.each(recorded.map(({ name, recording }) => [name, recording] as const))('%s', async (name, recording) => {
    const words = recording.command.replaceAll("'", '').split(' ').slice(2);
    const { status, stdout, message } = await run(words);
    expect(status, message).toBe(recording.exit_code);
    expect(rounded(stdout)).toBe(rounded(recording.stdout));
    const said = recording.stderr.replace(/^flux-job.*?: (?:wait-event: )?/, '').trim();
    // Ours names the job, too, or says what is allowed; a missing operand is told before any usage.
    if (name !== 'wait-event.no-args')
      expect(message.toLowerCase()).toContain(said.replace('ƒ111111', 'flux/ƒ111111').toLowerCase());
    else expect(message).toBe('JOB is missing');
  });

  it('covers what was recorded', () => {
    expect(recorded.length).toBeGreaterThan(25);
  });
});

describe('what is live', () => {
  const late = recordedLog('flux/ƒ4vYcmef', 'eventlog').slice(6);

  it('is waited for', async () => {
    expect(await run(['wait-event', 'ƒ4vYcmef', 'finish'], session(late))).toMatchObject({
      status: 0,
      stdout: '1795214612.415078 finish status=0\n',
    });
  });

  it('ends the wait when the log ends', async () => {
    expect(await run(['wait-event', 'ƒ4vYcmef', 'exception'], session(late))).toMatchObject({
      status: 1,
      message: "event 'exception' never received",
    });
  });

  it('comes too late', async () => {
    const result = await run(['wait-event', '-t', '20ms', 'ƒ4vYcmef', 'clean'], session(late, late.slice(0, 1)));
    expect(result).toMatchObject({ status: 1, message: "wait-event timeout on event 'clean'" });
  });

  it('follows a log of the guest until the job has ended', async () => {
    const { stdout, status } = await run(['eventlog', '-F', '-p', 'output', 'ƒ4vYcmef'], session(late));
    expect(status).toBe(0);
    expect(stdout.split('\n').length).toBeGreaterThan(20);
  });
});

describe('beyond flux-job', () => {
  it('raises the fatal exception that comes first', async () => {
    const result = await run(['wait-event', '--raise', 'ƒBahRhuy', 'finish']);
    expect(result.message).toBe('flux/ƒBahRhuy ended by an exception: cancel loss too high');
  });

  it('shows some events only', async () => {
    const { stdout } = await run(['eventlog', '--name', 're*', '-T', 'offset', 'ƒ4vYcmef']);
    expect(stdout).toBe('0.878183 release ranks="all" final=true\n');
  });

  it('paints', async () => {
    const { stdout } = await run(['eventlog', '-L', 'always', '--name', 'exception', 'ƒBahRhuy']);
    expect(stdout).toContain('\u001b[1;31mexception\u001b[0m \u001b[34mtype\u001b[0m=\u001b[35m"cancel"\u001b[0m');
  });
});
