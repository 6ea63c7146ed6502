import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEventlog } from '../../../engine/eventlog/rfc18.ts';
import { decimalFluxId, fluxIdPattern, plainFluxId } from '../../../engine/schedulers/flux-id.ts';
import { KnownFluxJob, readJobspec, readNodes } from '../../../engine/schedulers/flux-job.ts';
import { closeLog, transition } from '../../../engine/schedulers/transitions.ts';
import type { JobRecord } from '../../../engine/store/records.ts';
import { jobRecord } from '../../support/builders.ts';
import { fluxRecording } from '../../support/recordings.ts';

const recordings = join(import.meta.dirname, '..', '..', 'recordings', 'flux');
const logOf = (name: string, kind = 'eventlog') =>
  parseEventlog(readFileSync(join(recordings, `${name}.${kind}.ndjson`), 'utf8')).events;

describe('job ids (RFC 19)', () => {
  it('in the form that needs no UTF-8', () => {
    const forms = fluxRecording('jobid-forms').stdout;
    const form = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(forms)?.[1] ?? '';
    expect(plainFluxId(form('f58'))).toBe(form('f58plain'));
    expect(decimalFluxId(form('f58'))).toBe(form('dec'));
    expect(decimalFluxId('123')).toBeUndefined();
    expect(decimalFluxId('f0OIl')).toBeUndefined();
  });

  it('as flux batch prints them', () => {
    expect(fluxIdPattern.exec(fluxRecording('batch-submit').stdout)?.[1]).toBe('ƒm8fb1uh');
    expect(fluxIdPattern.exec('warning: x\nfm8fb1uh\n')?.[1]).toBe('fm8fb1uh');
  });
});

describe('what a jobspec and an R tell', () => {
  it('of flux batch', () => {
    const jobspec = readJobspec(JSON.parse(fluxRecording('batch-directive.good').stdout));
    expect(jobspec).toEqual({ name: 'a b', cwd: '/home/hpcuser', stdout: 'flux-{{id}}.out' });
    expect(readNodes(JSON.parse(fluxRecording('info.R').stdout))).toBe('n[0-1]');
    expect([readJobspec(null), readJobspec({ attributes: 3 }), readNodes('')]).toEqual([{}, {}, undefined]);
  });

  it.each([
    ['flux-{{id}}.out', '/home/me/flux-ƒ4vYcmef.out'],
    ['/logs/{{ id.dec }}/{{name}}.log', '/logs/149350776832/train.log'],
    ['{{jobid}}-{{id.f58plain}}', '/home/me/ƒ4vYcmef-f4vYcmef'],
    ['../{{taskid}}.out', undefined],
    ['', undefined],
  ])('output template %s', (template, path) => {
    const job = new KnownFluxJob('f4vYcmef');
    job.jobspec = { name: 'train', cwd: '/home/me' };
    expect(job.path(template)).toBe(path);
  });
});

/** Feeds a recorded log in pieces, as the journal does, and closes it; what is logged. */
function follow(name: string): { job: JobRecord; names: string[]; exec: string[]; same: boolean } {
  const known = new KnownFluxJob('f4vYcmef');
  const all = logOf(name);
  const execFile = `${name}.guest.exec.eventlog.ndjson`;
  const exec = globSync(execFile, { cwd: recordings }).length > 0 ? logOf(name, 'guest.exec.eventlog') : [];
  let job = jobRecord({ key: 'flux/f4vYcmef', cluster: 'flux', jobId: 'f4vYcmef' });
  const logged: object[] = [];
  const execLogged: object[] = [];
  for (const [index, event] of all.entries()) {
    known.add(event);
    if (index === all.length - 1) for (const one of exec) known.addExec(one);
    if (index % 3 === 1) continue;
    const step = transition(job, known.snapshot, 0);
    job = step.job;
    logged.push(...step.events);
    execLogged.push(...(step.execEvents ?? []));
    // The same snapshot again is no news.
    expect(transition(job, known.snapshot, 0).events).toEqual([]);
  }
  const end = transition(job, known.snapshot, 0);
  job = end.job;
  logged.push(...end.events, ...closeLog(job, 0).events);
  execLogged.push(...(end.execEvents ?? []));
  const names = (events: readonly object[]) => events.map((event) => (event as { name: string }).name);
  const same = JSON.stringify(logged) === JSON.stringify(all) && JSON.stringify(execLogged) === JSON.stringify(exec);
  return { job, names: names(logged), exec: names(execLogged), same };
}

describe("Flux' own events", () => {
  const names = globSync('*.eventlog.ndjson', { cwd: recordings })
    .filter((file) => !/guest\.|resource/.test(file))
    .map((file) => file.replace('.eventlog.ndjson', ''));

  it.each(names)('are logged unchanged: %s', (name) => {
    expect(follow(name).same).toBe(true);
  });

  it("are the sequence of Flux' watch example", () => {
    const { names: logged, job } = follow('success');
    expect(logged.filter((name) => name !== 'validate').join(' ')).toBe(
      'submit depend priority alloc start finish release free clean',
    );
    expect(job).toMatchObject({ state: 'completed', status: 0, phase: 'finished' });
  });

  it.each([
    ['fail-exit-3', 'failed', 768],
    ['cancel-running', 'cancelled', 36_608],
    ['timeout', 'timeout', 36_352],
    ['exception-oom', 'out_of_memory', 36_608],
    ['exception-nonfatal', 'completed', 0],
    ['node-lost', 'failed', 36_608],
    ['cancel-pending', 'cancelled', undefined],
    ['fail-unsatisfiable', 'failed', undefined],
    ['dependency-never', 'failed', undefined],
  ])('say how it ended: %s is %s', (name, state, status) => {
    expect(follow(name).job).toMatchObject({ state, ...(status === undefined ? {} : { status }) });
  });

  it('say why it waits', () => {
    const reasons = (name: string) => {
      const known = new KnownFluxJob('f1');
      return logOf(name).map((event) => {
        known.add(event);
        return known.snapshot.reason;
      });
    };
    expect(reasons('urgency')).toContain('Held');
    expect(reasons('begin-time')).toContain('Dependency (begin-time=1795214685.613)');
    expect(reasons('success').at(-1)).toBeUndefined();
  });
});
