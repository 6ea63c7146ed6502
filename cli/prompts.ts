/** Answers the engine's questions: from the environment for the command's own cluster, else on the terminal. */
import { type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { asksForPassword } from '../engine/clusters/prompter.ts';
import { errorCodes, type HostKeyPrompt, type InputPrompt, promptHostKey, promptInput } from '../engine/protocol.ts';
import type { Io } from './io.ts';

export interface PromptAnswerer {
  /** Is there anything to answer with? */
  readonly canAnswer: boolean;
  register(connection: MessageConnection): void;
  /** `null`: the person declined. Rejects when this client cannot answer: the engine then asks another one. */
  input(prompt: InputPrompt): Promise<string | null>;
  hostKey(prompt: HostKeyPrompt): Promise<boolean>;
}

/** `cluster`: what the command is about; a password in the environment is for it alone, and is tried once. */
export function promptAnswerer(io: Io, cluster: string | undefined): PromptAnswerer {
  const used = new Set<string>();
  const { VIGIL_PASSWORD, VIGIL_PASSPHRASE } = io.environment;
  const hasSecret = cluster !== undefined && (VIGIL_PASSWORD ?? VIGIL_PASSPHRASE) !== undefined;
  const input = async (prompt: InputPrompt): Promise<string | null> => {
    const name = prompt.cluster === cluster ? variableFor(prompt) : undefined;
    const given = name === undefined ? undefined : io.environment[name];
    if (name !== undefined && given !== undefined && !used.has(name)) {
      used.add(name);
      return given;
    }
    if (!io.isInteractive) throw cannotAnswer(`${prompt.cluster} asks "${prompt.message.trim()}"`);
    const question = `${prompt.cluster}: ${prompt.message}${/\s$/.test(prompt.message) ? '' : ' '}`;
    return (await io.ask(question, prompt.secret)) ?? null;
  };
  const hostKey = async ({ cluster: name, host, port, keyType, fingerprint }: HostKeyPrompt): Promise<boolean> => {
    const words = `The host key of ${name} (${host}, port ${port}) is not known: ${keyType} ${fingerprint}`;
    if (!io.isInteractive) throw cannotAnswer(words);
    const reply = await io.ask(`${words}\nDo you trust it (yes/no)? `, false);
    return reply?.trim().toLowerCase() === 'yes';
  };
  return {
    canAnswer: io.isInteractive || hasSecret,
    input,
    hostKey,
    register(connection) {
      connection.onRequest(promptInput, input);
      connection.onRequest(promptHostKey, hostKey);
    },
  };
}

function cannotAnswer(what: string): ResponseError<void> {
  return new ResponseError(errorCodes.invalidParams, `${what}, and there is no terminal to ask on`);
}

/** One-time codes cannot come from the environment. */
function variableFor(prompt: InputPrompt): string | undefined {
  if (!asksForPassword(prompt)) return undefined;
  return prompt.kind === 'passphrase' ? 'VIGIL_PASSPHRASE' : 'VIGIL_PASSWORD';
}
