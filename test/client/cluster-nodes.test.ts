import { describe, expect, it } from 'vitest';
import {
  type ClustersState,
  clusterChildren,
  clusterParent,
  clusterRows,
} from '../../client/clusters/cluster-nodes.ts';
import type { ClusterInfo } from '../../engine/protocol.ts';
import type { ClusterFacts } from '../../language/directives/cluster-facts.ts';
import { cluster, noon } from './builders.ts';

const hpc = (changes: Partial<ClusterInfo> = {}) =>
  cluster({
    name: 'hpc',
    kind: 'ssh',
    source: 'ssh-config',
    address: 'me@login.example.org',
    scheduler: 'slurm',
    detail: 'Slurm 22.05.8',
    user: 'me',
    since: noon - 180,
    ...changes,
  });

const facts = (changes: Partial<ClusterFacts> = {}): ClusterFacts => ({
  cluster: 'hpc',
  scheduler: 'slurm',
  gathered: noon - 10,
  accounts: [],
  ...changes,
});

function stateOf(
  clusters: readonly ClusterInfo[],
  known?: ClusterFacts,
  hidden: readonly string[] = [],
): ClustersState {
  return {
    clusters: new Map(clusters.map((one) => [one.name, one])),
    facts: new Map(known ? [[known.cluster, known]] : []),
    problems: new Map(),
    silent: new Set(),
    hidden: new Set(hidden),
  };
}

/** `label | description` of each row. */
const shown = (nodes: ReturnType<typeof clusterRows>) =>
  nodes.map(({ label, description }) => [label, description].filter(Boolean).join(' | '));

const under = (state: ClustersState, name = 'hpc') => clusterChildren(state, { kind: 'cluster', cluster: name }, noon);

describe('clusters', () => {
  it('come with the connected first, then the lost ones, this machine, and the others by name', () => {
    const { scheduler: _, detail: __, since: ___, ...unknown } = hpc({ state: 'idle' });
    const state = stateOf([
      { ...unknown, name: 'zeta10' },
      { ...unknown, name: 'zeta9' },
      cluster(),
      hpc({ name: 'lost', state: 'offline', detail: 'refused', nextAttempt: noon + 20 }),
      hpc(),
      { ...unknown, name: 'hidden' },
    ]);
    expect(shown(clusterRows({ ...state, hidden: new Set(['hidden']) }, noon))).toEqual([
      'hpc | Slurm 22.05.8 · me',
      'lost | offline for 3 min · tries again in 20 s',
      'local | this machine · no scheduler: scripts run as processes',
      'zeta9 | me@login.example.org',
      'zeta10 | me@login.example.org',
    ]);
  });

  it('say why they are offline', () => {
    const state = stateOf([hpc({ state: 'offline', detail: 'The password was not accepted. Try again.' })]);
    expect(shown(under(state))).toEqual(['The password was not accepted. Try again.']);
    expect(clusterRows(state, noon)[0]).toMatchObject({ contextValue: 'cluster ssh offline', expansion: 'expanded' });
  });

  it('offer to connect a scheduler of this machine, and not the processes of this machine', () => {
    const here = cluster({ name: 'slurm', state: 'idle' });
    const contexts = clusterRows(stateOf([here, cluster()]), noon).map(({ contextValue }) => contextValue);
    expect(contexts.sort()).toEqual(['cluster here idle', 'cluster local connected']);
  });
});

