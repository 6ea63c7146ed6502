/**
 * Reads the command of a `run_command` as a shell would, and puts references to environment variables where the watcher's
 * variables stand. Values are never in the text: whatever a job prints, the text that the shell parses is the same.
 */
import { parseTemplate, type TemplatePart } from '../../language/template/parse-template.ts';

export interface CommandWord {
  /** Without its quotes; `undefined` where a variable or an expansion has a part in it. */
  readonly literal: string | undefined;
  /** The watcher's variables in it. */
  readonly variables: readonly string[];
  /** It is one variable and nothing else. */
  readonly isVariable: boolean;
  /** A variable is (or may be) what it begins with. */
  readonly isLedByVariable: boolean;
  /** The variables before the `=` of an assignment have no value here: `NAME=…` in front of a program. */
  readonly isAssignment: boolean;
}

export interface SimpleCommand {
  /** What stands before it: `|`, `&&`, `||`, `;`, `&`, `(`, a line break as `;`; empty for the first. */
  readonly operator: string;
  readonly words: readonly CommandWord[];
}

export interface ScannedCommand {
  /** For `sh -c`. */
  readonly text: string;
  /** In the order in which they are written, those in `$(…)` among them. */
  readonly commands: readonly SimpleCommand[];
  /** What it holds beside words, quotes and `| && || ;`, in words for people. */
  readonly features: ReadonlySet<string>;
  /** Why it cannot be told for sure where words begin and end. */
  readonly unclear: string | undefined;
}

/** The environment variable that holds the value of a watcher's variable. */
export const environmentName = (variable: string): string => `VIGIL_${variable}`;

type Item =
  | { readonly kind: 'char'; readonly char: string }
  /** A variable of the watcher's, as a reference for between double quotes. */
  | { readonly kind: 'variable'; readonly name: string; readonly reference: string; readonly names: readonly string[] }
  /** Anything else that the shell expands: `$HOME`, `${x:-y}`, `$?`. */
  | { readonly kind: 'expansion'; readonly source: string };

/** `known`: the variables that have a value. */
export function scanCommand(template: string, known: ReadonlySet<string>): ScannedCommand {
  return new Scanner(itemsOf(template, known)).scan();
}

function itemsOf(template: string, known: ReadonlySet<string>): Item[] {
  return parseTemplate(template).flatMap((part): Item[] => {
    const source = template.slice(part.span.start, part.span.end);
    if (part.kind === 'text') return Array.from(source, (char) => ({ kind: 'char', char }));
    if (part.kind === 'dollar') return [{ kind: 'char', char: '$' }];
    if (!known.has(part.name)) return [{ kind: 'expansion', source }];
    const names = namesIn(part, known);
    return [{ kind: 'variable', name: part.name, reference: referenceTo(template, part, known), names }];
  });
}

function namesIn(part: TemplatePart, known: ReadonlySet<string>): string[] {
  if (part.kind !== 'variable') return [];
  return [...(known.has(part.name) ? [part.name] : []), ...part.word.flatMap((inner) => namesIn(inner, known))];
}

