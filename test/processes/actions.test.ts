import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contexts, describeActions } from '../support/action-suite.ts';
import { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
let work: string;
beforeEach(() => {
  engine = new EngineProcess({});
  work = join(engine.folder, 'work');
  mkdirSync(work);
});
afterEach(() => engine.dispose());

describe.skipIf(process.platform === 'win32')('actions on `local`', () => {
  describeActions({
    engine: () => engine,
    cluster: 'local',
    work: () => work,
    write: (name, text) => writeFileSync(join(work, name), text),
    read: (name) => readFileSync(join(work, name), 'utf8'),
  });

  it('refuses clearly what processes cannot do', async () => {
    await engine.connect();
    const script = `#!/bin/bash
#WATCHER pattern="go" max_triggers=1 action=hold_job action=requeue_job action=update_job(options={"Partition": "long"}) action=signal_job(signal="NOPE") action=signal_job(signal="USR1")
trap 'echo signalled; exit 0' USR1
echo go
sleep 30 & wait
`;
    const job = await engine.submit({ cluster: 'local', script, workdir: work });
    const entries = await engine.until(job.key, 'clean');
    expect(contexts(entries, 'watcher.result').map(({ action, ok, message }) => [action, ok, message])).toEqual([
      ['hold_job', false, expect.stringContaining('only a job in the queue can be held')],
      ['requeue_job', false, expect.any(String)],
      ['update_job', false, expect.stringContaining('only its TimeLimit can be changed')],
      ['signal_job', false, expect.stringContaining('no signal NOPE')],
      ['signal_job', true, expect.stringContaining('sent USR1')],
    ]);
    expect(readFileSync(join(work, `slurm-${job.jobId}.out`), 'utf8')).toContain('signalled');
  });

  it('holds notifications back when there are too many of them, and says so', async () => {
    engine.configure({ 'actions.notificationsPerHour': 2 });
    await engine.connect();
    const script = `#!/bin/bash
#WATCHER pattern="go" action=notify(message="m $LINE", level="info")
for i in 1 2 3; do echo "go $i"; done
`;
    const job = await engine.submit({ cluster: 'local', script, workdir: work });
    const entries = await engine.until(job.key, 'clean');
    expect(contexts(entries, 'watcher.result').map(({ message }) => message)).toEqual([
      'm go 1',
      'm go 2',
      'held back, too many notifications: m go 3',
    ]);
    expect(engine.notifications.map(({ message }) => message)).toEqual(['m go 1', 'm go 2']);
  });

  it('lets `vigil emit` emit, and tells of duplicates', async () => {
    await engine.connect();
    expect((await engine.vigil(['emit', 'published', '--payload', '{"a":1}'])).status).toBe(0);
    expect((await engine.vigil(['emit', 'published'])).stderr).toContain('duplicate');
    expect((await engine.vigil(['emit', 'x y'])).status).toBe(1);
    expect((await engine.vigil(['emit', 'x', '--payload', '{a}'])).status).toBe(2);
    expect((await engine.vigil(['events', '--name', 'published'])).stdout).toMatch(
      /published .*cli\s+\{"a":1\}\n.*\(duplicate\)/,
    );
  });
});
