/** Ranges of text, as every part of `language/` gives them: UTF-16 offsets, `end` excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Is `offset` inside or at an edge of `span`? (A cursor at the end of a word still is at that word.) */
export function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}

/** Does `outer` contain all of `inner`? */
export function encloses(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
