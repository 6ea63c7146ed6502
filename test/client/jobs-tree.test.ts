import { beforeAll, describe, expect, it } from 'vitest';
import { JobStore } from '../../client/engine/job-store.ts';
import { countActiveJobs, JobsTree, rowsInPage } from '../../client/jobs/jobs-tree.ts';
import type { NodeSubject, TreeNode } from '../../client/jobs/tree-node.ts';
import { defaultOptions, type TreeOptions } from '../../client/jobs/tree-options.ts';
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

const clusterNodes = (store: JobStore, now: number) => new JobsTree(store).roots(now);
const childNodes = (store: JobStore, subject: NodeSubject, now: number) => new JobsTree(store).children(subject, now);
const parentNode = (store: JobStore, subject: NodeSubject, now: number) => new JobsTree(store).parent(subject, now);
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
      description: '▶1',
      contextValue: 'cluster local connected',
    });
  });

  it('that are gone from the settings keep their jobs in sight', () => {
    const store = storeOf({ cluster: 'old' });
    expect(clusterNodes(store, noon)).toMatchObject([
      { label: 'old', description: 'not in the settings any more · ▶1' },
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
      description: 'scheduler does not answer, told 5 min ago · ▶1',
      icon: { id: 'warning' },
    });
    expect(node?.tooltip()).toContain('Unable to contact slurm controller');
    expect(jobsOf(store, 'login')[0]?.description).toMatch(/told 1 min 5 s ago$/);
  });
});

