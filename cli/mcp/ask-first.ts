/** Nothing that acts is done before the person at the assistant's program has agreed to it (MCP: elicitation). */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { ElicitRequestFormParams } from '@modelcontextprotocol/sdk/types.js';
import { commandLine } from './command-line.ts';
import type { Proposal } from './job-tools.ts';

/** A question that is older is about jobs that have changed. */
const longestWaitMs = 15 * 60_000;

const form = {
  type: 'object',
  properties: {
    agree: { type: 'boolean', title: 'Do it', description: 'Yes: it is done now. No: nothing is done.' },
  },
  required: ['agree'],
} as const satisfies ElicitRequestFormParams['requestedSchema'];

/**
 * Does what is proposed once the person has agreed, and says what was done: also that nothing was. Rejects when it was
 * agreed to and failed, or when `signal` took the call back.
 */
export async function askFirst(server: Server, proposal: Proposal, signal: AbortSignal): Promise<string> {
  const byHand = `They can do it themselves in a terminal:\n  ${commandLine(proposal.command)}`;
  if (!server.getClientCapabilities()?.elicitation?.form) {
    return `Nothing was done: only the user may let this happen, and your program cannot ask them (it has no MCP elicitation). ${byHand}`;
  }
  const reply = await ask(server, proposal.question, signal);
  if (reply instanceof Error) return `Nothing was done: the user could not be asked (${reply.message}). ${byHand}`;
  if (reply.action === 'cancel') return 'Nothing was done: the user closed the question without an answer.';
  if (reply.action !== 'accept' || reply.content?.agree !== true)
    return 'Nothing was done: the user declined. Do not ask again unless they want it.';
  signal.throwIfAborted();
  return proposal.act();
}

async function ask(server: Server, message: string, signal: AbortSignal) {
  try {
    return await server.elicitInput({ message, requestedSchema: form }, { timeout: longestWaitMs, signal });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
