import { beforeAll, describe, expect, it } from 'vitest';
import { JobStore } from '../../client/engine/job-store.ts';
import { childNodes, clusterNodes, countActiveJobs, parentNode } from '../../client/jobs/jobs-tree.ts';
import type { TreeNode } from '../../client/jobs/tree-node.ts';
import type { JobState } from '../../engine/protocol.ts';
import { cluster, entry, job, noon } from './builders.ts';

beforeAll(() => {
  process.env.TZ = 'UTC';
});

function storeOf(...jobs: Parameters<typeof job>[0][]): JobStore {
  const store = new JobStore();
  store.replaceAll(
    [cluster(), cluster({ name: 'login', kind: 'ssh', source: 'ssh-config', state: 'idle' })],
    jobs.map((changes) => job(changes)),
  );
  return store;
}

const labels = (nodes: readonly TreeNode[]) => nodes.map((node) => node.label);
const jobsOf = (store: JobStore, name = 'local') => childNodes(store, { kind: 'cluster', cluster: name }, noon);

describe('clusters', () => {
  it('are shown once they have jobs or are connected', () => {
    const store = storeOf();
    expect(clusterNodes(store, noon)).toEqual([]);
    store.setCluster(cluster({ name: 'login', kind: 'ssh', source: 'ssh-config', state: 'connecting' }));
    expect(labels(clusterNodes(store, noon))).toEqual(['login']);
    store.setJob(job());
    expect(labels(clusterNodes(store, noon))).toEqual(['local', 'login']);
    expect(clusterNodes(store, noon)[0]).toMatchObject({
      description: '1 active',
      contextValue: 'cluster local connected',
    });
  });

  it('that are gone from the settings keep their jobs in sight', () => {
    const store = storeOf({ cluster: 'old' });
    expect(clusterNodes(store, noon)).toMatchObject([
      { label: 'old', description: 'not in the settings any more · 1 active' },
    ]);
  });

  it('say why they are offline', () => {
    const store = storeOf();
    store.setCluster(
      cluster({
        name: 'login',
        kind: 'ssh',
        source: 'ssh-config',
        state: 'offline',
        detail: 'login: no route to host',
      }),
    );
    const [node] = clusterNodes(store, noon);
    expect(node).toMatchObject({ description: 'offline', icon: { id: 'debug-disconnect', color: 'charts.yellow' } });
    expect(node?.tooltip()).toContain('`login: no route to host`');
  });

  it('say how old their jobs are when the scheduler does not answer', () => {
    const stale = { asOf: noon - 300, why: 'squeue on login: Unable to contact slurm controller' };
    const store = storeOf({ cluster: 'login', state: 'running', stale: { asOf: noon - 65, why: 'no accounting' } });
    store.setCluster(cluster({ name: 'login', kind: 'ssh', source: 'ssh-config', state: 'connected', stale }));
    const [node] = clusterNodes(store, noon);
    expect(node).toMatchObject({
      description: 'scheduler does not answer, told 5 min ago · 1 active',
      icon: { id: 'warning' },
    });
    expect(node?.tooltip()).toContain('Unable to contact slurm controller');
    expect(jobsOf(store, 'login')[0]?.description).toMatch(/told 1 min 5 s ago$/);
  });
});

