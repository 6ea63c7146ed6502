import { describe, expect, it } from 'vitest';
import { triggerRules } from '../../../language/workflow/trigger-rules.ts';
import { mortal, newLab } from '../../support/workflow-lab.ts';

/** How a run of steps ends whose `good` ends well, whose `bad` fails and whose `none` is skipped. */
async function ended(steps: string) {
  const lab = await newLab();
  lab.effects.exits.bad = [1, 1];
  const run = await lab.start(`steps:\n${steps}\ncleanup: [{ run: rm }]`);
  expect(await lab.pass()).toBe('over');
  return { lab, run, status: await lab.status(run), error: await lab.error(run), done: lab.done };
}

const ends = {
  completed: 'run: good',
  failed: 'run: bad',
  skipped: 'if: run.name == "other", run: none',
} as const;

describe('a trigger rule', () => {
  // Which rules start their step for these ends of what it needs.
  it.each([
    ['completed', 'completed', ['all_success', 'all_done', 'one_success', 'none_failed', 'none_skipped']],
    ['completed', 'skipped', ['all_done', 'one_success', 'none_failed']],
    ['completed', 'failed', ['all_done', 'one_success', 'one_failed', 'none_skipped']],
    ['failed', 'failed', ['all_failed', 'all_done', 'one_failed', 'none_skipped']],
    ['failed', 'skipped', ['all_done', 'one_failed']],
    ['skipped', 'skipped', ['all_done', 'none_failed']],
  ] as const)('%s and %s', async (a, b, starting) => {
    for (const rule of triggerRules) {
      const { done, status } = await ended(`
  - { id: a, needs: [], ${ends[a]} }
  - { id: b, needs: [], ${ends[b]} }
  - { needs: [a, b], trigger_rule: ${rule}, run: then }
`);
      expect(done.includes('run then'), rule).toBe((starting as readonly string[]).includes(rule));
      // A failure that only decides what comes next is a failure of the run all the same.
      expect(status).toBe(a === 'failed' || (b as string) === 'failed' ? 'failed' : 'completed');
      expect(done.at(-1)).toBe('run rm');
    }
  });

  it('makes a fallback whose run is completed where the failure is borne', async () => {
    const steps = `
  - { id: gpu, run: bad, continue_on_error: true }
  - { id: cpu, needs: [gpu], trigger_rule: one_failed, run: "cpu because \${{ steps.gpu.error }}" }
  - { needs: [gpu, cpu], trigger_rule: one_success, run: "report \${{ steps.cpu.status }}" }
`;
    const failed = await ended(steps);
    expect([failed.status, failed.done]).toEqual([
      'completed',
      ['run bad', 'run cpu because the command ended with exit status 1', 'run report completed', 'run rm'],
    ]);
    const good = await ended(steps.replace('run: bad', 'run: good'));
    expect([good.status, good.done]).toEqual(['completed', ['run good', 'run report skipped', 'run rm']]);
  });

  it('is reached past steps that a failure keeps from starting, and lets the rest of the run go on', async () => {
    const { status, error, done, lab, run } = await ended(`
  - { id: a, run: bad }
  - { id: b, run: never }
  - { id: c, run: never }
  - { id: beside, needs: [], run: beside }
  - { id: tell, needs: [b, beside], trigger_rule: all_done, run: "tell \${{ steps.b.status }}" }
  - { id: d, needs: [c], foreach: [1, 2], run: never }
`);
    expect([status, error]).toEqual(['failed', 'step a: the command ended with exit status 1']);
    expect(done).toEqual(['run bad', 'run beside', 'run tell skipped', 'run rm']);
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    lab.effects.exits.bad = [];
    await lab.retry(run);
    expect(await lab.pass()).toBe('over');
    expect(await lab.status(run)).toBe('completed');
    expect(lab.done.slice(-7)).toEqual([
      'run bad',
      'run never',
      'run never',
      'run tell completed',
      'run never',
      'run never',
      'run rm',
    ]);
  });

  it('does not change that other failures end the run at once', async () => {
    const { lab, done, error } = await ended(`
  - { id: a, needs: [], run: good }
  - { id: b, needs: [], submit: b.sh }
  - { id: c, needs: [], run: bad }
  - { needs: [a, b], trigger_rule: all_done, run: never }
`);
    expect([done, error]).toEqual([
      ['run good', 'submit b.sh', 'run bad', 'run rm'],
      'step c: the command ended with exit status 1',
    ]);
    expect(lab.effects.cancelled).toEqual(['test/2']);
  });
});

