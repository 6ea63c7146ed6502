/** Patterns and lines by chance, of the kinds that tell two engines apart. */

const atoms = [
  'a',
  'b',
  'c',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '[ab]',
  '[^a]',
  '[a-c1]',
  '\\W',
  'é',
  '1',
  ' ',
  'A',
  '[\\w.]',
  '\\.',
  'σ',
  'ſ',
  '😀',
  '[^\\s,]',
];
const assertions = ['^', '$', '\\b', '\\B', '\\A', '\\Z'];
const repeats = ['*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,}', '{,2}?', '{1,2}', '{x'];

export function randomPattern(random: (below: number) => number, depth: number): string {
  const options = Array.from({ length: 1 + (random(4) === 0 ? 1 + random(2) : 0) }, () => {
    const items = Array.from({ length: random(4) }, () => {
      const kind = random(10);
      if (kind === 0) return assertions[random(assertions.length)];
      let item = atoms[random(atoms.length)] ?? '';
      if (depth > 0 && kind < 5) {
        const open = ['(', '(', '(?:', '(?i:', '(?a:', '(?s-i:'][random(6)];
        item = `${open}${randomPattern(random, depth - 1)})`;
      }
      return item + (random(3) === 0 ? (repeats[random(repeats.length)] ?? '') : '');
    });
    return items.join('');
  });
  return options.join('|');
}

export function randomLine(random: (below: number) => number): string {
  const letters = [
    'a',
    'b',
    'c',
    'A',
    'B',
    '1',
    ' ',
    '.',
    ',',
    'é',
    'É',
    'σ',
    'ς',
    'ſ',
    's',
    'S',
    '😀',
    '٣',
    '_',
    '\u00a0',
    '\n',
    '\u2028',
  ];
  return Array.from({ length: random(9) }, () => letters[random(letters.length)]).join('');
}
