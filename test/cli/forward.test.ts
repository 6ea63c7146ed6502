import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../cli/engine-session.ts';
import { runForward } from '../../cli/forward.ts';
import type { Io } from '../../cli/io.ts';
import type { ForwardedPort, OpenPortParams, PortEnded } from '../../engine/protocol/ports.ts';

/** Engines, one after the other, that forward whatever is asked for, to port 5000 of this machine unless that is asked for, too. */
function session(told: Partial<ForwardedPort> = {}) {
  const events = new EventEmitter();
  const asked: OpenPortParams[] = [];
  const connect = () => ({
    sendRequest: async (_type: unknown, params: OpenPortParams) => {
      asked.push(params);
      setImmediate(() => events.emit('opened'));
      return { job: params.job, node: 'n1', port: params.port, localPort: params.localPort ?? 5000, ...told };
    },
    onClose: (listener: () => void) => events.once('lost', listener),
  });
  let connection = connect();
  const engine = {
    get connection() {
      return connection;
    },
    on: (_type: unknown, listener: (ended: PortEnded) => void) => events.on('ended', listener),
    reconnect: async () => {
      connection = connect();
    },
  };
  return { engine: engine as unknown as EngineSession, events, asked };
}

function start(argv: readonly string[], told?: Partial<ForwardedPort>) {
  const printed: string[] = [];
  const io = { stdout: (text: string) => printed.push(text), stderr: (text: string) => printed.push(text) };
  const { engine, ...rest } = session(told);
  const task = runForward(argv, io as unknown as Io);
  return { ...rest, printed, cluster: task.cluster, done: task.run(engine) };
}

describe('vigil forward', () => {
  it('goes on until the job ends, behind another engine with the same address', async () => {
    const { events, asked, printed, done, cluster } = start(['hpc/5', '8888']);
    await once(events, 'opened');
    events.emit('lost');
    await once(events, 'opened');
    const port = { job: 'hpc/5', node: 'n1', port: 8888, localPort: 5000 };
    events.emit('ended', { port: { ...port, job: 'hpc/6' }, why: 'job' });
    events.emit('ended', { port, why: 'job' });
    expect([await done, cluster]).toEqual([0, 'hpc']);
    expect(asked).toEqual([
      { job: 'hpc/5', port: 8888 },
      { job: 'hpc/5', port: 8888, localPort: 5000 },
    ]);
    expect(printed).toEqual([
      'http://127.0.0.1:5000 leads to port 8888 of n1, where job hpc/5 runs, until Ctrl-C\n',
      'vigil forward: job hpc/5 does not run there any more\n',
    ]);
  });

  it('has nothing to wait for where the job runs on this machine', async () => {
    const { done, printed, asked } = start(['local/1', '80', '--local', '8080'], { isHere: true });
    expect(await done).toBe(0);
    expect(asked).toEqual([{ job: 'local/1', port: 80, localPort: 8080 }]);
    expect(printed).toEqual(['http://127.0.0.1:8080 is the port of job local/1 itself: it runs on this machine\n']);
  });

  it.each([
    [['hpc/5'], 'PORT is missing'],
    [['hpc/5', '0'], 'PORT is a number from 1 to 65535, not "0"'],
    [['hpc/5', '1e3'], 'not "1e3"'],
    [['hpc/5', '80', '--local', '65536'], '--local is a number'],
    [['hpc/5', '80', '90'], 'one argument too many'],
  ])('%j is no such command', (argv, words) => expect(() => runForward(argv, {} as Io)).toThrow(words));
});
