/** What a program printed for a terminal, as text: without sequences and control characters, with the colours that it had. */
import { plainStyle, type TerminalStyle, withRendition } from './terminal-style.ts';

/** UTF-16 offsets. */
export interface StyledSpan {
  readonly start: number;
  readonly end: number;
  readonly style: TerminalStyle;
}

export interface TerminalText {
  readonly text: string;
  /** In order; what is between them is plain. */
  readonly spans: readonly StyledSpan[];
  /**
   * Offsets of those line feeds that stand for a lone carriage return: the line behind takes the place of the one before.
   * -1: the last character of the text before.
   */
  readonly returns: readonly number[];
}

/** The groups: parameters of SELECT GRAPHIC RENDITION, another escape sequence (ECMA-48), a line end; else a character without a picture. */
const special =
  /\u001b\[([\d;:]*)m|(\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^-~])|\u009b[0-?]*[ -/]*[@-~])|(\r\n?|\n)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export class TerminalParser {
  #style = plainStyle;
  /** Nothing was printed since a lone carriage return: a line feed belongs to it. */
  #afterReturn = false;

  /** @param raw what was printed since the last call; sequences must be whole */
  parse(raw: string): TerminalText {
    let text = '';
    const spans: StyledSpan[] = [];
    const returns: number[] = [];
    // Only what follows tells a lone carriage return from a line end with a sequence in its middle. It may have come with
    // the call before: then its place is -1.
    const keepReturn = () => {
      if (this.#afterReturn) returns.push(text.length - 1);
      this.#afterReturn = false;
    };
    const print = (printed: string) => {
      if (printed === '') return;
      keepReturn();
      const start = text.length;
      text += printed;
      const last = spans.at(-1);
      if (Object.keys(this.#style).length === 0) return;
      if (last?.end === start && last.style === this.#style) spans[spans.length - 1] = { ...last, end: text.length };
      else spans.push({ start, end: text.length, style: this.#style });
    };
    let at = 0;
    for (const match of raw.matchAll(special)) {
      const [whole, rendition, sequence, lineEnd] = match;
      print(raw.slice(at, match.index));
      at = match.index + whole.length;
      if (rendition !== undefined) this.#style = withRendition(this.#style, rendition);
      else if (lineEnd === '\n' && this.#afterReturn) this.#afterReturn = false;
      else if (lineEnd !== undefined) {
        keepReturn();
        this.#afterReturn = lineEnd === '\r';
        text += '\n';
      } else if (sequence === undefined) keepReturn();
    }
    print(raw.slice(at));
    return { text, spans, returns };
  }
}
