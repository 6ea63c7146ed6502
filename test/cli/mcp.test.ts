import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConnectionError, ConnectionErrors, ResponseError } from 'vscode-jsonrpc/node';
import type { EngineSession } from '../../cli/engine-session.ts';
import { explain } from '../../cli/explain.ts';
import { commandLine } from '../../cli/mcp/command-line.ts';
import { EngineOnDemand } from '../../cli/mcp/engine-on-demand.ts';
import type { JobTool, JobTools } from '../../cli/mcp/job-tools.ts';
import { runMcp } from '../../cli/mcp/mcp.ts';
import { type ToolDeclaration, toolServer } from '../../cli/mcp/server.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { fakeIo } from '../support/fake-io.ts';
import { readManifest } from '../support/manifest.ts';

describe('a command for a person', () => {
  it.each([
    [['cancel', 'local/3'], 'vigil cancel local/3'],
    [['submit', '/a b/$(rm).sh', '--cluster=x'], "vigil submit '/a b/$(rm).sh' --cluster=x"],
    [['submit', "/it's.sh", '--workdir=~'], "vigil submit '/it'\\''s.sh' '--workdir=~'"],
    [['submit', 'line\nbreak', ''], "vigil submit 'line\nbreak' ''"],
  ])('%j', (words, line) => expect(commandLine(words)).toBe(line));
});

describe('a proposal', () => {
  const act = vi.fn(async () => 'done');
  afterEach(() => act.mockClear());

  /** `answer`: of the person; absent: they cannot be asked. */
  async function client(answer?: () => Promise<ElicitResult>): Promise<Client> {
    const reading: JobTool = { kind: 'reading', run: async () => 'read' };
    const propose = async () => ({ question: 'Cancel it?', command: ['cancel', 'local/1'], act });
    const proposing: JobTool = { kind: 'proposing', isDestructive: true, isRepeatable: true, propose };
    const tools: JobTools = {
      vigil_jobs: reading,
      vigil_eventlog: reading,
      vigil_output: reading,
      vigil_submit: proposing,
      vigil_cancel: proposing,
      vigil_hold: proposing,
      vigil_release: proposing,
    };
    const { contributes } = readManifest<{
      readonly contributes: { readonly languageModelTools: readonly ToolDeclaration[] };
    }>();
    const declarations = contributes.languageModelTools.map(({ name, inputSchema }) => {
      return { name, title: name, description: name, inputSchema };
    });
    const server = toolServer(tools, declarations, '0.1.0', String);
    const asking = new Client({ name: 'test', version: '1' }, { capabilities: answer ? { elicitation: {} } : {} });
    if (answer) asking.setRequestHandler(ElicitRequestSchema, answer);
    const [here, there] = InMemoryTransport.createLinkedPair();
    await Promise.all([server.connect(there), asking.connect(here)]);
    return asking;
  }
  const cancel = { name: 'vigil_cancel', arguments: { job: 'local/1' } };
  const cancelling = async (answer?: () => Promise<ElicitResult>) => {
    const { content } = await (await client(answer)).callTool(cancel);
    return (content as readonly { readonly text: string }[])[0]?.text;
  };

  it('is done when it was agreed to', async () => {
    expect(await cancelling(async () => ({ action: 'accept', content: { agree: true } }))).toBe('done');
    expect(act).toHaveBeenCalledOnce();
  });

  it.each<[string, ElicitResult]>([
    ['declined', { action: 'decline' }],
    ['declined', { action: 'accept', content: { agree: false } }],
    ['declined', { action: 'accept' }],
    ['closed the question', { action: 'cancel' }],
    ['could not be asked', { action: 'accept', content: {} }],
    ['could not be asked', { action: 'accept', content: { agree: 'true' } }],
  ])('is not done: %s, %j', async (words, reply) => {
    expect(await cancelling(async () => reply)).toMatch(new RegExp(`^Nothing was done: .*${words}`));
    expect(act).not.toHaveBeenCalled();
  });

  it('is not done where the question fails, or there is nobody to ask', async () => {
    const failing = await cancelling(async () => Promise.reject(new Error('no window')));
    expect(failing).toMatch(/^Nothing was done: .*no window.*\n {2}vigil cancel local\/1$/s);
    expect(await cancelling()).toMatch(/^Nothing was done: .*\n {2}vigil cancel local\/1$/s);
    expect(act).not.toHaveBeenCalled();
  });

  it('is not done when the call is taken back before the answer', async () => {
    const takenBack = new AbortController();
    const asking = await client(async () => {
      takenBack.abort();
      return { action: 'accept', content: { agree: true } };
    });
    await expect(asking.callTool(cancel, undefined, { signal: takenBack.signal })).rejects.toThrow();
    // What comes behind it is answered behind it.
    await asking.ping();
    expect(act).not.toHaveBeenCalled();
  });

  it('has to be what the tool takes', async () => {
    const asking = await client();
    for (const input of [{}, { job: 3 }, { job: 'local/1', force: true }]) {
      expect(await asking.callTool({ name: 'vigil_cancel', arguments: input })).toMatchObject({ isError: true });
    }
    await expect(asking.callTool({ name: 'constructor' })).rejects.toThrow('there is no tool constructor');
  });
});

