/** Follows one output file of one job through the engine: from the byte where it stood, over lost connections, until it is closed. */
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { closeOutput, type OutputChunk, openOutput } from '../../engine/protocol/output.ts';
import type { JobKey } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { OutputText } from './output-text.ts';
import type { TerminalText } from './terminal-text.ts';

export interface OutputTarget {
  readonly job: JobKey;
  readonly stream: 'stdout' | 'stderr';
}

export class OutputFollower {
  readonly #target: OutputTarget;
  readonly #onChange: () => void;
  readonly #output: OutputText;
  #subscription: number | undefined;
  #opening = false;
  #wanted = false;
  /** Of the next byte wanted; negative: nothing came yet, and only the end of the file is wanted. */
  #offset: number;
  #path: string | undefined;
  #problem: string | undefined;
  #caughtUp = false;
  #restarts = 0;

  constructor(target: OutputTarget, keepLength: number, onChange: () => void) {
    this.#target = target;
    this.#output = new OutputText(keepLength);
    this.#offset = -keepLength;
    this.#onChange = onChange;
  }

  get job(): JobKey {
    return this.#target.job;
  }

  get subscription(): number | undefined {
    return this.#subscription;
  }

  /** Something can be shown: all there is, or why there is nothing. */
  get isSettled(): boolean {
    return this.#caughtUp || this.#problem !== undefined;
  }

  /** Length of the text in characters. */
  get length(): number {
    return this.#output.text.length;
  }

  /** Subscribes from the first byte that was not read yet, unless that is done already. A failure is shown in the text. */
  async start(connection: MessageConnection): Promise<void> {
    this.#wanted = true;
    if (this.#subscription !== undefined || this.#opening) return;
    this.#opening = true;
    try {
      const { subscription, path } = await connection.sendRequest(openOutput, {
        ...this.#target,
        offset: this.#offset,
      });
      this.#path = path;
      this.#problem = undefined;
      if (this.#wanted) this.#subscription = subscription;
      else await connection.sendRequest(closeOutput, { subscription });
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#onChange();
    } finally {
      this.#opening = false;
    }
  }

  /** The connection is gone: what is shown stays, `start` goes on from there. */
  interrupt(): void {
    this.#subscription = undefined;
  }

  /** Ends the subscription; `start` goes on where it stood. */
  async stop(connection: MessageConnection | undefined): Promise<void> {
    this.#wanted = false;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription === undefined || !connection) return;
    await connection.sendRequest(closeOutput, { subscription });
  }

  handle(chunk: OutputChunk): void {
    if (chunk.restarted) {
      this.#output.clear();
      this.#offset = 0;
      this.#restarts += 1;
      this.#caughtUp = false;
    }
    this.#problem = chunk.problem;
    if (chunk.data !== undefined) this.#append(chunk.offset, Buffer.from(chunk.data, 'base64'));
    if (chunk.caughtUp) this.#caughtUp = true;
    this.#onChange();
  }

  /** The text of `render` with its colours, and where lines took each other's place. */
  get terminalText(): TerminalText {
    return this.#output.terminalText;
  }

  /** What the document shows: the text, and in brackets before and behind it what has to be said about it. */
  render(): { readonly head: string; readonly text: string; readonly note: string } {
    const { text, droppedLength } = this.#output;
    const file = this.#path === undefined ? [] : [l10n.t('The file is {0}.', this.#path)];
    const head: string[] = [];
    if (this.#restarts > 0) head.push(remark(l10n.t('the file was truncated or replaced; this is what is in it now.')));
    if (droppedLength > 0)
      head.push(remark(l10n.t('{0} before this are not shown.', inMebibytes(droppedLength)), ...file));
    return { head: head.join(''), text, note: this.#note(text, file) };
  }

  #note(text: string, file: readonly string[]): string {
    const gap = text === '' || text.endsWith('\n') ? '' : '\n';
    if (this.#problem !== undefined) return `${gap}${remark(this.#problem)}`;
    return text === '' && this.#caughtUp ? remark(l10n.t('nothing was printed yet.'), ...file) : '';
  }

  #append(offset: number, bytes: Uint8Array): void {
    if (this.#offset < 0) {
      // From the middle of a file: its first line is not whole.
      const start = offset === 0 ? 0 : bytes.indexOf(lineFeed) + 1;
      this.#output.skip(offset + start);
      this.#offset = offset + start;
    }
    const known = Math.max(0, this.#offset - offset);
    if (known >= bytes.length) return;
    this.#output.append(bytes.subarray(known));
    this.#offset = offset + bytes.length;
  }
}

/** A line of Vigil's own among those of the job. */
const remark = (...sentences: readonly string[]) => `[Vigil: ${sentences.join(' ')}]\n`;

const lineFeed = 10;

function inMebibytes(length: number): string {
  return `${(length / 1024 / 1024).toFixed(1)} MiB`;
}
