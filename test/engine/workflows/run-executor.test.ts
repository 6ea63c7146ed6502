import { describe, expect, it } from 'vitest';
import { StepFailure } from '../../../engine/workflows/perform.ts';
import { unknownOutcome } from '../../../engine/workflows/run-state.ts';
import { mortal, newLab, type WorkflowLab } from '../../support/workflow-lab.ts';

const completed = { state: 'completed', status: 0 };
const failed = (code: number) => ({ state: 'failed', status: code << 8 });

describe('a run', () => {
  it('does its steps in order, each with what those before have left', async () => {
    const lab = await newLab();
    lab.effects.ends['train.sh'] = [completed];
    const run = await lab.start(`
params: { lr: 0.1 }
steps:
  - id: build
    run: make
  - id: train
    submit: train.sh
  - run: echo \${{ params.lr }} \${{ steps.build.stdout }} \${{ steps.train.job_id }} \${{ steps.train.exit_code + 1 }} \${{ run.id }}
  - emit_event: { name: "published:\${{ run.id }}", payload: { ok: "\${{ steps.train.exit_code == 0 }}" } }
`);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('completed');
    expect(lab.done).toEqual([
      'run make',
      'submit train.sh',
      `run echo 0.1 make was run 2 1 ${run}`,
      `emit published:${run}`,
    ]);
    expect(lab.effects.emitted).toMatchObject([{ payload: { ok: true }, source: `run/${run}/step_4` }]);
  });

  it('sleeps while it waits, and goes on when it is woken', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ id: train, submit: train.sh }, { run: publish }]');
    expect(await lab.pass()).toBe('sleeping');
    expect(await lab.pass()).toBeUndefined();
    lab.effects.jobs.set('test/1', completed);
    expect(await lab.wake('job:test/1')).toBe('over');
    expect(lab.done).toEqual(['submit train.sh', 'run publish']);
    expect(await lab.status(run)).toBe('completed');
  });

  it('follows the graph: what needs nothing of one another is done side by side', async () => {
    const lab = await newLab();
    await lab.start(`
steps:
  - { id: a, run: a }
  - { id: b, needs: [a], await_event: go }
  - { id: c, needs: [a], run: c }
  - { id: d, needs: [b, c], run: d }
`);
    expect(await lab.pass()).toBe('sleeping');
    expect(lab.done).toEqual(['run a', 'run c']);
    lab.effects.emitted.push({ name: 'go', payload: 1, source: 'cli' });
    expect(await lab.wake('event:go')).toBe('over');
    expect(lab.done).toEqual(['run a', 'run c', 'run d']);
  });

  it('takes an event that came before anybody waited, filtered by its payload', async () => {
    const lab = await newLab();
    lab.effects.emitted.push(
      { name: 'x', payload: { loss: 9 }, source: 'a/1' },
      { name: 'x', payload: { loss: 1 }, source: 'a/2' },
    );
    const run = await lab.start(`
steps:
  - { id: e, await_event: { name: x, match: payload.loss < 5 } }
  - run: echo \${{ steps.e.payload.loss }}
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run echo 1']);
    expect(await lab.status(run)).toBe('completed');
  });

  it('waits at a barrier for different senders', async () => {
    const lab = await newLab();
    await lab.start(
      'steps: [{ id: b, await_event: { name: ready, count: 2 } }, { run: "echo ${{ len(steps.b.payload) }}" }]',
    );
    lab.effects.emitted.push({ name: 'ready', payload: 1, source: 'a' }, { name: 'ready', payload: 2, source: 'a' });
    expect(await lab.pass()).toBe('sleeping');
    lab.effects.emitted.push({ name: 'ready', payload: 3, source: 'b' });
    expect(await lab.wake('event:ready')).toBe('over');
    expect(lab.done).toEqual(['run echo 2']);
  });

  it('asks a person', async () => {
    for (const [approved, status] of [
      [true, 'completed'],
      [false, 'failed'],
    ] as const) {
      const lab = await newLab();
      const run = await lab.start('steps: [{ id: ok, approve: "Really?" }, { run: publish }]');
      expect(await lab.pass()).toBe('sleeping');
      lab.effects.emitted.push({ name: `approved:${run}/ok`, payload: { approved }, source: 'vscode' });
      expect(await lab.wake(`event:approved:${run}/ok`)).toBe('over');
      expect(await lab.status(run)).toBe(status);
      expect(lab.done).toEqual(approved ? ['run publish'] : []);
    }
  });

  it('runs a child', async () => {
    const lab = await newLab();
    await lab.start('steps: [{ id: c, workflow: child.vigil.yaml }, { run: "echo ${{ steps.c.run_id }}" }]');
    expect(await lab.pass()).toBe('sleeping');
    const [child = ''] = lab.effects.children.keys();
    lab.effects.children.set(child, { outcome: 'completed', reason: '' });
    expect(await lab.wake(`run:${child}`)).toBe('over');
    expect(lab.done).toEqual(['start child.vigil.yaml', `run echo ${child}`]);
  });

  it('skips what its condition excludes, and goes on', async () => {
    const lab = await newLab();
    await lab.start(`
params: { deep: 0 }
steps:
  - { id: a, if: params.deep > 0, run: deep }
  - { id: w, if: params.deep > 0, await_event: never }
  - run: echo \${{ steps.a.status }} \${{ steps.w.status }}
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run echo skipped skipped']);
  });
});

