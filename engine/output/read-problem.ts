/** Why a file of output cannot be read, for people. */

/** `code`: as in errno(3). */
export function readProblem(path: string, code: string, message: string): string {
  if (code === 'ENOENT') return `${path} does not exist (yet)`;
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read by you`;
  if (code === 'ESPIPE') return `${path} is a pipe or a device, not a file: it cannot be followed`;
  if (code === 'EISDIR') return `${path} is a directory`;
  if (code === 'ESTALE')
    return `${path} is stale: its file server has it no more under this handle; it is opened again`;
  return `${path} cannot be read: ${message}`;
}
