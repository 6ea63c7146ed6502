/** What goes wrong with a file of a cluster, in terms that an editor knows. */
import type { FileRefusal } from '../protocol/file-system.ts';

export class FileError extends Error {
  override readonly name = 'FileError';
  readonly problem: FileRefusal['problem'];

  constructor(problem: FileRefusal['problem'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }

  static is(error: unknown, problem?: FileRefusal['problem']): error is FileError {
    return error instanceof FileError && (problem === undefined || error.problem === problem);
  }
}

/** The statuses of draft-ietf-secsh-filexfer-02 that say what is wrong; FAILURE (4) is all the others. */
const problems: ReadonlyMap<number, { readonly problem: FileRefusal['problem']; readonly words: string }> = new Map([
  [2, { problem: 'not-found', words: 'there is no such file or folder' }],
  [3, { problem: 'no-permission', words: 'permission denied' }],
  [
    4,
    {
      problem: 'other',
      words: 'the server says no more than “failure”: a full disk or quota, or a folder that is not empty?',
    },
  ],
  [5, { problem: 'other', words: 'the server does not take this name' }],
  [8, { problem: 'other', words: 'the SFTP server cannot do that' }],
]);

/** Of an answer of the SFTP server, or what went wrong on the way to it; `undefined`: it is neither. */
export function fileError(error: unknown, doing: string, path: string): FileError | undefined {
  const code: unknown = Reflect.get(Object(error), 'code');
  const known = typeof code === 'number' ? problems.get(code) : undefined;
  if (!known) return undefined;
  return new FileError(known.problem, `${doing} ${path}: ${known.words}.`, { cause: error });
}
