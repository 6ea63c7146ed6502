import { describe, expect, it } from 'vitest';
import type { ExecResult } from '../../../engine/clusters/connection.ts';
import { FactsCache } from '../../../engine/jobs/facts-cache.ts';
import type { Scheduler } from '../../../engine/schedulers/scheduler.ts';
import { gatherSlurmFacts } from '../../../engine/schedulers/slurm-facts.ts';
import {
  parseAssociations,
  parseConfig,
  parseHelp,
  parsePartitions,
  parseQos,
  parseSinfo,
} from '../../../engine/schedulers/slurm-facts-parse.ts';
import type { ClusterFacts } from '../../../language/directives/cluster-facts.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { slurmRecording } from '../../support/recordings.ts';

const sinfo = (...fields: string[]) => fields.join('\u001f');

describe('partitions', () => {
  it('adds up the kinds of nodes of a partition', () => {
    const lines = [
      sinfo(
        'gpu*',
        'up',
        '1-00:00:00',
        '1:00:00',
        '2/1/0/3',
        '64',
        '515000+',
        'a100,ib',
        'gpu:a100:4(S:0-1),nvme:1',
        '64/128/0/192',
      ),
      sinfo(
        'gpu*',
        'up',
        '1-00:00:00',
        '1:00:00',
        '0/4/1/5',
        '32',
        '257000',
        'v100',
        'gpu:v100:2(S:0)',
        '0/128/32/160',
      ),
      sinfo('long', 'drain', 'infinite', 'n/a', '0/0/0/0', '4', '4000', '(null)', '(null)', '0/0/4/4'),
      'a banner',
    ];
    expect(parseSinfo(lines.join('\n'))).toEqual([
      {
        name: 'gpu',
        isDefault: true,
        state: 'up',
        timeLimitSeconds: 86_400,
        defaultTimeSeconds: 3600,
        nodes: { free: 5, total: 8 },
        cpus: { free: 256, total: 352 },
        cpusPerNode: 64,
        memoryMebibytesPerNode: 515_000,
        features: ['a100', 'ib', 'v100'],
        gres: ['gpu:a100:4', 'nvme:1', 'gpu:v100:2'],
      },
      {
        name: 'long',
        isDefault: false,
        state: 'drain',
        timeLimitSeconds: null,
        nodes: { free: 0, total: 0 },
        cpus: { free: 0, total: 4 },
        cpusPerNode: 4,
        memoryMebibytesPerNode: 4000,
        features: [],
        gres: [],
      },
    ]);
  });

  it('reads who may use them', () => {
    const line =
      'PartitionName=gpu AllowGroups=ALL AllowAccounts=ml,bio DenyQos=low MaxNodes=8 MinNodes=2 MaxMemPerNode=UNLIMITED';
    expect(parsePartitions(line).get('gpu')).toEqual({
      allowAccounts: ['ml', 'bio'],
      denyQos: ['low'],
      maxNodes: 8,
      minNodes: 2,
      maxMemoryMebibytesPerNode: null,
    });
  });
});

describe('accounts and QOS', () => {
  it.each([
    ['ml||normal,high|normal\n', [{ name: 'ml', qos: ['normal', 'high'], defaultQos: 'normal' }]],
    ['ml|gpu|normal|\nml|cpu|high|\n', [{ name: 'ml', partitions: ['gpu', 'cpu'], qos: ['normal', 'high'] }]],
    ['ml|gpu|normal|\nml||normal|\n', [{ name: 'ml', qos: ['normal'] }]],
    ['sacctmgr says hello\n', []],
    ['', []],
  ])('%j', (stdout, accounts) => expect(parseAssociations(stdout)).toEqual(accounts));

  it('reads the limits of a QOS', () => {
    expect(parseQos('normal||Normal QOS\nlong|7-00:00:00|\n')).toEqual([
      { name: 'normal', description: 'Normal QOS' },
      { name: 'long', maxWallSeconds: 604_800 },
    ]);
  });
});

