/** Serves the engine to its clients: JSON-RPC over the engine's socket, notifications to all. */
import { createServer, type Server, type Socket } from 'node:net';
import {
  type CancellationToken,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { answer } from './answer.ts';
import { ClientPrompts } from './client-prompts.ts';
import type { Engine } from './engine.ts';
import type { Logger } from './logger.ts';
import { notifyClient } from './notify-client.ts';
import type { Follow } from './output/reader.ts';
import { servePorts } from './ports/serve-ports.ts';
import * as actionProtocol from './protocol/actions.ts';
import * as clusterProtocol from './protocol/clusters.ts';
import * as fileSystemProtocol from './protocol/file-system.ts';
import { readFilePart, searchOutput } from './protocol/files.ts';
import { noteJob, orderJob, readUsage } from './protocol/jobs.ts';
import * as notificationProtocol from './protocol/notifications.ts';
import * as outputProtocol from './protocol/output.ts';
import { previewSubmit, readSubmission, type SubmitProgress, submitProgressed } from './protocol/submit.ts';
import { tryWatchers } from './protocol/trials.ts';
import { type UploadProgress, uploadFiles, uploadProgressed } from './protocol/uploads.ts';
import * as watcherProtocol from './protocol/watchers.ts';
import * as runProtocol from './protocol/workflows.ts';
import * as protocol from './protocol.ts';
import type { Publisher } from './publisher.ts';
import { describeWorkflow } from './workflows/describe-workflow.ts';

interface Client {
  readonly connection: MessageConnection;
  answersPrompts: boolean;
  kind: protocol.InitializeParams['client'];
  /** It has shaken hands. */
  attached: boolean;
  readonly outputs: Map<number, Follow>;
  readonly gone: Promise<void>;
  /** Settles `gone`. */
  readonly leave: () => void;
  /** Rises with each window that comes to the front; 0: it never did. */
  focused: number;
  /** Notifications that its socket has not taken yet. */
  waiting: number;
}

const engineEnds = 'The engine ends; connect to the next one.';

/** A client that does not read is closed when so many notifications wait for it: they are kept in memory. */
const mostWaiting = 10_000;

export interface RpcServerOptions {
  readonly version: string;
  readonly log: Logger;
  /** The number of attached clients changed. */
  readonly onClients: (count: number) => void;
  /** A newer client takes over: finish, then exit once this resolves and its answer is sent. */
  readonly onHandOver: () => Promise<void>;
}

export class RpcServer implements Publisher {
  readonly prompts: ClientPrompts;
  readonly #options: RpcServerOptions;
  readonly #clients = new Set<Client>();
  readonly #server: Server;
  #engine: Engine | undefined;
  #nextSubscription = 1;
  #focusCount = 0;
  #isEnding = false;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.prompts = new ClientPrompts(
      () => [...this.#clients].filter((client) => client.attached && client.answersPrompts),
      (notification) => {
        this.notification(notification);
        this.showInWindow(notification);
      },
    );
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts to listen on a UNIX socket or a Windows pipe, never on a network port. */
  async listen(engine: Engine, address: string): Promise<void> {
    this.#engine = engine;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, resolve);
    });
  }

  get clientCount(): number {
    return [...this.#clients].filter((client) => client.attached).length;
  }

  /** Takes no new clients and refuses requests: what they would do now could not be written down any more. */
  refuseRequests(): void {
    this.#isEnding = true;
    this.#server.close();
  }

  // Publisher

  cluster(info: protocol.ClusterInfo): void {
    this.#broadcast((connection) => connection.sendNotification(protocol.clusterChanged, info));
  }

  job(info: protocol.JobInfo): void {
    this.#broadcast((connection) => connection.sendNotification(protocol.jobChanged, info));
  }

  eventlog(job: protocol.JobKey, entries: readonly protocol.EventlogEntry[], log?: protocol.EventlogName): void {
    const appended = { job, entries, ...(log === undefined ? {} : { log }) };
    this.#broadcast((connection) => connection.sendNotification(protocol.eventlogAppended, appended));
  }

  forgotten(job: protocol.JobKey): void {
    this.#broadcast((connection) => connection.sendNotification(protocol.jobForgotten, { job }));
  }

  run(run: runProtocol.RunInfo): void {
    this.#broadcast((connection) => connection.sendNotification(runProtocol.runChanged, run));
  }

  emitted(event: actionProtocol.EmittedEvent): void {
    this.#broadcast((connection) => connection.sendNotification(actionProtocol.eventEmitted, event));
  }

  /** In all terminals. */
  notification(notification: protocol.UserNotification): void {
    this.#broadcast(
      (connection) => connection.sendNotification(protocol.userNotification, notification),
      ({ kind }) => kind === 'cli',
    );
  }

  /** In the window that was in front last; false: there is none. */
  showInWindow(notification: protocol.UserNotification): boolean {
    const windows = [...this.#clients].filter(({ attached, kind }) => attached && kind === 'vscode');
    const latest = windows.sort((a, b) => b.focused - a.focused)[0];
    this.#broadcast(
      (connection) => connection.sendNotification(protocol.userNotification, notification),
      (client) => client === latest,
    );
    return latest !== undefined;
  }

  /** A client that has just left hears nothing, and that is no error. */
  #broadcast(
    send: (connection: MessageConnection) => Promise<void>,
    to: (client: Client) => boolean = () => true,
  ): void {
    for (const client of this.#clients) {
      if (!client.attached || !to(client)) continue;
      if (++client.waiting > mostWaiting) {
        this.#options.log.warn('a client takes nothing of what it is sent: it is closed');
        client.connection.dispose();
        this.#left(client);
        continue;
      }
      const taken = () => {
        client.waiting--;
      };
      void send(client.connection).then(taken, taken);
    }
  }

  // Clients

  #accept(socket: Socket): void {
    const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
    let leave = () => {};
    const gone = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const client: Client = {
      connection,
      answersPrompts: false,
      kind: 'cli',
      attached: false,
      outputs: new Map(),
      gone,
      leave,
      focused: 0,
      waiting: 0,
    };
    this.#clients.add(client);
    const end = () => this.#left(client);
    connection.onClose(end);
    connection.onError(([error]) => this.#options.log.warn(`a client's connection failed: ${error.message}`));
    socket.on('error', end);
    this.#serve(client);
    connection.listen();
  }

  #left(client: Client): void {
    if (!this.#clients.delete(client)) return;
    client.leave();
    for (const follow of client.outputs.values()) follow.stop();
    this.#options.onClients(this.clientCount);
  }

  #serve(client: Client): void {
    const { connection } = client;
    const engine = () => {
      if (this.#isEnding) throw new ResponseError(protocol.errorCodes.engineEnds, engineEnds);
      if (!this.#engine || !client.attached)
        throw new ResponseError(protocol.errorCodes.invalidParams, 'initialize comes first');
      return this.#engine;
    };
    connection.onRequest(protocol.initialize, (params) => this.#initialize(client, params));
    connection.onRequest(protocol.handOver, async () => {
      await this.#options.onHandOver();
      return null;
    });
    connection.onRequest(protocol.readStatus, () => answer(() => this.#status(engine())));
    connection.onRequest(protocol.listClusters, () => answer(() => engine().clusters()));
    connection.onRequest(protocol.connectCluster, ({ cluster }) => answer(() => engine().connect(cluster)));
    connection.onRequest(protocol.disconnectCluster, ({ cluster }) => answer(() => engine().disconnect(cluster)));
    connection.onRequest(protocol.clusterFacts, ({ cluster, maxAgeSeconds }) =>
      answer(async () => (await engine().facts(cluster, maxAgeSeconds)) ?? null),
    );
    connection.onRequest(clusterProtocol.readClusterLog, ({ cluster }) => answer(() => engine().clusterLog(cluster)));
    connection.onRequest(protocol.listJobs, () => answer(() => engine().jobs()));
    connection.onRequest(protocol.submitJob, (params) => {
      const send = (progress: SubmitProgress) => notifyClient(connection, submitProgressed, progress);
      return answer(() => engine().submit(params, send));
    });
    connection.onRequest(previewSubmit, (params) => answer(() => engine().submissions.preview(params)));
    connection.onRequest(uploadFiles, (params, token) => {
      const send = (progress: UploadProgress) => notifyClient(connection, uploadProgressed, progress);
      return answer(() => engine().submissions.upload(params, send, endOf(client, token)));
    });
    connection.onRequest(readSubmission, ({ job }) => answer(() => engine().submissions.past(job)));
    connection.onRequest(protocol.cancelJob, ({ job }) =>
      answer(() =>
        engine()
          .cancel(job)
          .then(() => null),
      ),
    );
    connection.onRequest(orderJob, ({ job, order }) =>
      answer(() => engine().jobRequests.order(job, order)).then(() => null),
    );
    connection.onRequest(noteJob, ({ job, changes }) => answer(() => engine().jobRequests.note(job, changes)));
    connection.onRequest(readUsage, ({ job }) => answer(async () => (await engine().jobRequests.usage(job)) ?? null));
    connection.onRequest(protocol.forgetJob, ({ job }) => answer(() => engine().forget(job)).then(() => null));
    connection.onRequest(protocol.readEventlog, ({ job, from, log }) =>
      answer(() => engine().eventlog(job, from, log)),
    );
    connection.onRequest(protocol.waitEvent, (params, token) =>
      answer(() => engine().waitEvent(params, endOf(client, token))),
    );
    connection.onRequest(actionProtocol.listActions, ({ job }) => answer(() => engine().actionRuns(job)));
    connection.onRequest(actionProtocol.readMetrics, ({ job, name }) => answer(() => engine().metrics(job, name)));
    connection.onRequest(actionProtocol.emitEvent, ({ name, payload = null, key }) =>
      answer(() => engine().events.emit({ name, payload, source: client.kind, ...(key === undefined ? {} : { key }) })),
    );
    connection.onRequest(actionProtocol.listEvents, (wanted) => answer(() => engine().events.list(wanted)));
    connection.onRequest(runProtocol.startRun, (params) => answer(() => engine().workflows.service.run(params)));
    connection.onRequest(runProtocol.describeWorkflow, ({ text, ...file }) =>
      answer(() => describeWorkflow(file, text)),
    );
    connection.onRequest(runProtocol.retryRun, ({ run, ...how }) =>
      answer(() => engine().workflows.service.retry(run, how)),
    );
    const archive = () => engine().workflows.service.archive;
    connection.onRequest(runProtocol.listRuns, (wanted) => answer(() => archive().list(wanted)));
    connection.onRequest(runProtocol.getRun, ({ run }) => answer(async () => archive().info(await archive().run(run))));
    connection.onRequest(runProtocol.dumpRun, ({ run }) => answer(() => archive().dump(run)));
    connection.onRequest(runProtocol.cleanRuns, ({ olderThanSeconds, limit }) =>
      answer(() => archive().clean(olderThanSeconds, limit)),
    );
    connection.onRequest(runProtocol.cancelRun, ({ run, reason }) =>
      answer(() => engine().workflows.service.cancel(run, reason)).then(() => null),
    );
    connection.onRequest(runProtocol.approveStep, ({ run, step, approved, by }) =>
      answer(() => engine().workflows.service.approve(run, step, approved, by)).then(() => null),
    );
    connection.onRequest(protocol.readScript, ({ job }) => answer(() => engine().script(job)));
    connection.onRequest(outputProtocol.openOutput, (params) =>
      answer(() => this.#openOutput(client, engine(), params)),
    );
    connection.onRequest(outputProtocol.closeOutput, ({ subscription }) => {
      client.outputs.get(subscription)?.stop();
      client.outputs.delete(subscription);
      return null;
    });
    connection.onRequest(protocol.replayWatchers, (params, token) => {
      const send = (progress: protocol.ReplayProgress) =>
        connection.sendNotification(protocol.watchersReplayed, progress);
      return answer(() => engine().watchers.replay(params, send, endOf(client, token)));
    });
    connection.onRequest(tryWatchers, (params, token) =>
      answer(() => engine().watchers.try(params, endOf(client, token))),
    );
    connection.onRequest(readFilePart, (params, token) =>
      answer(() => engine().files.read(params, endOf(client, token))),
    );
    connection.onRequest(searchOutput, (params, token) =>
      answer(() => engine().files.search(params, endOf(client, token))),
    );
    this.#serveFileSystem(connection, engine);
    servePorts(client, () => engine().ports);
    this.#serveWatchers(connection, engine);
    this.#serveNotifications(client, engine);
    connection.onRequest(actionProtocol.takeBackCancels, ({ job }) =>
      answer(() => engine().watchers.takeBackCancels(job)),
    );
    connection.onNotification(actionProtocol.secretsChanged, (secrets) => {
      if (!this.#isEnding) engine().tellSecrets(secrets);
    });
    connection.onNotification(protocol.settingsChanged, (settings) => {
      if (!this.#isEnding) engine().configure(settings);
    });
  }

  #serveNotifications(client: Client, engine: () => Engine): void {
    const { connection } = client;
    const { muteNotifications, unmuteNotifications, listMutes, windowFocused } = notificationProtocol;
    connection.onRequest(muteNotifications, (params) => answer(() => engine().notices.mute(params)));
    connection.onRequest(unmuteNotifications, (params) => answer(() => engine().notices.unmute(params)));
    connection.onRequest(listMutes, () => answer(() => engine().notices.mutes));
    connection.onNotification(windowFocused, () => {
      client.focused = ++this.#focusCount;
    });
  }

  #serveFileSystem(connection: MessageConnection, engine: () => Engine): void {
    const { statFile, listFolder, readFilePage, writeFile, makeFolder, deleteFile, renameFile } = fileSystemProtocol;
    const files = () => engine().fileSystems;
    const done = (work: () => Promise<void>) => answer(() => work().then(() => null));
    connection.onRequest(statFile, (address) => answer(() => files().stat(address)));
    connection.onRequest(listFolder, (address) => answer(() => files().list(address)));
    connection.onRequest(readFilePage, (page) => answer(() => files().readPage(page)));
    connection.onRequest(writeFile, (params) => done(() => files().write(params)));
    connection.onRequest(makeFolder, (address) => done(() => files().makeFolder(address)));
    connection.onRequest(deleteFile, (params) => done(() => files().delete(params)));
    connection.onRequest(renameFile, (params) => done(() => files().rename(params)));
  }

  #serveWatchers(connection: MessageConnection, engine: () => Engine): void {
    const { listForeignJobs, adoptJob, attachWatchers, controlWatcher, editWatcher, runWatchers } = watcherProtocol;
    connection.onRequest(listForeignJobs, (params) => answer(() => engine().foreignJobs(params)));
    connection.onRequest(adoptJob, (params) => answer(() => engine().adopt(params)));
    connection.onRequest(attachWatchers, (params) => answer(() => engine().watchers.attach(params)));
    connection.onRequest(controlWatcher, ({ job, watcher, verb }) =>
      answer(() => engine().watchers.control(job, watcher, verb)),
    );
    connection.onRequest(editWatcher, ({ job, watcher, script }) =>
      answer(() => engine().watchers.edit(job, watcher, script)),
    );
    connection.onRequest(runWatchers, (params) => answer(() => engine().watchers.run(params)));
  }

  #status(engine: Engine): protocol.EngineStatus {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const uptimeSeconds = process.uptime();
    const now = Date.now() / 1000;
    return {
      version: this.#options.version,
      protocolVersion: protocol.protocolVersion,
      pid: process.pid,
      node: process.version,
      started: now - uptimeSeconds,
      now,
      clients: this.clientCount,
      ...engine.status(),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      cpuShare: (user + system) / 1e6 / uptimeSeconds,
    };
  }

  #initialize(client: Client, params: protocol.InitializeParams): protocol.InitializeResult {
    const { version } = this.#options;
    if (this.#isEnding) throw new ResponseError(protocol.errorCodes.engineEnds, engineEnds);
    if (params.protocolVersion > protocol.protocolVersion) {
      const message = `The running engine (${version}) is older than this client (${params.version}).`;
      throw new ResponseError(protocol.errorCodes.engineOutdated, message);
    }
    if (params.protocolVersion < protocol.protocolVersion) {
      const message = `The running engine (${version}) is newer than this client (${params.version}): update Vigil here, then reload.`;
      throw new ResponseError(protocol.errorCodes.clientOutdated, message);
    }
    client.attached = true;
    client.answersPrompts = params.answersPrompts;
    client.kind = params.client;
    if (params.settings) this.#engine?.configure(params.settings);
    if (params.secrets) this.#engine?.tellSecrets(params.secrets);
    this.#options.onClients(this.clientCount);
    // After the answer: what was kept, and prompts, come to a client that knows it is attached.
    if (params.client === 'vscode') setImmediate(() => this.#engine?.notices.wake());
    if (params.answersPrompts) {
      setImmediate(() => {
        this.prompts.clientCame(client);
        this.#engine?.personCame();
      });
    }
    return { protocolVersion: protocol.protocolVersion, version, pid: process.pid };
  }

  async #openOutput(
    client: Client,
    engine: Engine,
    params: outputProtocol.OpenOutputParams,
  ): Promise<{ subscription: number; path: string }> {
    const subscription = this.#nextSubscription++;
    let offset = params.offset;
    // Settles when the socket has taken it, or the client is gone: the reader waits for that.
    const send = (chunk: Omit<outputProtocol.OutputChunk, 'subscription' | 'offset'>): Promise<void> | undefined => {
      if (!client.outputs.has(subscription)) return undefined;
      const sent = client.connection.sendNotification(outputProtocol.outputChunk, { subscription, offset, ...chunk });
      return Promise.race([sent.catch(() => {}), client.gone]);
    };
    let answer = () => {};
    // Chunks wait until the client knows the subscription's number.
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { follow, path } = await engine.openOutput(params, {
      onData: (at, bytes) =>
        answered.then(async () => {
          offset = at;
          const sent = send({ data: Buffer.from(bytes).toString('base64') });
          offset = at + bytes.length;
          await sent;
        }),
      onRestart: () =>
        void answered.then(() => {
          offset = 0;
          return send({ restarted: true });
        }),
      onCaughtUp: () => void answered.then(() => send({ caughtUp: true })),
      onProblem: (problem) => void answered.then(() => send({ problem })),
    });
    // It may have left while the cluster was connected to.
    if (this.#clients.has(client)) client.outputs.set(subscription, follow);
    else follow.stop();
    setImmediate(answer);
    return { subscription, path };
  }
}

/** Aborted when the client cancels its request, or leaves. */
function endOf(client: Client, token: CancellationToken): AbortSignal {
  const end = new AbortController();
  const cancel = () => end.abort(new ResponseError(protocol.errorCodes.cancelled, 'the request was cancelled'));
  token.onCancellationRequested(cancel);
  void client.gone.then(cancel);
  return end.signal;
}
