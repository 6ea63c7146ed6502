import { describe, expect, it } from 'vitest';
import { mortal, newLab, type WorkflowLab } from '../../support/workflow-lab.ts';

const completed = { state: 'completed', status: 0 };

describe('a retry of a run', () => {
  it('keeps what has completed, does the rest, and cleans up again', async () => {
    const lab = await newLab();
    lab.effects.exits.check = [3];
    const run = await lab.start(`
steps:
  - { id: build, run: make }
  - { id: skipped, if: run.name == "other", run: never }
  - { id: check, run: check }
  - run: echo \${{ steps.build.stdout }} \${{ steps.check.attempts }}
cleanup: [{ run: rm }]
`);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('failed');
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect([await lab.status(run), await lab.error(run)]).toEqual(['completed', undefined]);
    expect(lab.done).toEqual(['run make', 'run check', 'run rm', 'run check', 'run echo make was run 2', 'run rm']);
  });

  it('gives one attempt more, and fails again where that fails', async () => {
    const lab = await newLab();
    lab.effects.exits.bad = [1, 1, 1, 1];
    const run = await lab.start('steps: [{ run: bad, retry: { attempts: 2, base: 0 } }]');
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run bad', 'run bad']);
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect(lab.done.length).toBe(3);
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect([lab.done.length, await lab.status(run)]).toEqual([4, 'failed']);
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect([lab.done.length, await lab.status(run)]).toEqual([5, 'completed']);
  });

  it('goes back to a step that has completed: it and what needs it, nothing else', async () => {
    const lab = await newLab();
    const run = await lab.start(`
params: { n: 1 }
steps:
  - { id: a, run: a }
  - { id: b, run: b }
  - { id: other, needs: [a], run: other }
  - { id: never, needs: [b], if: params.n > 5, run: never }
  - { id: c, needs: [b, other], run: "c \${{ steps.b.attempts }}" }
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done.toSorted()).toEqual(['run a', 'run b', 'run c 1', 'run other']);
    await expect(lab.retry(run)).rejects.toThrow('All of its steps have completed: name the step to begin with.');
    await expect(lab.retry(run, 'd')).rejects.toThrow('It has no step d; there are: a, b, other, never, c.');
    await lab.retry(run, 'b');
    expect(await lab.pass()).toBe('over');
    expect(lab.done.slice(4)).toEqual(['run b', 'run c 2']);
    expect(await lab.status(run)).toBe('completed');
  });

  it('does the items of foreach again that failed or were not reached; from a step on, all of them', async () => {
    const lab = await newLab();
    lab.effects.exits['item 1'] = [1];
    const run = await lab.start(`
steps:
  - { id: list, run: list }
  - { id: s, foreach: [0, 1, 2], max_parallel: 1, run: "item \${{ item }}" }
`);
    expect(await lab.pass()).toBe('over');
    expect(lab.done).toEqual(['run list', 'run item 0', 'run item 1']);
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect(lab.done.slice(3)).toEqual(['run item 1', 'run item 2']);
    await lab.retry(run, 'list');
    expect(await lab.pass()).toBe('over');
    expect(lab.done.slice(5)).toEqual(['run list', 'run item 0', 'run item 1', 'run item 2']);
  });

  it('works out a list again that could not be had', async () => {
    const lab = await newLab();
    lab.effects.emitted.push({ name: 'x', payload: 3, source: 'cli' });
    const run = await lab.start(
      'steps: [{ id: e, await_event: x }, { foreach: "${{ steps.e.payload }}", run: "i ${{ item }}" }]',
    );
    expect(await lab.pass()).toBe('over');
    lab.effects.emitted[0] = { name: 'x', payload: [7, 8], source: 'cli' };
    await lab.retry(run, 'e');
    expect(await lab.pass()).toBe('over');
    expect([await lab.status(run), lab.done]).toEqual(['completed', ['run i 7', 'run i 8']]);
  });

  it('submits again what was cancelled because another step failed', async () => {
    const lab = await newLab();
    lab.effects.exits.check = [1];
    const run = await lab.start('steps: [{ id: t, submit: t.sh }, { needs: [], run: check }]');
    expect(await lab.pass()).toBe('over');
    const cancelled = [...lab.effects.jobs.keys()];
    expect(lab.effects.cancelled).toEqual(cancelled);
    lab.effects.ends['t.sh'] = [completed];
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('completed');
    expect(lab.effects.cancelled).toEqual(cancelled);
  });

  it('asks a person anew', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ id: ok, approve: "Really?" }]');
    lab.effects.emitted.push({ name: `approved:${run}/ok`, payload: { approved: false }, source: 'me' });
    expect(await lab.pass()).toBe('over');
    await lab.retry(run);
    expect(await lab.pass()).toBe('sleeping');
    lab.effects.emitted.push({ name: `approved:${run}/ok/2`, payload: { approved: true }, source: 'me' });
    expect(await lab.wake(`event:approved:${run}/ok/2`)).toBe('over');
    expect(await lab.status(run)).toBe('completed');
  });

  it('gives the run its time anew', async () => {
    const lab = await newLab();
    const run = await lab.start('timeout: 1\nsteps: [{ await_event: late }]');
    expect(await lab.pass()).toBe('sleeping');
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBe('the time of the run is over');
    await lab.retry(run);
    expect(await lab.pass()).toBe('sleeping');
    lab.effects.emitted.push({ name: 'late', payload: null, source: 'cli' });
    expect(await lab.wake('event:late')).toBe('over');
    expect(await lab.status(run)).toBe('completed');
  });

  it('is for runs that are over', async () => {
    const lab = await newLab();
    const run = await lab.start('steps: [{ await_event: x }]');
    await lab.pass();
    await expect(lab.retry(run)).rejects.toThrow('the run is not over');
  });
});

describe('the engine dies', () => {
  const text = `
steps:
  - { id: a, run: a }
  - { id: t, needs: [a], submit: t.sh }
  - { id: s, needs: [a], foreach: [1, 2, 3], run: "s \${{ item }}" }
  - { id: b, needs: [s], run: "b \${{ steps.a.stdout }}" }
  - { id: c, needs: [b, t], run: c }
cleanup: [{ run: rm }]
`;
  async function failedRun() {
    const lab = await newLab();
    lab.effects.exits['s 2'] = [1];
    const run = await lab.start(text);
    await lab.pass();
    expect(await lab.status(run)).toBe('failed');
    lab.effects.ends['t.sh'] = [completed];
    return { lab, run, before: lab.done.length };
  }
  async function goOn(lab: WorkflowLab) {
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if ((await lab.pass()) === 'over') return;
    }
  }

  it.each([false, true])(
    'between any two writes of a retry: what it does is done once (after: %s)',
    async (after) => {
      const whole = await failedRun();
      await whole.lab.retry(whole.run);
      const counting = mortal(whole.lab.backend, Number.POSITIVE_INFINITY, false);
      await whole.lab.pass(counting.backend);
      const expected = whole.lab.done.slice(whole.before).toSorted();
      expect(expected).toEqual(['run b a was run', 'run c', 'run rm', 'run s 2', 'submit t.sh']);
      for (let dieAt = 1; dieAt <= counting.count(); dieAt++) {
        const { lab, run, before } = await failedRun();
        await lab.retry(run);
        await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
        await goOn(lab);
        expect(await lab.status(run), `died at ${dieAt}`).toBe('completed');
        expect(lab.done.slice(before).toSorted(), `died at ${dieAt}`).toEqual(expected);
      }
    },
    60_000,
  );

  it.each([false, true])(
    'between any two writes of a run that fails: no job of it goes on (after: %s)',
    async (after) => {
      const start = async () => {
        const lab = await newLab();
        lab.effects.exits.bad = [1];
        const run = await lab.start(`
steps:
  - { id: t, submit: t.sh }
  - { id: u, needs: [], submit: u.sh }
  - { id: w, needs: [], workflow: w.vigil.yaml }
  - { needs: [], run: bad }
cleanup: [{ run: rm }]
`);
        return { lab, run };
      };
      const whole = await start();
      const counting = mortal(whole.lab.backend, Number.POSITIVE_INFINITY, false);
      await whole.lab.pass(counting.backend);
      for (let dieAt = 1; dieAt <= counting.count(); dieAt++) {
        const { lab, run } = await start();
        await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
        await goOn(lab);
        expect(await lab.status(run), `died at ${dieAt}`).toBe('failed');
        expect(
          [...lab.effects.jobs.values()].map((end) => end?.state),
          `died at ${dieAt}`,
        ).toEqual([...lab.effects.jobs.values()].map(() => 'cancelled'));
        expect([...lab.effects.children.values()].every((end) => end?.outcome === 'cancelled')).toBe(true);
      }
    },
    60_000,
  );
});

describe('a signal that came', () => {
  it('wakes a run once, however little it has changed', async () => {
    const lab = await newLab();
    await lab.start('steps: [{ id: b, await_event: { name: ready, count: 2 } }]');
    expect(await lab.pass()).toBe('sleeping');
    lab.effects.emitted.push({ name: 'ready', payload: 1, source: 'a' });
    expect(await lab.wake('event:ready')).toBe('sleeping');
    expect(await lab.pass()).toBeUndefined();
    lab.effects.emitted.push({ name: 'ready', payload: 1, source: 'b' });
    expect(await lab.wake('event:ready')).toBe('over');
  });
});
