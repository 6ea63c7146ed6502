import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAssociations, parseSinfo } from '../../../engine/schedulers/slurm-facts-parse.ts';
import {
  parseGpus,
  parseLimits,
  parseMaintenance,
  parseShares,
} from '../../../engine/schedulers/slurm-overview-parse.ts';
import { slurmRecording } from '../../support/recordings.ts';

const printed = (name: string) => slurmRecording(name).stdout;

describe('load', () => {
  it('counts nodes and CPUs as Slurm told them', () => {
    const [debug, long, down] = parseSinfo(printed('sinfo-partitions'));
    expect(debug).toMatchObject({ name: 'debug', nodes: { free: 3, total: 4 }, cpus: { free: 15, total: 16 } });
    expect(long).toMatchObject({ timeLimitSeconds: null, nodes: { free: 0, total: 1 }, cpus: { free: 3, total: 4 } });
    expect(down).toMatchObject({ name: 'down', state: 'down' });
  });

  it('counts GPUs as Slurm told them', () => {
    expect(parseGpus(printed('sinfo-gres-used'))).toEqual(
      new Map([
        ['debug', { free: 7, total: 8 }],
        ['long', { free: 1, total: 2 }],
        ['down', { free: 1, total: 2 }],
      ]),
    );
  });

  it.each([
    // [what, lines, free, total]
    [
      'several types',
      'p|2|mixed|gpu:a100:4(S:0-1),gpu:v100:2,nvme:1|gpu:a100:3(IDX:0-2),gpu:v100:0(IDX:N/A),nvme:1|',
      6,
      12,
    ],
    ['nodes that are drained', 'p|3|drained|gpu:4|gpu:0(IDX:N/A)|', 0, 12],
    ['nodes that are full of CPU jobs', 'p|1|allocated|gpu:4|gpu:0(IDX:N/A)|', 0, 4],
    ['nodes that do not answer', 'p|1|idle*|gpu:4|gpu:0|', 4, 4],
    ['nodes that are powered down', 'p|2|idle~|gpu:h100:8|gpu:h100:0|', 16, 16],
    ['gres without a count', 'p|1|idle|gpu|gpu:0|', 1, 1],
  ])('counts the GPUs of %s', (_what, line, free, total) => {
    expect(parseGpus(line).get('p')).toEqual({ free, total });
  });

  it('knows of no GPUs where there are none', () => {
    expect(parseGpus('p|4|idle|(null)|(null)|\np|4|idle|nvme:1|nvme:0|\nbanner').size).toBe(0);
  });
});

describe('share and limits', () => {
  it('reads the lines of the user, not those of accounts', () => {
    expect(parseShares(printed('sshare-user'))).toEqual([{ account: 'test', share: 0.142857, usage: 0, fairShare: 1 }]);
  });

  it('takes nothing of what is no number', () => {
    expect(parseShares(' ml|me|parent||0||inf')).toEqual([{ account: 'ml' }]);
  });

  it('reads limits of associations', () => {
    expect(parseAssociations(printed('sacctmgr-assoc-limits'))).toEqual([
      {
        name: 'test',
        qos: ['normal'],
        limits: [
          {
            maxJobs: 50,
            maxSubmitted: 200,
            maxWallSeconds: 3600,
            maxResourcesPerJob: 'node=2',
            groupResources: 'cpu=12',
            groupResourceMinutes: 'cpu=100000',
          },
        ],
      },
    ]);
  });

  it('keeps those of partitions apart', () => {
    expect(parseAssociations('ml|gpu|normal||4|||||||\nml|cpu|normal|||||||||')[0]?.limits).toEqual([
      { partition: 'gpu', maxJobs: 4 },
    ]);
    expect(parseLimits('', [])).toBeUndefined();
  });
});

describe('maintenance', () => {
  it('is a reservation with the flag MAINT', () => {
    expect(parseMaintenance(printed('scontrol-reservation-maint'))).toEqual([
      { name: 'upgrade', start: expect.any(Number), end: expect.any(Number), nodes: 'n[1-4]', isWholeCluster: true },
    ]);
    expect(parseMaintenance(printed('scontrol-reservation-none'))).toEqual([]);
  });

  it('lists the next one first, and reads times that are written out', () => {
    const line = (name: string, day: number) =>
      `ReservationName=${name} StartTime=2026-12-0${day}T08:00:00 EndTime=2026-12-0${day}T20:00:00 Nodes=n1 Flags=MAINT,SPEC_NODES`;
    const notices = parseMaintenance(`${line('late', 2)}\n${line('early', 1)}`);
    expect(notices.map(({ name }) => name)).toEqual(['early', 'late']);
    expect(notices[0]?.start).toBe(Date.UTC(2026, 11, 1, 8) / 1000);
  });
});

it('reads whatever is printed', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('gpu', ':', '|', '(', ')', ',', '4', '\n', 'idle', '=', ' ', 'Flags=MAINT') }),
      (text) => {
        parseGpus(text);
        parseShares(text);
        parseMaintenance(text);
        for (const { free, total } of parseGpus(text).values()) expect(free).toBeLessThanOrEqual(total);
      },
    ),
  );
});
