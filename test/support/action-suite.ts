import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { listActions, listEvents, readMetrics } from '../../engine/protocol/actions.ts';
import { type EventlogEntry, type JobInfo, listJobs } from '../../engine/protocol.ts';
import type { EngineProcess } from './engine-process.ts';

export interface ActionSuite {
  readonly engine: () => EngineProcess;
  readonly cluster: string;
  /** A directory that jobs may run in, seen from here and from the cluster. */
  readonly work: () => string;
  /** A file there. */
  readonly write: (name: string, text: string) => void;
  readonly read: (name: string) => string;
}

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A real HTTP server that answers with these statuses in turn. */
export async function listener(...statuses: number[]) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/SECRET`, bodies };
}

export const contexts = (entries: readonly EventlogEntry[], name: string) =>
  entries.filter((entry) => entry.name === name).map((entry) => entry.context ?? {});

/** The actions of section 7 on one kind of cluster: run by a built engine, with real jobs. */
export function describeActions({ engine, cluster, work, write, read }: ActionSuite): void {
  const submit = (script: string, more: { readonly untrusted?: boolean } = {}) =>
    engine().submit({ cluster, script, workdir: work(), scriptPath: `${work()}/job.sh`, ...more });
  const jobs = async () => await engine().client.connection.sendRequest(listJobs);
  const successor = (of: JobInfo, wanted: (job: JobInfo) => boolean = () => true) =>
    vi.waitFor(
      async () => {
        const found = (await jobs()).find((job) => job.key !== of.key && job.cluster === cluster && wanted(job));
        if (!found) throw new Error('none yet');
        return found;
      },
      { timeout: 60_000, interval: 200 },
    );

  it('run_command, store_metric, emit_event and a printed event', async () => {
    await engine().connect();
    const script = `#!/bin/bash
#WATCHER_BEGIN
# name: w
# pattern: "loss (?P<loss>\\S+)"
# max_triggers: 1
# actions:
#   - run_command(command="pwd && echo \${loss} $JOB_ID | tee -a seen.txt")
#   - run_command(command="sbatch \${loss}")
#   - store_metric(name="loss", value="\${loss}")
#   - emit_event(name="converged", payload={"loss": "\${loss}", "n": [1, null]})
#WATCHER_END
echo "loss 0.5"
echo '::event printed {"a": 1}'
echo '::event bad {a}'
sleep 1
`;
    const job = await submit(script);
    const entries = await engine().until(job.key, 'clean');
    expect(contexts(entries, 'watcher.result')).toMatchObject([
      { action: 'run_command', ok: true, status: 0, output: expect.stringContaining(work()) },
      {
        action: 'run_command',
        ok: false,
        message: expect.stringContaining('sbatch is not in vigil.actions.allowedCommands'),
      },
      { action: 'store_metric', ok: true },
      { action: 'emit_event', ok: true, message: 'emitted converged' },
    ]);
    expect(read('seen.txt')).toBe(`0.5 ${job.jobId}\n`);
    expect(contexts(entries, 'event')).toMatchObject([{ name: 'printed', payload: { a: 1 }, duplicate: false }]);
    expect(contexts(entries, 'log')).toMatchObject([{ message: expect.stringContaining('is not JSON') }]);
    const { connection } = engine().client;
    const events = await connection.sendRequest(listEvents, {});
    expect(events.map(({ name, payload, source }) => [name, payload, source]).sort()).toEqual([
      ['converged', { loss: '0.5', n: [1, null] }, job.key],
      ['printed', { a: 1 }, job.key],
    ]);
    expect(await connection.sendRequest(readMetrics, { job: job.key })).toMatchObject([
      { name: 'loss', points: [[expect.any(Number), 0.5]] },
    ]);
    expect((await engine().vigil(['metrics', job.key])).stdout).toMatch(/^name,timestamp,value\nloss,[\d.]+,0\.5\n$/);
    expect(await connection.sendRequest(listActions, { job: job.key })).toHaveLength(4);
    expect(JSON.parse((await engine().vigil(['events', '--format', 'json'])).stdout)).toHaveLength(2);
  });

  it('a job without watchers prints an event', async () => {
    await engine().connect();
    const job = await submit('#!/bin/bash\necho "::event alone"\n');
    const entries = await engine().until(job.key, 'clean');
    expect(contexts(entries, 'event')).toMatchObject([{ name: 'alone', payload: null }]);
  });

  it('resubmit: modifications, captures in the script, lineage, once', async () => {
    await engine().connect();
    const script = `#!/bin/bash
