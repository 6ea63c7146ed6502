import { describe, expect, it } from 'vitest';
import { answerReplay, outputInput, type ReplayRequest, textInput } from '../../../engine/jobs/replay-request.ts';
import type { FollowListener, OutputReader } from '../../../engine/output/reader.ts';
import type { ReplayProgress } from '../../../engine/protocol.ts';
import { replayFacts } from '../../../engine/watch/replay.ts';
import { watcherSpec } from '../../support/builders.ts';

const loss = watcherSpec({
  name: 'loss',
  pattern: 'loss: (?P<loss>[\\d.]+)',
  condition: 'float(loss) > 5.0',
  actions: [{ name: 'log_event', params: { message: 'high: ${loss}' } }],
});

function request(text: string, fields: Partial<ReplayRequest> = {}): ReplayRequest {
  return {
    watchers: [loss],
    facts: replayFacts('job', 100),
    inputs: { stdout: textInput(text) },
    oneFile: true,
    endState: 'completed',
    maxEvents: 1000,
    now: 100,
    send: async () => {},
    signal: new AbortController().signal,
    ...fields,
  };
}

describe('a replay', () => {
  it('tells matches with their lines, verdicts, and actions with their parameters filled in', async () => {
    const result = await answerReplay(request('start\nloss: 2\nloss: 7.5'));
    expect(result).toMatchObject({ total: 4, lines: 3, bytes: 23, notes: [] });
    expect(result.events.map(({ name, context }) => [name, context?.lineNumber ?? context?.params])).toEqual([
      ['watcher.match', 2],
      ['watcher.match', 3],
      ['watcher.action', { message: 'high: 7.5' }],
      ['watcher.state', undefined],
    ]);
    expect(result.watchers).toMatchObject([
      { name: 'loss', state: 'completed', matchCount: 2, triggerCount: 1, captures: { loss: '7.5' } },
    ]);
  });

  it('hands out so many events and counts all', async () => {
    const result = await answerReplay(request('loss: 1\n'.repeat(50), { maxEvents: 3 }));
    expect(result.events).toHaveLength(3);
    expect(result.total).toBe(51);
  });

  it('says in the result of a job that goes on nothing of an end', async () => {
    const result = await answerReplay(request('loss: 1\n', { endState: null }));
    expect(result.watchers).toMatchObject([{ state: 'active' }]);
  });

  it('sends events while it reads, where a token is given', async () => {
    const sent: ReplayProgress[] = [];
    const send = async (progress: ReplayProgress) => void sent.push(progress);
    const result = await answerReplay(request('loss: 9\n', { token: 't', send }));
    expect(result.events).toEqual([]);
    expect(sent.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([0, 1, 2]);
  });

  it('says what recorded output cannot tell', async () => {
    const watchers = [watcherSpec({ name: 'hung', silenceSeconds: 60, cooldownSeconds: 5 })];
    expect((await answerReplay(request('', { watchers }))).notes).toHaveLength(2);
  });
});

describe('the output of a job', () => {
  function reader() {
    let listener: FollowListener | undefined;
    let stops = 0;
    const follow: OutputReader['follow'] = (_request, given) => {
      listener = given;
      return { check() {}, stop: () => void stops++ };
    };
    return {
      reader: { follow, dispose() {} } as OutputReader,
      get listener(): FollowListener {
        if (!listener) throw new Error('nothing is followed');
        return listener;
      },
      get stops() {
        return stops;
      },
    };
  }

  it('is read to the end that it has now, and no further', async () => {
    const fake = reader();
    const controller = new AbortController();
    const running = answerReplay(
      request('', { inputs: { stdout: outputInput(fake.reader, '/o', controller.signal) } }),
    );
    void fake.listener.onData(0, new TextEncoder().encode('loss: 8\nloss'));
    fake.listener.onCaughtUp(12);
    expect(await running).toMatchObject({ lines: 2, bytes: 12, total: 3 });
    expect(fake.stops).toBe(1);
  });

  it.each([
    ['cannot be read', (fake: ReturnType<typeof reader>) => fake.listener.onProblem('no permission'), 'no permission'],
    [
      'is replaced meanwhile',
      (fake: ReturnType<typeof reader>) => fake.listener.onRestart('truncated', 0),
      'truncated or replaced',
    ],
  ])('that %s is told as such', async (_, happen, message) => {
    const fake = reader();
    const { signal } = new AbortController();
    const running = answerReplay(request('', { inputs: { stdout: outputInput(fake.reader, '/o', signal) }, signal }));
    happen(fake);
    await expect(running).rejects.toThrow(message);
    expect(fake.stops).toBe(1);
  });

  it('is not read on when nobody waits any more', async () => {
    const fake = reader();
    const controller = new AbortController();
    const { signal } = controller;
    const running = answerReplay(request('', { inputs: { stdout: outputInput(fake.reader, '/o', signal) }, signal }));
    controller.abort(new Error('the client left'));
    await expect(running).rejects.toThrow('the client left');
    expect(fake.stops).toBe(1);
  });
});
