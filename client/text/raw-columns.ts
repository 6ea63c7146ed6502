/** Where the characters of a line without escape sequences stand in the line with them. Pure. */

/** As the engine takes them out of what watchers look at. */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;

/** A function from columns of the stripped line to columns of `line`, UTF-16 both. */
export function rawColumns(line: string): (column: number) => number {
  const cuts = [...line.matchAll(escapeSequence)].map(({ index, 0: text }) => ({ index, length: text.length }));
  return (column) => {
    let raw = column;
    for (const { index, length } of cuts) {
      if (index > raw) break;
      raw += length;
    }
    return Math.min(raw, line.length);
  };
}
