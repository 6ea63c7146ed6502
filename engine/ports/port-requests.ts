/** What clients ask about ports of jobs: which are forwarded, for whom, and until when. */
import { TunnelError } from '../clusters/tunnel.ts';
import type { Logger } from '../logger.ts';
import type { ForwardedPort, OpenPortParams, PortEnded } from '../protocol/ports.ts';
import type { JobInfo, JobKey } from '../protocol.ts';
import type { JobRecord } from '../store/records.ts';
import { type Dial, dialHere, dialNode, type PortService } from './dial.ts';
import { firstNode, isPort } from './first-node.ts';
import { openPortForward } from './port-forward.ts';
import { tunnelWords } from './tunnel-words.ts';

export interface PortDependencies {
  readonly service: (cluster: string) => Promise<PortService>;
  /** Throws when there is no such job. */
  readonly job: (key: JobKey) => Pick<JobRecord, 'key' | 'cluster' | 'jobId' | 'state' | 'nodes'>;
  readonly log: Logger;
}

/** Who asks. */
export interface PortClient {
  /** Settles when it is not attached any more. */
  readonly gone: Promise<void>;
  readonly tell: (ended: PortEnded) => void;
}

interface OpenForward {
  readonly told: ForwardedPort;
  readonly clients: Set<PortClient>;
  /** Listens no more, and lets the connection to the cluster go. */
  readonly end: () => void;
}

interface Entry {
  readonly job: JobKey;
  readonly opening: Promise<OpenForward>;
  /** Once it is open. */
  open?: OpenForward;
  /** Why it is no more. */
  ended?: PortEnded['why'];
}

export class PortRequests {
  readonly #deps: PortDependencies;
  /** By job and port; those too that are being opened. */
  readonly #forwards = new Map<string, Entry>();

  constructor(deps: PortDependencies) {
    this.#deps = deps;
  }

  /** Connects if need be. Rejects with why the port cannot be forwarded. */
  async open(params: OpenPortParams, client: PortClient): Promise<ForwardedPort> {
    const { job, port, localPort } = params;
    if (!isPort(port) || (localPort !== undefined && !isPort(localPort)))
      throw new Error('Ports are whole numbers from 1 to 65535.');
    const id = forwardId(job, port);
    const entry: Entry = this.#forwards.get(id) ?? { job, opening: this.#begin(params) };
    this.#forwards.set(id, entry);
    try {
      const open = await entry.opening;
      const { told, clients } = open;
      entry.open = open;
      if (entry.ended === 'job') throw new Error(`Job ${job} does not run there any more.`);
      if (entry.ended) throw new Error(`Forwarding port ${port} of job ${job} was stopped before it was open.`);
      if (localPort !== undefined && told.localPort !== localPort) {
        const words = `Port ${port} of job ${job} is forwarded to port ${told.localPort} of this machine already: use that one, or stop it first.`;
        throw new Error(words);
      }
      clients.add(client);
      void client.gone.then(() => {
        clients.delete(client);
        this.#endUnused(id, entry, open);
      });
      return told;
    } finally {
      entry.opening.then(
        (open) => this.#endUnused(id, entry, open),
        () => this.#forget(id, entry),
      );
    }
  }

  /** Those that are open. */
  list(): readonly ForwardedPort[] {
    return [...this.#forwards.values()].flatMap(({ open }) => open?.told ?? []);
  }

  /** Also of one that is still being opened; who asked for it is told. */
  close(key: JobKey, port: number): void {
    this.#end(forwardId(key, port), 'asked');
  }

  /** Ends what leads to where the job does not run any more. */
  jobChanged({ key, state, nodes }: Pick<JobInfo, 'key' | 'state' | 'nodes'>): void {
    const runs = state === 'running' || state === 'suspended';
    for (const [id, { job, opening }] of this.#forwards) {
      if (job !== key) continue;
      const look = ({ told: { node } }: OpenForward) => {
        // It may have been requeued between two looks.
        if (node !== thisMachine && node !== firstNode(nodes ?? '')) this.#end(id, 'job');
      };
      if (!runs) this.#end(id, 'job');
      else opening.then(look, () => undefined); // Who asked was told.
    }
  }

  dispose(): void {
    for (const id of [...this.#forwards.keys()]) this.#end(id, 'asked');
  }

  async #begin({ job, port, localPort }: OpenPortParams): Promise<OpenForward> {
    const { log } = this.#deps;
    const { node, isHere, dial, service } = await this.#target(job, port);
    const told = { job, node, port, localPort: port };
    if (isHere && (localPort ?? port) === port)
      return { told: { ...told, isHere: true }, clients: new Set(), end: () => {} };
    const forward = await openPortForward({
      localPort: localPort ?? port,
      orAnyOther: localPort === undefined,
      dial,
      log: log.child(`${node}:${port}`),
    });
    const { localPort: heard } = forward;
    log.info(`127.0.0.1:${heard} leads to ${node}:${port} of job ${job}`);
    const release = service.backend.hold();
    const end = () => {
      forward.close();
      release();
      log.info(`127.0.0.1:${heard} leads to job ${job} no more`);
    };
    return { told: { ...told, localPort: heard }, clients: new Set(), end };
  }

  /** Where it is, once something answers there. */
  async #target(key: JobKey, port: number): Promise<Target> {
    const job = this.#deps.job(key);
    if (job.state !== 'running')
      throw new Error(`Job ${key} is ${job.state}: only ports of a running job can be forwarded.`);
    const service = await this.#deps.service(job.cluster);
    const { kind, scheduler } = await service.connect();
    const isHere = scheduler === 'local';
    const node = isHere ? thisMachine : firstNode(job.nodes ?? '');
    if (node === undefined) {
      const told = job.nodes ? `“${job.nodes}” names no host` : 'the scheduler has not told it (yet)';
      throw new Error(`The node that job ${key} runs on is not known: ${told}.`);
    }
    try {
      const dial = isHere ? await dialHere(port) : await dialNode(service, job.jobId, node, port);
      return { node, isHere, dial, service };
    } catch (error) {
      if (!(error instanceof TunnelError)) throw error;
      const end = { cluster: job.cluster, isHere: kind === 'local', runsHere: isHere, node, port };
      throw new Error(tunnelWords(error, end), { cause: error });
    }
  }

  #endUnused(id: string, entry: Entry, { told, clients }: OpenForward): void {
    if (this.#forwards.get(id) !== entry) return;
    if (told.isHere) this.#forget(id, entry);
    else if (clients.size === 0) this.#end(id, 'asked');
  }

  #forget(id: string, entry: Entry): void {
    if (this.#forwards.get(id) === entry) this.#forwards.delete(id);
  }

  #end(id: string, why: PortEnded['why']): void {
    const entry = this.#forwards.get(id);
    if (!entry) return;
    this.#forwards.delete(id);
    entry.ended = why;
    const end = (open: OpenForward) => {
      open.end();
      for (const client of open.clients) client.tell({ port: open.told, why });
    };
    if (entry.open) end(entry.open);
    // It ends as soon as it is open: nobody waits for that, a login that nobody answers may take long.
    else entry.opening.then(end, () => undefined); // Who asked was told.
  }
}

interface Target {
  readonly node: string;
  readonly isHere: boolean;
  readonly dial: Dial;
  readonly service: PortService;
}

/** In place of a node's name. */
const thisMachine = 'this machine';

function forwardId(job: JobKey, port: number): string {
  return `${port} ${job}`;
}
