/**
 * No loss, no double: the connection is cut at 200 random moments while jobs print numbered lines. Every matching line is
 * matched once, every action has one result, and nothing is left running on the cluster.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventlogEntry, type JobInfo, listJobs } from '../../../engine/protocol.ts';
import { EngineProcess } from '../../support/engine-process.ts';
import { randomFrom } from '../../support/random.ts';
import { matchedNumbers, oneTo } from '../../support/scripts.ts';
import { describeOnCluster, site, temporaryFolder, until } from '../support/site.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const jobs = 4;
const linePauseSeconds = 0.05;

let engine: EngineProcess;
let proxy: TcpProxy;

beforeEach(async () => {
  proxy = await startTcpProxy(site.loginPort);
  engine = new EngineProcess({ reconnectSeconds: 0.02, longestReconnectSeconds: 0.2 });
  engine.configure({ sshConfigFile: shakyConfiguration(proxy.port) });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(logTail());
  await engine.dispose();
  await proxy.close();
});

/** The folder of the engine goes with it: what it logged last has to be seen before. */
const logTail = () =>
  readFileSync(join(engine.folder, 'state', 'engine.log'), 'utf8')
    .split('\n')
    .slice(-40)
    .join('\n');

/** The login host as `shaky`, through the proxy. */
function shakyConfiguration(port: number): string {
  const file = join(engine.folder, 'shaky_config');
  const host = `Host shaky\n  HostName 127.0.0.1\n  Port ${port}\n  HostKeyAlias [127.0.0.1]:${site.loginPort}\n  User ${site.user}\n`;
  const keys = `  IdentityFile ${site.key('user_ed25519')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${site.knownHosts}\n`;
  writeFileSync(file, `${host}${keys}`);
  return file;
}

/** Every line is matched by one watcher with one action, every tenth by another one with two. Prints until `stop` exists. */
const scriptUntil = (stop: string) => `#!/bin/bash
#SBATCH --job-name=cuts --time=20:00
#WATCHER name="each" pattern="^line (?P<n>\\d+) end$" action=log_event(message="saw \${n}")
#WATCHER name="tens" pattern="^line (?P<n>\\d*0) end$" action=store_metric(name="n", variable="n") action=log_event(message="ten \${n}")
i=0
until [ -e ${stop} ]; do i=$((i + 1)); echo "line $i end"; sleep ${linePauseSeconds}; done
`;

const ofWatcher = (entries: readonly EventlogEntry[], name: string, watcher: string) =>
  entries.filter((entry) => entry.name === name && entry.context?.watcher === watcher);

/** Cuts the connection, as often as it takes, at a random moment of its life: also while it logs in. */
async function cutOften(cuts: number, random: () => number): Promise<{ readonly loggingIn: number }> {
  let loggingIn = 0;
  for (let cut = 0; cut < cuts; cut++) {
    await until('there is a connection to cut', () => proxy.open > 0);
    // Half of the moments soon after it began (logging in, the first commands), half of them at any time.
    const waitMs = random() < 0.5 ? random() * 200 : random() * 700;
    await sleep(waitMs);
    if (proxy.open === 0) {
      cut--;
      continue;
    }
    if (waitMs < 60) loggingIn++;
    proxy.drop();
    await until('it is cut', () => proxy.open === 0);
  }
  return { loggingIn };
}

describeOnCluster('a connection that is cut over and over', () => {
  it.each([
    ['ssh2', 200],
    ['openssh', 25],
  ] as const)(
    '%s, %i times: no line is lost or matched twice, every action has one result',
    { timeout: 400_000 },
    async (transport, cuts) => {
      engine.configure({ clusters: [{ name: 'shaky', host: 'shaky', transport }] });
      const seed = Number(process.env.VIGIL_SEED ?? Date.now() % 1_000_000);
      const started = Date.now();
      const folder = await temporaryFolder();
      const stop = join(folder.path, 'stop');
      await engine.connect();
      const submitted: JobInfo[] = [];
      for (let job = 0; job < jobs; job++)
        submitted.push(await engine.submit({ cluster: 'shaky', script: scriptUntil(stop) }));
      await engine.until(submitted[0]?.key ?? '', 'watcher.match');
      const { loggingIn } = await cutOften(cuts, randomFrom(seed));
      writeFileSync(stop, '');
      const cutSeconds = (Date.now() - started) / 1000;
      let [matches, results, lost, printed] = [0, 0, 0, 0];
      for (const { key } of submitted) {
        const entries = await engine.until(key, 'clean', 200_000);
        const lines = numbersIn((await engine.job(key)).stdoutPath ?? '');
        const tenth = Math.floor(lines / 10);
        const each = ofWatcher(entries, 'watcher.match', 'each');
        const tens = ofWatcher(entries, 'watcher.match', 'tens');
        expect(matchedNumbers(each), `seed ${seed}`).toEqual(oneTo(lines));
        expect(matchedNumbers(tens), `seed ${seed}`).toEqual(oneTo(tenth).map((ten) => ten * 10));
        const messages = entries.filter((entry) => entry.name === 'log').map((entry) => String(entry.context?.message));
        expect(messages.filter((text) => text.startsWith('saw'))).toEqual(oneTo(lines).map((line) => `saw ${line}`));
        expect(messages.filter((text) => text.startsWith('ten'))).toEqual(oneTo(tenth).map((ten) => `ten ${ten * 10}`));
        const result = entries.filter((entry) => entry.name === 'watcher.result');
        expect(
          new Set(result.map(({ context }) => `${context?.watcher} ${context?.trigger} ${context?.position}`)).size,
        ).toBe(result.length);
        expect(result.every(({ context }) => context?.ok === true)).toBe(true);
        expect(result).toHaveLength(lines + 2 * tenth);
        expect(entries.filter(({ name }) => name === 'output.lost')).toEqual([]);
        printed += lines;
        matches += each.length + tens.length;
        results += result.length;
        lost += entries.filter(({ name }) => name === 'connection.lost').length / jobs;
      }
      await until('nothing of cut connections runs on', () => readersRunning() <= 1);
      console.log(
        `${transport}: ${cuts} cuts (seed ${seed}; ${loggingIn} within 60 ms of the connection's start; ${proxy.connections} connections, ${lost} were open) ` +
          `in ${cutSeconds.toFixed(0)} s; ${jobs} jobs, ${printed} lines: ${matches} matches, ${results} results, 0 lost, 0 double`,
      );
      await folder.remove();
      expect((await engine.client.connection.sendRequest(listJobs)).every((job) => job.state === 'completed')).toBe(
        true,
      );
    },
  );
});

/** How many lines the job printed, by its own count. */
function numbersIn(file: string): number {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.at(-1)).toBe(`line ${lines.length} end`);
  return lines.length;
}

/** How many programs that follow output run as the site's user: one for each living connection. */
function readersRunning(): number {
  try {
    return Number(execFileSync('pgrep', ['-c', '-u', site.user, '-f', 'python3 -u -c'], { encoding: 'utf8' }));
  } catch {
    return 0; // pgrep(1): status 1, none
  }
}
