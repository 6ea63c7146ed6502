/**
 * Which lines of a shell script stand in a here-document or a quoted text of several lines: what looks like a directive there is
 * text for another program. A rough reading of sh(1)'s grammar, enough to keep quiet where it is not sure.
 */

export interface ShellText {
  /** For each line: it starts inside a here-document or a quotation. */
  readonly inside: readonly boolean[];
  /** A quotation or here-document that never ends: the reading cannot be trusted. */
  readonly unsure: boolean;
}

interface HereDocument {
  readonly word: string;
  readonly stripTabs: boolean;
}

export function readShellText(lines: readonly string[]): ShellText {
  const reader = new ShellReader();
  const inside = lines.map((line) => reader.readLine(line));
  return { inside, unsure: reader.isOpen };
}

/** Everything else stands for itself. */
const special = /['"`\\$#()<]/g;

class ShellReader {
  private readonly pending: HereDocument[] = [];
  private current: HereDocument | undefined;
  /** Open quotations and substitutions, innermost last: `'`, `"`, `` ` ``, `(`. */
  private readonly open: string[] = [];

  get isOpen(): boolean {
    return this.current !== undefined || this.open.some((mark) => mark !== '(');
  }

  /** Was the start of `line` inside a here-document or quotation? */
  readLine(line: string): boolean {
    if (this.current) {
      const body = this.current.stripTabs ? line.replace(/^\t+/, '') : line;
      if (body === this.current.word) this.current = this.pending.shift();
      return true;
    }
    const inside = this.open.includes("'") || this.open.includes('"') || this.open.includes('`');
    this.scan(line);
    this.current = this.pending.shift();
    return inside;
  }

  private scan(line: string): void {
    for (let at = 0; at < line.length; at++) {
      special.lastIndex = at;
      const next = special.exec(line);
      if (!next) return;
      at = next.index;
      const char = line[at] ?? '';
      const mark = this.open.at(-1);
      if (mark === "'") {
        if (char === "'") this.open.pop();
      } else if (char === '\\') at++;
      else if (mark === '"' && char === '"') this.open.pop();
      else if (char === '`') this.toggle('`', mark);
      else if (char === '$' && line[at + 1] === '(') {
        this.open.push('(');
        at++;
      } else if (mark !== '"') {
        if (char === '#' && (at === 0 || /[\s;&|(]/.test(line[at - 1] ?? ''))) return;
        at = this.scanPlain(line, at, char, mark);
      }
    }
  }

  private toggle(char: string, mark: string | undefined): void {
    if (mark === char) this.open.pop();
    else this.open.push(char);
  }

  /** One character outside of quotations; gives the last offset that was read. */
  private scanPlain(line: string, at: number, char: string, mark: string | undefined): number {
    if (char === "'" || char === '"') this.open.push(char);
    else if (char === '(' && mark === '(') this.open.push('(');
    else if (char === ')' && mark === '(') this.open.pop();
    else if (line.startsWith('<<<', at)) return at + 2;
    else if (line.startsWith('<<', at) && mark !== '(') return this.readHereOperator(line, at);
    return at;
  }

  private readHereOperator(line: string, at: number): number {
    const match = /^<<(-?)\s*(?:'([^']*)'|"([^"]*)"|\\?([\w.!@%+-]+))/.exec(line.slice(at));
    if (!match) return at + 1;
    this.pending.push({ word: match[2] ?? match[3] ?? match[4] ?? '', stripTabs: match[1] === '-' });
    return at + match[0].length - 1;
  }
}