describe('failures', () => {
  it('end the run, after what still runs is cancelled and the clean-up is done', async () => {
    const lab = await newLab();
    lab.effects.exits.check = [3];
    const run = await lab.start(`
steps:
  - { id: train, needs: [], submit: train.sh }
  - { id: check, needs: [], run: check }
  - { id: never, needs: [train, check], run: never }
cleanup:
  - run: broken
  - run: rm
`);
    lab.effects.exits.broken = [1];
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('failed');
    expect(await lab.error(run)).toBe('step check: the command ended with exit status 3');
    expect(lab.effects.cancelled).toEqual(['test/1']);
    expect(lab.done).toEqual(['submit train.sh', 'run check', 'run broken', 'run rm']);
  });

  it('are tried again, by kind', async () => {
    const lab = await newLab();
    lab.effects.ends['train.sh'] = [{ state: 'timeout', status: 0 }, { state: 'node_fail', status: 0 }, failed(3)];
    const run = await lab.start(`
steps:
  - id: train
    submit: train.sh
    retry: { attempts: 5, base: 0, on: [timeout, node_fail] }
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['submit train.sh', 'submit train.sh', 'submit train.sh']);
    expect(await lab.status(run)).toBe('failed');
    expect(await lab.error(run)).toMatch(/step train: job test\/3 ended: exit status 3/);
  });

  it('are not tried again by themselves when what was done may have been done', async () => {
    const lab = await newLab();
    lab.effects.submit = async () => {
      throw new StepFailure(unknownOutcome, 'It is not known whether train.sh was submitted');
    };
    const run = await lab.start('steps: [{ id: train, submit: train.sh, retry: { attempts: 5, base: 0 } }]');
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBe('step train: It is not known whether train.sh was submitted');
  });

  it('sleep between two tries', async () => {
    const lab = await newLab();
    lab.effects.exits.flaky = [1];
    await lab.start('steps: [{ run: flaky, retry: { attempts: 2, base: 1h } }]');
    expect(await lab.pass()).toBe('sleeping');
    expect(lab.done).toEqual(['run flaky']);
  });

  it('are borne where the step says so', async () => {
    const lab = await newLab();
    lab.effects.exits.bad = [1];
    const run = await lab.start(
      'steps: [{ id: a, run: bad, continue_on_error: true }, { run: "echo ${{ steps.a.status }}" }]',
    );
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run bad', 'run echo failed']);
    expect(await lab.status(run)).toBe('completed');
  });

  it.each([
    ['{ run: "echo ${{ int(params.n) }}" }', /ValueError: invalid literal/],
    ['{ run: "echo ${{ steps.e.payload.loss }}" }', /Error/],
    ['{ foreach: "${{ steps.e.payload }}", run: x }', /foreach of step_2 is no list/],
    ['{ if: int(params.n) > 3, run: x }', /ValueError/],
  ])('of an expression: %s', async (step, words) => {
    const lab = await newLab();
    lab.effects.emitted.push({ name: 'x', payload: 3, source: 'cli' });
    const run = await lab.start(`params: { n: x }\nsteps: [{ id: e, await_event: x }, ${step}]`);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('failed');
    expect(await lab.error(run)).toMatch(words);
    expect(lab.done).toEqual([]);
  });
});

describe('time', () => {
  it('is over for a wait: the run fails, or goes on where it is told to', async () => {
    for (const [more, status, done] of [
      ['', 'failed', []],
      [', on_timeout: continue', 'completed', ['run echo None']],
    ] as const) {
      const lab = await newLab();
      const run = await lab.start(
        `steps: [{ id: e, await_event: { name: x, timeout: 0 }${more} }, { run: "echo \${{ steps.e.payload }}" }]`,
      );
      expect(await lab.pass()).toBe('over');
      expect(await lab.status(run)).toBe(status);
      expect(lab.done).toEqual(done);
    }
  });

  it('is over for a job: it is cancelled', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ submit: train.sh, timeout: 0 }]');
    expect(await lab.pass()).toBe('over');
    expect(lab.effects.cancelled).toEqual(['test/1']);
    expect(await lab.error(run)).toMatch(/the time of step_1 is over/);
  });

  it('is over for the run, also while it slept: at once', async () => {
    const lab = await newLab();
    const run = await lab.start(
      'timeout: 0.05s\nsteps: [{ await_event: never }]\ncleanup: [{ run: rm }]'.replace('0.05s', '1'),
    );
    expect(await lab.pass()).toBe('sleeping');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBe('the time of the run is over');
    expect(lab.done).toEqual(['run rm']);
  });

  it('passes in a sleep', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ sleep: 1 }, { run: x }]');
    expect(await lab.pass()).toBe('sleeping');
    expect(await lab.pass()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1010));
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('completed');
  });
});

describe('cancelling', () => {
  it('ends waits, jobs and commands, then cleans up', async () => {
    const lab = await newLab();
    lab.effects.endless.add('hang');
    const run = await lab.start(`
steps:
  - { id: train, needs: [], submit: train.sh }
  - { id: hang, needs: [], run: hang }
cleanup: [{ run: rm }]
`);
    const pass = lab.pass();
    await new Promise((resolve) => setTimeout(resolve, 50));
    lab.cancelled = 'by a person';
    lab.poke();
    expect(await pass).toBe('over');
    expect(await lab.status(run)).toBe('canceled');
    expect(lab.effects.cancelled).toEqual([...lab.effects.jobs.keys()]);
    expect(lab.effects.running).toBe(0);
    expect(lab.done.toSorted()).toEqual(['run hang', 'run rm', 'submit train.sh']);
    expect(lab.done.at(-1)).toBe('run rm');
  });

  it('reaches a run that sleeps', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ await_event: never }]\ncleanup: [{ run: rm }]');
    expect(await lab.pass()).toBe('sleeping');
    lab.cancelled = 'by a person';
    expect(await lab.wake(`run-control:${run}`)).toBe('over');
    expect([await lab.status(run), lab.done]).toEqual(['canceled', ['run rm']]);
  });
});

describe('foreach', () => {
  it('does 1,000 items, never more at once than it may', async () => {
    const lab = await newLab();
    const items = Array.from({ length: 1000 }, (_, index) => index);
    await lab.start(`
steps:
  - { id: sweep, foreach: [${items.join(', ')}], max_parallel: 8, run: "item \${{ item }}" }
  - run: echo \${{ len(steps.sweep.items) }} \${{ steps.sweep.items[999].stdout }}
`);
    expect(await lab.pass()).toBe('over');
    expect(new Set(lab.done).size).toBe(1001);
    expect(lab.done.at(-1)).toBe('run echo 1000 item 999 was run');
    expect(lab.effects.mostRunning).toBeLessThanOrEqual(8);
  }, 60_000);

  it('begins no more items after one has failed', async () => {
    const lab = await newLab();
    lab.effects.exits['item 1'] = [1];
    const run = await lab.start('steps: [{ id: s, foreach: [0, 1, 2, 3], max_parallel: 1, run: "item ${{ item }}" }]');
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run item 0', 'run item 1']);
    expect(await lab.error(run)).toMatch(/step s: s\[1\]: the command ended with exit status 1/);
  });
});

describe('the engine dies', () => {
  const text = `
params: { n: 2 }
steps:
  - { id: a, run: a }
  - { id: b, needs: [a], submit: b.sh, retry: { attempts: 3, base: 0 } }
  - { id: c, needs: [a], await_event: go }
  - { id: d, needs: [a], if: params.n > 5, run: d }
  - { id: e, needs: [b, c, d], foreach: [1, 2, 3], max_parallel: 2, run: "e \${{ item }}" }
  - { id: f, emit_event: { name: "done:x", payload: 1 } }
  - { id: g, workflow: g.vigil.yaml }
  - { id: h, sleep: 0 }
  - { id: i, notify: over }
  - { id: j, run: "j \${{ steps.b.job_id }}" }
cleanup: [{ run: rm }]
`;

  async function start(): Promise<{ lab: WorkflowLab; run: string }> {
    const lab = await newLab();
    lab.effects.ends['b.sh'] = [failed(1), completed];
    lab.effects.emitted.push({ name: 'go', payload: null, source: 'cli' });
    return { lab, run: await lab.start(text) };
  }

  async function goOn(lab: WorkflowLab): Promise<void> {
    for (let turn = 0; turn < 50; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      for (const [child, end] of lab.effects.children) {
        if (!end) lab.effects.children.set(child, { outcome: 'completed', reason: '' });
        await lab.wake(`run:${child}`);
      }
      if ((await lab.pass()) === 'over') return;
    }
  }

  it.each([false, true])(
    'between any two writes: its effects are there exactly once (after the write: %s)',
    async (after) => {
      const whole = await start();
      const counting = mortal(whole.lab.backend, Number.POSITIVE_INFINITY, false);
      await whole.lab.pass(counting.backend);
      await goOn(whole.lab);
      expect(await whole.lab.status(whole.run)).toBe('completed');
      const expected = [...whole.lab.done].map((one) => one.replace(whole.run, 'RUN')).toSorted();
      expect(expected.length).toBe(10);
      const total = counting.count() + 8;
      for (let dieAt = 1; dieAt <= total; dieAt++) {
        const { lab, run } = await start();
        await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
        await goOn(lab);
        expect([await lab.status(run), await lab.error(run)], `died at ${dieAt}`).toEqual(['completed', undefined]);
        expect([...lab.done].map((one) => one.replace(run, 'RUN')).toSorted(), `died at ${dieAt}`).toEqual(expected);
      }
    },
    120_000,
  );
});