/** `${VIGIL_name:-word}`: the shell's operators are those of the language, and a word between double quotes stays one. */
function referenceTo(template: string, part: TemplatePart & { kind: 'variable' }, known: ReadonlySet<string>): string {
  const word = part.word.map((inner) => {
    const source = template.slice(inner.span.start, inner.span.end);
    if (inner.kind === 'variable') return known.has(inner.name) ? referenceTo(template, inner, known) : source;
    return (inner.kind === 'dollar' ? '$' : source).replace(/["\\$`}]/g, '\\$&');
  });
  return `\${${environmentName(part.name)}${part.operator ?? ''}${word.join('')}}`;
}

/** After these a command begins; in front of a program they stand as words. */
const keywords = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time']);

class Scanner {
  private readonly items: readonly Item[];
  private at = 0;
  private text = '';
  private readonly commands: { operator: string; words: CommandWord[] }[] = [{ operator: '', words: [] }];
  private readonly features = new Set<string>();
  private unclear: string | undefined;

  private literal = '';
  private hasWord = false;
  private isExpanded = false;
  private isPureVariable = true;
  private isLed = false;
  private isAssignment = false;
  private names: string[] = [];

  constructor(items: readonly Item[]) {
    this.items = items;
  }

  scan(): ScannedCommand {
    while (this.at < this.items.length) this.step();
    this.endWord();
    const commands = this.commands.filter(({ words }) => words.length > 0);
    return { text: this.text, commands, features: this.features, unclear: this.unclear };
  }

  private peek(ahead = 0): string {
    const item = this.items[this.at + ahead];
    return item?.kind === 'char' ? item.char : '';
  }

  private take(): Item | undefined {
    const item = this.items[this.at++];
    if (item?.kind === 'char') this.text += item.char;
    return item;
  }

  private step(): void {
    const item = this.items[this.at];
    if (item?.kind !== 'char') {
      this.expand('"', '"');
      return;
    }
    const { char } = item;
    if (char === "'") this.single();
    else if (char === '"') this.double();
    else if (char === '\\') this.escape();
    else if (/\s/.test(char)) this.blank();
    else if (/[|&;()<>]/.test(char)) this.operator();
    else this.plain(char);
  }

  /** `before` and `after`: what a variable needs around it here. */
  private expand(before: string, after: string): void {
    const item = this.items[this.at++];
    this.hasWord = true;
    this.isExpanded = true;
    if (item?.kind === 'variable') {
      // What stands before it may be empty: `$HOME${x}`.
      if (this.literal === '' || this.literal.startsWith('$')) this.isLed = true;
      this.text += `${before}${item.reference}${after}`;
      this.names.push(...item.names);
    } else if (item?.kind === 'expansion') {
      this.text += item.source;
      this.isPureVariable = false;
      if (/['"`\\]/.test(item.source)) this.blur(`quotes in ${item.source}`);
    }
  }

  private blur(why: string): void {
    this.unclear ??= why;
  }

  private letter(char: string): void {
    this.hasWord = true;
    this.isPureVariable = false;
    this.literal += char;
  }

  private single(): void {
    this.hasWord = true;
    this.take();
    for (;;) {
      const item = this.items[this.at];
      if (!item) {
        this.blur("a ' has no partner");
        return;
      }
      if (item.kind === 'variable') this.expand(`'"`, `"'`);
      else if (item.kind === 'expansion') {
        this.at++;
        this.text += item.source;
        this.letter(item.source);
      } else {
        this.take();
        if (item.char === "'") return;
        this.letter(item.char);
      }
    }
  }

  private double(): void {
    this.hasWord = true;
    this.take();
    for (;;) {
      const item = this.items[this.at];
      if (!item) {
        this.blur('a " has no partner');
        return;
      }
      if (item.kind !== 'char') this.expand('', '');
      else if (item.char === '\\') this.escape();
      else {
        this.dollarOrBacktick(item.char);
        this.take();
        if (item.char === '"') return;
        this.letter(item.char);
      }
    }
  }

  private escape(): void {
    this.take();
    const next = this.items[this.at];
    // A backslash before a variable would take the quote that comes before it.
    if (next?.kind === 'char') {
      this.take();
      if (next.char !== '\n') this.letter(next.char);
    } else this.blur('a backslash stands before a variable or at the end');
  }

  private blank(): void {
    this.endWord();
    const item = this.take();
    if (item?.kind === 'char' && item.char === '\n') this.begin(';');
  }

  private operator(): void {
    const char = this.peek();
    const pair = char + this.peek(1);
    this.endWord();
    this.take();
    if (pair === '&&' || pair === '||') {
      this.take();
      this.begin(pair);
    } else if (char === ';' || char === '|') this.begin(char);
    else if (char === '&') {
      this.features.add('&');
      this.begin('&');
    } else if (char === '(' || char === ')') {
      this.features.add('parentheses');
      if (pair === '((') this.blur('it has arithmetic');
      this.begin('(');
    } else {
      this.features.add('a redirection');
      if (pair === '<<') this.blur('it has a here-document');
      if (pair === '>&' || pair === '<&') this.take();
    }
  }

  private begin(operator: string): void {
    this.commands.push({ operator, words: [] });
  }

  private plain(char: string): void {
    this.dollarOrBacktick(char);
    if (char === '#' && !this.hasWord) {
      this.features.add('a comment');
      this.blur('it has a comment');
    }
    if (char === '=' && !this.isExpanded && this.isFirst && /^[A-Za-z_]\w*\+?$/.test(this.literal))
      this.isAssignment = true;
    this.take();
    this.letter(char);
  }

  private dollarOrBacktick(char: string): void {
    if (char === '`') {
      this.features.add('a command substitution');
      this.blur('it has a command substitution');
    }
    if (char !== '$') return;
    this.isExpanded = true;
    const next = this.peek(1);
    if (next === '(') {
      this.features.add('a command substitution');
      // Arithmetic evaluates what it gets; and what is inside of quotes begins anew there.
      this.blur('it has a command substitution or arithmetic');
    } else if (next === '{' || next === "'" || next === '[' || next === '"') {
      this.features.add('an expansion');
      this.blur(`it has an expansion \`$${next}\``);
    }
  }

  private get isFirst(): boolean {
    return (this.commands.at(-1)?.words ?? []).every((word) => word.isAssignment);
  }

  private endWord(): void {
    if (!this.hasWord) return;
    const literal = this.isExpanded ? undefined : this.literal;
    const word: CommandWord = {
      literal,
      variables: this.names,
      isVariable: this.isPureVariable && this.names.length > 0,
      isLedByVariable: this.isLed,
      isAssignment: this.isAssignment,
    };
    if (literal === '[[' || literal === 'case') this.blur(`it has \`${literal}\``);
    if (this.isAssignment) this.features.add('an assignment');
    if (this.isFirst && literal !== undefined && keywords.has(literal)) {
      this.features.add(`\`${literal}\``);
      this.begin(';');
    } else this.commands.at(-1)?.words.push(word);
    this.literal = '';
    this.names = [];
    this.hasWord = false;
    this.isExpanded = false;
    this.isPureVariable = true;
    this.isLed = false;
    this.isAssignment = false;
  }
}