describe('jobs', () => {
  it('stand newest first', () => {
    const store = storeOf({ jobId: '1', submitted: noon - 90 }, { jobId: '10' }, { jobId: '9' });
    expect(labels(jobsOf(store))).toEqual(['10 train', '9 train', '1 train']);
  });

  it.each<[Parameters<typeof job>[0], string, string]>([
    [{ nodes: 'n[1-2]' }, 'running · 50 s · n[1-2]', 'charts.blue'],
    [
      { state: 'pending', reason: 'Resources', started: undefined as never },
      'pending (Resources) · 1 min',
      'charts.yellow',
    ],
    [{ state: 'failed', status: 768, ended: noon - 10 }, 'failed (exit code 3) · 40 s', 'charts.red'],
    [{ state: 'failed', status: 9, ended: noon - 10 }, 'failed (killed by SIGKILL) · 40 s', 'charts.red'],
    [{ state: 'completed', status: 0, ended: noon - 10 }, 'completed · 40 s', 'charts.green'],
    [{ state: 'timeout', ended: noon - 10 }, 'time limit reached · 40 s', 'charts.red'],
  ])('%o is described as %s', (changes, description, color) => {
    expect(jobsOf(storeOf(changes))).toMatchObject([{ description, icon: { color } }]);
  });

  it.each<JobState>(['pending', 'running', 'suspended', 'completing'])(
    '%s can be cancelled, not forgotten',
    (state) => {
      expect(jobsOf(storeOf({ state }))[0]?.contextValue.split(' ')).toContain('active');
    },
  );

  it('offer their streams where they are files of their own', () => {
    const one = jobsOf(storeOf({ stdoutPath: '/a.out', stderrPath: '/a.out' }))[0]?.contextValue;
    const two = jobsOf(storeOf({ stdoutPath: '/a.out', stderrPath: '/a.err' }))[0]?.contextValue;
    expect(one).toBe('job active stdout');
    expect(two).toBe('job active stdout stderr');
  });

  it('show hostile names as text', () => {
    const name = '[x](command:evil) ![i](http://e/x.png) `$(flame)`\u001b[31m';
    const [node] = jobsOf(storeOf({ name }));
    expect(node?.label).not.toMatch(/\u001b|\]\(|\$\(/);
    expect(node?.tooltip()).toContain('`` [x](command:evil) ![i](http://e/x.png) `$(flame)` ``');
  });

  it('count their watchers in the tooltip', () => {
    const watchers = [
      { name: 'loss', state: 'active', matchCount: 7, triggerCount: 1, failures: 0, captures: {}, line: 3 } as const,
    ];
    expect(jobsOf(storeOf({ watchers }))[0]?.tooltip()).toContain('Watcher `loss`: active, 7 matches, 1 trigger');
  });
});

describe('array tasks', () => {
  const task = (index: number) => ({ jobId: `16_${index}`, arrayTask: { parent: 'local/16', index } });

  it('stand under their array by index, after its events', () => {
    const store = storeOf(task(10), task(2), { jobId: '16' });
    store.append('local/16', [entry(0, 'submit')]);
    expect(labels(jobsOf(store))).toEqual(['16 train']);
    expect(labels(childNodes(store, { kind: 'job', job: 'local/16' }, noon))).toEqual([
      'submit',
      '16_2 train',
      '16_10 train',
    ]);
    expect(parentNode(store, { kind: 'job', job: 'local/16_2' }, noon)?.id).toBe('job:local/16');
    expect(countActiveJobs(store)).toBe(2);
  });

  it('stand under the cluster when the array is not known', () => {
    expect(labels(jobsOf(storeOf(task(1))))).toEqual(['16_1 train']);
  });
});

describe('events', () => {
  const events = (...entries: ReturnType<typeof entry>[]) => {
    const store = storeOf({});
    store.append('local/3', entries);
    return childNodes(store, { kind: 'job', job: 'local/3' }, noon);
  };

  it('stand in their order with clock times and what matters of their context', () => {
    const nodes = events(
      entry(0, 'submit'),
      entry(1, 'alloc', { nodes: 'node1', partition: 'debug', qos: 'normal' }),
      entry(2, 'watcher.match', {
        watcher: 'loss',
        line: 'epoch 7 loss: 8.1',
        lineNumber: 12,
        stream: 'stdout',
        captures: { loss: '8.1' },
      }),
      entry(3, 'watcher.action', {
        watcher: 'loss',
        action: 'cancel_job',
        params: { reason: 'too high' },
        trigger: 1,
        position: 0,
        cause: 'match',
      }),
      entry(4, 'watcher.result', {
        watcher: 'loss',
        action: 'cancel_job',
        trigger: 1,
        position: 0,
        ok: true,
        message: 'cancelled',
      }),
      entry(5, 'exception', { type: 'cancel', severity: 0, note: 'by a watcher' }),
      entry(6, 'finish', { status: 15 }),
    );
    expect(nodes.map((node) => `${node.label} ${node.description}`)).toEqual([
      'submit 11:59:00',
      'alloc 11:59:01  node1 · debug',
      'watcher.match 11:59:02  epoch 7 loss: 8.1 · loss',
      'watcher.action 11:59:03  cancel_job(reason="too high") · loss',
      'watcher.result 11:59:04  cancel_job: cancelled · loss',
      'exception 11:59:05  cancel: by a watcher',
      'finish 11:59:06  killed by SIGTERM',
    ]);
  });

  it('are coloured by how they turned out', () => {
    const [good, bad, result, log] = events(
      entry(0, 'finish', { status: 0 }),
      entry(1, 'finish', { status: 256 }),
      entry(2, 'watcher.result', { watcher: 'w', action: 'notify', ok: false, message: 'no such user' }),
      entry(3, 'log', { watcher: 'w', level: 'warning', message: 'slow' }),
    ).map((node) => node.icon.color);
    expect([good, bad, result, log]).toEqual(['charts.green', 'charts.red', 'charts.red', 'charts.yellow']);
  });

  it('tell a condition that does not hold from one that failed', () => {
    const match = { watcher: 'w', line: 'x', condition: false };
    const nodes = events(
      entry(0, 'watcher.match', match),
      entry(1, 'watcher.match', { ...match, error: 'ValueError: no' }),
    );
    expect(nodes[0]?.description).toContain('x · w, condition does not hold');
    expect(nodes[1]?.description).toContain('x · w, condition failed: ValueError: no');
  });

  it('of a long log stand in groups but for the last ones', () => {
    const entries = (count: number) => Array.from({ length: count }, (_, seq) => entry(seq, 'log'));
    expect(events(...entries(399))).toHaveLength(399);
    const nodes = events(...entries(650));
    expect(labels(nodes.slice(0, 3))).toEqual(['events 1–200', 'events 201–400', 'log']);
    expect(nodes).toHaveLength(2 + 250);
    const store = storeOf({});
    store.append('local/3', entries(650));
    const inside = childNodes(store, nodes[1]?.subject ?? { kind: 'cluster', cluster: '' }, noon);
    expect([inside.length, inside[0]?.id, inside.at(-1)?.id]).toEqual([200, 'event:local/3:200', 'event:local/3:399']);
  });

  it('that nobody has heard of are shown plainly', () => {
    const [node] = events(entry(0, 'quantum.leap', { from: 1, to: { a: [2] } }));
    expect(node).toMatchObject({ label: 'quantum.leap', description: '11:59:00  from=1 to={"a":[2]}' });
    expect(node?.tooltip()).toContain('`to`: `{"a":[2]}`');
  });
});
