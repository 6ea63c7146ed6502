import { describe, expect, it } from 'vitest';
import type { Resubmission } from '../../../engine/actions/action.ts';
import { perform } from '../../../engine/actions/perform.ts';
import type { JsonValue } from '../../../engine/protocol.ts';
import { actionParams } from '../../../engine/watch/action-params.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';

/** Performs an action whose parameters are as a script has them, after the job printed `values`. */
async function act(
  name: 'submit' | 'resubmit',
  params: { readonly [name: string]: JsonValue },
  values: { readonly [name: string]: string },
) {
  const sent: Resubmission[] = [];
  const keep = async (one: Resubmission) => {
    sent.push(one);
    return 'test/8';
  };
  const host = fakeActionHost({
    captureNames: Object.keys(values),
    submit: keep,
    resubmit: keep,
    readBesideScript: async () => '#!/bin/sh\n',
  });
  const filled = actionParams({ name, params }, (one) => values[one] ?? (one === 'WORK_DIR' ? '/a b' : undefined));
  const result = await perform(actionIntent({ action: name, ...filled, captures: values }), host);
  return { ...result, sent: sent[0] };
}

describe('submit', () => {
  it.each<[JsonValue, readonly string[]]>([
    ['--time=${t} -N2', ['--time=10:00', '-N2']],
    [
      ['--time=${t}', '-t${t}', '--comment=${WORK_DIR}'],
      ['--time=10:00', '-t10:00', '--comment=/a b'],
    ],
    [{ time: '${t}' }, ['--time=10:00']],
    ['--comment=${WORK_DIR}', ['--comment=/a b']],
  ])('takes a plain word in the options %j', async (options, expected) => {
    expect((await act('submit', { script: 'vigil-none.sh', options }, { t: '10:00' })).sent?.options).toEqual(expected);
  });

  it.each<[JsonValue, string]>([
    ['--time=${t}', '10 --wrap=id'],
    ['--time=${t}', '-x'],
    [['--time=${t}'], '1\n2'],
    [['${t}'], '--wrap=id'],
    ['${t}', '--wrap=id'],
    [['--${t}'], 'wrap=id'],
    [['--ti${t}'], 'me=5'],
    ['--mem=1 ${t}', 'x'],
    [{ time: '${t}' }, '1 2'],
    [{ wrap: '${t}' }, 'id'],
    ['--export=ALL,${t}', 'LD_PRELOAD=/tmp/x.so'],
    ['--exp=${t}', 'LD_PRELOAD=/tmp/x.so'],
  ])('refuses options %j with %j', async (options, t) => {
    const { ok, sent } = await act('submit', { script: 'vigil-none.sh', options }, { t });
    expect([ok, sent]).toEqual([false, undefined]);
  });

  it.each(['../x', '..', 'a b', '$(id)', '-x'])('refuses the script jobs/%s', async (x) => {
    expect(await act('submit', { script: 'jobs/${x}' }, { x })).toMatchObject({ ok: false, sent: undefined });
  });

  it('takes a plain word in the path, and no step up that comes of it', async () => {
    expect((await act('submit', { script: 'vigil-${x}.sh' }, { x: 'none' })).ok).toBe(true);
    expect((await act('submit', { script: './.${x}/vigil-none.sh' }, { x: '.' })).message).toContain('leads out');
  });

  it('lets what a job printed be no variable that decides what runs', async () => {
    const env = (name: string) => act('submit', { script: 'vigil-none.sh', env: { [name]: '${x}' } }, { x: '/tmp/x' });
    for (const name of ['PATH', 'LD_PRELOAD', 'BASH_ENV', 'PYTHONPATH']) expect((await env(name)).ok).toBe(false);
    expect((await env('LR')).sent?.env).toEqual({ LR: '/tmp/x' });
  });
});

describe('resubmit', () => {
  it.each([
    'PATH',
    'path',
    'LD_PRELOAD',
    'ld-library-path',
    'BASH_ENV',
    'ENV',
    'PYTHONSTARTUP',
    'IFS',
    'wrap',
    'export',
  ])('refuses a captured value as the modification %s', async (key) => {
    const { ok, message, sent } = await act('resubmit', { modifications: { [key]: '/opt:${x}' } }, { x: '/tmp' });
    expect([ok, sent]).toEqual([false, undefined]);
    expect(message).toContain('decides what runs');
    expect((await act('resubmit', { modifications: { [key]: '/opt' } }, { x: '/tmp' })).ok).toBe(true);
  });

  it('takes any other', async () => {
    const { sent } = await act('resubmit', { modifications: { loss: '${x}', comment: '${x}' } }, { x: 'a b' });
    expect(sent).toMatchObject({ options: ['--comment=a b'], env: { LOSS: 'a b' } });
  });
});
