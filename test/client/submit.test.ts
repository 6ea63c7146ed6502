import { describe, expect, it } from 'vitest';
import { explainError } from '../../client/engine/explain-error.ts';
import { clusterChoices } from '../../client/submit/cluster-choices.ts';
import { checkWorkdir, defaultWorkdir } from '../../client/submit/default-workdir.ts';
import { lookAtScript } from '../../client/submit/detect-script.ts';
import { previewText } from '../../client/submit/preview-text.ts';
import { stageWords } from '../../client/submit/stage-words.ts';
import { progressWords, uploadWords } from '../../client/submit/upload-words.ts';
import type { SubmitPreview } from '../../engine/protocol/submit.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { cluster } from './builders.ts';

const look = (text: string) => {
  const lines = text.split('\n');
  return lookAtScript(lines.length, (line) => lines[line] ?? '');
};

describe('lookAtScript', () => {
  it.each([
    ['#!/bin/bash\n\n#SBATCH --time=5\n', true, 2],
    ['#WATCHER pattern="x"', true, 0],
    ['echo\n  #WATCHER_BEGIN\n', true, 1],
    ['#!/usr/bin/env python3\n#flux: -N 2\n', true, 1],
    ['#PBS -l nodes=1', true, 0],
    ['#$ -cwd', true, 0],
    ['#!/bin/sh\necho', true, undefined],
    ['echo "#SBATCH"\n# SBATCH -n 1\n#WATCHERS x\n#$HOME', false, undefined],
    ['', false, undefined],
  ])('%j', (text, isScript, firstDirectiveLine) => expect(look(text)).toEqual({ isScript, firstDirectiveLine }));
});

describe('the stages of a submission', () => {
  it.each([
    [{ stage: 'connecting' }, 'connecting to kuma'],
    [{ stage: 'login-setup' }, 'the login setup runs'],
    [{ stage: 'login-setup', line: '\u001b[1mCollecting torch' }, 'the login setup runs: Collecting torch'],
    [{ stage: 'looking-for-job' }, 'looking whether it was submitted already'],
    [{ stage: 'submitting' }, 'handing the script to the scheduler'],
  ] as const)('%j', (progress, words) => expect(stageWords(progress, 'kuma')).toBe(words));
});

describe('clusterChoices', () => {
  const clusters = [
    cluster({ name: 'zeta', kind: 'ssh', scheduler: 'slurm', source: 'ssh-config', address: 'me@zeta:22' }),
    cluster({
      name: 'alpha',
      kind: 'ssh',
      scheduler: undefined as never,
      source: 'settings',
      state: 'offline',
      detail: 'no route',
    }),
    cluster(),
  ];

  it('begin with the last one used, then this machine', () => {
    expect(clusterChoices(clusters, undefined).map((choice) => choice.cluster.name)).toEqual([
      'local',
      'alpha',
      'zeta',
    ]);
    expect(clusterChoices(clusters, 'zeta').map((choice) => choice.cluster.name)).toEqual(['zeta', 'local', 'alpha']);
  });

  it('say where they are and how they are', () => {
    expect(clusterChoices(clusters, undefined)).toMatchObject([
      { label: '$(device-desktop) local', description: 'this machine · no scheduler: runs as a process' },
      { label: '$(remote) alpha', description: 'vigil.clusters · offline', detail: 'no route' },
      { label: '$(remote) zeta', description: 'me@zeta:22 · Slurm · connected' },
    ]);
  });
});

describe('the working directory', () => {
  const ssh = cluster({ name: 'login', kind: 'ssh' });

  it.each([
    ["the script's folder here", cluster(), '/home/me/run/train.sh', undefined, '/home/me/run'],
    ['on Windows too', cluster(), 'C:\\run\\train.sh', undefined, 'C:\\run'],
    ['home for an unsaved script', cluster(), undefined, undefined, '~'],
    ['home on another machine', ssh, '/home/me/run/train.sh', undefined, '~'],
    ['what was used last', ssh, '/home/me/run/train.sh', '/scratch/me', '/scratch/me'],
  ])('is %s', (_, where, path, lastUsed, expected) => expect(defaultWorkdir(where, path, [], lastUsed)).toBe(expected));

  it('of the settings goes before home', () => {
    expect(defaultWorkdir(ssh, '/x.sh', [{ name: 'login', workdir: '/work' }], undefined)).toBe('/work');
  });

  it('is the folder of a script that is on the cluster itself', () => {
    const settings = [{ name: 'login', workdir: '/work' }];
    const there = { cluster: 'login', path: '/scratch/me/run.sh' };
    expect(defaultWorkdir(ssh, undefined, settings, undefined, there)).toBe('/scratch/me');
    expect(defaultWorkdir(ssh, undefined, settings, '/last', there)).toBe('/last');
    expect(defaultWorkdir(ssh, undefined, settings, undefined, { ...there, cluster: 'other' })).toBe('/work');
  });

  it('must not depend on where Vigil runs', () => {
    for (const good of ['~', '~/run', '/scratch', 'C:\\run']) expect(checkWorkdir(good)).toBeUndefined();
    for (const bad of ['', ' ', 'run', '~other']) expect(checkWorkdir(bad)).toBeDefined();
  });
});

