/**
 * Text of a nested language (a pattern, a condition, an action) with the way back to the document: nested parsers see
 * clean text and give offsets into it, and never know that they live in a quoted string in a comment.
 */
import type { Span } from './span.ts';

/** A run of characters that the fragment took over unchanged. */
interface Segment {
  readonly offset: number;
  readonly document: number;
  readonly length: number;
}

export class Fragment {
  readonly text: string;
  /** What of the document the fragment covers, dropped characters included. */
  readonly span: Span;
  private readonly segments: readonly Segment[];

  private constructor(text: string, span: Span, segments: readonly Segment[]) {
    this.text = text;
    this.span = span;
    this.segments = segments;
  }

  /** The document's own characters from `span.start` to `span.end`. */
  static of(document: string, span: Span): Fragment {
    const text = document.slice(span.start, span.end);
    return new Fragment(text, span, [{ offset: 0, document: span.start, length: text.length }]);
  }

  /** The document offset of the character at `offset` (for the fragment's length: where its text ends). */
  toDocument(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.segments[middle]?.offset ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    const best = this.segments[low - 1];
    if (!best) return this.span.start;
    return best.document + Math.min(offset - best.offset, best.length);
  }

  toSpan(span: Span): Span {
    if (span.start >= span.end) {
      const at = this.toDocument(span.start);
      return { start: at, end: at };
    }
    // The end is that of the last character, not the start of the next: a dropped escape may lie between the two.
    return { start: this.toDocument(span.start), end: this.toDocument(span.end - 1) + 1 };
  }

  /** The fragment's offset for a document offset; undefined outside of it. */
  fromDocument(document: number): number | undefined {
    for (const segment of this.segments) {
      const distance = document - segment.document;
      if (distance >= 0 && distance <= segment.length) return segment.offset + distance;
    }
    return undefined;
  }

  slice(start: number, end: number): Fragment {
    return this.pick([{ start, end }]);
  }

  /** Joins the given ranges of this fragment, in order: what lies between them (escapes) is dropped. */
  pick(ranges: readonly Span[]): Fragment {
    const segments: Segment[] = [];
    let text = '';
    for (const range of ranges) {
      for (const segment of this.segments) {
        const start = Math.max(range.start, segment.offset);
        const end = Math.min(range.end, segment.offset + segment.length);
        if (start >= end) continue;
        segments.push({
          offset: text.length,
          document: segment.document + start - segment.offset,
          length: end - start,
        });
        text += this.text.slice(start, end);
      }
    }
    const first = ranges[0]?.start ?? 0;
    const last = ranges.at(-1)?.end ?? first;
    const span = {
      start: this.toDocument(first),
      end: last > first ? this.toDocument(last - 1) + 1 : this.toDocument(first),
    };
    if (segments.length === 0) segments.push({ offset: 0, document: span.start, length: 0 });
    return new Fragment(text, span, segments);
  }
}
