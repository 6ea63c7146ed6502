/**
 * Workflow runs: 1,000 runs of 5 steps beside plain OpenWorkflow on the same kind of file; from an emitted event to the step
 * that awaited it; and 10,000 sleeping runs: what they cost an engine that is quiet, and one that starts.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenWorkflow } from 'openworkflow';
import { BackendSqlite } from 'openworkflow/sqlite';
import { emitEvent } from '../engine/protocol/actions.ts';
import { runChanged, startRun } from '../engine/protocol/workflows.ts';
import { type BenchEngine, sleep, startEngine } from './lib/bench-engine.ts';
import { type Figure, percentile, report } from './lib/figures.ts';
import { type Lab, openLab } from './lib/workflow-lab.ts';

const runs = 1000;
const steps = 5;
const rounds = 3;
const sleepers = 10_000;
const emits = 200;
const quietSeconds = 20;

const fiveSteps = `steps:\n${Array.from({ length: steps }, (_, n) => `  - { id: s${n}, notify: "step ${n}" }\n`).join('')}`;

/** Seconds that plain OpenWorkflow takes: its worker, with as many runs at a time. */
async function plainSeconds(folder: string, atOnce: number): Promise<number> {
  const backend = BackendSqlite.connect(join(folder, 'plain.db'));
  const client = new OpenWorkflow({ backend });
  let told = 0;
  const workflow = client.defineWorkflow({ name: 'five-steps' }, async ({ step }) => {
    for (let n = 0; n < steps; n++) {
      await step.run({ name: `s${n}` }, () => {
        told++;
        return {};
      });
    }
  });
  const worker = client.newWorker({ concurrency: atOnce });
  const began = performance.now();
  for (let n = 0; n < runs; n++) await workflow.run();
  await worker.start();
  const isOver = async () => (await backend.countWorkflowRuns()).completed === runs;
  while (!(await isOver())) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  if (told !== runs * steps) throw new Error(`${told} steps were done, not ${runs * steps}`);
  await worker.stop();
  await backend.stop();
  return seconds;
}

async function ownSeconds(lab: Lab): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < runs; n++) await lab.workflows.service.run({ file: '/bench/five.vigil.yaml', text: fiveSteps });
  await lab.workflows.start();
  while (lab.workflows.isBusy) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  if (lab.notified() !== runs * steps) throw new Error(`${lab.notified()} steps were done, not ${runs * steps}`);
  return seconds;
}

/** The two in turn, so that neither has the better moments of the machine. */
async function measureRuns(folder: string): Promise<Figure> {
  const [own, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const place = join(folder, `round-${round}`);
    mkdirSync(place);
    plain.push(await plainSeconds(place, 50));
    const lab = openLab(place);
    own.push(await ownSeconds(lab));
    await lab.dispose();
  }
  return {
    what: `${runs} runs of ${steps} steps, median of ${rounds}`,
    value: percentile(own, 0.5),
    unit: 's',
    peer: { name: 'plain OpenWorkflow', value: percentile(plain, 0.5) },
    bar: { most: 1.3, of: 'ratio' },
  };
}

const awaiting = 'params: { n: 0 }\nsteps: [{ await_event: "bench-${{ params.n }}" }, { notify: woken }]\n';

/** Of the engine, as a client sees it: from before `emit` to the run's end, whose last step follows the wait. */
async function measureWaking(engine: BenchEngine): Promise<Figure[]> {
  const ended = new Map<string, number>();
  const asleep = new Set<string>();
  engine.connection.onNotification(runChanged, ({ id, status }) => {
    if (status === 'sleeping') asleep.add(id);
    if (status === 'completed') ended.set(id, performance.now());
  });
  const latencies: number[] = [];
  for (let n = 0; n < emits; n++) {
    const { id } = await engine.connection.sendRequest(startRun, {
      file: '/bench/awaiting.vigil.yaml',
      text: awaiting,
      params: { n },
    });
    while (!asleep.has(id)) await sleep(1);
    await sleep(Math.random() * 20);
    const began = performance.now();
    await engine.connection.sendRequest(emitEvent, { name: `bench-${n}`, payload: n });
    while (!ended.has(id)) await sleep(1);
    latencies.push((ended.get(id) ?? Number.NaN) - began);
  }
  return [
    {
      what: 'emit to the end of the next step, p50',
      value: percentile(latencies, 0.5),
      unit: 'ms',
      bar: { most: 100 },
    },
    { what: 'the same, p99', value: percentile(latencies, 0.99), unit: 'ms' },
  ];
}

/** A state folder with so many runs that wait, half for an event and half for a time. */
async function makeSleepers(folder: string): Promise<void> {
  const lab = openLab(folder);
  await lab.workflows.start();
  const text = (n: number) =>
    n % 2 === 0 ? `steps: [{ await_event: "never-${n}" }, { notify: x }]` : 'steps: [{ sleep: 7d }, { notify: x }]';
  for (let n = 0; n < sleepers; n++)
    await lab.workflows.service.run({ file: '/bench/sleeper.vigil.yaml', text: text(n) });
  while (lab.slept() < sleepers) await sleep(50);
  await lab.dispose();
}

async function measureSleepers(folder: string): Promise<Figure[]> {
  const state = join(folder, 'sleepers');
  mkdirSync(state);
  const making = performance.now();
  await makeSleepers(state);
  console.log(`  (made ${sleepers} sleeping runs in ${((performance.now() - making) / 1000).toFixed(0)} s)`);
  const began = performance.now();
  const engine = await startEngine('/dev/null', (place) => cpSync(state, place, { recursive: true }));
  const startSeconds = (performance.now() - began) / 1000;
  try {
    await sleep(5000);
    const before = engine.cpuSeconds();
    await sleep(quietSeconds * 1000);
    const cpu = (engine.cpuSeconds() - before) / quietSeconds;
    return [
      { what: `engine start with ${sleepers} sleeping runs`, value: startSeconds, unit: 's', bar: { most: 2 } },
      { what: 'processor while they sleep', value: cpu * 100, unit: '% of a core', bar: { most: 1 } },
      ...(await measureWaking(engine)).map((figure) => ({ ...figure, what: `beside them: ${figure.what}` })),
    ];
  } finally {
    await engine.dispose();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-workflows-'));
try {
  const figures = [await measureRuns(folder)];
  const engine = await startEngine('/dev/null');
  try {
    figures.push(...(await measureWaking(engine)));
  } finally {
    await engine.dispose();
  }
  figures.push(...(await measureSleepers(folder)));
  report('Workflow runs on SQLite', figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
