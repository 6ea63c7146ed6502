/** One file of a cluster while it is followed: how far, and how the reader programs' questions and answers about it read. */
import { readProblem } from './read-problem.ts';
import { type FollowListener, type FollowRequest, type Restart, tailOf } from './reader.ts';

export class FollowedFile {
  /** A look was asked for whose answer has not come. */
  checkAsked = false;
  readonly maxWaitSeconds: number | undefined;
  readonly #path: string;
  readonly #listener: FollowListener;
  /** Next byte wanted: after a broken connection reading goes on here. */
  #offset: number;
  #inode: string | undefined;
  #tail: Uint8Array;
  #since: number | undefined;

  constructor(request: FollowRequest, listener: FollowListener) {
    this.#path = request.path;
    this.#listener = listener;
    this.#offset = request.offset;
    this.#inode = request.mark?.inode;
    this.#tail = request.mark?.tail ?? new Uint8Array();
    this.#since = request.rewrittenSince;
    this.maxWaitSeconds = request.maxWaitSeconds;
  }

  /** The line that tells a program of it. */
  command(id: number): string {
    const words = [
      id,
      this.#offset,
      base64(Buffer.from(this.#path)),
      this.#inode ?? '-',
      base64(this.#tail),
      this.#since ?? '-',
    ];
    return `+ ${words.join(' ')}\n`;
  }

  /** Takes in an answer. A promise: bytes that the listener has yet to take. */
  answer(kind: string, first: string, second: string): { bytes: number; taken: Promise<void> | undefined } {
    const nothing = { bytes: 0, taken: undefined };
    switch (kind) {
      case 'I':
        this.#inode = first;
        this.#listener.onOpened?.(first, Number(second));
        return nothing;
      case 'D':
        return this.#data(Number(first), Buffer.from(second, 'base64'));
      case 'R':
        this.#offset = 0;
        this.#inode = undefined;
        this.#tail = new Uint8Array();
        this.#since = undefined;
        this.#listener.onRestart(first as Restart, Number(second));
        return nothing;
      case 'C':
        this.checkAsked = false;
        this.#listener.onCaughtUp(Number(first));
        return nothing;
      case 'E':
        this.checkAsked = false;
        this.problem(readProblem(this.#path, first, Buffer.from(second, 'base64').toString('utf8')));
        return nothing;
      default:
        return nothing;
    }
  }

  problem(problem: string): void {
    this.#listener.onProblem(problem);
  }

  #data(offset: number, bytes: Buffer): { bytes: number; taken: Promise<void> | undefined } {
    this.#offset = offset + bytes.length;
    this.#tail = tailOf(this.#tail, bytes);
    const taken = this.#listener.onData(offset, bytes);
    return { bytes: bytes.length, taken: taken ?? undefined };
  }
}

function base64(bytes: Uint8Array): string {
  return bytes.length === 0 ? '-' : Buffer.from(bytes).toString('base64');
}
