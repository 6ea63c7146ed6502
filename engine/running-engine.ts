/** What the engine at work tells those who look for it: the state folder is one for all hosts and environments of a user. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface RunningEngine {
  readonly host: string;
  readonly pid: number;
  readonly socket: string;
}

/** To be called by the holder of the lock, once it listens. */
export function announceEngine(file: string, engine: RunningEngine): void {
  writeFileSync(`${file}.new`, JSON.stringify(engine), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The engine that was announced last; it may have ended since. `undefined`: none, or what is there cannot be read. */
export function announcedEngine(file: string): RunningEngine | undefined {
  try {
    const { host, pid, socket } = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunningEngine>;
    return host && pid && socket ? { host, pid, socket } : undefined;
  } catch {
    return undefined;
  }
}
