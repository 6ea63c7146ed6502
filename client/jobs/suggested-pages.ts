/** Pages that a job's output speaks of. Pure. */

export interface SuggestedPage {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Path and query where they have the token that lets somebody in (Jupyter prints it); else empty. */
  readonly path: string;
}

const mostPages = 8;
/** Servers say where they are when they start, and again and again: the end tells what is so now. */
const readCharacters = 1_000_000;

/**
 * Of addresses (`http://n1:8888/lab?token=…`, `localhost:6006`) and of what servers say of themselves (`on port 6006`), the last
 * ones first, each port once.
 */
export function suggestedPages(output: string): readonly SuggestedPage[] {
  const text = output.slice(-readCharacters);
  const places =
    /\b(https?):\/\/[\w.-]{1,253}:(\d{2,5})\b(\/[\w.~%!$&*+=:@/?-]{0,500})?|(?:\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3})|\[::1?\]):(\d{2,5})\b|\bport[ :=]{1,3}(\d{2,5})\b/gi;
  const pages = new Map<number, SuggestedPage>();
  for (const [, scheme = 'http', inAddress, path = '', ofHost, named] of [...text.matchAll(places)].reverse()) {
    const port = Number(inAddress ?? ofHost ?? named);
    const known = pages.get(port);
    if (port < 1 || port > 65_535 || known?.path) continue;
    const page = { port, scheme: known?.scheme ?? schemeOf(scheme), path: hasToken(path) ? path : '' };
    if (known || pages.size < mostPages) pages.set(port, page);
  }
  return [...pages.values()];
}

function schemeOf(written: string): SuggestedPage['scheme'] {
  return written.toLowerCase() === 'https' ? 'https' : 'http';
}

function hasToken(path: string): boolean {
  return /[?&]token=\w/.test(path);
}
