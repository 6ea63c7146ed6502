/** Lines of output, cut in the plainest way: what the scanner's are compared with. */
import { maxLineBytes, stripAnsi } from '../../engine/watch/lines.ts';

export interface ReferenceLine {
  readonly text: string;
  readonly number: number;
  readonly endOffset: number;
  readonly cut: boolean;
}

export function referenceLines(bytes: Uint8Array): ReferenceLine[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const lines: ReferenceLine[] = [];
  let start = 0;
  const end = (at: number, endOffset: number) => {
    const line = bytes.subarray(start, at);
    const text = stripAnsi(decoder.decode(line.subarray(0, maxLineBytes)));
    lines.push({ text, number: lines.length + 1, endOffset, cut: line.length > maxLineBytes });
  };
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10 && bytes[at] !== 13) continue;
    if (!(bytes[at] === 10 && at > 0 && bytes[at - 1] === 13)) end(at, at + 1);
    start = at + 1;
  }
  if (start < bytes.length) end(bytes.length, bytes.length);
  return lines;
}
