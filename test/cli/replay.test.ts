import { describe, expect, it } from 'vitest';
import { UsageError } from '../../cli/io.ts';
import { runReplay } from '../../cli/replay.ts';
import { fakeIo } from '../support/fake-io.ts';

const script = `#!/bin/bash
#WATCHER name="oom" pattern="out of memory" output_type=stderr action=resubmit(modifications={"mem": "32G"})
#WATCHER_BEGIN
# name: loss
# pattern: "epoch (?P<epoch>\\d+) loss: (?P<loss>[\\d.]+)"
# condition: float(loss) > 5.0
# actions:
#   - store_metric(name="loss", value="\${loss}")
#   - cancel_job(reason="loss \${loss}")
#WATCHER_END
#WATCHER name="end" trigger_on_job_end=true trigger_job_states=[failed] action=log_event(message="it failed")
`;

async function run(args: readonly string[], files: { readonly [path: string]: string } = {}) {
  const io = fakeIo({
    'train.sh': script,
    out: 'epoch 1 loss: 2\r\nepoch 2 loss: 7.5',
    err: 'CUDA out of memory\n',
    ...files,
  });
  const status = await runReplay(['train.sh', '--stdout', 'out', ...args], io);
  return { status, ...io.printed };
}

const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; timestamp: number; context: { [key: string]: unknown } });

describe('vigil replay', () => {
  it('prints what would have happened, an event a line', async () => {
    const { status, stdout } = await run(['--stderr', 'err', '--state', 'failed', '--format', 'json']);
    expect(status).toBe(0);
    expect(events(stdout).map(({ name, context }) => [name, context])).toEqual([
      [
        'watcher.match',
        {
          watcher: 'loss',
          line: 'epoch 1 loss: 2',
          lineNumber: 1,
          stream: 'stdout',
          captures: { epoch: '1', loss: '2' },
          condition: false,
        },
      ],
      [
        'watcher.match',
        {
          watcher: 'loss',
          line: 'epoch 2 loss: 7.5',
          lineNumber: 2,
          stream: 'stdout',
          captures: { epoch: '2', loss: '7.5' },
          condition: true,
        },
      ],
      [
        'watcher.action',
        {
          watcher: 'loss',
          action: 'store_metric',
          params: { name: 'loss', value: '7.5' },
          trigger: 1,
          position: 0,
          cause: 'match',
        },
      ],
      ['metric', { name: 'loss', value: 7.5 }],
      [
        'watcher.action',
        {
          watcher: 'loss',
          action: 'cancel_job',
          params: { reason: 'loss 7.5' },
          trigger: 1,
          position: 1,
          cause: 'match',
        },
      ],
      [
        'watcher.match',
        { watcher: 'oom', line: 'CUDA out of memory', lineNumber: 1, stream: 'stderr', captures: {}, condition: true },
      ],
      [
        'watcher.action',
        {
          watcher: 'oom',
          action: 'resubmit',
          params: { modifications: { mem: '32G' } },
          trigger: 1,
          position: 0,
          cause: 'match',
        },
      ],
      [
        'watcher.action',
        {
          watcher: 'end',
          action: 'log_event',
          params: { message: 'it failed' },
          trigger: 1,
          position: 0,
          cause: 'job-end',
        },
      ],
      ...['oom', 'loss', 'end'].map((watcher) => [
        'watcher.state',
        { watcher, state: 'completed', reason: 'the job ended' },
      ]),
    ]);
    expect(events(stdout).every(({ timestamp }) => timestamp > 0)).toBe(true);
  });

  it('prints text by default', async () => {
    expect((await run([])).stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+ watcher\.match watcher="loss" line="epoch 1 loss: 2"/);
  });

  it('refuses a script whose watchers have errors, and says where', async () => {
    const { status, stderr } = await run([], { 'train.sh': '#!/bin/sh\n#WATCHER pattern="(" action=cancel_job\n' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^train\.sh:2:19: /);
  });

  it.each([
    [['--state', 'sleeping'], '--state is one of completed'],
    [['--format', 'yaml'], '--format is one of text, json'],
    [['--unknown'], "Unknown option '--unknown'"],
    [['extra'], '"extra" is one argument too many'],
  ])('%j is wrong usage', async (args, words) => {
    await expect(run(args)).rejects.toThrow(UsageError);
    await expect(run(args)).rejects.toThrow(words);
  });
});
