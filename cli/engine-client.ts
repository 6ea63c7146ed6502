/** The engine as the commands of `vigil` use it. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { asksForPassword } from '../engine/clusters/prompter.ts';
import { connectToEngine, type EngineConnection } from '../engine/launch.ts';
import {
  type EngineSettings,
  type HostKeyPrompt,
  handOver,
  type InputPrompt,
  promptHostKey,
  promptInput,
} from '../engine/protocol.ts';
import { defaultSettings } from '../engine/settings.ts';
import { readArguments } from './arguments.ts';
import { type Io, UsageError } from './io.ts';

declare const VIGIL_VERSION: string;

/** Starts the engine if need be. `programDirectory`: where `engine.js` lies. */
export async function openEngine(io: Io, programDirectory: string): Promise<EngineConnection> {
  const engine = await findEngine(io, programDirectory, true);
  if (!engine) throw new Error('the engine was not started');
  return engine;
}

/** `vigil stop-engine`: jobs go on, but nobody watches them until the next engine takes them up. */
export async function runStopEngine(argv: readonly string[], io: Io, programDirectory: string): Promise<number> {
  readArguments(argv, [], {});
  const engine = await findEngine(io, programDirectory, false);
  if (!engine) return 0;
  const closed = new Promise<void>((resolve) => engine.connection.onClose(() => resolve()));
  // It may be gone before its answer arrives: that is what is wanted.
  await Promise.race([engine.connection.sendRequest(handOver).catch(() => {}), closed]);
  engine.dispose();
  return 0;
}

async function findEngine(
  io: Io,
  programDirectory: string,
  startIfAbsent: boolean,
): Promise<EngineConnection | undefined> {
  const settings = await readSettings(io);
  return connectToEngine({
    engineProgram: join(programDirectory, 'engine.js'),
    nodeProgram: nodeFor(programDirectory, io.environment),
    environment: io.environment,
    startIfAbsent,
    initialize: { version: VIGIL_VERSION, client: 'cli', answersPrompts: true, ...(settings ? { settings } : {}) },
    prepare: (connection) => answerPrompts(connection, io),
  });
}

/**
 * The file that `VIGIL_SETTINGS` names, else `~/.config/vigil/settings.json` if it is there: the keys of `vigil.*`
 * without that prefix. Without a file the engine keeps what it was last told, e.g. by the editor.
 */
async function readSettings(io: Io): Promise<EngineSettings | undefined> {
  const named = io.environment.VIGIL_SETTINGS;
  const file = named ?? join(io.environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'vigil', 'settings.json');
  if (!named && !existsSync(file)) return undefined;
  try {
    return { ...defaultSettings, ...(JSON.parse(await io.readFile(file)) as Partial<EngineSettings>) };
  } catch (error) {
    throw new UsageError(`${file} is not a settings file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The engine needs node:sqlite (Node 22.13); `vigil check` and `vigil replay` run on older ones too. */
function nodeFor(programDirectory: string, environment: Io['environment']): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  const installed = join(programDirectory, '..', 'node_modules', '.bin', 'node');
  const found = environment.VIGIL_NODE ?? (existsSync(installed) ? installed : undefined);
  if (!found) {
    throw new UsageError(
      `Vigil's engine needs Node 22.13 or newer, this is ${process.version}: set VIGIL_NODE to the path of a newer one`,
    );
  }
  return found;
}

function answerPrompts(connection: MessageConnection, io: Io): void {
  const answerInput = answerInputOnce();
  connection.onRequest(promptInput, (prompt) => answerInput(prompt, io));
  connection.onRequest(promptHostKey, (prompt) => confirmHostKey(prompt, io));
}

/** Passwords and passphrases may come from the environment, once each; one-time codes cannot. */
function answerInputOnce(): (prompt: InputPrompt, io: Io) => Promise<string | null> {
  const used = new Set<string>();
  return async (prompt, io) => {
    const name = variableFor(prompt);
    const given = name === undefined ? undefined : io.environment[name];
    if (name !== undefined && given !== undefined && !used.has(name)) {
      used.add(name);
      return given;
    }
    if (!io.isInteractive) {
      io.stderr(`vigil: ${prompt.cluster} asks "${prompt.message.trim()}", and there is no terminal to ask you\n`);
      return null;
    }
    return (
      (await io.ask(`${prompt.cluster}: ${prompt.message}${/\s$/.test(prompt.message) ? '' : ' '}`, prompt.secret)) ??
      null
    );
  };
}

function variableFor(prompt: InputPrompt): string | undefined {
  if (!asksForPassword(prompt)) return undefined;
  return prompt.kind === 'passphrase' ? 'VIGIL_PASSPHRASE' : 'VIGIL_PASSWORD';
}

async function confirmHostKey({ cluster, host, port, keyType, fingerprint }: HostKeyPrompt, io: Io): Promise<boolean> {
  const words = `The host key of ${cluster} (${host}, port ${port}) is not known: ${keyType} ${fingerprint}`;
  if (!io.isInteractive) {
    io.stderr(`vigil: ${words}. Connect once with ssh, or run this in a terminal, to accept it.\n`);
    return false;
  }
  const reply = await io.ask(`${words}\nDo you trust it (yes/no)? `, false);
  return reply?.trim().toLowerCase() === 'yes';
}
