/** What SQLite says when the database cannot be used, as words that a person can act on. */

/** The database could not be read or written (now). What was acknowledged before is kept. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
}

/** By SQLite's primary result codes (sqlite.org/rescode.html). */
const words: { readonly [code: number]: (path: string) => string } = {
  5: (path) => `${path} is locked by another program: end it (a backup, an sqlite3 shell)`,
  6: (path) => `${path} is locked by another program: end it (a backup, an sqlite3 shell)`,
  8: (path) => `${path} cannot be written: make it, and its folder, writable`,
  10: (path) =>
    `${path} cannot be read or written (input/output error): is the disk full, a quota reached or the file system gone?`,
  11: (path) =>
    `${path} is damaged: move it away, with the files beside it that begin with the same name, and start again`,
  13: (path) => `the disk with ${path} is full: free space there`,
  14: (path) => `${path} cannot be opened: does its folder exist, and may you write there?`,
  26: (path) => `${path} is not a database of Vigil's: move it away and start again`,
};

/** SQLite's primary result code, if it is an error of SQLite's. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** What is told when a change that somebody asked for was not kept: `what` then is as before. */
export function notKept({ problem }: { readonly problem: string | undefined }, what: string): StoreFailure {
  return new StoreFailure(
    `${problem ?? "Vigil's database could not be written."} Nothing was changed: ${what}. Try again.`,
  );
}

/** The failure of the database at `path` that `error` stands for; `undefined`: it is an error of another kind. */
export function storeFailure(error: unknown, path: string): StoreFailure | undefined {
  const say = words[resultCode(error) ?? -1];
  return say && new StoreFailure(`Vigil's database: ${say(path)}.`, { cause: error });
}
