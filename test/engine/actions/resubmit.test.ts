import { describe, expect, it } from 'vitest';
import { type ActionHost, type Resubmission, TryLaterError } from '../../../engine/actions/action.ts';
import { perform } from '../../../engine/actions/perform.ts';
import { relativeValue } from '../../../engine/actions/relative-value.ts';
import { renderScript } from '../../../engine/actions/render-script.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { RefusalError } from '../../../engine/schedulers/scheduler.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';
import { jobRecord } from '../../support/builders.ts';

describe('a relative value', () => {
  it.each([
    ['time', '60', '*2', '02:00:00'],
    ['time', '1-00:00:00', '*1.5', '1-12:00:00'],
    ['time', '30:00', '+2h', '02:30:00'],
    ['time', '10', '+30', '00:40:00'],
    ['time', 'UNLIMITED', '*2', 'UNLIMITED'],
    ['mem', '16G', '*2', '32G'],
    ['mem', '1000', '*1.5', '1500M'],
    ['mem', '3G', '+512M', '3584M'],
    ['mem-per-cpu', '512K', '*2', '1M'],
    ['nodes', '2', '+1', '3'],
    ['cpus-per-task', '3', '*1.5', '5'],
    ['gpus', 'a100:2', '*2', 'a100:4'],
  ])('--%s=%s changed by %s is %s', (option, base, change, value) => {
    expect(relativeValue(option, base, change)).toEqual({ value });
  });

  it.each([
    ['time', 'soon', '*2'],
    ['time', '60', '*0'],
    ['time', '60', '+soon'],
    ['time', '60', '*2; touch x'],
    ['mem', '0', '*2'],
    ['nodes', '2-4', '+1'],
    ['constraint', 'a|b', '*2'],
  ])('--%s=%s cannot be changed by %s', (option, base, change) => {
    expect(relativeValue(option, base, change)).toHaveProperty('problem');
  });

  it('is capped', () => {
    const capped: string[] = [];
    const cap = { most: 3600, by: 'partition p' };
    expect(relativeValue('time', '50', '*2', cap, (most) => capped.push(most))).toEqual({ value: '01:00:00' });
    expect(relativeValue('time', '20', '*2', cap, (most) => capped.push(most))).toEqual({ value: '00:40:00' });
    expect(capped).toEqual(['01:00:00']);
  });
});

describe('the script', () => {
  const script = `#!/bin/bash
#SBATCH --job-name=run-\${epoch}
#WATCHER pattern="x (?P<epoch>\\d+)" action=log_event(message="at \${epoch}")
echo "\${epoch}" $epoch \\\${epoch} \${HOME} \${ckpt:-none} \${ckpt:+-r "\${ckpt}"} \${other:-\${epoch}}
`;

  it('gets the captures, and nothing else of it changes', () => {
    expect(renderScript(script, ['epoch', 'ckpt'], { epoch: '7', ckpt: 'a/b.pt' })).toEqual({
      text: script
        .replace('run-${epoch}', 'run-7')
        .replace('"${epoch}" $epoch', '"7" $epoch')
        .replace('${ckpt:-none}', 'a/b.pt')
        .replace('${ckpt:+-r "${ckpt}"}', '-r "a/b.pt"')
        .replace('${other:-${epoch}}', '${other:-7}'),
    });
  });

  it('needs the captures that it uses without a default', () => {
    expect(renderScript(script, ['epoch', 'ckpt'], { ckpt: 'x' })).toBe('missing required watcher capture(s): epoch');
    expect(renderScript('#!/bin/sh\n: ${_x} ${y}\n', ['_x'], {})).toMatchObject({ text: '#!/bin/sh\n: ${_x} ${y}\n' });
  });

  it.each([
    '#!/bin/bash\n#SBATCH -J ${x}\n',
    '#!/usr/bin/env python3\nprint("${x}")\n',
    '#!/bin/bash\npython3 -c "print(${x})"\n',
    '#!/bin/bash\n[[ ${x} -gt 5 ]]\n',
    '#!/bin/bash\ncat <<E\n${x}\nE\n',
    '#!/bin/bash\neval "echo ${x}"\n',
    '#!/bin/bash\necho "${x}" ${y:-${x}}\n',
    '#!/bin/bash\necho ${x:-d}\n',
    '#!/bin/bash\necho ${x:+set}\n',
  ])('is refused with what is no plain word: %j', (text) => {
    for (const x of ['$(id)', 'a b', 'a[$(touch x)]', '-rf', '--opt', 'a\nb', 'ü', "a'b", 'a;b', '~', 'a'.repeat(1025)])
      expect(renderScript(text, ['x'], { x })).toMatch(/x captured is no plain word.*capture less/);
    expect(renderScript(text, ['x'], { x: 'a/b-1.5' })).toHaveProperty('text');
  });

  it('does not mind a value that it does not refer to', () => {
    const text = '#!/bin/bash\n#WATCHER pattern="(?P<x>.*)" action=log_event(message="${x}")\necho $x \\${x}\n';
    expect(renderScript(text, ['x'], { x: '$(id)' })).toEqual({ text });
  });
});

