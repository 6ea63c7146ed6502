/** A language server in this process, and a client of it, over two streams. */
import { PassThrough } from 'node:stream';
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  type ProtocolRequestType,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Registration,
  RegistrationRequest,
  ShutdownRequest,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type ClusterFacts,
  type ClusterFactsParams,
  clusterFactsMethod,
} from '../../language/directives/cluster-facts.ts';
import { startServer } from '../../server/server.ts';

export const uri = 'file:///work/job.sh';

/** With `settings` the client answers `workspace/configuration` by the setting's name. */
export async function startInProcess(
  settings?: { [name: string]: unknown },
  capabilities: ClientCapabilities['textDocument'] = {},
  initializationOptions?: unknown,
): Promise<LanguageClient> {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  startServer(
    createConnection(ProposedFeatures.all, new StreamMessageReader(toServer), new StreamMessageWriter(toClient)),
  );
  const client = new LanguageClient(
    createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer)),
  );
  await client.initialize(settings, capabilities, initializationOptions);
  return client;
}

export class LanguageClient {
  initializeResult: InitializeResult | undefined;
  /** What the server registered after its start. */
  readonly registered: Registration[] = [];
  /** What was published last. */
  latest: readonly Diagnostic[] = [];
  private readonly connection: ProtocolConnection;
  private readonly waiting: ((params: PublishDiagnosticsParams) => void)[] = [];
  private version = 0;

  constructor(connection: ProtocolConnection) {
    this.connection = connection;
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.latest = params.diagnostics;
      for (const resolve of this.waiting.splice(0)) resolve(params);
    });
    connection.listen();
  }

  async initialize(
    settings?: { [name: string]: unknown },
    ofTextDocument: ClientCapabilities['textDocument'] = {},
    initializationOptions?: unknown,
  ): Promise<void> {
    this.connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section }) => settings?.[section ?? '']),
    );
    this.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registered.push(...registrations);
    });
    const completion = { completionItem: { snippetSupport: true } };
    const capabilities = {
      textDocument: { completion, ...ofTextDocument },
      workspace: { configuration: settings !== undefined },
    };
    this.initializeResult = await this.connection.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: null,
      capabilities,
      initializationOptions,
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  nextDiagnostics(): Promise<PublishDiagnosticsParams> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async open(text: string, languageId = 'shellscript'): Promise<readonly Diagnostic[]> {
    const next = this.nextDiagnostics();
    this.version = 1;
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
    return (await next).diagnostics;
  }

  /** What the client says of its cluster. */
  async tellFacts(facts: ClusterFacts | null): Promise<void> {
    const params: ClusterFactsParams = { facts };
    await this.connection.sendNotification(clusterFactsMethod, params);
  }

  async changeConfiguration(): Promise<void> {
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  async insert(line: number, character: number, text: string): Promise<PublishDiagnosticsParams> {
    const next = this.nextDiagnostics();
    const at = { line, character };
    const textDocument = { uri, version: ++this.version };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument,
      contentChanges: [{ range: { start: at, end: at }, text }],
    });
    return next;
  }

  async close(): Promise<PublishDiagnosticsParams> {
    const next = this.nextDiagnostics();
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
    return next;
  }

  async complete(text: string, offset: number): Promise<readonly CompletionItem[]> {
    await this.open(text);
    const position = TextDocument.create(uri, 'shellscript', 1, text).positionAt(offset);
    const result = await this.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
    await this.close();
    return Array.isArray(result) ? result : (result?.items ?? []);
  }

  async hover(text: string, offset: number): Promise<Hover | null> {
    await this.open(text);
    const position = TextDocument.create(uri, 'shellscript', 1, text).positionAt(offset);
    const result = await this.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
    await this.close();
    return result;
  }

  async codeActions(text: string): Promise<readonly CodeAction[]> {
    const diagnostics = [...(await this.open(text))];
    const document = TextDocument.create(uri, 'shellscript', 1, text);
    const range = { start: { line: 0, character: 0 }, end: document.positionAt(text.length) };
    const result = await this.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range,
      context: { diagnostics },
    });
    await this.close();
    return (result ?? []) as CodeAction[];
  }

  /** Any request about the open document. */
  ask<Params, Result, Partial, Failure, Options>(
    type: ProtocolRequestType<Params, Result, Partial, Failure, Options>,
    params: Omit<Params, 'textDocument'>,
  ): Promise<Result> {
    return this.connection.sendRequest(type.method, { textDocument: { uri }, ...params });
  }

  /** Opens without waiting for what is published: nothing is, to a client that asks for diagnostics. */
  async show(text: string): Promise<void> {
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'shellscript', version: 1, text },
    });
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    this.connection.dispose();
  }

  async shutdownAndExit(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
  }
}