describe('explainError', () => {
  it('gives the words of the scheduler and their place', () => {
    const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 9 } };
    const error = Object.assign(new Error('sbatch: error: invalid partition'), {
      code: errorCodes.refused,
      data: { words: 'invalid partition', range },
    });
    expect(explainError(error, 'Submitting train.sh to login')).toEqual({
      message: 'Submitting train.sh to login failed: sbatch: error: invalid partition',
      actions: ['Show Line'],
      refusal: { words: 'invalid partition', range },
    });
  });

  it('offers what helps', () => {
    const withCode = (code: number) => explainError(Object.assign(new Error('x'), { code }), 'It').actions;
    expect(withCode(errorCodes.connection)).toContain('Retry');
    expect(withCode(errorCodes.clientOutdated)).toEqual(['Reload Window']);
    expect(withCode(-32603)).toEqual(['Show Log']);
    expect(explainError('boom', 'It')).toEqual({ message: 'It failed: boom', actions: ['Show Log'] });
  });
});

describe('the report of a dry run', () => {
  const preview: SubmitPreview = {
    cluster: 'login',
    scheduler: 'slurm',
    version: 'Slurm 22.05.8',
    name: 'train',
    workdir: '~/runs',
    options: ['--time=10', '--exclusive'],
    watchers: ['loss'],
    warnings: [],
    forecast: { expectedStart: 1000 + 7200, processors: 16, nodes: 'n[1-4]', partition: 'debug' },
  };
  const report = (changes: Partial<SubmitPreview>) =>
    previewText('train.sh', { ...preview, ...changes }, 1000, ['src', 'a.bin']);

  it('says what would be submitted, where, and when it would start', () => {
    expect(report({ loginSetup: 'module load x\nmake\n' }).split('\n')).toEqual([
      'Dry run of train.sh on login (Slurm 22.05.8). Nothing was submitted, nothing of the script ran.',
      '',
      'login would take it.',
      expect.stringMatching(/^expected start: .*, in 2 h, as things are now$/),
      'where: 16 processors on n[1-4] in partition debug',
      'name: train',
      'working directory: ~/runs',
      'options that count:',
      '  --time=10',
      '  --exclusive',
      'watchers:',
      '  loss',
      'uploaded before:',
      '  src',
      '  a.bin',
      'before it, on the login node:',
      '  module load x',
      '  make',
      '',
    ]);
  });

  it('says what the scheduler did not tell', () => {
    const { forecast: _, ...silent } = preview;
    expect(previewText('a.sh', silent, 0)).toContain('cannot tell beforehand');
    expect(report({ unanswered: 'timed out' })).toContain('login did not answer: timed out');
    expect(report({ forecast: { expectedStart: 990 } })).toContain('expected start: at once\nname: train');
  });

  it('has the remarks of the scheduler with their lines, and nothing that moves a terminal', () => {
    const start = { line: 3, character: 0 };
    const warnings = [{ words: 'red \u001b[31mwords', range: { start, end: start } }, { words: 'more' }];
    expect(report({ warnings })).toContain('the scheduler remarks:\n  line 4: red words\n  more\n');
  });
});

describe('an upload in words', () => {
  it.each([
    [{ files: 1, bytes: 40_000, unchanged: 0, workdir: '~' }, '1 file (0.0 MB) uploaded to ~.'],
    [
      { files: 3, bytes: 1_230_000, unchanged: 1, workdir: '/w' },
      '3 files (1.2 MB) uploaded to /w, 1 was there already.',
    ],
    [{ files: 0, bytes: 0, unchanged: 20, workdir: '/w' }, '0 files (0.0 MB) uploaded to /w, 20 were there already.'],
  ])('%j', (result, words) => expect(uploadWords(result)).toBe(words));

  it('goes on', () => {
    expect(progressWords({ token: '', files: 2, bytes: 12_300_000, totalBytes: 400_000_000 })).toBe(
      '2 files, 12 of 400 MB',
    );
  });
});