#SBATCH --time=10
#WATCHER pattern="ckpt (?P<ckpt>\\S+) note (?P<note>.+)" remaining_resubmits=1 action=resubmit(modifications={"time": "*2", "learning-rate": "0,1"})
echo "from \${ckpt:-none} \${note:+with "\${note}"} rate \${LEARNING_RATE:-unset}"
echo 'ckpt model.pt note best'
sleep 20
`;
    const first = await submit(script);
    const second = await successor(first);
    await engine().until(first.key, 'clean');
    const last = await engine().until(second.key, 'watcher.result');
    expect(contexts(last, 'watcher.result')).toMatchObject([
      { ok: false, message: expect.stringContaining('no resubmits remain') },
    ]);
    const text = await vi.waitFor(() => {
      const out = read(`slurm-${second.jobId}.out`);
      if (!out.includes('ckpt')) throw new Error(out);
      return out;
    }, 30_000);
    expect(text).toContain('from model.pt with best rate 0,1');
    await engine().vigil(['cancel', second.key]);
    const log = await engine().until(second.key, 'clean');
    expect(contexts(log, 'submit')).toMatchObject([{ resubmit_of: first.key }]);
    expect((await engine().job(first.key)).state).toBe('cancelled');
  });

  it('resubmit: is refused where the script refers to a captured value that is no plain word', async () => {
    await engine().connect();
    const first = await submit(`#!/bin/bash
#WATCHER pattern="note (?P<note>.+)" max_triggers=1 remaining_resubmits=1 action=resubmit(cancel_original=False)
eval "echo \${note:-none}"
echo 'note $(touch pwned)'
`);
    const results = contexts(await engine().until(first.key, 'clean'), 'watcher.result');
    expect(results).toMatchObject([{ ok: false, message: expect.stringContaining('note captured is no plain word') }]);
    expect(() => read('pwned')).toThrow();
  });

  it('resubmit with a delay: the next engine does it', async () => {
    await engine().connect();
    const script = `#!/bin/bash
#WATCHER pattern="go" max_triggers=1 remaining_resubmits=1 action=resubmit(delay=4)
echo go
sleep 30
`;
    const first = await submit(script);
    const entries = await engine().until(first.key, 'clean');
    expect(contexts(entries, 'log')).toMatchObject([{ message: expect.stringContaining('resubmitted in 4 s') }]);
    expect(contexts(entries, 'watcher.result')).toEqual([]);
    await engine().kill();
    await engine().connect();
    const second = await successor(first);
    const results = contexts(await engine().until(first.key, 'watcher.result'), 'watcher.result');
    expect(results).toMatchObject([{ ok: true, message: `resubmitted as ${second.key}` }]);
    await engine().vigil(['cancel', second.key]);
    await engine().until(second.key, 'clean');
  });

  it('submit: another script, with options, environment and dependency, once', async () => {
    write('next.sh', '#!/bin/bash\n#WATCHER pattern="got (.*)" action=log_event(message="$1")\necho "got $A"\n');
    await engine().connect();
    const script = `#!/bin/bash
#WATCHER pattern="done" max_triggers=1 action=submit(script="next.sh", options={"job-name": "follow-up"}, env={"A": "x, 'y'"}, dependency="afterok")
echo done
sleep 1
`;
    const first = await submit(script);
    const second = await successor(first);
    expect(second.name).toBe('follow-up');
    const log = await engine().until(second.key, 'clean');
    expect(contexts(log, 'submit')).toMatchObject([{ submitted_by: first.key }]);
    expect(contexts(log, 'log')).toMatchObject([{ message: "x, 'y'" }]);
    expect((await engine().job(second.key)).started).toBeGreaterThanOrEqual((await engine().job(first.key)).ended ?? 0);
  });

  it('webhook: tried again after an engine that was killed, and its URL is in no log', async () => {
    const { url, bodies } = await listener(503, 503);
    await engine().connect();
    const script = `#!/bin/bash
#WATCHER pattern="go" max_triggers=1 action=webhook(url="${url}", body={"line": "$LINE"})
echo 'go "}, <!here> $(id)'
`;
    const job = await submit(script);
    await vi.waitFor(() => expect(bodies.length).toBeGreaterThanOrEqual(1), 60_000);
    await engine().kill();
    await engine().connect();
    const entries = await engine().until(job.key, 'watcher.result');
    expect(contexts(entries, 'watcher.result')).toMatchObject([{ ok: true, message: 'the webhook answered 200' }]);
    expect(bodies.at(-1)).toEqual({ line: 'go "}, <!here> $(id)' });
    expect(JSON.stringify(await engine().eventlog(job.key))).not.toContain('SECRET');
    expect(contexts(entries, 'watcher.action')).toMatchObject([
      { params: { url: expect.stringMatching(/^http:\/\/127.*…$/) } },
    ]);
  });

  it('does nothing for a job from a workspace that is not trusted', async () => {
    await engine().connect();
    const script = `#!/bin/bash
#WATCHER pattern="go" max_triggers=1 action=run_command(command="touch acted") action=log_event(message="seen")
echo go
`;
    const job = await submit(script, { untrusted: true });
    const entries = await engine().until(job.key, 'clean');
    expect(contexts(entries, 'watcher.result')).toMatchObject([
      { ok: false, message: expect.stringContaining('not trusted') },
      { ok: true, message: 'seen' },
    ]);
    expect(() => read('acted')).toThrow();
  });
}
