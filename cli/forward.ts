/** `vigil forward`: a port of the node where a job runs as a port of this machine. */
import { type ForwardedPort, openPort, portEnded } from '../engine/protocol/ports.ts';
import { readArguments } from './arguments.ts';
import type { EngineSession } from './engine-session.ts';
import { type Io, UsageError } from './io.ts';
import type { EngineTask } from './jobs.ts';
import { clusterOf, printable } from './table.ts';

/** Runs until the job ends, somebody stops it, or Ctrl-C: the engine forwards for as long as it is attached. */
export function runForward(argv: readonly string[], io: Io): EngineTask {
  const { positionals, values } = readArguments(argv, ['JOB', 'PORT'], { local: { type: 'string' } });
  const [job = '', port = ''] = positionals;
  const wanted = {
    job,
    port: readPort('PORT', port),
    ...(values.local === undefined ? {} : { localPort: readPort('--local', values.local) }),
  };
  const run = async (engine: EngineSession): Promise<number> => {
    let forwarded: ForwardedPort | undefined;
    for (;;) {
      const { connection } = engine;
      const lost = new Promise<'lost'>((resolve) => connection.onClose(() => resolve('lost')));
      const ended = new Promise<'asked' | 'job'>((resolve) => {
        engine.on(portEnded, ({ port: { job, port }, why }) => {
          if (job === wanted.job && port === wanted.port) resolve(why);
        });
      });
      // Behind another engine it is the same address.
      const again = forwarded === undefined ? {} : { localPort: forwarded.localPort };
      const opened = await connection.sendRequest(openPort, { ...wanted, ...again });
      if (!forwarded) io.stdout(`${addressLine(opened)}\n`);
      forwarded = opened;
      if (opened.isHere) return 0;
      const why = await Promise.race([lost, ended]);
      if (why !== 'lost') {
        io.stderr(
          `vigil forward: ${why === 'job' ? `job ${printable(job)} does not run there any more` : 'stopped'}\n`,
        );
        return 0;
      }
      await engine.reconnect(connection);
    }
  };
  return { cluster: clusterOf(job), run };
}

/** Throws `UsageError`. */
export function readPort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`${name} is a number from 1 to 65535, not "${text}"`);
  return port;
}

function addressLine({ job, node, port, localPort, isHere }: ForwardedPort): string {
  const address = `http://127.0.0.1:${localPort}`;
  if (isHere) return `${address} is the port of job ${printable(job)} itself: it runs on this machine`;
  return `${address} leads to port ${port} of ${printable(node)}, where job ${printable(job)} runs, until Ctrl-C`;
}
