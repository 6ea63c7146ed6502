/** Colours and attributes of text, as ECMA-48's SELECT GRAPHIC RENDITION (`ESC [ … m`) sets them. */

export interface TerminalStyle {
  /** Of the 256 of xterm; the first 16 are the theme's. */
  readonly color?: number;
  readonly background?: number;
  readonly bold?: true;
  readonly faint?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly strike?: true;
}

export const plainStyle: TerminalStyle = {};

type Attribute = Exclude<keyof TerminalStyle, 'color' | 'background'>;

/** What is concealed or blinks stays as it is: output must not hide from who reads it. */
const attributes: { readonly [code: number]: Attribute } = {
  1: 'bold',
  2: 'faint',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
};

const endings: { readonly [code: number]: readonly (keyof TerminalStyle)[] } = {
  21: ['bold'],
  22: ['bold', 'faint'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['color'],
  49: ['background'],
};

/** `style` after a sequence with these parameters (`1;31`); what is not known changes nothing. */
export function withRendition(style: TerminalStyle, parameters: string): TerminalStyle {
  const words = parameters.split(';');
  let result = style;
  for (let at = 0; at < words.length; at += 1) {
    const [code = 0, ...own] = (words[at] ?? '').split(':').map(Number);
    if (code === 38 || code === 48 || code === 58) {
      // Colons keep a colour's numbers in one word; most programs write semicolons.
      const rest = own.length > 0 ? own : words.slice(at + 1, at + 5).map(Number);
      const { color, used } = extendedColor(rest, own.length > 0);
      if (own.length === 0) at += used;
      if (color !== undefined && code !== 58) result = { ...result, [code === 38 ? 'color' : 'background']: color };
    } else result = withCode(result, code);
  }
  return result;
}

function withCode(style: TerminalStyle, code: number): TerminalStyle {
  const attribute = attributes[code];
  if (code === 0) return plainStyle;
  if (attribute) return { ...style, [attribute]: true };
  const ended = endings[code];
  if (ended) return Object.fromEntries(Object.entries(style).filter(([key]) => !ended.some((one) => one === key)));
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, color: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return style;
}

/** `5;N` or `2;R;G;B`, with colons also `2:SPACE:R:G:B`. `used`: how many of the numbers. */
function extendedColor(numbers: readonly number[], hasColons: boolean): { color?: number; used: number } {
  const [kind, first = Number.NaN] = numbers;
  if (kind === 5) return isByte(first) ? { color: first, used: 2 } : { used: 2 };
  if (kind !== 2) return { used: 1 };
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = numbers.slice(
    hasColons && numbers.length > 4 ? 2 : 1,
  );
  return [red, green, blue].every(isByte) ? { color: nearest(red, green, blue), used: 4 } : { used: 4 };
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

/** Levels of the 6 × 6 × 6 cube behind the first 16 colours. */
const levels = [0, 95, 135, 175, 215, 255];

/** Each colour that is shown is a style of its own in the editor, so there are not 16 million of them. */
function nearest(red: number, green: number, blue: number): number {
  const level = (value: number) =>
    levels.reduce(
      (best, one, index) => (Math.abs(one - value) < Math.abs((levels[best] ?? 0) - value) ? index : best),
      0,
    );
  return 16 + 36 * level(red) + 6 * level(green) + level(blue);
}

/** `#rrggbb` of one of the colours 16 to 255. */
export function paletteColor(color: number): string {
  const grey = 8 + 10 * (color - 232);
  const cube = color - 16;
  const parts =
    color >= 232
      ? [grey, grey, grey]
      : [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((index) => levels[index] ?? 0);
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
