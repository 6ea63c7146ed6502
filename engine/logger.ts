/** The engine's log: one line a message, never a secret in it. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** A logger that puts `scope` before each message. */
  child(scope: string): Logger;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Logs through `write`, one line with time and level a call. Line breaks in a message (it may quote a server) are escaped. */
export function createLogger(write: (line: string) => void, now: () => Date = () => new Date(), scope = ''): Logger {
  const log = (level: Level) => (message: string) => {
    const text = (scope ? `${scope}: ${message}` : message).replace(/[\r\n]+/g, '\\n');
    write(`${now().toISOString()} ${level.padEnd(5)} ${text}`);
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (name) => createLogger(write, now, scope ? `${scope}/${name}` : name),
  };
}

/** For tests and for code that runs without an engine. */
export const silentLogger: Logger = createLogger(() => {});
