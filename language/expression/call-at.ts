/** The call that a place in an expression is in, told from its characters alone: while a call is typed it is not closed. */
import { functions, historyFunctions, methods, type NameInfo } from './names.ts';

export interface CallAt {
  readonly name: string;
  readonly info: NameInfo;
  /** The argument's number, from 0. */
  readonly argument: number;
  /** `start` of `start=0`. */
  readonly keyword?: string;
}

interface Open {
  readonly bracket: string;
  readonly start: number;
  commas: number;
  argumentStart: number;
}

/** Characters in which the name of a function, or of an argument, stands with the blanks about it. */
const longestName = 100;

/** @param withHistory whether `history`, `mean` and `rate` exist there */
export function callAt(text: string, offset: number, withHistory: boolean): CallAt | undefined {
  const open: Open[] = [];
  for (let at = 0; at < offset; at++) {
    const char = text[at] ?? '';
    if (char === '"' || char === "'") at = endOfText(text, at, offset);
    else if ('([{'.includes(char)) open.push({ bracket: char, start: at, commas: 0, argumentStart: at + 1 });
    else if (')]}'.includes(char)) open.pop();
    else if (char === ',') {
      const top = open.at(-1);
      if (!top) continue;
      top.commas++;
      top.argumentStart = at + 1;
    }
  }
  for (const { bracket, start, commas, argumentStart } of open.toReversed()) {
    const found =
      bracket === '(' ? calledAt(text.slice(Math.max(0, start - longestName), start), withHistory) : undefined;
    if (!found) continue;
    const keyword = /^\s*([A-Za-z_]\w*)\s*=(?!=)/.exec(text.slice(argumentStart, argumentStart + longestName))?.[1];
    return { ...found, argument: commas, ...(keyword !== undefined && { keyword }) };
  }
  return undefined;
}

/** Where a text in quotes ends; an open one goes on to `limit`. */
function endOfText(text: string, start: number, limit: number): number {
  for (let at = start + 1; at < limit; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at;
  }
  return limit;
}

function calledAt(before: string, withHistory: boolean): Pick<CallAt, 'name' | 'info'> | undefined {
  const match = /(\.\s*)?([A-Za-z_]\w*)\s*$/.exec(before);
  const name = match?.[2] ?? '';
  const known = match?.[1] ? methods : withHistory ? { ...functions, ...historyFunctions } : functions;
  const info = Object.hasOwn(known, name) ? known[name] : undefined;
  return info && { name, info };
}
