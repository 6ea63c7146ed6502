/** Output that is meant to hurt: an endless line, returns, NULs, noise, millions of lines, and patterns that backtrack. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../support/engine-process.ts';

const hostile = String.raw`#!/bin/bash
#WATCHER name=backtracks pattern="^(a+)+$|^(a|a)*bc$" action=log_event(message="backtracked")
#WATCHER name=expensive pattern="(?:\w{0,70}x?){70}[!?]" max_failures=2 action=log_event(message="expensive")
#WATCHER name=wide pattern="a.{0,200}z.*\d+y$" action=log_event(message="wide")
#WATCHER name=end pattern="^the (end)$" action=log_event(message="reached")
head -c 150000000 /dev/zero | tr '\0' a
printf '\n'
head -c 20000000 /dev/zero | tr '\0' '\r'
head -c 50000000 /dev/zero
head -c 4000000 /dev/urandom
head -c 8000000 /dev/zero | tr '\0' '\n'
for i in 1 2 3; do head -c 60000 /dev/zero | tr '\0' w; printf -- '-!w\n'; done
yes 'a short line' | head -c 80000000
printf '\nthe end\n'
`;

const modest = `#!/bin/bash
#WATCHER pattern="^line (\\d+)$" captures=[number] action=log_event(message="\${number}")
for i in 1 2 3 4 5; do echo "line $i"; sleep 0.05; done
`;

/** MB. */
function residentPeak(pid: number): number {
  const kibibytes = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

let engine: EngineProcess;
beforeEach(() => {
  engine = new EngineProcess({});
  mkdirSync(join(engine.folder, 'work'));
});
afterEach(() => engine.dispose());

const submit = (script: string, name: string) =>
  engine.submit({ cluster: 'local', script, scriptPath: join(engine.folder, 'work', name) });

describe.skipIf(process.platform !== 'linux')('hostile output', () => {
  it('is read to its end in bounded memory, and holds up no other job', async () => {
    await engine.connect();
    const before = await submit(modest, 'before.sh');
    await engine.until(before.key, 'clean');
    const { pid } = engine.client.info;
    const peakBefore = residentPeak(pid);
    const loud = await submit(hostile, 'hostile.sh');
    await engine.until(loud.key, 'start');
    const quiet = await submit(modest, 'quiet.sh');
    const heard = await engine.until(quiet.key, 'clean');
    expect(heard.filter(({ name }) => name === 'watcher.match')).toHaveLength(5);
    expect((await engine.job(loud.key)).logEnded ?? false).toBe(false);

    const entries = await engine.until(loud.key, 'clean');
    const of = (watcher: string) => entries.filter((entry) => entry.context?.watcher === watcher);
    expect(of('end').filter(({ name }) => name === 'watcher.match')).toHaveLength(1);
    expect(of('expensive').map(({ name, context }) => [name, context?.state])).toContainEqual([
      'watcher.state',
      'disabled',
    ]);
    const lost = entries.filter(({ name }) => name === 'output.lost').map(({ context }) => context?.note);
    expect(lost).toEqual([expect.stringContaining('line 1 is longer than 64 KiB')]);
    // Of 300 MB: none is kept.
    expect(residentPeak(pid) - peakBefore).toBeLessThan(150);
  });
});
