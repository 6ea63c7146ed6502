/** Answers the engine's questions: from the environment for the command's own cluster, else on the terminal. */
import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { asksForPassword, promptText } from '../engine/clusters/prompter.ts';
import { showable } from '../engine/clusters/showable.ts';
import { type CommandAnswer, type CommandPrompt, promptCommand } from '../engine/protocol/actions.ts';
import { errorCodes, type HostKeyPrompt, type InputPrompt, promptHostKey, promptInput } from '../engine/protocol.ts';
import type { Io } from './io.ts';

export interface PromptAnswerer {
  /** Is there anything to answer with? */
  readonly canAnswer: boolean;
  /** Anything but a clear yes is a no. Rejects likewise. */
  command(prompt: CommandPrompt): Promise<CommandAnswer>;
  register(connection: MessageConnection): void;
  /** `null`: the person declined. Rejects when this client cannot answer: the engine then goes by the other ones. */
  input(prompt: InputPrompt, token?: CancellationToken): Promise<string | null>;
  hostKey(prompt: HostKeyPrompt, token?: CancellationToken): Promise<boolean>;
}

/**
 * `cluster`: what the command is about; a password in the environment is for it alone, not for the hosts on the way, and
 * is tried once.
 */
export function promptAnswerer(io: Io, cluster: string | undefined): PromptAnswerer {
  const used = new Set<string>();
  const { VIGIL_PASSWORD, VIGIL_PASSPHRASE } = io.environment;
  const hasSecret = cluster !== undefined && (VIGIL_PASSWORD ?? VIGIL_PASSPHRASE) !== undefined;
  const ask = oneAfterTheOther(io);
  const input = async (prompt: InputPrompt, token?: CancellationToken): Promise<string | null> => {
    const name = prompt.cluster === cluster ? variableFor(prompt) : undefined;
    const given = name === undefined ? undefined : io.environment[name];
    if (name !== undefined && given !== undefined && !used.has(name)) {
      used.add(name);
      return given;
    }
    const text = showable(promptText(prompt));
    if (!io.isInteractive) throw cannotAnswer(`${prompt.cluster} asks "${text}"`);
    return (await ask(`${prompt.cluster} (${prompt.address}): ${text} `, prompt.secret, token)) ?? null;
  };
  const hostKey = async (prompt: HostKeyPrompt, token?: CancellationToken): Promise<boolean> => {
    const { cluster: name, host, port, keyType, fingerprint } = prompt;
    const words = `The host key of ${name} (${host}, port ${port}) is not known: ${keyType} ${fingerprint}`;
    if (!io.isInteractive) throw cannotAnswer(words);
    const reply = await ask(`${words}\nDo you trust it (yes/no)? `, false, token);
    return reply?.trim().toLowerCase() === 'yes';
  };
  const command = async (prompt: CommandPrompt, token?: CancellationToken): Promise<CommandAnswer> => {
    const words = `The watcher "${prompt.watcher}" of job ${prompt.job} (${prompt.jobName}) wants to run in ${prompt.workdir ?? '~'}:\n  ${prompt.command}`;
    if (!io.isInteractive) throw cannotAnswer(showable(words));
    const question = `${showable(words)}\nRun it (yes: this once, always: all commands of this script, no)? `;
    const reply = (await ask(question, false, token))?.trim().toLowerCase();
    return reply === 'yes' ? 'once' : reply === 'always' ? 'always' : 'deny';
  };
  return {
    command,
    canAnswer: io.isInteractive || hasSecret,
    input,
    hostKey,
    register(connection) {
      connection.onRequest(promptInput, input);
      connection.onRequest(promptHostKey, hostKey);
      connection.onRequest(promptCommand, command);
    },
  };
}

type Ask = (question: string, secret: boolean, token: CancellationToken | undefined) => Promise<string | undefined>;

/** There is one terminal: a question waits for the answer to the one before, and is taken back when nobody wants it any more. */
function oneAfterTheOther(io: Io): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (question, secret, token) => {
    const withdrawn = new AbortController();
    token?.onCancellationRequested(() => withdrawn.abort());
    const answer = last.then(() =>
      token?.isCancellationRequested ? undefined : io.ask(question, secret, withdrawn.signal),
    );
    last = answer.catch(() => undefined);
    return answer;
  };
}

function cannotAnswer(what: string): ResponseError<void> {
  return new ResponseError(errorCodes.invalidParams, `${what}, and there is no terminal to ask on`);
}

/** One-time codes cannot come from the environment; a passphrase stays on this machine, whoever wants the key. */
function variableFor(prompt: InputPrompt): string | undefined {
  if (!asksForPassword(prompt)) return undefined;
  if (prompt.kind === 'passphrase') return 'VIGIL_PASSPHRASE';
  return prompt.isJumpHost ? undefined : 'VIGIL_PASSWORD';
}