describe('limits', () => {
  it.each([
    ['AccountingStorageEnforce = none\nEnforcePartLimits       = NO\n', false, false, false],
    ['AccountingStorageEnforce = associations,limits\nEnforcePartLimits = ALL\n', true, false, true],
    ['AccountingStorageEnforce = qos\nEnforcePartLimits = ANY\n', true, true, true],
  ])('%j', (stdout, enforcesAccounts, enforcesQos, enforcesPartitionLimits) =>
    expect(parseConfig(stdout)).toEqual({ enforcesAccounts, enforcesQos, enforcesPartitionLimits }),
  );

  it('reads the size of arrays', () => {
    expect(parseConfig('MaxArraySize            = 20001\nMaxMemPerNode           = UNLIMITED')).toEqual({
      maxArraySize: 20_001,
      maxMemoryMebibytesPerNode: null,
    });
  });
});

it('reads the options of sbatch and of its plugins', () => {
  const help = [
    '  -a, --array=indexes         job array index values',
    '  -B  --extra-node-info=S[:C[:T]]  combine request of sockets',
    '      --exclusive[=user]      allocate nodes in exclusive mode when',
    '      --exclusive[=mcs]       allocate nodes in exclusive mode when',
    '  -H, --hold                  submit job in held state',
    'Options provided by plugins:',
    '      --uenv=<name>           use an environment',
    '                              --mem >= --mem-per-cpu if --mem is specified.',
  ].join('\n');
  expect(parseHelp(help).map(({ name, short, argument }) => [name, short, argument])).toEqual([
    ['array', 'a', 'required'],
    ['extra-node-info', 'B', 'required'],
    ['exclusive', undefined, 'optional'],
    ['hold', 'H', 'none'],
    ['uenv', undefined, 'required'],
  ]);
});

describe('gatherSlurmFacts', () => {
  const gather = (answers: { readonly [program: string]: Partial<ExecResult> }) =>
    gatherSlurmFacts({
      cluster: 'hpc',
      version: 'Slurm 22.05.8',
      user: 'me',
      now: 1000,
      exec: async ([program = '']) => ({ status: 0, stdout: '', stderr: '', ...answers[program] }),
    });

  it('keeps what could be had when a part fails', async () => {
    const facts = await gather({
      sinfo: {
        stdout: sinfo('debug*', 'up', '1:00:00', '10:00', '0/4/0/4', '4', '4000', '(null)', '(null)', '0/0/4/4'),
      },
      scontrol: { stdout: slurmRecording('scontrol-config').stdout },
      sacctmgr: { status: 1, stderr: 'sacctmgr: error: Unable to contact slurmdbd' },
    });
    expect(facts).toMatchObject({ cluster: 'hpc', scheduler: 'slurm', gathered: 1000 });
    expect(facts.partitions?.map(({ name }) => name)).toEqual(['debug']);
    expect(facts.limits).toMatchObject({ maxArraySize: 20_001, enforcesAccounts: false });
    expect(facts.accounts).toBeUndefined();
    expect(facts.missing?.map(({ part }) => part)).toEqual(['accounts', 'default account', 'QOS']);
  });

  it('takes no accounts at all for a site without accounting', async () => {
    expect((await gather({})).accounts).toBeUndefined();
  });
});

describe('FactsCache', () => {
  it('asks once for all who want to know, and again when the answer is old', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const scheduler = {
      facts: async (): Promise<ClusterFacts> => {
        asked++;
        return { cluster: 'hpc', scheduler: 'slurm', gathered: clock.now() };
      },
    } as Scheduler;
    const cache = new FactsCache(clock);
    await Promise.all([cache.of(scheduler), cache.of(scheduler)]);
    await cache.of(scheduler);
    // However fresh one wants them.
    await cache.of(scheduler, 0);
    expect(asked).toBe(1);
    await clock.advance(301);
    await cache.of(scheduler);
    expect(asked).toBe(2);
    expect(await new FactsCache(clock).of({} as Scheduler)).toBeUndefined();
  });
});
