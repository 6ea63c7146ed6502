/** What the commands of `vigil` have of the world: handed in, so that tests can look. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** What a job printed, to the byte. The result, if there is one, resolves when more can be taken. */
  writeBytes(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> | undefined;
  readFile(path: string): Promise<string>;
  /** undefined: there is no such file, or it cannot be read. */
  readIfPresent(path: string): string | undefined;
  /** undefined: it is not known. */
  isDirectory(path: string): boolean | undefined;
  readBytes(path: string): Promise<Uint8Array>;
  /** A file of any size, piece by piece. */
  readPieces(path: string): AsyncIterable<Uint8Array>;
  readonly environment: { readonly [name: string]: string | undefined };
  /** May what goes to `stdout` be coloured? */
  readonly isColored: boolean;
  /** Can a person be asked? */
  readonly isInteractive: boolean;
  /** The whole terminal, until it is closed; `undefined`: there is none. */
  openScreen(): Screen | undefined;
  /** Asks on the terminal; `undefined`: the input ended, or `withdrawn` took the question back. */
  ask(question: string, secret: boolean, withdrawn: AbortSignal): Promise<string | undefined>;
}

/** A terminal that one program has to itself. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Shows these lines from the top on, which hold no line ends and are no longer than the screen is wide. */
  draw(lines: readonly string[]): void;
  /** What was typed: a character, or the escape sequence of a key. */
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** The words of the command line do not make sense: exit status 2. */
export class UsageError extends Error {}

export const exitUsage = 2;