async function resubmit(params: { [name: string]: JsonValue }, changes: Partial<ActionHost> = {}, captures = {}) {
  const sent: Resubmission[] = [];
  const cancelled: (string | undefined)[] = [];
  const host = fakeActionHost({
    resubmit: async (one) => {
      sent.push(one);
      return 'test/8';
    },
    cancel: async (_signal, reason) => void cancelled.push(reason),
    script: () => '#!/bin/bash\n#SBATCH --mem=4G -t 10\n',
    ...changes,
  });
  try {
    return {
      result: await perform(actionIntent({ action: 'resubmit', params, captures }), host),
      sent,
      cancelled,
      host,
    };
  } catch (error) {
    if (error instanceof TryLaterError) return { later: error, sent, cancelled, host };
    throw error;
  }
}

describe('resubmit', () => {
  it('sends options and variables, then cancels the original', async () => {
    const modifications = { mem: '*2', t: '+10', cpus_per_task: 3, 'learning-rate': "0,1 'x'" };
    const { sent, cancelled, result } = await resubmit({ modifications });
    expect(sent).toMatchObject([
      { options: ['--mem=8G', '--time=00:20:00', '--cpus-per-task=3'], env: { LEARNING_RATE: "0,1 'x'" } },
    ]);
    expect(result).toEqual({ ok: true, message: 'resubmitted as test/8' });
    expect(cancelled).toEqual(['resubmitted as test/8']);
    expect((await resubmit({ cancel_original: false })).cancelled).toEqual([]);
  });

  it('asks the scheduler for what the script does not say, and caps by the partition', async () => {
    const facts = {
      cluster: 'c',
      scheduler: 'slurm',
      gathered: 0,
      partitions: [
        { name: 'p', isDefault: true, state: 'up', timeLimitSeconds: 3600, maxMemoryMebibytesPerNode: 6144 },
      ],
    } as const;
    const { sent, result } = await resubmit(
      { modifications: { mem: '*2', time: '*100', nodes: '+1' } },
      {
        requested: async () => ({ nodes: '2' }),
        clusterFacts: async () => facts,
        job: jobRecord({ options: ['--time=30'] }),
      },
    );
    expect(sent[0]?.options).toEqual(['--mem=6G', '--time=01:00:00', '--nodes=3']);
    expect(result?.message).toContain('time 30 *100 is capped at 01:00:00 by partition p');
  });

  it.each<[JsonValue, string]>([
    [{ nodes: '*2' }, 'neither the script nor the scheduler says'],
    [{ 'a b': '1' }, 'neither an option nor the name of a variable'],
    [{ mem: { a: 1 } }, 'must be a text or a number'],
    ['mem', 'must be a map'],
  ])('%j is refused: %s', async (modifications, why) => {
    const { result, sent } = await resubmit({ modifications });
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining(why) });
    expect(sent).toEqual([]);
  });

  it('is refused when none remain', async () => {
    const { result, cancelled } = await resubmit({}, { takeResubmit: () => false });
    expect(result?.message).toContain('no resubmits remain');
    expect(cancelled).toEqual([]);
  });

  it('with a delay ends the original now and submits later', async () => {
    const first = await resubmit({ delay: 600 });
    expect(first.later?.waitMs).toBe(600_000);
    expect([first.sent.length, first.cancelled.length]).toEqual([0, 1]);
    const second = await resubmit({ delay: 600 }, { memo: { delayed: true }, attempt: 1 });
    expect([second.sent.length, second.result?.ok]).toEqual([1, true]);
  });

  it.each([
    ['Job violates accounting/QOS policy (job submit limit, user size and/or time limits)', true],
    ['Slurm temporarily unable to accept job, sleeping and retrying', true],
    ['invalid partition specified: nosuch', false],
  ])('is tried again when the refusal may pass: %s', async (words, passes) => {
    const refuse = async () => {
      throw new RefusalError('c', words);
    };
    const { later, result, cancelled } = await resubmit({}, { resubmit: refuse });
    expect(later !== undefined).toBe(passes);
    if (!passes) expect(result).toMatchObject({ ok: false, message: expect.stringContaining(words) });
    expect(cancelled).toEqual([]);
  });
});
