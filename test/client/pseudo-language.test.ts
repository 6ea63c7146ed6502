/** Rows in a language that marks every text: what is not marked was never handed to `l10n.t`. */
import { expect, it } from 'vitest';
import type { ClustersState } from '../../client/clusters/cluster-nodes.ts';
import type { TreeNode } from '../../client/jobs/tree-node.ts';
import type { StepInfo } from '../../engine/protocol/workflows.ts';
import type { JobInfo, WatcherInfo } from '../../engine/protocol.ts';
import { speakPseudoLanguage, unmarkedWords } from '../support/pseudo-language.ts';
import { cluster, entry, job, noon } from './builders.ts';

speakPseudoLanguage();

// Constants have texts, too: these modules are read after the language is known, as in the extension.
const { JobsTree } = await import('../../client/jobs/jobs-tree.ts');
const { JobStore } = await import('../../client/engine/job-store.ts');
const { defaultOptions, describeFilters } = await import('../../client/jobs/tree-options.ts');
const { clusterChildren, clusterRows } = await import('../../client/clusters/cluster-nodes.ts');
const { runNode, stepNode } = await import('../../client/workflows/run-nodes.ts');

/** A unit, and names: of a scheduler, of this machine as a cluster. Values below have Greek names. */
const untranslated = new Set(['min', 'Slurm', 'local']);

const englishWords = (text: string) => unmarkedWords(text).filter((word) => !untranslated.has(word));

/** What a person sees or hears of a row. Names of events and of what they tell are those of Flux. */
const shown = ({ subject, label, description = '', spoken = '', tooltip }: TreeNode) => [
  ...(subject.kind === 'event' ? [] : [label]),
  description,
  spoken,
  subject.kind === 'event' ? tooltip().replace(/^\*\*`[\w.-]+`\*\*|^`\w+`: .*$/gm, '') : tooltip(),
];

function expectTranslated(rows: readonly TreeNode[]): void {
  expect(rows.length).toBeGreaterThan(0);
  const found = rows.flatMap((row) => shown(row)).filter((text) => englishWords(text).length > 0);
  expect(found).toEqual([]);
}

const watcher = (state: WatcherInfo['state'], count: number): WatcherInfo => ({
  name: `ω${count}`,
  state,
  reason: 'λόγος',
  matchCount: count,
  triggerCount: count,
  failures: count,
  captures: {},
  line: 0,
});

const states: readonly JobInfo['state'][] = ['pending', 'running', 'suspended', 'completing', 'completed', 'failed'];
const ends: readonly JobInfo['state'][] = ['cancelled', 'timeout', 'out_of_memory', 'node_fail', 'preempted', 'lost'];

it('jobs, their watchers and events, and clusters', () => {
  const store = new JobStore();
  const named = { name: 'α', cluster: 'κ' };
  store.setCluster(cluster({ name: 'κ', kind: 'ssh', source: 'ssh-config', state: 'offline', since: noon - 60 }));
  store.setCluster(cluster({ name: 'μ', state: 'connected', stale: { asOf: noon - 60, why: 'διότι' } }));
  for (const [index, state] of [...states, ...ends].entries()) {
    const status = state === 'failed' ? { status: 768, ended: noon - 1 } : state === 'timeout' ? { status: 35 } : {};
    store.setJob(job({ ...named, jobId: String(index), state, timeLimitSeconds: 7200, ...status }));
  }
  for (const [index, reason] of ['Priority', 'QOSMaxGRESPerUser', 'AssocGrpCPUMinutesLimit'].entries()) {
    const start = { expectedStart: noon + 600, submitted: noon - 86_400 * 3 };
    store.setJob(job({ ...named, jobId: `9${index}`, state: 'pending', reason, ...start }));
  }
  const watchers = (['active', 'triggered', 'paused', 'completed', 'disabled', 'static'] as const).map(watcher);
  const owner = { user: 'υ', host: 'η', pid: 1 };
  const one = job({ ...named, jobId: '77', watchers, followedBy: owner, stale: { why: 'διότι' } });
  store.setJob(one);
  const names = ['submit', 'alloc', 'start', 'finish', 'clean', 'exception', 'watcher.match', 'metric', 'ξ'];
  const context = { condition: false, error: 'σφάλμα' };
  store.append(
    one.key,
    names.map((name, index) => entry(index, name, name === 'watcher.match' ? context : undefined)),
  );

  const translatedRows = (tree: InstanceType<typeof JobsTree>, roots: readonly TreeNode[]): readonly TreeNode[] =>
    roots.flatMap((row) => [row, ...translatedRows(tree, tree.children(row.subject, noon))]);
  for (const group of ['cluster', 'state', 'day', 'none'] as const) {
    const tree = new JobsTree(store, { ...defaultOptions, group });
    // The scheduler's own word for why a job waits stands beside the plain ones.
    const rows = translatedRows(tree, tree.roots(noon)).map((row) => ({
      ...row,
      description: row.description?.replace(/\(\w+\)|: `\w+`/g, '') ?? '',
      tooltip: () => row.tooltip().replace(/⟦Reason⟧: `\w+`/g, ''),
    }));
    expectTranslated(rows);
  }
  const filters = { ...defaultOptions, kinds: ['running', 'failed'] as const, watched: true, days: 3 };
  expect(englishWords(describeFilters(filters))).toEqual([]);
});