describe('what a cluster says of itself', () => {
  it('is asked for first', () => {
    expect(shown(under(stateOf([hpc()])))).toEqual(['Asking…']);
    expect(shown(under(stateOf([hpc({ scheduler: 'flux' })])))).toEqual(['Flux tells of no partitions']);
    expect(shown(under(stateOf([hpc({ scheduler: 'local' })])))).toEqual(['No scheduler: scripts run as processes']);
    expect(shown(under({ ...stateOf([hpc()]), silent: new Set(['hpc']) }))).toEqual(['It tells of no partitions']);
    expect(under(stateOf([hpc({ state: 'idle' })]))).toEqual([]);
  });

  it('shows partitions with what is free', () => {
    const partitions = [
      {
        name: 'gpu',
        isDefault: true,
        state: 'up',
        timeLimitSeconds: 86_400,
        nodes: { free: 3, total: 4 },
        cpus: { free: 15, total: 16 },
        gpus: { free: 7, total: 8 },
      },
      { name: 'old', isDefault: false, state: 'down', timeLimitSeconds: null, nodes: { free: 0, total: 1 } },
    ];
    const rows = under(stateOf([hpc()], facts({ partitions })));
    expect(shown(rows)).toEqual([
      'gpu | 3/4 nodes, 15/16 CPUs, 7/8 GPUs free · up to 1 d · default',
      'old | down · 0/1 nodes free · no time limit',
    ]);
    expect(rows.map(({ icon }) => icon.id)).toEqual(['server', 'circle-slash']);
  });

  it('tells of maintenance until it is over', () => {
    const notice = (name: string, start: number) => ({ name, start, end: start + 7200, nodes: 'n[1-4]' });
    const maintenance = [notice('past', noon - 9000), notice('now', noon - 60), notice('next', noon + 3600)];
    const state = stateOf([hpc()], facts({ maintenance }));
    expect(shown(under(state))).toEqual([
      expect.stringMatching(/^Under maintenance \| until .* · n\[1-4\]$/),
      'Maintenance | in 1 h, for 2 h · n[1-4]',
    ]);
    expect(clusterRows(state, noon)[0]?.description).toBe('Slurm 22.05.8 · me · under maintenance');
  });

  it('shows share and limits of each account', () => {
    const accounts = [
      {
        name: 'ml',
        qos: ['normal', 'high'],
        limits: [{ maxJobs: 50, maxWallSeconds: 3600, groupResources: 'cpu=12' }],
      },
      { name: 'bio', qos: [], limits: [{ partition: 'gpu', maxSubmitted: 5 }] },
    ];
    const shares = [{ account: 'ml', share: 0.25, usage: 0.125, fairShare: 0.714 }];
    const state = stateOf([hpc()], facts({ accounts, shares, defaultAccount: 'ml' }));
    const [ml, bio] = under(state);
    expect([ml?.description, bio?.description]).toEqual(['fair share 0.71 · QOS normal, high · default', '']);
    const subject = ml?.subject ?? { kind: 'clusterRow' as const, cluster: '' };
    expect(shown(clusterChildren(state, subject, noon))).toEqual([
      'Fair share | 0.71: 12.5 % used of late, 25.0 % promised',
      'Running jobs at most | 50',
      'Time limit of a job at most | 1 h',
      'All jobs together have at most | cpu=12',
    ]);
    expect(clusterParent(state, subject, noon)?.id).toBe('clusters:hpc:open');
    const other = clusterChildren(state, { kind: 'account', cluster: 'hpc', account: 'bio' }, noon);
    expect(shown(other)).toEqual(['Jobs that wait or run at most (partition gpu) | 5']);
  });

  it('says what is not told, and why', () => {
    const { accounts: _, ...none } = facts({ missing: [{ part: 'fair share', reason: 'sshare: command not found' }] });
    expect(shown(under(stateOf([hpc()], none)))).toEqual([
      'No accounting: no accounts, shares or limits',
      'Not told: fair share | sshare: command not found',
    ]);
  });

  it('keeps what was told when asking again failed', () => {
    const partitions = [{ name: 'debug', isDefault: false, state: 'up' }];
    const state = stateOf([hpc()], facts({ partitions }));
    const rows = under({ ...state, problems: new Map([['hpc', 'sinfo: timed out']]) });
    expect(shown(rows)).toEqual(['sinfo: timed out', 'debug']);
  });

  it('cannot make icons, links or lines of what comes from outside', () => {
    const reason = 'bad $(bug) [x](command:y)\nnext';
    const [row] = under(stateOf([hpc()], facts({ missing: [{ part: 'QOS', reason }] })));
    expect(row?.description).toBe('bad $ (bug) [x] (command:y) next');
    expect(row?.tooltip()).toContain('`bad $(bug) [x](command:y) next`');
  });
});
