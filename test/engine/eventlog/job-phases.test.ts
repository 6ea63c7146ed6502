import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fatalException,
  fluxStates,
  isActive,
  isPending,
  isRunning,
  jobStateOf,
  newJob,
  replayEvent,
  replayEventlog,
  resultOf,
} from '../../../engine/eventlog/job-phases.ts';
import { type LoggedEvent, parseEventlog } from '../../../engine/eventlog/rfc18.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { fluxRecording } from '../../support/recordings.ts';

const recordings = join(import.meta.dirname, '..', '..', 'recordings', 'flux');
const logs = globSync('*.eventlog.ndjson', { cwd: recordings }).filter((file) => !/guest\.|resource/.test(file));
const eventsOf = (file: string) => parseEventlog(readFileSync(join(recordings, file), 'utf8')).events;
const event = (name: string, context?: { [key: string]: JsonValue }, timestamp = 1): LoggedEvent => ({
  timestamp,
  name,
  ...(context ? { context } : {}),
});

/** What `flux jobs --json` said of the same jobs. */
const told = (name: string) =>
  JSON.parse(fluxRecording(`${name}.jobs`).stdout) as { readonly [key: string]: JsonValue };

describe('the states of a job, replayed', () => {
  it.each(logs.map((file) => [basename(file, '.eventlog.ndjson'), file]))('%s: as Flux itself says', (name, file) => {
    const { job, problems } = replayEventlog(eventsOf(file));
    expect(problems).toEqual([]);
    if (!globSync(`${name}.jobs.json`, { cwd: recordings })[0]) return;
    const flux = told(name);
    expect(job.state).toBe(flux.state);
    expect(resultOf(job)).toBe(flux.result);
    expect(job.urgency).toBe(flux.urgency);
    expect(job.status).toBe(flux.waitstatus);
    const { exception } = flux as { exception: { occurred: boolean; type?: string; note?: string } };
    const fatal = fatalException(job);
    if (exception.occurred && fatal) expect([fatal.type, fatal.note]).toEqual([exception.type, exception.note]);
  });

  it('goes through all states in order', () => {
    let job = newJob;
    const states = eventsOf('success.eventlog.ndjson').map((next) => {
      job = replayEvent(job, next).job;
      return job.state;
    });
    expect([...new Set(states)]).toEqual([...fluxStates]);
    expect(states.indexOf('RUN')).toBeLessThan(states.indexOf('CLEANUP'));
  });

  it.each([
    [[], 'pending', []],
    [['validate'], 'pending', ['pending', 'active']],
    [['validate', 'depend', 'priority'], 'pending', ['pending', 'active']],
    [['validate', 'depend', 'priority', 'alloc'], 'running', ['running', 'active']],
    [['validate', 'depend', 'priority', 'alloc', 'start', 'finish'], 'completing', ['running', 'active']],
    [['validate', 'depend', 'priority', 'alloc', 'start', 'finish', 'clean'], 'completed', []],
  ])('virtual states after %j', (names, state, virtual) => {
    const contexts: { [name: string]: { [key: string]: JsonValue } } = {
      priority: { priority: 16 },
      finish: { status: 0 },
    };
    const { job } = replayEventlog([
      event('submit', { urgency: 16 }),
      ...names.map((name) => event(name, contexts[name])),
    ]);
    expect(jobStateOf(job)).toBe(state);
    const all = { pending: isPending(job), running: isRunning(job), active: isActive(job) };
    expect(Object.entries(all).flatMap(([name, holds]) => (holds ? [name] : []))).toEqual(virtual);
  });

  it.each([
    ['cancel', 'cancelled', 'CANCELED'],
    ['timeout', 'timeout', 'TIMEOUT'],
    ['timelimit', 'timeout', 'TIMEOUT'],
    ['oom', 'out_of_memory', 'FAILED'],
    ['node-failure', 'node_fail', 'FAILED'],
    ['exec', 'failed', 'FAILED'],
  ])('an exception of type %s ends it as %s', (type, state, result) => {
    const { job } = replayEventlog([
      event('submit', { urgency: 16 }),
      event('validate'),
      event('exception', { type, severity: 0, note: '' }, 5),
      event('exception', { type: 'cancel', severity: 0, note: 'a later one is not the cause' }, 6),
      event('clean'),
    ]);
    expect([jobStateOf(job), resultOf(job), job.ended]).toEqual([state, result, 5]);
  });

  it('lets a warning pass', () => {
    const before = eventsOf('exception-nonfatal.eventlog.ndjson');
    const { job } = replayEventlog(before);
    expect(job.exceptions).toMatchObject([{ type: 'loss-high', severity: 3, note: 'loss: 6.2' }]);
    expect(resultOf(job)).toBe('COMPLETED');
  });

  it('goes back to the priority plugin with a new urgency, and keeps memos but those set to null', () => {
    const submitted = [
      event('submit', { urgency: 0 }),
      event('validate'),
      event('depend'),
      event('priority', { priority: 0 }),
    ];
    const { job } = replayEventlog([
      ...submitted,
      event('urgency', { urgency: 20, userid: 1 }),
      event('memo', { epoch: 3, loss: 0.2 }),
      event('memo', { loss: null }),
    ]);
    expect([job.state, job.urgency, job.memo]).toEqual(['PRIORITY', 20, { epoch: 3 }]);
  });

  it.each([
    [[event('start')], 'start before submit'],
    [[event('submit'), event('alloc')], 'alloc in state NEW'],
    [[event('submit'), event('finish')], 'finish without a status'],
    [[event('submit'), event('exception', { type: 'x' })], 'exception without type and severity'],
    [[event('submit'), event('dependency-add')], 'dependency-add without a description'],
    [[event('submit'), event('invalidate'), event('validate')], 'validate after invalidate'],
  ])('tells of what does not fit: %j', (events, message) => {
    expect(replayEventlog(events).problems.at(-1)).toEqual({ index: events.length - 1, message });
  });

  it('keeps what a job waits for', () => {
    const add = (description: string) => event('dependency-add', { description });
    const { job } = replayEventlog([
      event('submit'),
      add('after-success=1'),
      event('validate'),
      add('begin-time=2'),
      event('dependency-remove', { description: 'after-success=1' }),
      event('something.new', { more: 1 }),
    ]);
    expect(job.dependencies).toEqual(['begin-time=2']);
  });
});
