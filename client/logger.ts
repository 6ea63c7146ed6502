/** The extension's output channel as the logger that the engine's launcher expects. */
import type { LogOutputChannel } from 'vscode';

export interface ClientLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  child(scope: string): ClientLogger;
}

/** @param scope put before each message */
export function createClientLogger(channel: LogOutputChannel, scope?: string): ClientLogger {
  const line = (message: string) => (scope === undefined ? message : `${scope}: ${message}`);
  return {
    debug: (message) => channel.debug(line(message)),
    info: (message) => channel.info(line(message)),
    warn: (message) => channel.warn(line(message)),
    error: (message) => channel.error(line(message)),
    child: (name) => createClientLogger(channel, scope === undefined ? name : `${scope}/${name}`),
  };
}
