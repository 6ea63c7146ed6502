import type { Io } from '../../cli/io.ts';

/** What a command printed, and the files it could read. */
export interface FakeIo extends Io {
  readonly printed: { stdout: string; stderr: string };
}

export function fakeIo(files: { readonly [path: string]: string } = {}): FakeIo {
  const printed = { stdout: '', stderr: '' };
  const read = async (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return text;
  };
  return {
    printed,
    stdout: (text) => {
      printed.stdout += text;
    },
    stderr: (text) => {
      printed.stderr += text;
    },
    writeBytes: (stream, bytes) => {
      printed[stream] += Buffer.from(bytes).toString('utf8');
      return undefined;
    },
    readFile: read,
    readIfPresent: (path) => files[path],
    isDirectory: () => undefined,
    readBytes: async (path) => new TextEncoder().encode(await read(path)),
    async *readPieces(path) {
      yield new TextEncoder().encode(await read(path));
    },
    environment: {},
    isColored: false,
    isInteractive: false,
    openScreen: () => undefined,
    ask: async () => undefined,
  };
}