describe('a matrix', () => {
  it('does its step for each combination, and has the results by their values', async () => {
    const lab = await newLab();
    const run = await lab.start(`
params: { rates: [0.1, 0.01] }
steps:
  - id: sweep
    matrix: { lr: "\${{ params.rates }}", model: [a, b], exclude: [{ lr: 0.01, model: b }], include: [{ lr: 1, model: c }] }
    max_parallel: 2
    if: matrix.model != "a" or matrix.lr > 0.05
    run: train \${{ matrix.lr }} \${{ matrix.model }}
  - run: best \${{ steps.sweep.cells["0.1/b"].stdout }}, \${{ len(steps.sweep.items) }}, \${{ steps.sweep.items[2].status }}, \${{ steps.sweep.items[3].matrix.model }}
`);
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBeUndefined();
    expect(lab.done).toEqual([
      'run train 0.1 a',
      'run train 0.1 b',
      'run train 1 c',
      'run best train 0.1 b was run, 4, skipped, c',
    ]);
    expect(lab.effects.mostRunning).toBeLessThanOrEqual(2);
  });

  it('begins nothing more after a failure, or all of it where it is told not to be fast', async () => {
    for (const [failFast, done] of [
      ['true', ['run item 0', 'run item 1']],
      ['false', ['run item 0', 'run item 1', 'run item 2', 'run item 3']],
    ] as const) {
      const lab = await newLab();
      lab.effects.exits['item 1'] = [1];
      const run = await lab.start(`
steps: [{ id: s, matrix: { n: [0, 1, 2, 3] }, max_parallel: 1, fail_fast: ${failFast}, run: "item \${{ matrix.n }}" }]
`);
      expect(await lab.pass()).toBe('over');
      expect(lab.done).toEqual(done);
      expect(await lab.error(run)).toBe('step s: s[1]: the command ended with exit status 1');
    }
  });

  it('that has no list fails its step, and is made anew by a retry', async () => {
    const lab = await newLab();
    lab.effects.emitted.push({ name: 'x', payload: 3, source: 'cli' });
    const run = await lab.start(
      'steps: [{ id: e, await_event: x }, { id: m, matrix: { n: "${{ steps.e.payload }}" }, run: "n ${{ matrix.n }}" }]',
    );
    expect(await lab.pass()).toBe('over');
    expect(await lab.error(run)).toBe('step m: m[0]: the axis n of the matrix is no list');
    lab.effects.emitted[0] = { name: 'x', payload: [1, 2], source: 'cli' };
    await lab.retry(run, 'e');
    expect(await lab.pass()).toBe('over');
    expect([await lab.status(run), lab.done]).toEqual(['completed', ['run n 1', 'run n 2']]);
  });
});

describe('the engine dies', () => {
  const text = `
steps:
  - { id: a, run: bad }
  - { id: b, run: never }
  - { id: m, needs: [], matrix: { x: [1, 2], y: [p, q], exclude: [{ x: 2, y: q }] }, max_parallel: 2, run: "m \${{ matrix.x }}\${{ matrix.y }}" }
  - { id: t, needs: [a, m], trigger_rule: one_failed, run: "t \${{ steps.a.status }}" }
  - { id: u, needs: [b, t], trigger_rule: all_done, foreach: [1, 2], run: "u \${{ item }}" }
  - { id: v, needs: [m], trigger_rule: all_failed, matrix: { x: [1] }, run: never }
cleanup: [{ run: rm }]
`;
  it.each([false, true])(
    'between any two writes: triggers and matrix are done once (after: %s)',
    async (after) => {
      const start = async () => {
        const lab = await newLab();
        lab.effects.exits.bad = [1];
        return { lab, run: await lab.start(text) };
      };
      const whole = await start();
      const counting = mortal(whole.lab.backend, Number.POSITIVE_INFINITY, false);
      await whole.lab.pass(counting.backend);
      const expected = whole.lab.done.toSorted();
      expect(expected).toEqual([
        'run bad',
        'run m 1p',
        'run m 1q',
        'run m 2p',
        'run rm',
        'run t failed',
        'run u 1',
        'run u 2',
      ]);
      for (let dieAt = 1; dieAt <= counting.count(); dieAt++) {
        const { lab, run } = await start();
        await lab.pass(mortal(lab.backend, dieAt, after).backend).catch(() => 'died');
        for (let turn = 0; turn < 20; turn++) {
          await new Promise((resolve) => setTimeout(resolve, 2));
          if ((await lab.pass()) === 'over') break;
        }
        expect(await lab.error(run), `died at ${dieAt}`).toBe('step a: the command ended with exit status 1');
        expect(lab.done.toSorted(), `died at ${dieAt}`).toEqual(expected);
      }
    },
    60_000,
  );
});
