/** The folder of the engine's socket: whoever can enter it commands clusters, whoever can write to it can pose as the engine. */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes `directory`, for this user alone. Throws when it belongs to somebody else. */
export function preparePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const state = lstatSync(directory);
  if (!state.isDirectory() || state.uid !== process.getuid?.()) {
    throw new Error(
      `${directory} does not belong to you: somebody else made it. Remove it, or set VIGIL_RUNTIME_DIR to a folder of yours.`,
    );
  }
  if ((state.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/**
 * Is the socket this user's own, in a folder where nobody else can put one? In /tmp any user may have made either, and
 * a client tells passwords to who listens there. `userId`: of this process; absent on Windows, whose pipes are not files.
 */
export function isOwnSocket(socket: string, userId: number | undefined = process.getuid?.()): boolean {
  if (userId === undefined) return true;
  try {
    const [directory, file] = [lstatSync(dirname(socket)), lstatSync(socket)];
    return directory.isDirectory() && directory.uid === userId && (directory.mode & 0o022) === 0 && file.uid === userId;
  } catch {
    return false;
  }
}
