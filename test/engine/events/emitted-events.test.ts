import { beforeEach, describe, expect, it } from 'vitest';
import { EmittedEvents, InvalidEventError } from '../../../engine/events/emitted-events.ts';
import type { EmittedEvent } from '../../../engine/protocol/actions.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { Store } from '../../../engine/store/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let told: EmittedEvent[];
let events: EmittedEvents;
beforeEach(() => {
  told = [];
  const publisher = { cluster() {}, job() {}, eventlog() {}, forgotten() {}, notification() {} };
  events = new EmittedEvents({
    store: new Store(':memory:'),
    clock: new FakeClock(1000),
    publisher: { ...publisher, emitted: (event) => void told.push(event) },
  });
});

describe('an emitted event', () => {
  it('is kept for whoever asks later; the first of a name wins, and later ones are duplicates', () => {
    const first = events.emit({ name: 'done', payload: { n: 1 }, source: 'local/1' });
    const later = events.emit({ name: 'done', payload: 2, source: 'cli' });
    expect(first).toMatchObject({ payload: { n: 1 }, source: 'local/1', emitted: 1000, duplicate: false });
    expect(later).toMatchObject({ payload: 2, duplicate: true });
    expect(events.find('done')).toEqual(first);
    expect(events.list()).toEqual([first, later]);
    expect(events.list({ name: 'done', from: later.seq })).toEqual([later]);
    expect(told).toEqual([first, later]);
  });

  it('has an exact name', () => {
    events.emit({ name: 'Done', source: 'cli' });
    expect(events.find('done')).toBeUndefined();
    expect(events.list({ name: 'done' })).toEqual([]);
    expect(events.find('Done')).toMatchObject({ payload: null });
  });

  it('happens once a key, however often it is asked for', () => {
    const heard: string[] = [];
    const stop = events.onEmitted((event) => void heard.push(event.name));
    const first = events.emit({ name: 'a', source: 'x', key: 'k' });
    expect(events.emit({ name: 'a', source: 'x', key: 'k' })).toEqual(first);
    stop();
    events.emit({ name: 'b', source: 'x' });
    expect(heard).toEqual(['a']);
    expect(events.list()).toHaveLength(2);
  });

  it.each<[string, JsonValue]>([
    ['', 1],
    ['two words', 1],
    ['line\n', 1],
    ['esc\u001b[2J', 1],
    ['x'.repeat(201), 1],
    ['big', 'x'.repeat(70_000)],
    ['approved:run/step', { approved: true }],
    ['cancel:run', null],
  ])('cannot be %j', (name, payload) => {
    expect(() => events.emit({ name, payload, source: 'cli' })).toThrow(InvalidEventError);
    expect(events.list()).toEqual([]);
  });

  it('may be what a person decided about a run only when the engine says so', () => {
    expect(events.emit({ name: 'cancel:run', source: 'cli', isOwn: true })).toMatchObject({ name: 'cancel:run' });
  });
});
