/** The bytes of an output file, as they come, turned into a bounded text that an editor can show. */
import { type StyledSpan, TerminalParser, type TerminalText } from './terminal-text.ts';

/** An escape sequence that is longer than this is none. */
const longestEscapeLength = 4096;

/** The end of a chunk that may be the beginning of something: an escape sequence, or of `\r\n`. */
const unfinishedEnd = /(?:\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?|[ -/]*)?|\u009b[0-?]*[ -/]*|\r)$/;

export class OutputText {
  readonly #keepLength: number;
  #decoder = new TextDecoder('utf-8');
  #parser = new TerminalParser();
  #text = '';
  #spans: StyledSpan[] = [];
  #returns: number[] = [];
  #pending = '';
  #droppedLength = 0;

  /**
   * @param keepLength how many characters are kept, counted from the end; cut at a line end where there is one. A quarter
   * more may pile up before it is cut, so that a long stream is not copied whole with every chunk.
   */
  constructor(keepLength: number) {
    this.#keepLength = keepLength;
  }

  /** What is shown: no terminal escapes, no control characters, lines end in `\n`. Invalid UTF-8 is U+FFFD. */
  get text(): string {
    return this.#text;
  }

  /** The text with its colours, and where lines took each other's place. */
  get terminalText(): TerminalText {
    return { text: this.#text, spans: this.#spans, returns: this.#returns };
  }

  /** How many characters at the beginning are not kept. */
  get droppedLength(): number {
    return this.#droppedLength;
  }

  /** So many at the beginning are not even read. */
  skip(length: number): void {
    this.#droppedLength += length;
  }

  append(bytes: Uint8Array): void {
    const raw = this.#pending + this.#decoder.decode(bytes, { stream: true });
    const cut = unfinishedEnd.exec(raw);
    const heldBack = cut && raw.length - cut.index <= longestEscapeLength ? cut.index : raw.length;
    this.#pending = raw.slice(heldBack);
    const { text, spans, returns } = this.#parser.parse(raw.slice(0, heldBack));
    const before = this.#text.length;
    for (const { start, end, style } of spans) this.#spans.push({ start: start + before, end: end + before, style });
    for (const place of returns) this.#returns.push(place + before);
    this.#text += text;
    this.#bound();
  }

  /** Begins anew: the file was replaced. */
  clear(): void {
    this.#decoder = new TextDecoder('utf-8');
    this.#parser = new TerminalParser();
    this.#text = '';
    this.#spans = [];
    this.#returns = [];
    this.#pending = '';
    this.#droppedLength = 0;
  }

  #bound(): void {
    const excess = this.#text.length - this.#keepLength;
    if (excess <= this.#keepLength / 4) return;
    const lineEnd = this.#text.indexOf('\n', excess - 1);
    const cut = lineEnd === -1 || lineEnd === this.#text.length - 1 ? excess : lineEnd + 1;
    this.#droppedLength += cut;
    this.#text = this.#text.slice(cut);
    this.#spans = this.#spans.flatMap(({ start, end, style }) =>
      end > cut ? [{ start: Math.max(0, start - cut), end: end - cut, style }] : [],
    );
    this.#returns = this.#returns.flatMap((place) => (place >= cut ? [place - cut] : []));
  }
}
