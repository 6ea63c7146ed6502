import { describe, expect, it } from 'vitest';
import { JobEventlogs } from '../../../engine/eventlog/job-eventlogs.ts';
import { waitEvent, watchEvents } from '../../../engine/eventlog/read-events.ts';
import type { EventlogName } from '../../../engine/protocol.ts';
import type { Publisher } from '../../../engine/publisher.ts';
import { Store } from '../../../engine/store/store.ts';
import { jobRecord } from '../../support/builders.ts';
import { FakeClock, flushPromises } from '../../support/fake-clock.ts';

const deaf: Publisher = { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} };
const job = jobRecord({ key: 'flux/7' });

function logs() {
  const store = new Store(':memory:');
  store.saveJob(job);
  const eventlogs = new JobEventlogs(store);
  const publisher = eventlogs.announcing(deaf);
  const append = (log: EventlogName, ...names: string[]) => {
    const events = names.map((name) => ({ timestamp: 1, name }));
    publisher.eventlog(job.key, store.append(job.key, events, 1, log), log);
  };
  return { store, eventlogs, publisher, append };
}

describe('the eventlogs of a job', () => {
  it('are several, each with numbers of its own', async () => {
    const { eventlogs, append } = logs();
    append('eventlog', 'submit', 'start');
    append('guest.exec.eventlog', 'init', 'starting');
    const exec = eventlogs.source(job.key, 'guest.exec.eventlog');
    expect(exec.read(0).map(({ seq, name }) => [seq, name])).toEqual([
      [0, 'init'],
      [1, 'starting'],
    ]);
    expect(exec.isEnded()).toBe(false);
    append('guest.exec.eventlog', 'done');
    expect(exec.isEnded()).toBe(true);
    expect(eventlogs.source(job.key).isEnded()).toBe(false);
  });

  it('end with the job: no reader is left waiting', async () => {
    const { store, eventlogs, publisher, append } = logs();
    const seen: string[] = [];
    const output = (async () => {
      for await (const { name } of watchEvents(eventlogs.source(job.key, 'guest.output'))) seen.push(name);
    })();
    const never = waitEvent(eventlogs.source(job.key), 'start', {}, new FakeClock());
    append('guest.output', 'header', 'data');
    await flushPromises();
    store.saveJob({ ...job, phase: 'clean' });
    append('eventlog', 'submit', 'clean');
    publisher.job({ ...job, watchers: [], logEnded: true });
    await output;
    expect(seen).toEqual(['header', 'data']);
    expect(await never).toBeNull();
  });

  it('are gone with a job that is forgotten', async () => {
    const { store, eventlogs, publisher, append } = logs();
    append('eventlog', 'submit');
    const never = waitEvent(eventlogs.source(job.key), 'start', {}, new FakeClock());
    await flushPromises();
    store.forgetJob(job.key);
    publisher.forgotten(job.key);
    expect(await never).toBeNull();
  });
});