describe('the engine', () => {
  const sessions: { dispose: () => void }[] = [];
  const open = vi.fn(async () => {
    const session = { dispose: vi.fn() };
    sessions.push(session);
    return session as unknown as EngineSession;
  });
  afterEach(() => {
    open.mockClear();
    sessions.length = 0;
  });

  it('is connected at the first question, and once', async () => {
    const engine = new EngineOnDemand(open);
    expect(open).not.toHaveBeenCalled();
    expect(await Promise.all([engine.ask(async () => 1), engine.ask(async () => 2)])).toEqual([1, 2]);
    expect(open).toHaveBeenCalledOnce();
    await engine.dispose();
    expect(sessions[0]?.dispose).toHaveBeenCalledOnce();
  });

  it.each([new ConnectionError(ConnectionErrors.Closed, 'closed'), new ResponseError(errorCodes.engineEnds, 'ends')])(
    'is asked once more when it has ended: %s',
    async (error) => {
      const engine = new EngineOnDemand(open);
      const ask = vi.fn<() => Promise<string>>().mockRejectedValueOnce(error).mockResolvedValueOnce('here');
      expect(await engine.ask(ask)).toBe('here');
      expect(open).toHaveBeenCalledTimes(2);
      expect(sessions[0]?.dispose).toHaveBeenCalled();
    },
  );

  it('is not asked again for what it refuses, and may be started later', async () => {
    const refused = new EngineOnDemand(open);
    await expect(refused.ask(() => Promise.reject(new ResponseError(errorCodes.refused, 'no')))).rejects.toThrow('no');
    expect(open).toHaveBeenCalledOnce();
    const late = new EngineOnDemand(
      vi.fn<typeof open>().mockRejectedValueOnce(new Error('no room')).mockImplementation(open),
    );
    await expect(late.ask(async () => 1)).rejects.toThrow('no room');
    expect(await late.ask(async () => 1)).toBe(1);
  });
});

it('says what to do where a login needs a person', () => {
  const refused = new ResponseError(errorCodes.authentication, 'far: nobody answered');
  expect(explain(refused, 'log in elsewhere')).toBe('far: nobody answered\n  (log in elsewhere)');
  expect(explain(refused)).toBe('far: nobody answered');
  expect(explain(new ResponseError(errorCodes.unknownJob, 'no job'), 'log in elsewhere')).toBe('no job');
});

it('`vigil mcp --help` says how to register it, and starts nothing', async () => {
  const io = fakeIo();
  const never = () => Promise.reject(new Error('started'));
  expect(await runMcp(['--help'], io, never, process.stdin, process.stdout)).toBe(0);
  expect(io.printed.stdout).toContain('claude mcp add vigil -- vigil mcp');
  await expect(runMcp(['now'], io, never, process.stdin, process.stdout)).rejects.toThrow('one argument too many');
});
