/** Ports that a job's output speaks of. Pure. */

const mostPorts = 8;
/** Servers say where they are when they start, and again and again: the end tells what is so now. */
const readCharacters = 200_000;

/**
 * Of addresses (`http://n1:8888/lab`, `localhost:6006`, `0.0.0.0:8787`) and of what servers say of themselves (`on port 6006`), the
 * last ones first, each once.
 */
export function suggestedPorts(output: string): readonly number[] {
  const text = output.slice(-readCharacters);
  const places =
    /(?:\bhttps?:\/\/[\w.-]{1,253}|\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3})|\[::1?\])[:](\d{2,5})\b|\bport[ :=]{1,3}(\d{2,5})\b/gi;
  const found = [...text.matchAll(places)].map(([, inAddress, named]) => Number(inAddress ?? named));
  const ports = found.filter((port) => port >= 1 && port <= 65_535).reverse();
  return [...new Set(ports)].slice(0, mostPorts);
}
