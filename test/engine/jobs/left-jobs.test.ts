import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterEntry } from '../../../engine/clusters/directory.ts';
import { LeftJobs } from '../../../engine/jobs/left-jobs.ts';
import type { Logger } from '../../../engine/logger.ts';
import type { Ownership } from '../../../engine/store/ownership.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let left: string[];
/** What may be taken of each cluster, a number a try. */
let counts: Record<string, number[]>;
let listed: number;
let tried: [string, boolean][];
let lines: string[];
let jobs: LeftJobs;
let clusters: ClusterEntry[];

const cluster = (name: string, scheduler: 'local' | 'slurm' = 'slurm'): ClusterEntry =>
  ({ name, kind: scheduler === 'local' ? 'local' : 'ssh', source: 'settings', settings: { name, scheduler } }) as never;

beforeEach(() => {
  clock = new FakeClock();
  [left, counts, listed, tried, lines, clusters] = [[], {}, 0, [], [], [cluster('a'), cluster('local', 'local')]];
  const say = (line: string) => void lines.push(line);
  const log: Logger = { debug() {}, info: say, warn: say, error: say, child: () => log };
  jobs = new LeftJobs({
    clock,
    log,
    knownClusters: async () => {
      listed++;
      return clusters;
    },
    ownership: {
      leftClusters: () => left,
      takeOver(name: string, onlyHere: boolean) {
        tried.push([name, onlyHere]);
        return counts[name]?.shift() ?? 0;
      },
    } as unknown as Ownership,
  });
});

/** As many beats, five seconds apart. */
async function beats(count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let beat = 0; beat < count; beat++) {
    taken.push(...(await jobs.takeOver()));
    await clock.advance(5);
  }
  return taken;
}

describe('jobs that no engine has', () => {
  it('are taken in portions, as long as there are some', async () => {
    expect(await beats(3)).toEqual([]);
    expect(listed).toBe(0);
    left = ['a'];
    // Between them another engine took some.
    counts = { a: [200, 0, 7] };
    expect(await beats(3)).toEqual(['a', 'a']);
    expect(tried).toEqual([
      ['a', false],
      ['a', false],
      ['a', false],
    ]);
  });

  it('and are for others are said once; the clusters are listed again every five minutes, and when they are told anew', async () => {
    left = ['elsewhere', 'local'];
    expect(await beats(119)).toEqual([]);
    expect(listed).toBe(2);
    expect(tried).toEqual([
      ['local', true],
      ['local', true],
    ]);
    expect(lines).toEqual([
      'jobs or submissions on elsewhere are left, which no engine has: this engine knows no such cluster',
      'jobs or submissions on local are left, which no engine has: another machine has to follow them',
    ]);
    clusters = [...clusters, cluster('elsewhere')];
    counts = { elsewhere: [1] };
    jobs.reconsider();
    expect(await beats(1)).toEqual(['elsewhere']);
  });

  it('are said again when they were gone meanwhile, and hold nothing up', async () => {
    left = ['elsewhere'];
    await beats(2);
    left = ['elsewhere', 'a'];
    counts = { a: [1] };
    expect(await beats(1)).toEqual(['a']);
    left = [];
    await beats(1);
    left = ['elsewhere'];
    await beats(1);
    expect(lines.filter((line) => line.includes('elsewhere'))).toHaveLength(2);
  });
});