it('clusters, with what is known of them', () => {
  const one = cluster({ name: 'κ', kind: 'ssh', source: 'ssh-config', scheduler: 'slurm', detail: 'Slurm 22.05.8' });
  const state: ClustersState = {
    clusters: new Map([
      ['κ', { ...one, since: noon - 60 }],
      ['μ', { ...one, name: 'μ', state: 'offline', detail: 'διότι', since: noon - 60, nextAttempt: noon + 20 }],
      ['ν', { ...one, name: 'ν', state: 'connecting' }],
      ['local', cluster()],
    ]),
    facts: new Map([
      [
        'κ',
        {
          cluster: 'κ',
          scheduler: 'slurm',
          gathered: noon - 10,
          defaultAccount: 'β',
          partitions: [{ name: 'π', isDefault: true, state: '', timeLimitSeconds: null, nodes: { free: 1, total: 4 } }],
          accounts: [{ name: 'β', qos: [], limits: [{ maxJobs: 3, maxWallSeconds: 3600 }] }],
          maintenance: [{ name: 'ρ', start: noon + 3600, end: noon + 7200, nodes: '1', isWholeCluster: true }],
        },
      ],
    ]) as unknown as ClustersState['facts'],
    problems: new Map(),
    silent: new Set(),
    hidden: new Set(),
  };
  const rows = clusterRows(state, noon);
  const under = rows.flatMap(({ subject }) => clusterChildren(state, subject, noon));
  const limits = under.flatMap(({ subject }) => clusterChildren(state, subject, noon));
  expect(limits.length).toBeGreaterThan(0);
  expectTranslated([...rows, ...under, ...limits]);
});

it('runs and their steps', () => {
  const step = (fields: Partial<StepInfo>): StepInfo => ({
    key: 'ψ',
    verb: '',
    isCleanup: false,
    needs: ['φ'],
    status: 'pending',
    attempts: 2,
    ...fields,
  });
  const steps = [
    ...(['pending', 'running', 'completed', 'failed', 'skipped'] as const).map((status) => step({ status })),
    step({ status: 'waiting', waitsFor: 'event:ε', waitsUntil: noon + 60 }),
    step({ status: 'waiting', asks: [{ unit: '1', text: 'πότε', attempt: 1 }] }),
    step({ status: 'retrying', waitsUntil: noon + 60 }),
  ];
  const run = { id: '7', name: 'δ', file: '/δ', cluster: 'κ', params: { α: 1 }, created: noon - 60, steps };
  const runs = (['pending', 'running', 'sleeping', 'completed', 'failed', 'cancelled'] as const).map((status) => ({
    ...run,
    status,
    ...(status === 'pending' ? { schedule: { isWaiting: true, at: noon + 60, events: ['ε'] } } : {}),
    ...(status === 'failed' ? { finished: noon, reason: 'διότι' } : {}),
  }));
  expectTranslated(runs.map((one) => runNode(one, noon)));
  const rows = steps.map((one) => stepNode({ ...run, status: 'running' }, one, noon));
  // `Waits for: event:ε` names it as the engine does.
  expectTranslated(rows.map((row) => ({ ...row, tooltip: () => row.tooltip().replace('`event:ε`', '') })));
});
