/** `vigil mcp`: jobs for assistants, by the Model Context Protocol on stdin and stdout. */
import type { Readable, Writable } from 'node:stream';
import { readArguments } from '../arguments.ts';
import type { EngineSession } from '../engine-session.ts';
import { explain } from '../explain.ts';
import type { Io } from '../io.ts';
import { EngineOnDemand } from './engine-on-demand.ts';
import { jobTools } from './job-tools.ts';

const help = `vigil mcp: an MCP server (Model Context Protocol) on stdin and stdout. An assistant's program starts it.

  vigil_jobs, vigil_eventlog, vigil_output                read
  vigil_submit, vigil_cancel, vigil_hold, vigil_release   propose: you are asked each time, nothing is done unless you agree

To register it:
  VS Code       .vscode/mcp.json: {"servers": {"vigil": {"type": "stdio", "command": "vigil", "args": ["mcp"]}}}
  Claude Code   claude mcp add vigil -- vigil mcp
  others        {"mcpServers": {"vigil": {"command": "vigil", "args": ["mcp"]}}}

It ends when stdin does. Logins that need a password are for "vigil connect CLUSTER" or VS Code: nobody can be asked here.
`;

const loginHint =
  'nobody can be asked here: the user logs in once, with "vigil connect CLUSTER" in a terminal or in VS Code, and the engine keeps the connection while it is needed';

/** Ends when `stdin` does. */
export async function runMcp(
  argv: readonly string[],
  io: Io,
  openEngine: () => Promise<EngineSession>,
  stdin: Readable,
  stdout: Writable,
): Promise<number> {
  const { values } = readArguments(argv, [], { help: { type: 'boolean', short: 'h', default: false } });
  if (values.help) {
    io.stdout(help);
    return 0;
  }
  if (io.isInteractive)
    io.stderr('vigil mcp: waits for an MCP client on stdin; "vigil mcp --help" says how to register it\n');
  const engine = new EngineOnDemand(openEngine);
  const { serveOnStdio } = await import('./server.ts');
  try {
    const tools = jobTools(engine.ask, io);
    const log = (text: string) => io.stderr(`vigil mcp: ${text}\n`);
    await serveOnStdio(tools, (error) => explain(error, loginHint), stdin, stdout, log);
  } finally {
    await engine.dispose();
  }
  return 0;
}
