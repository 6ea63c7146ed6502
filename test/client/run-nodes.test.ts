import { describe, expect, it } from 'vitest';
import { openQuestions } from '../../client/workflows/questions.ts';
import { runNode, stepNode } from '../../client/workflows/run-nodes.ts';
import type { RunInfo, StepInfo } from '../../engine/protocol/workflows.ts';

const step = (fields: Partial<StepInfo> = {}): StepInfo => ({
  key: 'train',
  verb: 'submit',
  isCleanup: false,
  needs: [],
  status: 'pending',
  attempts: 0,
  ...fields,
});
const question = (unit: string) => ({ unit, text: 'Really?', attempt: 1 });
const run = (fields: Partial<RunInfo> = {}): RunInfo => ({
  id: '7',
  name: 'demo',
  file: '/w/demo.vigil.yaml',
  cluster: 'local',
  params: { lr: 0.1 },
  status: 'running',
  created: 1000,
  steps: [],
  ...fields,
});

describe('runs as rows', () => {
  it.each([
    [run(), 'running · 1 min'],
    [run({ status: 'completed', finished: 1005 }), 'completed · 5 s'],
    [run({ status: 'failed', finished: 1005, reason: 'step train: x' }), 'failed: step train: x · 5 s'],
    [
      run({ status: 'pending', schedule: { isWaiting: true, at: 1060 + 18_000, events: ['data.ready'] } }),
      'pending: begins in 5 h, or on data.ready',
    ],
    [run({ status: 'pending', schedule: { isWaiting: true, events: ['a', 'b'] } }), 'pending: begins on a, or on b'],
    [run({ schedule: { isWaiting: false, at: 1000, events: [] } }), 'running · 1 min'],
    [
      run({
        status: 'sleeping',
        steps: [step({ status: 'waiting', waitsFor: 'event:approved:a', waitsUntil: 1060 + 172_800 })],
      }),
      'sleeping: awaits approved:a, 2 d left',
    ],
    [
      run({ status: 'sleeping', steps: [step({ status: 'waiting', waitsFor: 'job:c/7' })] }),
      'sleeping: waits for job c/7',
    ],
    [
      run({ status: 'sleeping', steps: [step({ status: 'retrying', waitsUntil: 1070 })] }),
      'sleeping: tries again in 10 s',
    ],
    [
      run({
        status: 'sleeping',
        steps: [step({ verb: 'approve', status: 'waiting', waitsFor: 'event:x', asks: [question('ok')] })],
      }),
      'sleeping: asks: Really?',
    ],
    [
      run({
        status: 'sleeping',
        steps: [step({ verb: 'approve', status: 'running', asks: [question('ok[0]'), question('ok[2]')] })],
      }),
      'sleeping: asks 2 questions',
    ],
  ])('%#', (one, description) => {
    expect(runNode(one, 1060).description).toBe(description);
  });

  it('let nothing that a job printed become a link, an icon or markup', () => {
    const hostile = '$(zap) [x](command:evil) `a` \u001b[31m';
    const node = stepNode(
      run(),
      step({ status: 'waiting', detail: hostile, asks: [{ ...question('ok'), text: hostile }] }),
      1060,
    );
    expect(node.description).toBe('submit · asks: $ (zap) [x] (command:evil) `a`');
    expect(node.tooltip()).toContain('Detail: ``$(zap) [x](command:evil) `a` ``');
    expect(node.contextValue).toBe('step asks');
    expect(runNode(run({ name: hostile }), 1060).label).not.toContain('$(');
  });

  it('tell how many items are over', () => {
    expect(stepNode(run(), step({ status: 'running', items: { over: 3, all: 8 } }), 1060).description).toBe(
      'submit · running · 3/8',
    );
    expect(stepNode(run(), step({ status: 'failed', attempts: 3, detail: 'exit 1' }), 1060).description).toBe(
      'submit · failed: exit 1 · attempt 3',
    );
  });

  it('offers to retry what is over, from a step that is not of the clean-up', () => {
    const contexts = (status: RunInfo['status'], finished?: number) => {
      const one = run({ status, ...(finished === undefined ? {} : { finished }) });
      const steps = [step(), step({ isCleanup: true })].map((each) => stepNode(one, each, 1060).contextValue);
      return [runNode(one, 1060).contextValue, ...steps];
    };
    expect(contexts('running')).toEqual(['run open', 'step', 'step']);
    expect(contexts('completed', 1001)).toEqual(['run over', 'step retriable', 'step']);
    expect(contexts('failed', 1001)).toEqual(['run over retriable', 'step retriable', 'step']);
  });
});

describe('the questions of a run', () => {
  it('are told apart by item and by attempt: what is asked anew is another question', () => {
    const asks = [question('ok[0]'), { ...question('ok[2]'), attempt: 2 }];
    const ids = openQuestions(run({ steps: [step({ key: 'ok', asks }), step()] })).map(({ id }) => id);
    expect(ids).toEqual(['7/ok[0]/1', '7/ok[2]/2']);
  });

  it('make their step one that asks, also while other items of it run', () => {
    const asking = step({
      key: 'ok',
      verb: 'approve',
      status: 'running',
      asks: [question('ok[0]'), question('ok[1]')],
    });
    const { description, contextValue } = stepNode(run(), { ...asking, items: { over: 1, all: 3 } }, 0);
    expect([description, contextValue]).toEqual(['approve · asks 2 questions · 1/3', 'step asks']);
  });
});
