/** Trials as clients ask for them: bounded, and with what is wrong in the script. */
import { describe, expect, it } from 'vitest';
import { textInput } from '../../../engine/jobs/replay-request.ts';
import { answerTrial, type TrialRequest } from '../../../engine/jobs/trial-request.ts';
import { replayFacts } from '../../../engine/watch/replay.ts';

const good = '#WATCHER name=loss pattern="loss=(\\S+)" captures=[loss] action=log_event(message="m")\n';
const broken = '#WATCHER name=broken pattern="(" action=log_event(message="m")\n';

function request(script: string, text: string, fields: Partial<TrialRequest> = {}): TrialRequest {
  return {
    script: `#!/bin/bash\n${script}`,
    maxWatchers: 10,
    facts: replayFacts('job', 100),
    inputs: { stdout: textInput(text) },
    oneFile: true,
    endState: 'completed',
    clock: { now: () => 100 },
    signal: new AbortController().signal,
    ...fields,
  };
}

describe('a trial request', () => {
  it('tries the watchers that can be, and says what is wrong with the others', async () => {
    const { watchers, matches } = await answerTrial(request(broken + good, 'loss=1\n'));
    expect(watchers).toMatchObject([
      { name: 'broken', line: 1, matches: 0, problems: [expect.stringMatching(/^line 2: /)] },
      { name: 'loss', line: 2, matches: 1, triggers: 1, problems: [] },
    ]);
    expect(matches).toHaveLength(1);
  });

  it('hands out so many matches and counts all', async () => {
    const result = await answerTrial(request(good, 'loss=1\n'.repeat(100_000), { maxMatches: 3 }));
    expect(result.matches.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(result.watchers[0]?.matches).toBe(100_000);
  });

  it('stops in time and says how far it came', async () => {
    let now = 100;
    const clock = { now: () => now++ };
    const result = await answerTrial(request(good, 'loss=1\n'.repeat(1_000_000), { clock, maxSeconds: 3 }));
    expect(result.stopped).toMatch(/^stopped after 3 s: the first 0\.8 MB were looked at$/);
    expect(result.bytes).toBeLessThan(7_000_000);
    expect(result.watchers[0]?.matches).toBeGreaterThan(0);
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    const answer = answerTrial(request(good, 'loss=1\n'.repeat(1_000_000), { signal: controller.signal }));
    setImmediate(() => controller.abort());
    await expect(answer).rejects.toThrow(/abort/i);
  });
});
