/**
 * From a line written on the cluster to its action: a real sshd on loopback, 100 jobs followed, a fake Slurm (the
 * scheduler has no part in it). Beside it a poller that reads the same files every 10 s, which is ssync's least interval.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as protocol from '../engine/protocol.ts';
import { type BenchEngine, sleep, startEngine, submitMany } from './lib/bench-engine.ts';
import { type FakeCluster, startFakeCluster, whyNoCluster } from './lib/fake-cluster.ts';
import { percentile, report } from './lib/figures.ts';

const jobCount = 100;
const seconds = 45;
const linesPerSecond = 50;
const pollSeconds = 10;

const script = `#!/bin/bash
#WATCHER name="t" pattern="^written at (?P<at>\\d+\\.\\d+)$" action=log_event(message="\${at}")
sleep 1
`;

/** Milliseconds since the epoch, finer than a millisecond; the same clock for all processes of this machine. */
const nowMs = () => performance.timeOrigin + performance.now();
const line = () => `written at ${nowMs().toFixed(3)}\n`;

/** Reads what is new in each file every `pollSeconds`: how old its lines are then. */
class Poller {
  readonly agesMs: number[] = [];
  readonly #files: { readonly handle: number; offset: number }[];
  readonly #timer: NodeJS.Timeout;

  constructor(paths: readonly string[]) {
    this.#files = paths.map((path) => ({ handle: openSync(path, 'r'), offset: 0 }));
    this.#timer = setInterval(() => this.#poll(), pollSeconds * 1000);
  }

  #poll(): void {
    for (const file of this.#files) {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(file.handle).size - file.offset));
      file.offset += readSync(file.handle, bytes, 0, bytes.length, file.offset);
      for (const match of bytes.toString('latin1').matchAll(/written at (\S+)\n/g)) {
        this.agesMs.push(nowMs() - Number(match[1]));
      }
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { handle } of this.#files) closeSync(handle);
  }
}

interface Latencies {
  /** To the entry that announces the action: it begins in the same turn. */
  readonly started: number[];
  /** To its result, as a window hears of it. */
  readonly heard: number[];
}

function listen(engine: BenchEngine): Latencies {
  const latencies: Latencies = { started: [], heard: [] };
  engine.connection.onNotification(protocol.eventlogAppended, ({ entries }) => {
    const arrived = nowMs();
    for (const { name, context, observed } of entries) {
      const params = context?.params as { readonly message?: string } | undefined;
      if (name === 'watcher.action') latencies.started.push(observed * 1000 - Number(params?.message));
      if (name === 'log') latencies.heard.push(arrived - Number(context?.message));
    }
  });
  return latencies;
}

async function measure(cluster: FakeCluster, engine: BenchEngine): Promise<void> {
  const ids = await submitMany(engine, cluster.name, script, jobCount);
  const paths = ids.map((id) => cluster.outputPath(id));
  for (const path of paths) appendFileSync(path, 'begin\n');
  await sleep(5000);
  const latencies = listen(engine);
  const poller = new Poller(paths);
  const began = nowMs();
  let written = 0;
  while (nowMs() - began < seconds * 1000) {
    for (; written < ((nowMs() - began) / 1000) * linesPerSecond; written++) {
      appendFileSync(paths[Math.floor(Math.random() * paths.length)] ?? '', line());
    }
    await sleep(1 + Math.random() * 20);
  }
  await sleep(3000);
  poller.stop();
  const { started, heard } = latencies;
  const polled = poller.agesMs;
  const peer = (part: number) => ({ name: `poll every ${pollSeconds} s`, value: percentile(polled, part) });
  const rows = (what: string, values: readonly number[]) => [
    { what: `${what}, p50`, value: percentile(values, 0.5), unit: 'ms', peer: peer(0.5), bar: { most: 50 } },
    { what: `${what}, p99`, value: percentile(values, 0.99), unit: 'ms', peer: peer(0.99), bar: { most: 250 } },
  ];
  report(
    `Latency: ${jobCount} jobs followed over sshd, ${linesPerSecond} lines/s in sum, ${written} lines (fake Slurm)`,
    [
      ...rows('line written to action started', started),
      ...rows('line written to result heard by a window', heard),
      {
        what: 'lines that had their action',
        value: heard.length / written,
        unit: 'of all',
        bar: { least: 1, most: 1 },
      },
    ],
  );
}

const why = whyNoCluster();
if (why) console.log(`\nLatency: left out, ${why}`);
else {
  const cluster = await startFakeCluster();
  const engine = await startEngine(cluster.sshConfigFile);
  try {
    await measure(cluster, engine);
  } finally {
    await engine.dispose();
    await cluster.dispose();
  }
}