describe('jobs', () => {
  it('say which other engine follows them, as long as it does', () => {
    const followedBy = { host: 'login`2', user: 'ada', pid: 77 };
    const store = storeOf({ cluster: 'login', state: 'running', followedBy });
    store.setCluster(cluster({ name: 'login', kind: 'ssh', source: 'ssh-config', state: 'connected' }));
    const [row] = jobsOf(store, 'login');
    expect(row?.description).toMatch(/ · followed by login`2$/);
    expect(row?.tooltip()).toContain('``the engine of ada on login`2 (pid 77)``');
    const ended = storeOf({ cluster: 'login', state: 'completed', ended: noon, followedBy });
    ended.setCluster(cluster({ name: 'login', kind: 'ssh', source: 'ssh-config', state: 'connected' }));
    expect(jobsOf(ended, 'login')[0]?.description).not.toContain('followed by');
  });

  it('stand newest first', () => {
    const store = storeOf({ jobId: '1', submitted: noon - 90 }, { jobId: '10' }, { jobId: '9' });
    expect(labels(jobsOf(store))).toEqual(['10 train', '9 train', '1 train']);
  });

  it.each<[Parameters<typeof job>[0], string, string]>([
    [{ nodes: 'n[1-2]' }, 'running · 50 s · n[1-2]', 'charts.blue'],
    [
      { state: 'pending', reason: 'Resources', started: undefined as never },
      'pending: first in line: waits for nodes to become free (Resources) · 1 min',
      'charts.yellow',
    ],
    [{ timeLimitSeconds: 14_400, started: noon - 4340 }, 'running · 1:12 of 4:00 h', 'charts.blue'],
    [{ timeLimitSeconds: 600 }, 'running · 0:50 of 10:00 min', 'charts.blue'],
    [{ timeLimitSeconds: 259_200, started: noon - 94_200 }, 'running · 1-02:10 of 3-00:00 h', 'charts.blue'],
    [
      { state: 'pending', reason: 'Priority', expectedStart: noon + 3900, started: undefined as never },
      'pending: jobs of higher priority come first (Priority) · 1 min · starts about 13:05',
      'charts.yellow',
    ],
    [
      { state: 'pending', reason: 'a site’s own word', started: undefined as never },
      'pending (a site’s own word) · 1 min',
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

  it('show the note on them', () => {
    const [node] = jobsOf(storeOf({ memo: { note: 'the $(zap) best', seed: '3' } }));
    expect(node?.description).toContain('“the $ (zap) best”');
    expect(node?.tooltip()).toContain('Note seed');
  });

  it('offer their streams where they are files of their own', () => {
    const one = jobsOf(storeOf({ stdoutPath: '/a.out', stderrPath: '/a.out' }))[0]?.contextValue;
    const two = jobsOf(storeOf({ stdoutPath: '/a.out', stderrPath: '/a.err' }))[0]?.contextValue;
    expect(one).toBe('job active began local stdout');
    expect(two).toBe('job active began local stdout stderr');
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

describe('arrays', () => {
  const task = (index: number, state: JobState) => ({
    jobId: `16_${index}`,
    arrayTask: { parent: 'local/16', index },
    state,
  });

  it('are one row with a bar of the states of their tasks', () => {
    const store = storeOf({ jobId: '16', isArray: true }, task(1, 'running'), task(2, 'failed'), task(3, 'completed'));
    store.setJob(job(task(4, 'timeout')));
    const [node] = jobsOf(store);
    expect(node?.description).toBe('▶1 ●1 ✗2 · 50 s');
    expect(node?.spoken).toBe('16 train, array of 4 tasks: 1 running, 1 completed, 2 failed');
    expect(node?.tooltip()).toContain('`1 running, 1 completed, 2 failed`');
  });

  it('show the tasks that pass a filter', () => {
    const store = storeOf({ jobId: '16' }, task(1, 'running'), task(2, 'failed'), task(3, 'completed'));
    const tree = new JobsTree(store, { ...defaultOptions, kinds: ['failed'] });
    expect(labels(tree.children({ kind: 'job', job: 'local/16' }, noon))).toEqual(['16_2 train']);
    expect(tree.arrangement(noon).hidden).toBe(2);
  });
});

describe('groups, filters and orders', () => {
  const store = storeOf(
    {
      jobId: '1',
      name: 'train',
      submitted: noon - 90_000,
      started: noon - 90_000,
      state: 'completed',
      ended: noon - 86_500,
      partition: 'gpu',
    },
    { jobId: '2', name: 'eval', submitted: noon - 300, started: noon - 300, state: 'failed', ended: noon - 100 },
    { jobId: '3', name: 'train', cluster: 'far', submitted: noon - 200, started: undefined as never, state: 'pending' },
    {
      jobId: '4',
      submitted: noon - 20,
      started: noon - 10,
      watchers: [{ name: 'w', state: 'active', matchCount: 0, triggerCount: 0, failures: 0, captures: {}, line: 0 }],
    },
  );
  const treeOf = (options: Partial<TreeOptions>) => new JobsTree(store, { ...defaultOptions, ...options });
  const shown = (options: Partial<TreeOptions>) => {
    const tree = treeOf(options);
    return tree.roots(noon).map((node) => `${node.label}: ${labels(tree.children(node.subject, noon)).join(', ')}`);
  };

  it.each<[TreeOptions['group'], readonly string[]]>([
    ['cluster', ['local: 4 train, 2 eval, 1 train', 'far: 3 train']],
    ['state', ['Running: 4 train', 'Waiting: 3 train', 'Completed: 1 train', 'Failed: 2 eval']],
    ['day', ['Today: 4 train, 3 train, 2 eval', '2026-11-20: 1 train']],
    ['name', ['eval: 2 eval', 'train: 4 train, 3 train, 1 train']],
  ])('by %s', (group, expected) => expect(shown({ group })).toEqual(expected));

  it('without groups', () => {
    expect(labels(treeOf({ group: 'none' }).roots(noon))).toEqual(['4 train', '3 train', '2 eval', '1 train']);
    expect(treeOf({ group: 'none' }).parent({ kind: 'job', job: 'far/3' }, noon)).toBeUndefined();
  });

  it('say under which group a job stands', () => {
    expect(treeOf({ group: 'state' }).parent({ kind: 'job', job: 'far/3' }, noon)?.label).toBe('Waiting');
    expect(treeOf({ group: 'state' }).groupRow('far/3', noon)).toBe('group:waiting');
    expect(treeOf({}).groupRow('far/3', noon)).toBe('cluster:far');
    expect(treeOf({ text: 'eval' }).groupRow('far/3', noon)).toBeUndefined();
  });

  it.each<[Partial<TreeOptions>, readonly string[]]>([
    [{ kinds: ['running', 'waiting'] }, ['4', '3']],
    [{ watched: true }, ['4']],
    [{ text: 'TRAIN far' }, ['3']],
    [{ text: 'gpu' }, ['1']],
    [{ text: '2' }, ['2']],
    [{ days: 1 }, ['4', '3', '2']],
    [{ order: 'oldest' }, ['1', '2', '3', '4']],
    [{ order: 'name' }, ['2', '4', '3', '1']],
    [{ order: 'longest' }, ['1', '3', '2', '4']],
  ])('%o', (options, ids) => {
    const nodes = treeOf({ group: 'none', ...options }).roots(noon);
    expect(nodes.map((node) => node.label.split(' ')[0])).toEqual(ids);
  });
});

describe('many jobs', () => {
  const many = storeOf(
    ...Array.from({ length: 450 }, (_, index) => ({ jobId: String(index), submitted: noon + index })),
  );

  it('are shown by pages', () => {
    const tree = new JobsTree(many);
    const rows = () => tree.children({ kind: 'cluster', cluster: 'local' }, noon);
    expect(rows()).toHaveLength(rowsInPage + 1);
    expect(rows().at(-1)).toMatchObject({
      label: 'Show 200 more',
      description: 'of 250',
      command: 'vigil.showMoreJobs',
    });
    tree.showMore('group:local');
    expect(rows().at(-1)).toMatchObject({ label: 'Show 50 more' });
    tree.showMore('group:local');
    expect(rows()).toHaveLength(450);
  });

  it('are uncovered as far as a job that is to be revealed', () => {
    const tree = new JobsTree(many);
    expect(tree.uncover('local/449', noon)).toBe(false);
    expect(tree.uncover('local/10', noon)).toBe(true);
    expect(labels(tree.children({ kind: 'cluster', cluster: 'local' }, noon))).toContain('10 train');
  });

  it('are arranged anew after a change, and only then', () => {
    const store = storeOf({ jobId: '1' });
    const tree = new JobsTree(store);
    expect(tree.arrangement(noon).counts.running).toBe(1);
    store.setJob(job({ jobId: '1', state: 'completed' }));
    expect(tree.arrangement(noon).counts.running).toBe(1);
    tree.changed();
    expect(tree.arrangement(noon).counts).toMatchObject({ running: 0, completed: 1 });
    expect(tree.renew({ kind: 'job', job: 'local/1' }, noon)?.icon.id).toBe('pass');
    expect(tree.renew({ kind: 'cluster', cluster: 'local' }, noon)?.description).toBe('●1');
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
