/** Splits a Flux directive into words as Python's shlex does (posix, with punctuation): quotes, backslashes, `#` for a comment. */
import type { Span } from '../text/span.ts';
import type { Word, Words } from './words.ts';

export interface FluxCharacter {
  readonly char: string;
  /** In the document. */
  readonly offset: number;
  /** Of a text in triple quotes over several lines: it means nothing but itself. */
  readonly literal: boolean;
}

/** These are words of their own outside of quotes: `--output=a;b` are three. */
const punctuation = /[();<>|&]/;

export function splitFluxWords(characters: readonly FluxCharacter[]): Words {
  return new FluxLexer(characters).split();
}

class FluxLexer {
  private readonly characters: readonly FluxCharacter[];
  private readonly words: Word[] = [];
  private text = '';
  private offsets: number[] = [];
  private start: number | undefined;
  private end = 0;
  private at = 0;
  private inPunctuation = false;
  private joined: string | undefined;

  constructor(characters: readonly FluxCharacter[]) {
    this.characters = characters;
  }

  split(): Words {
    while (this.at < this.characters.length) {
      const { char, literal } = this.characters[this.at] ?? { char: '', literal: false };
      if (literal) this.take();
      else if (/\s/.test(char)) {
        this.finish();
        this.at++;
      } else if (char === '#') break;
      else if (char === '"' || char === "'") {
        const open = this.quoted(char);
        if (open) return { words: this.words, openQuote: open };
      } else if (punctuation.test(char)) {
        if (!this.inPunctuation) this.finish();
        this.inPunctuation = true;
        this.take();
        if (!punctuation.test(this.characters[this.at]?.char ?? '')) this.finish();
      } else {
        if (char === '\\' && this.at + 1 < this.characters.length) this.pass();
        this.take();
      }
    }
    this.finish();
    return { words: this.words };
  }

  /** The character belongs to the word. */
  private take(): void {
    const one = this.characters[this.at];
    if (!one) return;
    this.text += one.char;
    this.offsets.push(one.offset);
    this.pass();
  }

  /** The character is part of how the word is written. */
  private pass(): void {
    const offset = this.characters[this.at]?.offset ?? this.end;
    this.start ??= offset;
    this.end = offset + 1;
    this.at++;
  }

  /** Gives the place of a quote that is never closed. */
  private quoted(mark: string): Span | undefined {
    const from = this.characters[this.at]?.offset ?? 0;
    const width = this.isAt(mark.repeat(3)) && this.closesBehind(mark.repeat(3)) ? 3 : 1;
    for (let count = 0; count < width; count++) this.pass();
    while (this.at < this.characters.length) {
      const char = this.characters[this.at]?.char ?? '';
      if (this.isAt(mark.repeat(width))) {
        for (let count = 0; count < width; count++) this.pass();
        return undefined;
      }
      const next = this.characters[this.at + 1]?.char;
      if (width === 1 && char === '\\' && (next === mark || next === '\\')) this.pass();
      this.take();
    }
    this.finish();
    return { start: from, end: from + 1 };
  }

  private isAt(text: string): boolean {
    return [...text].every((char, index) => {
      const one = this.characters[this.at + index];
      return one?.char === char && !one.literal;
    });
  }

  private closesBehind(quotes: string): boolean {
    this.joined ??= this.characters.map(({ char }) => char).join('');
    return this.joined.indexOf(quotes, this.at + quotes.length) >= 0;
  }

  private finish(): void {
    if (this.start === undefined) return;
    this.words.push({ text: this.text, span: { start: this.start, end: this.end }, offsets: this.offsets });
    this.text = '';
    this.offsets = [];
    this.start = undefined;
    this.inPunctuation = false;
  }
}
