/** The jobs view of 10,000 jobs: what it takes to show them at first, and to take in a change of one. Pure code, no window. */
import { JobStore } from '../client/engine/job-store.ts';
import { JobsTree } from '../client/jobs/jobs-tree.ts';
import { defaultOptions, groupings } from '../client/jobs/tree-options.ts';
import type { JobInfo, JobState } from '../engine/protocol.ts';
import { type Figure, percentile, report } from './lib/figures.ts';

const jobCount = 10_000;
const now = 1_795_262_400;
const states: readonly JobState[] = ['running', 'pending', 'completed', 'failed', 'cancelled', 'timeout'];

/** Half of them are tasks of ten arrays. */
function job(index: number): JobInfo {
  const cluster = ['local', 'alpha', 'beta'][index % 3] ?? 'local';
  const array = index % 2 === 0 ? index % 20 : undefined;
  const isArray = index < 20 && index % 2 === 0;
  const parent = `${['local', 'alpha', 'beta'][(array ?? 0) % 3]}/${array}`;
  const jobId = array === undefined || isArray ? String(index) : `${array}_${index}`;
  return {
    key: `${cluster}/${jobId}`,
    cluster,
    jobId,
    name: `train-${index % 50}`,
    state: states[index % states.length] ?? 'running',
    submitted: now - index * 37,
    started: now - index * 37 + 5,
    timeLimitSeconds: 14_400,
    watchers: [],
    logEnded: false,
    ...(isArray ? { isArray } : {}),
    ...(array === undefined || isArray ? {} : { arrayTask: { parent, index } }),
  };
}

function measure(): Figure[] {
  const store = new JobStore();
  store.replaceAll(
    [],
    Array.from({ length: jobCount }, (_, index) => job(index)),
  );
  // What VS Code asks for: the rows that stand open.
  const rowsOf = (tree: JobsTree) =>
    tree.roots(now).flatMap((node) => (node.expansion === 'expanded' ? tree.children(node.subject, now) : []));
  const first = performance.now();
  rowsOf(new JobsTree(store));
  const shownMs = performance.now() - first;
  const figures: Figure[] = [{ what: '10,000 jobs, first shown', value: shownMs, unit: 'ms', bar: { most: 200 } }];
  for (const group of groupings) {
    const tree = new JobsTree(store, { ...defaultOptions, group });
    rowsOf(tree);
    const updates = Array.from({ length: 100 }, (_, index) => {
      store.setJob({ ...job(index * 97), state: 'completed' });
      const began = performance.now();
      tree.changed();
      rowsOf(tree);
      return performance.now() - began;
    });
    const what = `one update, by ${group}, p95`;
    figures.push({ what, value: percentile(updates, 0.95), unit: 'ms', bar: { most: 16 } });
  }
  return figures;
}

report('jobs tree', measure());
