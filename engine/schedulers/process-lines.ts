/** The lines that a program on a cluster prints, as they come. */

/**
 * The complete lines of each chunk that had some, without their line feeds; what has no line feed at the end is none.
 * Throws an error when a line is longer than `maxBytes`.
 */
export async function* processLines(
  stdout: AsyncIterable<Uint8Array>,
  maxBytes = 1024 * 1024,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`);
    if (lines.length > 0) yield lines;
  }
}
